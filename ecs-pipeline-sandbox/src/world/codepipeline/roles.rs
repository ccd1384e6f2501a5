//! What an action hears that its role does not allow.
#![allow(clippy::unwrap_used)]

use serde_json::{Value, json};

use super::stage::{Stage, blue_green, build, built, rolling, source};
use crate::access::{Policy, Principal};
use crate::world::Service;
use crate::world::ecs::script::{FINE, Watch};
use crate::world::s3::Versioning;

const FILES: &[(&str, &str)] = &[
    (
        "imagedefinitions.json",
        r#"[{"name": "app", "imageUri": "repo/app:42"}]"#,
    ),
    (
        "taskdef.json",
        r#"{"family": "web", "executionRoleArn": "arn:aws:iam::123456789012:role/execution",
            "containerDefinitions": [{"name": "app", "image": "<IMAGE1_NAME>", "memory": 64,
                "portMappings": [{"containerPort": 80, "hostPort": 0}]}]}"#,
    ),
    (
        "appspec.yaml",
        "version: 0.0\nResources:\n  - TargetService:\n      Type: AWS::ECS::Service\n      Properties:\n        \
         TaskDefinition: <TASK_DEFINITION>\n        LoadBalancerInfo:\n          ContainerName: app\n          \
         ContainerPort: 80\n",
    ),
    ("imageDetail.json", r#"{"ImageURI": "repo/app:42"}"#),
];

/// Everything but one action.
fn all_but(action: &str) -> Policy {
    let allow = json!({"Effect": "Allow", "Action": "*", "Resource": "*"});
    let deny = json!({"Effect": "Deny", "Action": action, "Resource": "*"});
    json!({"Statement": [allow, deny]})
        .to_string()
        .parse()
        .unwrap()
}

/// Runs a pipeline under this policy: how it ended, and with which error in which action.
fn run<W: Watch>(
    mut stage: Stage<W>,
    last: Value,
    (principal, policy): (Principal, Policy),
) -> (Stage<W>, Option<(String, Value)>) {
    stage.play.projects.insert("demo".into(), built(FILES));
    stage.play.world.control_mut().enforce(principal, policy);
    let id = stage.create(&[source(), build(), last]);
    stage.play.pass(1200);
    let failed = match stage.status(&id).as_str() {
        "Succeeded" => None,
        "Failed" => {
            let answer = stage.ok(
                "ListActionExecutions",
                json!({"pipelineName": "a-pipeline-with-a-long-name"}),
            );
            let newest = &answer["actionExecutionDetails"][0];
            let error = newest["output"]["executionResult"]["errorDetails"].clone();
            Some((newest["actionName"].as_str().unwrap().to_owned(), error))
        }
        other => panic!("the execution is {other}"),
    };
    (stage, failed)
}

/// The actions that somebody asked for, each once, in order.
fn asked<W: Watch>(stage: &mut Stage<W>, principal: Principal) -> Vec<String> {
    let mut actions = Vec::new();
    for call in stage.play.world.control_mut().calls() {
        if call.principal == principal && !actions.contains(&call.request.action) {
            actions.push(call.request.action);
        }
    }
    actions
}

/// An action of IAM, the pipeline's action that fails without it, and how.
type Row = (&'static str, &'static str, &'static str, &'static str);

const BEFORE: [Row; 6] = [
    (
        "s3:GetBucketVersioning",
        "Fetch",
        "PermissionError",
        "The provided role does not have sufficient permissions",
    ),
    (
        "s3:GetObject",
        "Fetch",
        "PermissionError",
        "s3:GetObject on resource: \"arn:aws:s3:::source/app.zip\"",
    ),
    (
        "s3:GetObjectVersion",
        "Fetch",
        "PermissionError",
        "s3:GetObjectVersion on resource",
    ),
    (
        "s3:PutObject",
        "Fetch",
        "PermissionError",
        "arn:aws:s3:::artifacts/a-pipeline-with-a-lo/SourceArti/",
    ),
    (
        "codebuild:StartBuild",
        "Make",
        "PermissionError",
        "Error calling startBuild: User: arn:aws:sts::123456789012:assumed-role/pipeline/",
    ),
    (
        "codebuild:BatchGetBuilds",
        "Make",
        "PermissionError",
        "on resource: arn:aws:codebuild:us-east-1:123456789012:project/demo",
    ),
];

const TO_ECS: &str = "The provided role does not have sufficient permissions to access ECS";

fn check<W: Watch>(stage: impl Fn() -> Stage<W>, last: &Value, rows: &[Row]) {
    let everything = (Principal::Codepipeline, all_but("nothing:AtAll"));
    let (mut ran, failed) = run(stage(), last.clone(), everything);
    assert_eq!(failed, None);
    let actions: Vec<&str> = rows.iter().map(|(action, ..)| *action).collect();
    assert_eq!(asked(&mut ran, Principal::Codepipeline), actions);
    for (action, fails, code, told) in rows {
        let denied = (Principal::Codepipeline, all_but(action));
        let (mut stage, failed) = run(stage(), last.clone(), denied);
        let (name, error) = failed.unwrap_or_else(|| panic!("{action} is not needed"));
        assert_eq!(name, *fails, "{action}: {error}");
        assert_eq!(error["code"], *code, "{action}: {error}");
        let message = error["message"].as_str().unwrap();
        assert!(message.contains(told), "{action}: {message}");
        let calls = stage.play.world.control_mut().calls();
        let refused: Vec<_> = calls.iter().filter(|call| !call.allowed).collect();
        assert!(
            refused.iter().all(|call| call.request.action == *action),
            "{refused:?}"
        );
    }
}

