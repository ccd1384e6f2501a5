//! What operations need.

use serde_json::{Value, json};

use super::super::actions::needed;
use crate::world::{Place, Service, Time, World};

const R: &str = "us-east-1:123456789012";

fn world() -> World {
    let mut world = World::new(Place::default(), Time::default());
    let roles = json!({
        "family": "app",
        "taskRoleArn": "arn:aws:iam::123456789012:role/app-task",
        "executionRoleArn": "app-execution",
        "containerDefinitions": [{"name": "app", "image": "app", "memory": 128}],
    });
    let registered = world.call(
        Time::default(),
        Service::Ecs,
        "RegisterTaskDefinition",
        roles,
    );
    registered.unwrap();
    world
}

/// Each action, its resources, and its condition keys, in short.
fn told(world: &World, service: Service, operation: &str, input: Value) -> Vec<String> {
    let needed = needed(world, service, operation, &input);
    let lines = needed.iter().map(|request| {
        let resources: Vec<_> = request
            .resources
            .iter()
            .map(|r| r.replace(R, "R"))
            .collect();
        let keys = request.context.iter().map(|(key, values)| {
            let values = values.join(",").replace(R, "R");
            format!(" {key}={values}")
        });
        let keys: String = keys.collect();
        format!("{} {}{keys}", request.action, resources.join(" "))
    });
    lines.collect()
}

