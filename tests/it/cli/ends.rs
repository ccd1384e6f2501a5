//! Each end of a deployment has its exit code, its words, and leaves the service as they say.

use ecs_pipeline_sandbox::faults::{ApiFault, TaskFault};
use ecs_pipeline_tests::{Container, Outcome, Sandboxed};
use serde_json::json;

use super::project::{Aws, CONFIG, Project, primary, published, with_service};

fn assert_ended(outcome: &Outcome, code: i32, words: &[&str]) {
    assert_eq!(outcome.code, Some(code), "{}", outcome.stdout);
    for word in words {
        assert!(
            outcome.stdout.contains(word),
            "{word:?}: {}",
            outcome.stdout
        );
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn rolled_back_is_4() {
    let sandboxed = Sandboxed::in_process().await;
    let (service, project) = with_service(&sandboxed).await;
    published(&project).await;
    sandboxed
        .sandbox
        .faults()
        .fail_tasks("web:2", TaskFault::CrashLoop);
    let outcome = project.run("deploy").run().await;
    assert_ended(
        &outcome,
        4,
        &["ROLLED BACK", "c/web runs web:1 again", "code 137", "hint"],
    );
    assert_eq!(primary(&service).await.0, "web:1");
    sandboxed.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn superseded_is_6() {
    let sandboxed = Sandboxed::in_process().await;
    let (service, project) = with_service(&sandboxed).await;
    published(&project).await;
    service.never_ends("web:2").await;
    let mut deploy = project.run("deploy").start();
    deploy.until("following").await;
    let other = service
        .register(&Container::of("example.com/web:other"))
        .await;
    let input = json!({ "cluster": "c", "service": "web", "taskDefinition": other });
    sandboxed.ecs("UpdateService", input).await;
    let outcome = deploy.end().await;
    assert_ended(&outcome, 6, &["SUPERSEDED", "the service was left to it"]);
    assert_eq!(service.settled().await, other);
    sandboxed.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn still_running_is_7_and_is_taken_up_again() {
    let sandboxed = Sandboxed::in_process().await;
    let (service, project) = with_service(&sandboxed).await;
    published(&project).await;
    service.never_ends("web:2").await;
    let outcome = project.run("deploy --timeout 3s").run().await;
    let words = [
        "STILL RUNNING",
        "the time limit of 3 s was reached",
        "run the same command again",
    ];
    assert_ended(&outcome, 7, &words);
    let (revision, deployment) = primary(&service).await;
    assert_eq!(revision, "web:2");

    let mut again = project.run("deploy").start();
    let line = again.until("taking up").await;
    assert!(line.contains(&deployment), "{line}");
    sandboxed.sandbox.faults().heal_tasks("web:2");
    assert_ended(&again.end().await, 0, &["SUCCEEDED", "c/web runs web:2"]);
    assert_eq!(primary(&service).await.1, deployment);
    sandboxed.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn time_up_can_mean_the_way_back() {
    let sandboxed = Sandboxed::in_process().await;
    let (service, project) = with_service(&sandboxed).await;
    published(&project).await;
    service.never_ends("web:2").await;
    let outcome = project
        .run("deploy --timeout 20s --on-timeout rollback")
        .run()
        .await;
    assert_ended(
        &outcome,
        4,
        &["ROLLED BACK", "the time limit of 20 s was reached"],
    );
    assert_eq!(service.settled().await, "web:1");
    sandboxed.stop().await;
}

/// The gate fails when the former tasks are gone, and the former revision cannot start any more.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn stuck_is_5_when_the_former_revision_does_not_start() {
    let sandboxed = Sandboxed::in_process().await;
    let (service, project) = with_service(&sandboxed).await;
    let gate = format!(
        "  - http: {{url: \"{}\", body: nobody says this, timeout: 1s}}\n",
        service.url()
    );
    project.configure(&format!("{CONFIG}{gate}"));
    published(&project).await;
    sandboxed
        .sandbox
        .faults()
        .fail_tasks("web:1", TaskFault::CrashLoop);
    let outcome = project.run("deploy").run().await;
    assert_ended(
        &outcome,
        5,
        &["STUCK", "web:2 failed and could not be rolled back", "hint"],
    );
    sandboxed.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn stuck_is_5_when_the_way_back_is_refused() {
    let sandboxed = Sandboxed::in_process().await;
    let (service, project) = with_service(&sandboxed).await;
    published(&project).await;
    service.never_ends("web:2").await;
    let mut deploy = project.run("deploy --on-abort rollback").start();
    deploy.until("following").await;
    let faults = sandboxed.sandbox.faults();
    for operation in ["StopServiceDeployment", "UpdateService"] {
        let message = format!("User: ci is not authorized to perform: ecs:{operation}");
        let code = "AccessDeniedException".to_owned();
        faults.fail_api(operation, ApiFault::Refuse { code, message }, 9);
    }
    deploy.signal("TERM").await;
    let outcome = deploy.end().await;
    assert_ended(&outcome, 5, &["STUCK", "ecs:UpdateService", "hint"]);
    assert_eq!(primary(&service).await.0, "web:2");
    sandboxed.stop().await;
}

/// The service never ran anything: there is no way back.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn failed_is_1_when_there_is_nothing_to_go_back_to() {
    let sandboxed = Sandboxed::in_process().await;
    let faults = sandboxed.sandbox.faults();
    faults.fail_tasks("web:1", TaskFault::CrashLoop);
    faults.fail_tasks("web:2", TaskFault::CrashLoop);
    create_alone(&sandboxed).await;
    let project = Project::new(Aws::of(&sandboxed));
    published(&project).await;
    let outcome = project.run("deploy").run().await;
    assert_ended(
        &outcome,
        1,
        &[
            "FAILED",
            "there is no former revision to go back to",
            "code 137",
        ],
    );
    sandboxed.stop().await;
}

/// Service `web` without a load balancer, whose first deployment need not end.
async fn create_alone(sandboxed: &Sandboxed) {
    let repository = json!({ "repositoryName": "web" });
    sandboxed.ecr("CreateRepository", repository).await;
    sandboxed
        .ecs("CreateCluster", json!({ "clusterName": "c" }))
        .await;
    let mut definition = super::project::taskdef();
    definition["containerDefinitions"][0]["image"] = json!("example.com/web:1");
    sandboxed.ecs("RegisterTaskDefinition", definition).await;
    let input = json!({
        "cluster": "c", "serviceName": "web", "taskDefinition": "web:1", "desiredCount": 2,
        "launchType": "FARGATE",
        "networkConfiguration": { "awsvpcConfiguration": { "subnets": ["subnet-1"] } },
        "deploymentConfiguration": {
            "deploymentCircuitBreaker": { "enable": true, "rollback": true },
        },
    });
    sandboxed.ecs("CreateService", input).await;
}
