//! A task that runs once, as a database migration does: started, waited for, and read.

use super::*;
use crate::runner::Script;

const GROUP: &str = "/ecs/migrate";

/// A sandbox in which `migrate up` works and any other command fails.
async fn sandbox() -> Sandbox {
    let script = Script::by(|spec| {
        let container = &spec.containers[0];
        let up = container.command.as_deref() == Some(&["migrate".into(), "up".into()]);
        let at = container.environment.get("STAGE").cloned();
        let line = format!("migrating {}", at.unwrap_or_default());
        Plan::healthy()
            .logging([line, "done".into()])
            .exiting_after(Duration::from_secs(20), i32::from(!up))
    });
    let sandbox = Sandbox::scripted(script).start().await.unwrap();
    let ecs = |operation, input| sandbox.call(Service::Ecs, operation, input).unwrap();
    ecs("CreateCluster", json!({ "clusterName": "c" }));
    ecs(
        "RegisterTaskDefinition",
        json!({
            "family": "migrate", "networkMode": "awsvpc", "requiresCompatibilities": ["FARGATE"],
            "cpu": "256", "memory": "512",
            "executionRoleArn": "arn:aws:iam::123456789012:role/execution",
            "containerDefinitions": [{
                "name": "app", "image": "example.com/app:1", "essential": true,
                "logConfiguration": { "logDriver": "awslogs", "options": {
                    "awslogs-group": GROUP, "awslogs-region": "us-east-1",
                    "awslogs-stream-prefix": "once",
                } },
            }],
        }),
    );
    let group = json!({ "logGroupName": GROUP });
    let made = sandbox.call(Service::Logs, "CreateLogGroup", group);
    assert_eq!(made, Ok(json!({})));
    sandbox
}

/// Runs a command and waits for its end: the task as DescribeTasks shows it then.
async fn run(sandbox: &Sandbox, command: [&str; 2]) -> Value {
    let ecs = |operation, input| sandbox.call(Service::Ecs, operation, input).unwrap();
    let started = ecs(
        "RunTask",
        json!({
            "cluster": "c", "taskDefinition": "migrate", "startedBy": "pipeline/7",
            "capacityProviderStrategy": [{ "capacityProvider": "FARGATE" }],
            "networkConfiguration": { "awsvpcConfiguration": { "subnets": ["subnet-1"] } },
            "overrides": { "containerOverrides": [{
                "name": "app", "command": command,
                "environment": [{ "name": "STAGE", "value": "beta" }],
            }] },
        }),
    );
    let task = started["tasks"][0]["taskArn"].clone();
    assert_eq!(started["tasks"][0]["launchType"], "FARGATE");
    for _ in 0..100 {
        let told = ecs("DescribeTasks", json!({ "cluster": "c", "tasks": [task] }));
        if told["tasks"][0]["lastStatus"] == "STOPPED" {
            return told["tasks"][0].clone();
        }
        tokio::time::sleep(Duration::from_secs(1)).await;
    }
    panic!("{task} does not end");
}

#[tokio::test(start_paused = true)]
async fn a_migration_runs_once_and_says_how_it_went() {
    let sandbox = sandbox().await;
    for (command, code) in [(["migrate", "up"], 0), (["migrate", "sideways"], 1)] {
        let task = run(&sandbox, command).await;
        assert_eq!(task["containers"][0]["exitCode"], code, "{command:?}");
        assert_eq!(task["stopCode"], "EssentialContainerExited");
        assert_eq!(task["stoppedReason"], "Essential container in task exited");
        assert_eq!(task["startedBy"], "pipeline/7");
        assert_eq!(task["group"], "family:migrate");
        let id = task["taskArn"]
            .as_str()
            .unwrap()
            .rsplit('/')
            .next()
            .unwrap();
        let stream = json!({
            "logGroupName": GROUP, "logStreamName": format!("once/app/{id}"),
            "startFromHead": true,
        });
        let events = sandbox.call(Service::Logs, "GetLogEvents", stream).unwrap();
        let events = events["events"].as_array().unwrap().iter();
        let lines: Vec<&Value> = events.map(|event| &event["message"]).collect();
        assert_eq!(lines, ["migrating beta", "done"]);
    }
    let by = json!({ "cluster": "c", "startedBy": "pipeline/7", "desiredStatus": "STOPPED" });
    let ended = sandbox.call(Service::Ecs, "ListTasks", by).unwrap();
    assert_eq!(ended["taskArns"].as_array().unwrap().len(), 2);
    sandbox.stop().await;
}
