//! `infra`: what it writes, what it leaves alone, and what it refuses before anything is written.

use std::fs;

use serde_json::Value;

use super::project::{Aws, Project, config_with_taskdef};

/// An application; nothing of AWS is asked for.
fn project(more: &str) -> Project {
    let project = Project::new(Aws::at("http://127.0.0.1:1"));
    project.configure(&format!("{}{more}", config_with_taskdef()));
    project
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_somebody_changed_is_kept_unless_told_otherwise() {
    let project = project("");
    let written = project.run("infra write --dir i").succeed().await;
    let file = project.app().join("i/network.yaml");
    let text = fs::read_to_string(&file).unwrap();
    assert!(
        written.stdout.contains("wrote i/network.yaml"),
        "{}",
        written.stdout
    );
    let again = project.run("infra write --dir i").succeed().await;
    assert!(
        again.stdout.contains("every file is there already"),
        "{}",
        again.stdout
    );

    let mine = format!("# mine\n{text}");
    fs::write(&file, &mine).unwrap();
    let refused = project.run("infra write --dir i").run().await;
    assert_eq!(refused.code, Some(3), "{refused:#?}");
    assert!(
        refused
            .stderr
            .contains("i/network.yaml would be overwritten"),
        "{refused:#?}"
    );
    let diff = project.run("infra write --dir i --diff").succeed().await;
    assert!(diff.stdout.contains("\n-# mine\n"), "{}", diff.stdout);
    assert_eq!(diff.stdout.matches("--- a/").count(), 1, "{}", diff.stdout);
    assert_eq!(fs::read_to_string(&file).unwrap(), mine);

    let forced = project.run("infra write --dir i --force").succeed().await;
    assert_eq!(
        forced.stdout.matches("wrote ").count(),
        1,
        "{}",
        forced.stdout
    );
    assert_eq!(fs::read_to_string(&file).unwrap(), text);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_aws_would_refuse_is_refused_before_anything_is_written() {
    for (infra, code, words) in [
        ("network: {cidr: 10.0.0.0/29}", 3, "infra.network.cidr"),
        ("network: {zones: 4}", 3, "infra.network.zones"),
        ("cluster: {instances: {type: t3.small}}", 3, "infra.cluster"),
        (
            "service: {min-tasks: 5, max-tasks: 2}",
            3,
            "infra.service.min-tasks",
        ),
        (
            "pipeline: {repository: me/web, deploy: codedeploy-to-ecs}",
            3,
            "infra.pipeline.deploy",
        ),
        ("codedeploy: {termination-wait: 7}", 3, "infra.codedeploy"),
        ("netwrok: {}", 2, "did you mean network?"),
    ] {
        let project = project(&format!("infra: {{{infra}}}\n"));
        let refused = project.run("infra write --dir i").run().await;
        assert_eq!(refused.code, Some(code), "{infra}: {refused:#?}");
        assert!(
            refused.stderr.contains(words),
            "{infra}: {}",
            refused.stderr
        );
        assert!(!project.app().join("i").exists(), "{infra}");
    }
    let long = "a-name-that-is-much-too-long-for-it";
    let project = project("");
    project.configure(&config_with_taskdef().replacen(
        "application: web",
        &format!("application: {long}"),
        1,
    ));
    let refused = project.run("infra write --dir i").run().await;
    assert_eq!(refused.code, Some(3), "{refused:#?}");
    assert!(
        refused.stderr.contains("32 characters"),
        "{}",
        refused.stderr
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn stacks_are_listed_and_shown() {
    let project = project("");
    let listed = project.run("infra list --output json").succeed().await;
    let listed: Value = serde_json::from_str(&listed.stdout).unwrap();
    let stacks = listed["stacks"].as_array().unwrap();
    assert_eq!(stacks.len(), 7, "{listed:#}");
    assert_eq!(stacks[0]["stack"], "c-network");
    assert_eq!(stacks[4]["leftOut"], "deploy.strategy is not codedeploy");

    let shown = project.run("infra show registry").succeed().await;
    assert!(
        shown.stdout.contains("AWS::ECR::Repository"),
        "{}",
        shown.stdout
    );
    let none = project.run("infra show jenkins").run().await;
    assert_eq!(none.code, Some(2), "{none:#?}");
    assert!(
        none.stderr.contains("there is no infra.jenkins"),
        "{none:#?}"
    );

    let named = project
        .run("infra write --dir i --revision web:7")
        .succeed()
        .await;
    assert!(
        named.stdout.contains("aws cloudformation deploy"),
        "{}",
        named.stdout
    );
    let parameters = fs::read_to_string(project.app().join("i/service.parameters.json")).unwrap();
    assert!(
        parameters.contains("\"TaskDefinition=web:7\""),
        "{parameters}"
    );
}
