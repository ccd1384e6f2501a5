//! What the commands of one pipeline run tell each other, and what of it can be undone.

use ecs_pipeline_sandbox::faults::{ApiFault, TaskFault};
use ecs_pipeline_tests::{Command, Sandboxed};

use super::project::{Project, changes, primary, published, with_service};

/// A command of run `run`.
fn of_run(project: &Project, run: &str, line: &str) -> Command {
    let command = project.run(line).env("ECS_PIPELINE_RUN", run);
    command.env("ECS_PIPELINE_STATE", ".ecs-pipeline/state.json")
}

async fn in_order(project: &Project, run: &str, lines: &[&str]) {
    for line in lines {
        of_run(project, run, line).succeed().await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_a_run_deployed_can_be_undone_once() {
    let sandboxed = Sandboxed::in_process().await;
    let (service, project) = with_service(&sandboxed).await;
    let nothing = of_run(&project, "1", "rollback --this-run").succeed().await;
    assert!(nothing.stdout.contains("deployed nothing"), "{nothing:#?}");

    in_order(&project, "1", &["build", "push", "deploy"]).await;
    assert_eq!(primary(&service).await.0, "web:2");

    let others = of_run(&project, "2", "rollback --this-run").succeed().await;
    assert!(others.stdout.contains("deployed nothing"), "{others:#?}");
    assert!(
        others.stdout.contains("that of another run, 1"),
        "{others:#?}"
    );
    assert_eq!(primary(&service).await.0, "web:2");

    let undone = of_run(&project, "1", "rollback --this-run").succeed().await;
    assert!(undone.stdout.contains("runs web:1 again"), "{undone:#?}");
    assert_eq!(primary(&service).await.0, "web:1");

    let before = changes(&sandboxed);
    let again = of_run(&project, "1", "rollback --this-run").succeed().await;
    assert!(again.stdout.contains("rolled back already"), "{again:#?}");
    assert_eq!(changes(&sandboxed), before);
    sandboxed.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_run_deploys_the_image_that_it_pushed() {
    let sandboxed = Sandboxed::in_process().await;
    let (service, project) = with_service(&sandboxed).await;
    in_order(&project, "1", &["build", "push"]).await;
    let pushed = pushed_digest(&project);

    // Somebody else moves the tag before this run deploys.
    project.write("app/index.html", "somebody else's");
    published(&project).await;

    let deployed = of_run(&project, "1", "deploy").succeed().await;
    let definition = sandboxed
        .ecs(
            "DescribeTaskDefinition",
            serde_json::json!({ "taskDefinition": primary(&service).await.0 }),
        )
        .await;
    let image = &definition["taskDefinition"]["containerDefinitions"][0]["image"];
    let image = image.as_str().unwrap();
    assert!(image.ends_with(&pushed), "{image}: {deployed:#?}");
    sandboxed.stop().await;
}

fn state(project: &Project) -> serde_json::Value {
    let path = project.app().join(".ecs-pipeline/state.json");
    serde_json::from_slice(&std::fs::read(path).unwrap()).unwrap()
}

fn pushed_digest(project: &Project) -> String {
    state(project)["images"]["web"]["digest"]
        .as_str()
        .unwrap()
        .to_owned()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_deployment_that_went_back_is_not_undone_again() {
    let sandboxed = Sandboxed::in_process().await;
    let (service, project) = with_service(&sandboxed).await;
    in_order(&project, "1", &["build", "push"]).await;
    let faults = sandboxed.sandbox.faults();
    faults.fail_tasks("web:2", TaskFault::Unhealthy);
    let deployed = of_run(&project, "1", "deploy").run().await;
    assert_eq!(deployed.code, Some(4), "{deployed:#?}");

    let before = changes(&sandboxed);
    let undone = of_run(&project, "1", "rollback --this-run").succeed().await;
    assert!(undone.stdout.contains("rolled back already"), "{undone:#?}");
    assert_eq!(changes(&sandboxed), before);
    assert_eq!(primary(&service).await.0, "web:1");
    sandboxed.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_a_killed_command_started_is_undone() {
    let sandboxed = Sandboxed::in_process().await;
    let (service, project) = with_service(&sandboxed).await;
    in_order(&project, "1", &["build", "push"]).await;
    service.never_ends("web:2").await;
    let mut deploy = of_run(&project, "1", "deploy").start();
    // What it says of the tasks comes after it has written down the deployment.
    deploy.until("web:2 0/").await;
    deploy.signal("KILL").await;
    deploy.end().await;
    assert_eq!(primary(&service).await.0, "web:2");

    let undone = of_run(&project, "1", "rollback --this-run").succeed().await;
    assert!(undone.stdout.contains("runs web:1 again"), "{undone:#?}");
    assert_eq!(service.settled().await, "web:1");
    sandboxed.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_somebody_deployed_since_is_left_alone() {
    let sandboxed = Sandboxed::in_process().await;
    let (service, project) = with_service(&sandboxed).await;
    in_order(&project, "1", &["build", "push", "deploy"]).await;
    project.write("app/index.html", "somebody else's");
    published(&project).await;
    project.run("deploy").succeed().await;
    assert_eq!(primary(&service).await.0, "web:3");

    let before = changes(&sandboxed);
    let undone = of_run(&project, "1", "rollback --this-run").succeed().await;
    assert!(undone.stdout.contains("nothing to undo"), "{undone:#?}");
    assert_eq!(changes(&sandboxed), before);
    assert_eq!(primary(&service).await.0, "web:3");
    sandboxed.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn without_a_state_nothing_can_be_undone() {
    let sandboxed = Sandboxed::in_process().await;
    let (_service, project) = with_service(&sandboxed).await;
    let refused = project.run("rollback --this-run").run().await;
    assert_eq!(refused.code, Some(2), "{refused:#?}");
    assert!(refused.stdout.contains("--state"), "{refused:#?}");
    sandboxed.stop().await;
}

/// What is asked for is written down before it is asked for: the answer may be lost.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_deployment_is_written_down_before_it_is_asked_for() {
    let sandboxed = Sandboxed::in_process().await;
    let (_service, project) = with_service(&sandboxed).await;
    in_order(&project, "1", &["build", "push"]).await;
    let denied = ApiFault::Refuse {
        code: "AccessDeniedException".into(),
        message: "not authorized to perform: ecs:UpdateService".into(),
    };
    sandboxed
        .sandbox
        .faults()
        .fail_api("UpdateService", denied, 1);
    let refused = of_run(&project, "1", "deploy").run().await;
    assert_eq!(refused.code, Some(8), "{refused:#?}");
    let asked_for = &state(&project)["deployments"][0];
    assert!(
        asked_for["task_definition"]
            .as_str()
            .unwrap()
            .ends_with("/web:2")
    );
    assert!(asked_for["id"].is_null(), "{asked_for}");

    let undone = of_run(&project, "1", "rollback --this-run").succeed().await;
    assert!(undone.stdout.contains("nothing to undo"), "{undone:#?}");
    sandboxed.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_deployment_whose_id_was_never_known_is_undone() {
    let sandboxed = Sandboxed::in_process().await;
    let (service, project) = with_service(&sandboxed).await;
    in_order(&project, "1", &["build", "push", "deploy"]).await;
    // As it is where neither the answer nor a look afterwards got through.
    let mut state = state(&project);
    state["deployments"][0]["id"] = serde_json::Value::Null;
    state["deployments"][0]["end"] = serde_json::json!("still_running");
    project.write("app/.ecs-pipeline/state.json", &state.to_string());

    let undone = of_run(&project, "1", "rollback --this-run").succeed().await;
    assert!(undone.stdout.contains("runs web:1 again"), "{undone:#?}");
    assert_eq!(primary(&service).await.0, "web:1");
    sandboxed.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_run_that_deploys_twice_goes_back_behind_both() {
    let sandboxed = Sandboxed::in_process().await;
    let (service, project) = with_service(&sandboxed).await;
    in_order(&project, "1", &["build", "push", "deploy"]).await;
    project.write("app/index.html", "two");
    in_order(&project, "1", &["build", "push", "deploy"]).await;
    assert_eq!(primary(&service).await.0, "web:3");
    let undone = of_run(&project, "1", "rollback --this-run").succeed().await;
    assert!(undone.stdout.contains("runs web:1 again"), "{undone:#?}");
    assert_eq!(primary(&service).await.0, "web:1");
    sandboxed.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_same_revision_by_somebody_else_is_left_alone() {
    let sandboxed = Sandboxed::in_process().await;
    let (service, project) = with_service(&sandboxed).await;
    in_order(&project, "1", &["build", "push", "deploy"]).await;
    project.run("deploy --force-new-deployment").succeed().await;
    let before = changes(&sandboxed);
    let undone = of_run(&project, "1", "rollback --this-run").succeed().await;
    assert!(undone.stdout.contains("nothing to undo"), "{undone:#?}");
    assert_eq!(changes(&sandboxed), before);
    assert_eq!(primary(&service).await.0, "web:2");
    sandboxed.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_run_without_a_name_keeps_nothing() {
    let sandboxed = Sandboxed::in_process().await;
    let (_service, project) = with_service(&sandboxed).await;
    let refused = project.run("build --state state.json").run().await;
    assert_eq!(refused.code, Some(2), "{refused:#?}");
    assert!(refused.stdout.contains("ECS_PIPELINE_RUN"), "{refused:#?}");
    sandboxed.stop().await;
}
