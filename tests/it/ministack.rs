//! ministack in the place of AWS: its registry, and its deployments, which are complete at once.
//! It has no service deployment API.

use std::path::Path;

use ecs_pipeline_tests::{Command, Emulator, Outcome, require};
use serde_json::Value;

/// An application of one file, packed rather than built, so that no Docker is needed.
pub(crate) fn write_application(directory: &Path, registry: &str, tag: &str) {
    let config = format!(
        "application: web\n\
         build: {{context: app, builder: pack}}\n\
         registry: {{repository: web, host: \"{registry}\", tags: ['{tag}']}}\n\
         deploy: {{cluster: demo, service: web, container: web, timeout: 60s}}\n",
    );
    std::fs::write(directory.join("ecs-pipeline.yml"), config).unwrap();
    let app = directory.join("app");
    std::fs::create_dir_all(&app).unwrap();
    std::fs::write(app.join("content"), tag).unwrap();
    let dockerfile = "FROM scratch\nCOPY content /content\nCMD [\"/content\"]\n";
    std::fs::write(app.join("Dockerfile"), dockerfile).unwrap();
}

/// Our own command, in the emulator's home directory.
pub(crate) fn ours(emulator: &Emulator, line: &str) -> Command {
    emulator
        .command(env!("CARGO_BIN_EXE_ecs-pipeline-under-test"))
        .args(line.split(' '))
        // What is packed must go with the test.
        .env("TMPDIR", emulator.home().to_str().unwrap())
}

pub(crate) fn says(outcome: &Outcome, words: &str) {
    assert!(outcome.stdout.contains(words), "{words:?}: {outcome:#?}");
}

fn revision(value: &Value) -> &str {
    value.as_str().unwrap().rsplit('/').next().unwrap()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_deployment_on_ministack_is_pushed_deployed_and_taken_back() {
    if !require(&["aws-cli", "ministack"]) {
        return;
    }
    let ministack = Emulator::ministack().await;
    ministack.create_service().await;
    write_application(ministack.home(), ministack.address(), "2");
    let primary = async || {
        let service = ministack.service().await;
        let deployments = service["deployments"].as_array().unwrap().clone();
        let primary = deployments
            .iter()
            .find(|one| one["status"] == "PRIMARY")
            .unwrap();
        let id = primary["id"].as_str().unwrap().to_owned();
        (id, revision(&primary["taskDefinition"]).to_owned())
    };
    let first = primary().await;

    ours(&ministack, "build").succeed().await;
    let pushed = ours(&ministack, "push").succeed().await;
    says(
        &pushed,
        &format!("pushed {}/web@sha256:", ministack.address()),
    );
    let again = ours(&ministack, "push").succeed().await;
    says(&again, "was there already");

    // The id that it follows is the one that is PRIMARY afterwards.
    let deployed = ours(&ministack, "deploy").succeed().await;
    let second = primary().await;
    assert_eq!(second.1, "web:2");
    assert_ne!(second.0, first.0);
    says(
        &deployed,
        &format!("demo/web runs web:2: deployment {} completed", second.0),
    );
    let definition = ministack.aws(&[
        "ecs",
        "describe-task-definition",
        "--task-definition",
        "web:2",
    ]);
    let image = definition.await["taskDefinition"]["containerDefinitions"][0]["image"].take();
    says(&pushed, &format!("pushed {}\n", image.as_str().unwrap()));

    // Nothing is registered or deployed twice.
    let again = ours(&ministack, "deploy").succeed().await;
    says(&again, "demo/web runs web:2 already");
    assert_eq!(primary().await, second);

    let forced = ours(&ministack, "deploy --force-new-deployment")
        .succeed()
        .await;
    let third = primary().await;
    assert_eq!(third.1, "web:2");
    assert_ne!(third.0, second.0);
    says(&forced, &third.0);

    let status = ours(&ministack, "status").succeed().await;
    says(&status, "demo/web is set to run web:2");
    says(&status, &third.0);

    // Its list of service deployments is always empty, so that it cannot tell what ran before.
    let refused = ours(&ministack, "rollback").run().await;
    assert_eq!(refused.code, Some(3), "{refused:#?}");
    says(
        &refused,
        "no former completed deployment is known to go back to",
    );
    assert_eq!(primary().await, third);
    let back = ours(&ministack, "rollback --to web:1").succeed().await;
    says(&back, "demo/web runs web:1 again");
    assert_eq!(primary().await.1, "web:1");
}
