//! The JSON Schemas that are checked in: they are what the types say, and what is written keeps to them.

use std::path::Path;

use ecs_pipeline_tests::Sandboxed;
use serde_json::Value;

use super::project::{Aws, CONFIG, Project, config_with_taskdef, published, with_service};

fn root() -> &'static Path {
    Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/.."))
}

/// A schema as the command prints it. It is the one in `docs`, which `UPDATE_DOCS=1` rewrites.
pub(super) async fn schema(project: &Project, of: &str, file: &str) -> jsonschema::Validator {
    let printed = project.run(&format!("schema {of}")).succeed().await;
    let path = root().join("docs").join(file);
    if std::env::var_os("UPDATE_DOCS").is_some() {
        std::fs::write(&path, &printed.stdout).unwrap();
    }
    let there = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(
        there == printed.stdout,
        "docs/{file} is not up to date: UPDATE_DOCS=1 cargo test -p ecs-pipeline-tests schemas"
    );
    jsonschema::validator_for(&printed.json()).unwrap()
}

fn faults(schema: &jsonschema::Validator, value: &Value) -> Vec<String> {
    let errors = schema.iter_errors(value);
    errors
        .map(|error| format!("{} at {}", error, error.instance_path()))
        .collect()
}

#[tokio::test]
async fn configurations_keep_to_their_schema() {
    let project = Project::new(Aws::at("http://127.0.0.1:1"));
    let schema = schema(&project, "config", "ecs-pipeline.schema.json").await;
    let page = std::fs::read_to_string(root().join("docs/configuration.md")).unwrap();
    let (_, shown) = page.split_once("```yaml\n").unwrap();
    let shown = shown.split("```").next().unwrap();
    let example =
        std::fs::read_to_string(root().join("examples/hello-web/ecs-pipeline.yml")).unwrap();
    for text in [shown, &example, CONFIG, &config_with_taskdef()] {
        let value: Value = serde_yaml::from_str(text).unwrap();
        assert_eq!(faults(&schema, &value), Vec::<String>::new(), "{text}");
        // The command reads it, too, and would say so if it could not.
        project.configure(text);
        let outcome = project.run("validate").env("GIT_COMMIT", "1").run().await;
        assert!(!outcome.stderr.contains("not used"), "{outcome:#?}");
    }
    for wrong in [
        "application: web\nbiuld: {}",
        "build: {}",
        "application: web\ndeploy: {cluster: c}",
        "application: web\nregistry: {repository: r, tags: t}",
        "application: web\nbuild: {builder: make}",
        "application: web\ncodepipeline: {action: s3}",
    ] {
        let value: Value = serde_yaml::from_str(wrong).unwrap();
        assert!(!schema.is_valid(&value), "{wrong}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn events_keep_to_their_schema() {
    let sandboxed = Sandboxed::in_process().await;
    let (_service, project) = with_service(&sandboxed).await;
    let schema = schema(&project, "events", "events.schema.json").await;
    published(&project).await;
    let mut seen = std::collections::BTreeSet::new();
    for line in ["run", "rollback", "deploy --image missing"] {
        let outcome = project.run(&format!("{line} --output json")).run().await;
        for line in outcome.stdout.lines() {
            let event: Value = serde_json::from_str(line).unwrap();
            assert_eq!(faults(&schema, &event), Vec::<String>::new(), "{line}");
            seen.insert(event["event"]["type"].as_str().unwrap().to_owned());
        }
    }
    for kind in [
        "run_started",
        "step_finished",
        "deployment_progress",
        "gate_read",
        "run_finished",
    ] {
        assert!(seen.contains(kind), "{kind}: {seen:?}");
    }
    let wrong =
        serde_json::json!({"v": 1, "seq": 0, "elapsed_ms": 0, "event": {"type": "step_started"}});
    assert!(!schema.is_valid(&wrong));
    sandboxed.stop().await;
}
