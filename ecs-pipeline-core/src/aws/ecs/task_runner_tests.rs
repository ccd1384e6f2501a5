//! The task runner against answers in AWS's own JSON.
#![allow(clippy::unwrap_used)]

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use serde_json::{Value, json};

use super::*;
use crate::aws::testing::FakeAws;

const REVISION: &str = "arn:aws:ecs:eu-west-1:123456789012:task-definition/web:2";
const TASK: &str = "arn:aws:ecs:eu-west-1:123456789012:task/prod/0f1e";

fn service() -> Value {
    json!({
        "serviceName": "web", "status": "ACTIVE", "desiredCount": 2, "runningCount": 2,
        "pendingCount": 0, "launchType": "FARGATE", "platformVersion": "1.4.0",
        "networkConfiguration": {"awsvpcConfiguration": {
            "subnets": ["subnet-1"], "securityGroups": ["sg-1"], "assignPublicIp": "DISABLED",
        }},
    })
}

fn definition() -> Value {
    json!({"taskDefinition": {
        "taskDefinitionArn": REVISION, "family": "web",
        "containerDefinitions": [{
            "name": "web", "image": "shop:2",
            "logConfiguration": {"logDriver": "awslogs", "options": {
                "awslogs-group": "/shop", "awslogs-stream-prefix": "ecs",
            }},
        }],
    }})
}

fn ok(value: &Value) -> (u16, String) {
    (200, value.to_string())
}

fn usual(operation: &str, service: &Value) -> (u16, String) {
    match operation {
        "DescribeServices" => ok(&json!({"services": [service]})),
        "DescribeTaskDefinition" => ok(&definition()),
        "RunTask" => ok(&json!({"tasks": [{"taskArn": TASK}], "failures": []})),
        _ => ok(&json!({})),
    }
}

fn runner(
    answer: impl Fn(&str, &Value) -> (u16, String) + Send + Sync + 'static,
) -> (FakeAws, EcsTaskRunner) {
    let aws = FakeAws::new(answer);
    let runner = EcsTaskRunner::new(&aws.config()).with_logs(&aws.config());
    (aws, runner)
}

fn migrate() -> TaskRequest {
    let command = vec!["./migrate".to_owned(), "up".to_owned()];
    TaskRequest::new("migrate", ServiceRef::new("prod", "web"), "web", command)
        .with_env("MODE", "once")
}

fn revision() -> TaskDefinitionArn {
    REVISION.parse().unwrap()
}

#[tokio::test]
async fn a_task_runs_in_the_services_place() {
    let (aws, runner) = runner(|operation, _| usual(operation, &service()));
    let running = runner.start(&migrate(), &revision()).await.unwrap();
    assert_eq!((running.id(), running.container.as_str()), ("0f1e", "web"));
    let sent = aws.body_of("RunTask");
    assert_eq!(sent["cluster"], "prod");
    assert_eq!(sent["taskDefinition"], REVISION);
    assert_eq!(sent["startedBy"], "ecs-pipeline");
    assert_eq!(sent["launchType"], "FARGATE");
    assert_eq!(sent["platformVersion"], "1.4.0");
    assert_eq!(
        sent["networkConfiguration"],
        service()["networkConfiguration"]
    );
    assert_eq!(
        sent["overrides"]["containerOverrides"],
        json!([{
            "name": "web", "command": ["./migrate", "up"],
            "environment": [{"name": "MODE", "value": "once"}],
        }])
    );
    // The service is read once.
    runner.start(&migrate(), &revision()).await.unwrap();
    let read = aws.operations();
    let read = read.iter().filter(|name| *name == "DescribeServices");
    assert_eq!(read.count(), 1);
}

#[tokio::test]
async fn capacity_providers_take_the_launch_types_place() {
    let mut with = service();
    let providers = json!([{"capacityProvider": "spot", "weight": 1, "base": 0}]);
    with["capacityProviderStrategy"] = providers.clone();
    let (aws, runner) = runner(move |operation, _| usual(operation, &with));
    let plain = TaskRequest::new("smoke", ServiceRef::new("prod", "web"), "web", Vec::new());
    runner.start(&plain, &revision()).await.unwrap();
    let sent = aws.body_of("RunTask");
    assert_eq!(sent["capacityProviderStrategy"], providers);
    assert_eq!(sent.get("launchType"), None);
    assert_eq!(sent.get("overrides"), None, "the task definition's command");
}

#[tokio::test]
async fn a_lost_answer_does_not_run_it_twice_but_another_run_does() {
    let calls = Arc::new(AtomicU32::new(0));
    let counted = Arc::clone(&calls);
    let (aws, runner) = runner(move |operation, _| match operation {
        "RunTask" if counted.fetch_add(1, Ordering::Relaxed) == 0 => (500, String::new()),
        _ => usual(operation, &service()),
    });
    let token = || aws.body_of("RunTask")["clientToken"].clone();
    let lost = runner.start(&migrate(), &revision()).await.unwrap_err();
    assert!(lost.kind().is_transient(), "{lost}");
    let first = token();
    assert_eq!(first.as_str().unwrap().len(), 32);
    runner.start(&migrate(), &revision()).await.unwrap();
    assert_eq!(token(), first);
    runner.start(&migrate(), &revision()).await.unwrap();
    assert_ne!(token(), first);
}

