//! The commands against a running service, each as its own process.

use ecs_pipeline_tests::{Sandboxed, Service};
use serde_json::Value;

use super::project::{
    Aws, Project, changes, config_with_taskdef, primary, published, with_service,
};

const NAMED: &str = "--cluster c --service web";

fn calls(sandboxed: &Sandboxed, operation: &str) -> u64 {
    changes(sandboxed)
        .get(operation)
        .copied()
        .unwrap_or_default()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn each_command_does_its_part() {
    let sandboxed = Sandboxed::in_process().await;
    let (service, project) = with_service(&sandboxed).await;

    let built = project.run("build").succeed().await;
    assert!(built.stdout.contains("for linux/amd64"), "{}", built.stdout);
    let pushed = project.run("push").succeed().await;
    let digest = format!("pushed {}/web@sha256:", sandboxed.host());
    assert!(pushed.stdout.contains(&digest), "{}", pushed.stdout);
    assert_eq!(calls(&sandboxed, "ECS.UpdateService"), 0);

    let deployed = project.run("deploy").succeed().await;
    assert!(
        deployed.stdout.contains("c/web runs web:2"),
        "{}",
        deployed.stdout
    );
    assert_eq!(primary(&service).await.0, "web:2");

    the_same_again_changes_nothing(&sandboxed, &project).await;
    gates_and_status(&project).await;
    forced_anew(&service).await;
    back_and_forth(&service).await;
    sandboxed.stop().await;
}

async fn the_same_again_changes_nothing(sandboxed: &Sandboxed, project: &Project) {
    let before = changes(sandboxed);
    let again = project.run("deploy").succeed().await;
    assert!(
        again.stdout.contains("c/web runs web:2 already"),
        "{}",
        again.stdout
    );
    assert_eq!(changes(sandboxed), before);
}

async fn gates_and_status(project: &Project) {
    let gate = project.run("gate").succeed().await;
    assert!(
        gate.stdout.contains("c/web: 1 of 1 gates passed"),
        "{}",
        gate.stdout
    );

    let status = project.run("status").succeed().await;
    for words in [
        "c/web  ACTIVE  2 wanted, 2 running",
        "web:2  2/2 running",
        "COMPLETED",
    ] {
        assert!(status.stdout.contains(words), "{words}: {}", status.stdout);
    }
    let status = project.run("status --output json").succeed().await;
    let lines: Vec<Value> = status
        .stdout
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    let found = lines.iter().find(|line| line["type"] == "service_status");
    let found = found.unwrap_or_else(|| panic!("{}", status.stdout));
    assert_eq!(found["desired"], 2);
    assert!(
        lines.iter().filter(|line| line["v"] == 1).count() >= 2,
        "{}",
        status.stdout
    );
}

/// No configuration is needed for what names its service.
async fn forced_anew(service: &Service<'_>) {
    let nowhere = without_config(service);
    let before = primary(service).await;
    let registered = calls(service.in_sandbox, "ECS.RegisterTaskDefinition");
    let line = format!("deploy --force-new-deployment {NAMED}");
    nowhere.run(&line).succeed().await;
    let after = primary(service).await;
    assert_eq!(before.0, after.0);
    assert_ne!(before.1, after.1);
    assert_eq!(
        calls(service.in_sandbox, "ECS.RegisterTaskDefinition"),
        registered
    );
}

async fn back_and_forth(service: &Service<'_>) {
    let nowhere = without_config(service);
    let back = nowhere.run(&format!("rollback {NAMED}")).succeed().await;
    assert!(back.stdout.contains("web:1"), "{}", back.stdout);
    assert_eq!(primary(service).await.0, "web:1");
    let forth = nowhere.run(&format!("rollback --to web:2 {NAMED}"));
    let forth = forth.succeed().await;
    assert!(forth.stdout.contains("web:2"), "{}", forth.stdout);
    assert_eq!(primary(service).await.0, "web:2");
    let status = nowhere.run(&format!("status {NAMED}")).succeed().await;
    assert!(status.stdout.contains("web:2"), "{}", status.stdout);
}

fn without_config(service: &Service<'_>) -> Project {
    let project = Project::new(Aws::of(service.in_sandbox));
    std::fs::remove_file(project.app().join("ecs-pipeline.yml")).unwrap();
    project
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_deployment_in_flight_is_rolled_back_by_ecs() {
    let sandboxed = Sandboxed::in_process().await;
    let (service, project) = with_service(&sandboxed).await;
    let image = ecs_pipeline_tests::Container::of("example.com/web:2");
    let revision = service.register(&image).await;
    service.never_ends(&revision).await;
    let update = serde_json::json!({
        "cluster": "c", "service": "web", "taskDefinition": revision,
    });
    sandboxed.ecs("UpdateService", update).await;
    let back = project.run("rollback").succeed().await;
    assert!(back.stdout.contains("web:1"), "{}", back.stdout);
    assert_eq!(primary(&service).await.0, "web:1");
    assert_eq!(calls(&sandboxed, "ECS.StopServiceDeployment"), 1);
    sandboxed.stop().await;
}

/// `run` does all of it, with a task definition file.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn run_does_all_of_it() {
    let sandboxed = Sandboxed::in_process().await;
    let (service, project) = with_service(&sandboxed).await;
    project.configure(&config_with_taskdef());
    let run = project.run("run").env("VERSION", "seven").succeed().await;
    for step in ["build", "push", "check", "register", "deploy", "gate"] {
        let done = format!("  {step:<9} done in");
        assert!(run.stdout.contains(&done), "{step}: {}", run.stdout);
    }
    assert_eq!(primary(&service).await.0, "web:2");
    // A commit that is built again is the same image: nothing is left to do.
    let before = changes(&sandboxed);
    let again = project.run("run").env("VERSION", "seven").succeed().await;
    assert!(
        again.stdout.contains("runs web:2 already"),
        "{}",
        again.stdout
    );
    let after = changes(&sandboxed);
    for operation in [
        "ECS.RegisterTaskDefinition",
        "ECS.UpdateService",
        "ECR.PutImage",
    ] {
        assert_eq!(before.get(operation), after.get(operation), "{operation}");
    }
    published(&project).await;
    sandboxed.stop().await;
}
