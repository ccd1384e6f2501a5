//! Other people's clients on deployments that shift traffic: the AWS CLI's own blue/green command, and
//! boto3.

use ecs_pipeline_sandbox::RunnerChoice;
use ecs_pipeline_tests::{Routes, Sandboxed, require};
use serde_json::{Value, json};

/// Minutes of waiting by design pass in seconds.
const SPEED: f64 = 60.0;

pub(crate) fn definition(marker: &str) -> Value {
    json!({
        "family": "web", "networkMode": "awsvpc", "requiresCompatibilities": ["FARGATE"],
        "cpu": "256", "memory": "512",
        "executionRoleArn": "arn:aws:iam::123456789012:role/execution",
        "containerDefinitions": [{
            "name": "app", "image": "example.com/web:1", "essential": true,
            "environment": [{ "name": "MARKER", "value": marker }],
            "portMappings": [{ "containerPort": 8080 }],
        }],
    })
}

pub(crate) async fn sandbox_with_revisions(markers: &[&str]) -> (Sandboxed, Routes) {
    let sandboxed = Sandboxed::start(RunnerChoice::InProcess, SPEED).await;
    let cluster = json!({ "clusterName": "c" });
    sandboxed.ecs("CreateCluster", cluster).await;
    for marker in markers {
        let input = definition(marker);
        sandboxed.ecs("RegisterTaskDefinition", input).await;
    }
    let routes = Routes::create(&sandboxed).await;
    (sandboxed, routes)
}

/// A service that CodeDeploy controls, with the names that `aws ecs deploy` takes for granted.
pub(crate) async fn create_for_code_deploy(sandboxed: &Sandboxed, routes: &Routes) {
    let service = json!({
        "cluster": "c", "serviceName": "web", "taskDefinition": "web:1", "desiredCount": 2,
        "launchType": "FARGATE", "deploymentController": { "type": "CODE_DEPLOY" },
        "networkConfiguration": { "awsvpcConfiguration": { "subnets": ["subnet-1"] } },
        "loadBalancers": [{
            "targetGroupArn": routes.groups[0], "containerName": "app", "containerPort": 8080,
        }],
    });
    sandboxed.ecs("CreateService", service).await;
    let application = json!({ "applicationName": "AppECS-c-web", "computePlatform": "ECS" });
    sandboxed.codedeploy("CreateApplication", application).await;
    let group = json!({
        "applicationName": "AppECS-c-web", "deploymentGroupName": "DgpECS-c-web",
        "serviceRoleArn": "arn:aws:iam::123456789012:role/codedeploy",
        "deploymentConfigName": "CodeDeployDefault.ECSAllAtOnce",
        "deploymentStyle": {
            "deploymentType": "BLUE_GREEN", "deploymentOption": "WITH_TRAFFIC_CONTROL",
        },
        "blueGreenDeploymentConfiguration": {
            "deploymentReadyOption": { "actionOnTimeout": "CONTINUE_DEPLOYMENT" },
            "terminateBlueInstancesOnDeploymentSuccess": {
                "action": "TERMINATE", "terminationWaitTimeInMinutes": 1,
            },
        },
        "ecsServices": [{ "clusterName": "c", "serviceName": "web" }],
        "loadBalancerInfo": { "targetGroupPairInfoList": [{
            "targetGroups": [{ "name": "web-blue" }, { "name": "web-green" }],
            "prodTrafficRoute": { "listenerArns": [routes.listeners[0]] },
        }] },
    });
    sandboxed.codedeploy("CreateDeploymentGroup", group).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_aws_clis_own_blue_green_command_works_unchanged() {
    if !require(&["aws-cli"]) {
        return;
    }
    let (sandboxed, routes) = sandbox_with_revisions(&["1"]).await;
    create_for_code_deploy(&sandboxed, &routes).await;
    let files = tempfile::tempdir().unwrap();
    let app_spec = json!({
        "version": 0.0,
        "Resources": [{ "TargetService": {
            "Type": "AWS::ECS::Service",
            "Properties": {
                "TaskDefinition": "<TASK_DEFINITION>",
                "LoadBalancerInfo": { "ContainerName": "app", "ContainerPort": 8080 },
            },
        }}],
    });
    std::fs::write(
        files.path().join("taskdef.json"),
        definition("2").to_string(),
    )
    .unwrap();
    std::fs::write(files.path().join("appspec.json"), app_spec.to_string()).unwrap();
    let line = "ecs deploy --cluster c --service web --task-definition taskdef.json \
                --codedeploy-appspec appspec.json";
    let outcome = sandboxed
        .command("aws")
        .args(line.split_whitespace())
        .current_dir(files.path())
        .succeed()
        .await;
    for told in [
        "Successfully created deployment d-",
        "Successfully deployed arn:",
    ] {
        assert!(outcome.stdout.contains(told), "{}", outcome.stdout);
    }
    let service = sandboxed.described("c", "web").await;
    let primary = &service["taskSets"][0];
    assert_eq!(primary["status"], "PRIMARY", "{service:#}");
    let revision = primary["taskDefinition"].as_str().unwrap();
    assert!(revision.ends_with("web:2"), "{revision}");
    sandboxed.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn boto3_pauses_goes_on_and_rolls_back() {
    if !require(&["boto3"]) {
        return;
    }
    let (sandboxed, routes) = sandbox_with_revisions(&["1", "2"]).await;
    let given = json!({ "groups": routes.groups, "rules": routes.rules }).to_string();
    let outcome = sandboxed.python("strategies.py", &[&given]).await;
    assert_eq!(outcome.code, Some(0), "{outcome:#?}");
    let seen = outcome.json();
    for (what, expected) in [
        ("created", json!("SUCCESSFUL")),
        ("stage at ROLLBACK", json!("POST_TEST_TRAFFIC_SHIFT")),
        ("ROLLBACK", json!("ROLLBACK_SUCCESSFUL")),
        ("runs after ROLLBACK", json!("web:1")),
        ("CONTINUE", json!("SUCCESSFUL")),
        ("runs after CONTINUE", json!("web:2")),
        ("object", json!("{}")),
        ("keys", json!(["web/appspec.json"])),
        ("alarm", json!("ALARM")),
    ] {
        assert_eq!(seen[what], expected, "{what}: {seen:#}");
    }
    sandboxed.stop().await;
}