#[tokio::test]
async fn what_ran_nothing_is_no_task() {
    let table = [
        ("RESOURCE:MEMORY", ErrorKind::Unavailable),
        (
            "Capacity is unavailable at this time. Please try again later or in a different availability zone",
            ErrorKind::Unavailable,
        ),
        ("AGENT", ErrorKind::Unavailable),
        ("MISSING", ErrorKind::NotFound),
        ("ATTRIBUTE", ErrorKind::Invalid),
    ];
    for (reason, kind) in table {
        let (_, runner) = runner(move |operation, _| match operation {
            "RunTask" => ok(&json!({"tasks": [], "failures": [{"arn": "i-1", "reason": reason}]})),
            _ => usual(operation, &service()),
        });
        let error = runner.start(&migrate(), &revision()).await.unwrap_err();
        assert_eq!(error.kind(), kind, "{error}");
        assert!(error.to_string().contains(reason), "{error}");
    }
}

#[tokio::test]
async fn a_container_that_is_not_there_is_refused_before_anything_runs() {
    let (aws, runner) = runner(|operation, _| usual(operation, &service()));
    let request = TaskRequest::new("x", ServiceRef::new("prod", "web"), "wbe", Vec::new());
    let error = runner.start(&request, &revision()).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Invalid, "{error}");
    assert!(!aws.operations().contains(&"RunTask".to_owned()));
}

#[tokio::test]
async fn a_task_is_watched_with_its_new_lines_to_its_exit() {
    // A look: the task, and the pages of its log that it finds, by the token that is sent.
    let looks = Arc::new(AtomicU32::new(0));
    let seen = Arc::clone(&looks);
    let (aws, runner) = runner(move |operation, body| match operation {
        "DescribeTasks" => {
            let status = ["PENDING", "RUNNING", "STOPPED"];
            let look = seen.fetch_add(1, Ordering::Relaxed) as usize;
            let mut task = json!({"taskArn": TASK, "lastStatus": status[look]});
            if look == 2 {
                task["stoppedReason"] = json!("Essential container in task exited");
                task["containers"] = json!([
                    {"name": "sidecar", "exitCode": 0}, {"name": "web", "exitCode": 3},
                ]);
            }
            ok(&json!({"tasks": [task]}))
        }
        "GetLogEvents" => {
            assert_eq!(body["logGroupName"], "/shop");
            assert_eq!(body["logStreamName"], "ecs/web/0f1e");
            assert_eq!(body["startFromHead"], true);
            let look = seen.load(Ordering::Relaxed);
            let (line, next) = match (body["nextToken"].as_str(), look) {
                (None, _) => (Some("one"), "f/1"),
                (Some("f/1"), 3) => (Some("two\n"), "f/2"),
                (Some("f/1"), _) => (None, "f/1"),
                (Some(_), _) => (None, "f/2"),
            };
            let events = line.map(|line| json!([{"message": line}]));
            ok(&json!({"events": events.unwrap_or(json!([])), "nextForwardToken": next}))
        }
        _ => usual(operation, &service()),
    });
    let running = runner.start(&migrate(), &revision()).await.unwrap();
    let mut seen = Vec::new();
    for _ in 0..3 {
        seen.push(runner.observe(&running).await.unwrap());
    }
    assert_eq!(
        seen,
        [
            TaskObservation::new(TaskState::Starting, Vec::new()),
            TaskObservation::new(TaskState::Running, vec!["one".to_owned()]),
            TaskObservation::new(
                TaskState::Stopped {
                    exit_code: Some(3),
                    reason: "Essential container in task exited".to_owned(),
                },
                vec!["two".to_owned()]
            ),
        ]
    );
    runner.stop(&running, "no longer needed").await.unwrap();
    assert_eq!(aws.body_of("StopTask")["reason"], "no longer needed");
}

#[tokio::test]
async fn a_task_that_never_ran_says_why_and_one_that_is_not_shown_is_asked_for_again() {
    let (_, runner) = runner(|operation, body| match operation {
        "DescribeTasks" if body["tasks"] == json!([TASK]) => ok(&json!({"tasks": [{
            "taskArn": TASK, "lastStatus": "STOPPED", "stoppedReason": "Task failed to start",
            "containers": [{"name": "web", "reason": "CannotPullContainerError: not found"}],
        }]})),
        "DescribeTasks" => ok(&json!({"tasks": [], "failures": [{"reason": "MISSING"}]})),
        _ => usual(operation, &service()),
    });
    let task = |arn: &str| RunningTask::new("prod", arn, "web", revision());
    let seen = runner.observe(&task(TASK)).await.unwrap();
    assert_eq!(
        seen.state,
        TaskState::Stopped {
            exit_code: None,
            reason: "Task failed to start: CannotPullContainerError: not found".to_owned(),
        }
    );
    let error = runner.observe(&task("task/prod/other")).await.unwrap_err();
    assert!(error.kind().is_transient(), "{error}");
}
