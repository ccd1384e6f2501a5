//! Half an hour of rollout in milliseconds: the real SDK, deployer and engine against the sandbox,
//! all on tokio's paused clock.

use std::time::Duration;

use ecs_pipeline_core::aws::ecs::EcsDeployer;
use ecs_pipeline_core::engine::{Checks, Run, Settings};
use ecs_pipeline_core::event::{Event, EventKind, Events};
use ecs_pipeline_core::model::{Change, End, ServiceRef, TaskDefinitionSource};
use ecs_pipeline_sandbox::Sandbox;
use ecs_pipeline_sandbox::runner::{Plan, Script};
use ecs_pipeline_sandbox::world::Service as Aws;
use ecs_pipeline_tests::aws_of;
use serde_json::{Value, json};
use tokio_util::sync::CancellationToken;

fn definition(marker: &str) -> Value {
    json!({
        "family": "web",
        "containerDefinitions": [{
            "name": "web", "image": "web:1", "memory": 64, "essential": true,
            "environment": [{"name": "MARKER", "value": marker}],
        }],
    })
}

/// A sandbox with a service of `desired` tasks that is steady on `web:1`.
async fn steady_service(script: Script, desired: u32) -> Sandbox {
    let sandbox = Sandbox::scripted(script).start().await.unwrap();
    let ecs = |operation: &str, input| sandbox.call(Aws::Ecs, operation, input).unwrap();
    ecs("CreateCluster", json!({"clusterName": "demo"}));
    ecs("RegisterTaskDefinition", definition("1"));
    ecs(
        "CreateService",
        json!({
            "cluster": "demo", "serviceName": "web", "taskDefinition": "web:1",
            "desiredCount": desired, "launchType": "EC2",
            "deploymentConfiguration": {
                "minimumHealthyPercent": 100, "maximumPercent": 200,
                "deploymentCircuitBreaker": {"enable": true, "rollback": true},
            },
        }),
    );
    tokio::time::sleep(Duration::from_secs(600)).await;
    assert_eq!(
        service(&sandbox)["deployments"][0]["rolloutState"],
        "COMPLETED"
    );
    sandbox
}

fn service(sandbox: &Sandbox) -> Value {
    let input = json!({"cluster": "demo", "services": ["web"]});
    let mut answer = sandbox.call(Aws::Ecs, "DescribeServices", input).unwrap();
    answer["services"][0].take()
}

fn change(marker: &str) -> Change {
    Change::new(
        ServiceRef::new("demo", "web"),
        TaskDefinitionSource::Document(definition(marker)),
    )
}

async fn deploy(
    sandbox: &Sandbox,
    marker: &str,
) -> (ecs_pipeline_core::engine::Report, Vec<Event>) {
    let aws = aws_of(sandbox).await;
    let deployer = EcsDeployer::new(&aws).with_logs(&aws);
    let (events, mut stream) = Events::channel();
    let run = Run::new(Settings::default(), events, CancellationToken::new());
    let report = run
        .deploy(&deployer, &change(marker), &Checks::none())
        .await;
    drop(run);
    let mut seen = Vec::new();
    while let Some(event) = stream.try_next() {
        seen.push(event);
    }
    (report, seen)
}

#[tokio::test(start_paused = true)]
async fn a_circuit_breaker_rolls_twenty_tasks_back() {
    let script = Script::by(|task| match task.task_definition.as_str() {
        "web:2" => Plan::healthy()
            .logging(["DATABASE_URL is not set"])
            .exiting_after(Duration::from_secs(3), 1),
        _ => Plan::healthy(),
    });
    let sandbox = steady_service(script, 20).await;
    let (report, events) = deploy(&sandbox, "2").await;

    assert_eq!(report.end, End::RolledBack, "{}", report.summary);
    assert_eq!(report.exit_code, 4);
    let after = service(&sandbox);
    assert!(after["taskDefinition"].as_str().unwrap().ends_with("web:1"));
    assert_eq!(after["runningCount"], 20);
    assert_eq!(after["deployments"].as_array().unwrap().len(), 1);
    let diagnosis = report.diagnosis.unwrap();
    assert!(
        diagnosis.cause.contains("exited with code 1"),
        "{diagnosis:?}"
    );
    assert!(
        events
            .iter()
            .any(|event| matches!(event.event, EventKind::Diagnosed { .. }))
    );
}

#[tokio::test(start_paused = true)]
async fn a_good_revision_reaches_twenty_tasks_in_few_calls() {
    let sandbox = steady_service(Script::healthy(), 20).await;
    let (report, _) = deploy(&sandbox, "2").await;
    assert_eq!(report.end, End::Succeeded, "{}", report.summary);
    assert!(
        service(&sandbox)["taskDefinition"]
            .as_str()
            .unwrap()
            .ends_with("web:2")
    );
    assert_eq!(service(&sandbox)["runningCount"], 20);
}

#[tokio::test(start_paused = true)]
async fn the_same_revision_is_not_deployed_twice() {
    let sandbox = steady_service(Script::healthy(), 2).await;
    let (first, _) = deploy(&sandbox, "2").await;
    let (second, _) = deploy(&sandbox, "2").await;
    assert_eq!(first.end, End::Succeeded);
    assert_eq!(second.end, End::Succeeded, "{}", second.summary);
    let listed = sandbox
        .call(
            Aws::Ecs,
            "ListTaskDefinitions",
            json!({"familyPrefix": "web"}),
        )
        .unwrap();
    assert_eq!(listed["taskDefinitionArns"].as_array().unwrap().len(), 2);
}