#[test]
fn a_rolling_deployment_needs_what_its_page_says() {
    let mut rows = BEFORE.to_vec();
    rows.extend([
        ("ecs:DescribeServices", "Ship", "PermissionError", TO_ECS),
        (
            "ecs:DescribeTaskDefinition",
            "Ship",
            "PermissionError",
            TO_ECS,
        ),
        (
            "ecs:RegisterTaskDefinition",
            "Ship",
            "PermissionError",
            TO_ECS,
        ),
        ("ecs:TagResource", "Ship", "PermissionError", TO_ECS),
        ("ecs:UpdateService", "Ship", "PermissionError", TO_ECS),
        ("ecs:ListTasks", "Ship", "PermissionError", TO_ECS),
        ("ecs:DescribeTasks", "Ship", "PermissionError", TO_ECS),
    ]);
    let tagged = || {
        let mut stage = Stage::rolling(FINE);
        let arn = stage.play.service("s")["taskDefinition"].clone();
        let tags = json!([{"key": "team", "value": "web"}]);
        let tag = json!({"resourceArn": arn, "tags": tags});
        stage.play.ecs("TagResource", tag);
        stage
    };
    check(tagged, &rolling(), &rows);
    // Without tags nobody is asked whether they may be set.
    let denied = (Principal::Codepipeline, all_but("ecs:TagResource"));
    let (_, failed) = run(Stage::rolling(FINE), rolling(), denied);
    assert_eq!(failed, None);
}

/// In a bucket with versions, versions are read; a log that is there is not made.
#[test]
fn what_is_there_decides_what_is_asked() {
    let mut stage = Stage::rolling(FINE);
    let (s3, _) = stage.play.world.s3(stage.play.now);
    s3.set_versioning("artifacts", Versioning::Enabled).unwrap();
    let group = json!({"logGroupName": "/aws/codebuild/demo"});
    let made = stage.play.ask(Service::Logs, "CreateLogGroup", group);
    made.unwrap();
    let denied = (Principal::Codebuild, all_but("logs:CreateLogGroup"));
    let (mut stage, failed) = run(stage, rolling(), denied);
    assert_eq!(failed, None);
    let expected = [
        "logs:CreateLogStream",
        "logs:PutLogEvents",
        "s3:GetObject",
        "s3:GetObjectVersion",
        "s3:PutObject",
    ];
    assert_eq!(asked(&mut stage, Principal::Codebuild), expected);
}

#[test]
fn a_blue_green_deployment_needs_what_its_page_says() {
    let mut rows = BEFORE.to_vec();
    rows.extend([
        (
            "ecs:RegisterTaskDefinition",
            "Ship",
            "PermissionError",
            "Error calling startDeploy: User: ",
        ),
        (
            "iam:PassRole",
            "Ship",
            "PermissionError",
            "on resource: arn:aws:iam::123456789012:role/execution",
        ),
        (
            "codedeploy:GetApplication",
            "Ship",
            "PermissionError",
            "application:a with an explicit deny",
        ),
        (
            "codedeploy:GetApplicationRevision",
            "Ship",
            "PermissionError",
            "application:a",
        ),
        (
            "codedeploy:CreateDeployment",
            "Ship",
            "PermissionError",
            "deploymentgroup:a/g",
        ),
        (
            "codedeploy:GetDeploymentConfig",
            "Ship",
            "PermissionError",
            "deploymentconfig:CodeDeployDefault.ECSAllAtOnce",
        ),
        (
            "codedeploy:RegisterApplicationRevision",
            "Ship",
            "PermissionError",
            "Error Code: AccessDeniedException",
        ),
        (
            "codedeploy:GetDeployment",
            "Ship",
            "PermissionError",
            "codedeploy:GetDeployment on resource",
        ),
    ]);
    check(|| Stage::blue_green(FINE), &blue_green(), &rows);
}

#[test]
fn a_build_needs_its_log_and_the_artifacts() {
    let rows = [
        (
            "logs:CreateLogGroup",
            "log-group:/aws/codebuild/demo:log-stream:",
        ),
        (
            "logs:CreateLogStream",
            "does not allow AWS CodeBuild to create Amazon CloudWatch Logs log streams",
        ),
        ("logs:PutLogEvents", "logs:PutLogEvents on resource"),
        (
            "s3:GetObject",
            "Phase: DOWNLOAD_SOURCE, Code: CLIENT_ERROR, Message: AccessDenied: User: ",
        ),
        (
            "s3:PutObject",
            "Phase: UPLOAD_ARTIFACTS, Code: CLIENT_ERROR",
        ),
    ];
    let everything = (Principal::Codebuild, all_but("nothing:AtAll"));
    let (mut ran, failed) = run(Stage::rolling(FINE), rolling(), everything);
    assert_eq!(failed, None);
    assert_eq!(
        asked(&mut ran, Principal::Codebuild),
        rows.map(|(action, _)| action)
    );
    for (action, told) in rows {
        let denied = (Principal::Codebuild, all_but(action));
        let (_, failed) = run(Stage::rolling(FINE), rolling(), denied);
        let (name, error) = failed.unwrap();
        assert_eq!(name, "Make", "{action}");
        let message = error["message"].as_str().unwrap();
        assert!(message.contains(told), "{action}: {message}");
    }
}