/// A service's operation with its input, and what it needs.
type Row = (Service, &'static str, Value, &'static [&'static str]);

#[test]
fn ecs_names_clusters_services_and_roles() {
    let task_definition = "ecs:task-definition=arn:aws:ecs:R:task-definition/app:1";
    let passed = [
        "iam:PassRole arn:aws:iam::123456789012:role/app-task iam:PassedToService=ecs-tasks.amazonaws.com",
        "iam:PassRole arn:aws:iam::123456789012:role/app-execution iam:PassedToService=ecs-tasks.amazonaws.com",
    ];
    let world = world();
    let update = told(
        &world,
        Service::Ecs,
        "UpdateService",
        json!({
            "cluster": "demo", "service": "app", "taskDefinition": "app",
            "loadBalancers": [{"advancedConfiguration": {"roleArn": "arn:aws:iam::1:role/infra"}}],
            "deploymentConfiguration": {"lifecycleHooks": [{"roleArn": "arn:aws:iam::1:role/infra"}]},
        }),
    );
    let first = format!(
        "ecs:UpdateService arn:aws:ecs:R:service/demo/app ecs:cluster=arn:aws:ecs:R:cluster/demo {task_definition}"
    );
    let infra = "iam:PassRole arn:aws:iam::1:role/infra iam:PassedToService=ecs.amazonaws.com";
    assert_eq!(update, [&first, passed[0], passed[1], infra]);
    let run = told(
        &world,
        Service::Ecs,
        "RunTask",
        json!({
            "taskDefinition": "app:1", "tags": [{"key": "by", "value": "me"}],
            "overrides": {"taskRoleArn": "arn:aws:iam::1:role/other"},
        }),
    );
    assert_eq!(
        run,
        [
            "ecs:RunTask arn:aws:ecs:R:task-definition/app:1 aws:RequestTag/by=me aws:TagKeys=by ecs:cluster=arn:aws:ecs:R:cluster/default",
            "ecs:TagResource arn:aws:ecs:R:task/default/* aws:RequestTag/by=me aws:TagKeys=by ecs:CreateAction=RunTask",
            "iam:PassRole arn:aws:iam::1:role/other iam:PassedToService=ecs-tasks.amazonaws.com",
            passed[1],
        ]
    );
    let register = told(
        &world,
        Service::Ecs,
        "RegisterTaskDefinition",
        json!({
            "family": "app", "executionRoleArn": "app-execution", "tags": [{"key": "a", "value": "b"}],
        }),
    );
    assert_eq!(
        register,
        [
            "ecs:RegisterTaskDefinition * aws:RequestTag/a=b aws:TagKeys=a",
            "ecs:TagResource arn:aws:ecs:R:task-definition/app:* aws:RequestTag/a=b aws:TagKeys=a ecs:CreateAction=RegisterTaskDefinition",
            passed[1],
        ]
    );
}

#[test]
fn every_service_has_its_arns() {
    let (ecs, ecr, elb) = (Service::Ecs, Service::Ecr, Service::Elbv2);
    let (logs, cloudwatch) = (Service::Logs, Service::CloudWatch);
    let (deploy, pipeline) = (Service::CodeDeploy, Service::CodePipeline);
    let deployment = "arn:aws:ecs:us-east-1:123456789012:service-deployment/demo/app/x1";
    let listener = "arn:aws:elasticloadbalancing:us-east-1:123456789012:listener/app/lb/1/2";
    let table: Vec<Row> = vec![
        (ecs, "ListClusters", json!({}), &["ecs:ListClusters *"]),
        (
            ecs,
            "DescribeClusters",
            json!({}),
            &["ecs:DescribeClusters arn:aws:ecs:R:cluster/default"],
        ),
        (
            ecs,
            "ListTasks",
            json!({"cluster": "demo"}),
            &[
                "ecs:ListTasks arn:aws:ecs:R:container-instance/demo/* ecs:cluster=arn:aws:ecs:R:cluster/demo",
            ],
        ),
        (
            ecs,
            "DescribeTasks",
            json!({"cluster": "demo", "tasks": ["1", "arn:aws:ecs:r:a:task/demo/2"]}),
            &[
                "ecs:DescribeTasks arn:aws:ecs:R:task/demo/1 arn:aws:ecs:R:task/demo/2 ecs:cluster=arn:aws:ecs:R:cluster/demo",
            ],
        ),
        (
            ecs,
            "StopTask",
            json!({"cluster": "demo", "task": "1"}),
            &["ecs:StopTask arn:aws:ecs:R:task/demo/1 ecs:cluster=arn:aws:ecs:R:cluster/demo"],
        ),
        (
            ecs,
            "ListServices",
            json!({"cluster": "demo"}),
            &["ecs:ListServices * ecs:cluster=arn:aws:ecs:R:cluster/demo"],
        ),
        (
            ecs,
            "DescribeServices",
            json!({"services": ["app"]}),
            &[
                "ecs:DescribeServices arn:aws:ecs:R:service/default/app ecs:cluster=arn:aws:ecs:R:cluster/default",
            ],
        ),
        (
            ecs,
            "StopServiceDeployment",
            json!({"serviceDeploymentArn": deployment}),
            &[
                "ecs:StopServiceDeployment arn:aws:ecs:R:service/demo/app ecs:cluster=arn:aws:ecs:R:cluster/demo",
                "ecs:StopServiceDeployment arn:aws:ecs:R:service-deployment/demo/app/x1 ecs:cluster=arn:aws:ecs:R:cluster/demo ecs:service=arn:aws:ecs:R:service/demo/app",
            ],
        ),
        (
            ecs,
            "DescribeTaskDefinition",
            json!({"taskDefinition": "app", "include": ["TAGS"]}),
            &[
                "ecs:DescribeTaskDefinition *",
                "ecs:ListTagsForResource arn:aws:ecs:R:task-definition/app:1",
            ],
        ),
        (
            ecs,
            "RunTask",
            json!({"taskDefinition": "none"}),
            &[
                "ecs:RunTask arn:aws:ecs:R:task-definition/none:* ecs:cluster=arn:aws:ecs:R:cluster/default",
            ],
        ),
        (
            ecs,
            "CreateCluster",
            json!({"clusterName": "demo", "tags": [{"key": "a", "value": "b"}]}),
            &[
                "ecs:CreateCluster arn:aws:ecs:R:cluster/demo aws:RequestTag/a=b aws:TagKeys=a",
                "ecs:TagResource arn:aws:ecs:R:cluster/demo aws:RequestTag/a=b aws:TagKeys=a ecs:CreateAction=CreateCluster",
            ],
        ),
        (
            ecs,
            "DescribeTaskSets",
            json!({"cluster": "demo", "service": "app"}),
            &[
                "ecs:DescribeTaskSets arn:aws:ecs:R:task-set/demo/app/* ecs:cluster=arn:aws:ecs:R:cluster/demo ecs:service=arn:aws:ecs:R:service/demo/app",
            ],
        ),
        (ecs, "NoSuchOperation", json!({}), &[]),
        (
            ecr,
            "GetAuthorizationToken",
            json!({}),
            &["ecr:GetAuthorizationToken *"],
        ),
        (
            ecr,
            "DescribeRepositories",
            json!({}),
            &["ecr:DescribeRepositories arn:aws:ecr:R:repository/*"],
        ),
        (
            ecr,
            "DescribeRepositories",
            json!({"repositoryNames": ["a", "b/c"]}),
            &["ecr:DescribeRepositories arn:aws:ecr:R:repository/a arn:aws:ecr:R:repository/b/c"],
        ),
        (
            ecr,
            "DescribeImages",
            json!({"repositoryName": "a"}),
            &["ecr:DescribeImages arn:aws:ecr:R:repository/a"],
        ),
        (
            ecr,
            "CreateRepository",
            json!({"repositoryName": "a", "tags": [{"Key": "k", "Value": "v"}]}),
            &[
                "ecr:CreateRepository arn:aws:ecr:R:repository/a aws:RequestTag/k=v aws:TagKeys=k",
                "ecr:TagResource arn:aws:ecr:R:repository/a aws:RequestTag/k=v aws:TagKeys=k",
            ],
        ),
        (
            elb,
            "DescribeTargetHealth",
            json!({"TargetGroupArn": "x"}),
            &["elasticloadbalancing:DescribeTargetHealth *"],
        ),
        (
            elb,
            "ModifyRule",
            json!({"RuleArn": "r"}),
            &["elasticloadbalancing:ModifyRule r"],
        ),
        (
            elb,
            "CreateTargetGroup",
            json!({"Name": "t"}),
            &[
                "elasticloadbalancing:CreateTargetGroup arn:aws:elasticloadbalancing:R:targetgroup/t/*",
            ],
        ),
        (
            elb,
            "CreateRule",
            json!({"ListenerArn": listener, "Tags": [{"Key": "k", "Value": "v"}]}),
            &[
                "elasticloadbalancing:CreateRule arn:aws:elasticloadbalancing:R:listener/app/lb/1/2 aws:RequestTag/k=v aws:TagKeys=k",
                "elasticloadbalancing:AddTags arn:aws:elasticloadbalancing:R:listener-rule/app/lb/1/2/* aws:RequestTag/k=v aws:TagKeys=k elasticloadbalancing:CreateAction=CreateRule",
            ],
        ),
        (
            logs,
            "DescribeLogGroups",
            json!({}),
            &["logs:DescribeLogGroups arn:aws:logs:R:log-group::log-stream:"],
        ),
        (
            logs,
            "CreateLogGroup",
            json!({"logGroupName": "/a"}),
            &["logs:CreateLogGroup arn:aws:logs:R:log-group:/a:log-stream:"],
        ),
        (
            logs,
            "GetLogEvents",
            json!({"logGroupName": "/a", "logStreamName": "s/1"}),
            &["logs:GetLogEvents arn:aws:logs:R:log-group:/a:log-stream:s/1"],
        ),
        (
            logs,
            "FilterLogEvents",
            json!({"logGroupIdentifier": "arn:aws:logs:r:a:log-group:/a:*"}),
            &["logs:FilterLogEvents arn:aws:logs:R:log-group:/a:log-stream:"],
        ),
        (
            cloudwatch,
            "DescribeAlarms",
            json!({}),
            &["cloudwatch:DescribeAlarms arn:aws:cloudwatch:R:alarm:*"],
        ),
        (
            cloudwatch,
            "DescribeAlarms",
            json!({"AlarmNames": ["a"]}),
            &["cloudwatch:DescribeAlarms arn:aws:cloudwatch:R:alarm:a"],
        ),
        (
            cloudwatch,
            "SetAlarmState",
            json!({"AlarmName": "a"}),
            &["cloudwatch:SetAlarmState arn:aws:cloudwatch:R:alarm:a"],
        ),
        (
            deploy,
            "CreateApplication",
            json!({"applicationName": "a"}),
            &["codedeploy:CreateApplication arn:aws:codedeploy:R:application:a"],
        ),
        (
            deploy,
            "CreateDeploymentGroup",
            json!({"applicationName": "a", "deploymentGroupName": "g", "serviceRoleArn": "arn:aws:iam::1:role/cd"}),
            &[
                "codedeploy:CreateDeploymentGroup arn:aws:codedeploy:R:deploymentgroup:a/g",
                "iam:PassRole arn:aws:iam::1:role/cd iam:PassedToService=codedeploy.amazonaws.com",
            ],
        ),
        (
            deploy,
            "CreateDeployment",
            json!({"applicationName": "a", "deploymentGroupName": "g", "deploymentConfigName": "c", "revision": {}}),
            &[
                "codedeploy:CreateDeployment arn:aws:codedeploy:R:deploymentgroup:a/g",
                "codedeploy:GetDeploymentConfig arn:aws:codedeploy:R:deploymentconfig:c",
                "codedeploy:RegisterApplicationRevision arn:aws:codedeploy:R:application:a",
            ],
        ),
        (
            deploy,
            "StopDeployment",
            json!({"deploymentId": "d-1"}),
            &["codedeploy:StopDeployment *"],
        ),
        (deploy, "GetDeployment", json!({"deploymentId": "d-1"}), &[]),
        (
            deploy,
            "ListDeployments",
            json!({}),
            &["codedeploy:ListDeployments *"],
        ),
        (
            deploy,
            "ListDeployments",
            json!({"applicationName": "a", "deploymentGroupName": "g"}),
            &["codedeploy:ListDeployments arn:aws:codedeploy:R:deploymentgroup:a/g"],
        ),
        (
            pipeline,
            "CreatePipeline",
            json!({"pipeline": {"name": "p", "roleArn": "arn:aws:iam::1:role/cp"}}),
            &[
                "codepipeline:CreatePipeline arn:aws:codepipeline:R:p",
                "iam:PassRole arn:aws:iam::1:role/cp iam:PassedToService=codepipeline.amazonaws.com",
            ],
        ),
        (
            pipeline,
            "GetPipelineState",
            json!({"name": "p"}),
            &["codepipeline:GetPipelineState arn:aws:codepipeline:R:p"],
        ),
        (
            pipeline,
            "GetPipelineExecution",
            json!({"pipelineName": "p"}),
            &["codepipeline:GetPipelineExecution arn:aws:codepipeline:R:p"],
        ),
        (
            pipeline,
            "RetryStageExecution",
            json!({"pipelineName": "p", "stageName": "s"}),
            &["codepipeline:RetryStageExecution arn:aws:codepipeline:R:p/s"],
        ),
        (
            pipeline,
            "PutApprovalResult",
            json!({"pipelineName": "p", "stageName": "s", "actionName": "a"}),
            &["codepipeline:PutApprovalResult arn:aws:codepipeline:R:p/s/a"],
        ),
        (
            pipeline,
            "ListPipelines",
            json!({}),
            &["codepipeline:ListPipelines *"],
        ),
        // Nobody needs a permission for it.
        (Service::Sts, "GetCallerIdentity", json!({}), &[]),
        (Service::Sts, "AssumeRole", json!({}), &[]),
        (
            Service::Iam,
            "GetRole",
            json!({"RoleName": "app"}),
            &["iam:GetRole arn:aws:iam::123456789012:role/app"],
        ),
        (
            Service::Iam,
            "CreateRole",
            json!({"RoleName": "app", "Path": "/ci/"}),
            &["iam:CreateRole arn:aws:iam::123456789012:role/ci/app"],
        ),
        (Service::Iam, "ListRoles", json!({}), &["iam:ListRoles *"]),
        // Nothing named is not nothing asked.
        (
            ecs,
            "DescribeTasks",
            json!({"cluster": "demo", "tasks": []}),
            &["ecs:DescribeTasks * ecs:cluster=arn:aws:ecs:R:cluster/demo"],
        ),
    ];
    let world = world();
    for (service, operation, input, expected) in table {
        let found = told(&world, service, operation, input.clone());
        assert_eq!(found, expected, "{operation} {input}");
    }
}

/// An operation that the world answers and that needs nothing would escape every policy. The world says by itself
/// which operations are not there.
#[test]
fn no_operation_escapes() {
    let sources = [
        (Service::Ecs, include_str!("../../world/ecs/mod.rs")),
        (Service::Ecr, include_str!("../../world/ecr.rs")),
        (Service::Ecr, include_str!("../../api/ecr.rs")),
        (Service::Elbv2, include_str!("../../world/elbv2/mod.rs")),
        (Service::Logs, include_str!("../../world/logs.rs")),
        (
            Service::CloudWatch,
            include_str!("../../world/alarms/mod.rs"),
        ),
        (
            Service::CodeDeploy,
            include_str!("../../world/codedeploy/mod.rs"),
        ),
        (
            Service::CodePipeline,
            include_str!("../../world/codepipeline/mod.rs"),
        ),
    ];
    let mut world = world();
    let verbs = [
        "Add",
        "Batch",
        "Continue",
        "Create",
        "Delete",
        "Deregister",
        "Describe",
        "Filter",
        "Get",
        "List",
        "Modify",
        "Put",
        "Register",
        "Remove",
        "Retry",
        "Run",
        "Set",
        "Start",
        "Stop",
        "Tag",
        "Untag",
        "Update",
    ];
    let mut seen = 0;
    for (service, source) in sources {
        let quoted = source.split('"').skip(1).step_by(2);
        let named = quoted.filter(|text| {
            text.chars().all(|letter| letter.is_ascii_alphabetic())
                && verbs
                    .iter()
                    .any(|verb| text.starts_with(verb) && text.len() > verb.len())
        });
        for operation in named {
            let answer = world.call(Time::default(), service, operation, json!({}));
            let here = !matches!(&answer, Err(error) if error.status == 501);
            // Without its id, nobody knows whose deployment it is; the world refuses both.
            let by_id = matches!(operation, "GetDeployment" | "BatchGetDeployments")
                || operation.contains("ServiceDeployment")
                || operation.contains("ServiceRevision");
            if here && !by_id {
                let needed = needed(&world, service, operation, &json!({}));
                assert!(!needed.is_empty(), "{service:?} {operation}");
                seen += 1;
            }
        }
    }
    assert!(seen > 90, "{seen} operations were found");
}
