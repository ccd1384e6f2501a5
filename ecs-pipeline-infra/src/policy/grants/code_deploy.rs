//! CodeDeploy: who has it deploy, and what its service does for that.

use crate::application::{Application, Strategy};
use crate::policy::Statement;
use crate::scope::Scope;

/// To create a deployment, follow it, stop it and let it go on. CodeDeploy knows no ARN for some of them.
pub(in crate::policy) fn create_deployments(
    application: &Application,
    scope: &Scope,
) -> Vec<Statement> {
    let Strategy::Codedeploy {
        application: name,
        group,
        config,
        bucket,
    } = &application.strategy
    else {
        return Vec::new();
    };
    let mut statements = vec![
        Statement::new(
            "DeployByCodeDeploy",
            [
                "codedeploy:BatchGetDeployments",
                "codedeploy:CreateDeployment",
                "codedeploy:GetDeployment",
                "codedeploy:GetDeploymentGroup",
                "codedeploy:ListDeployments",
            ],
            [scope.arn("codedeploy", &format!("deploymentgroup:{name}/{group}"))],
        ),
        Statement::new(
            "RegisterAppSpecs",
            match bucket {
                // CodeDeploy may tell no more of a revision than its checksum.
                None => vec![
                    "codedeploy:GetApplicationRevision",
                    "codedeploy:RegisterApplicationRevision",
                ],
                Some(_) => vec!["codedeploy:RegisterApplicationRevision"],
            },
            [scope.arn("codedeploy", &format!("application:{name}"))],
        ),
        Statement::new(
            "ReadDeploymentConfig",
            ["codedeploy:GetDeploymentConfig"],
            [scope.arn("codedeploy", &format!("deploymentconfig:{config}"))],
        ),
        Statement::anywhere(
            "FollowByCodeDeploy",
            [
                "codedeploy:BatchGetDeploymentTargets",
                "codedeploy:ContinueDeployment",
                "codedeploy:ListDeploymentTargets",
                "codedeploy:StopDeployment",
            ],
        ),
    ];
    if let Some(bucket) = bucket {
        let objects = [scope.bucket_arn(&format!("{bucket}/*"))];
        let actions = ["s3:GetObject", "s3:PutObject"];
        statements.push(Statement::new("KeepAppSpecs", actions, objects));
    }
    statements
}

/// What CodePipeline's CodeDeployToECS action does, by its reference:
/// <https://docs.aws.amazon.com/codepipeline/latest/userguide/action-reference-ECSbluegreen.html>.
pub(in crate::policy) fn create_deployments_by_action(
    application: &Application,
    scope: &Scope,
) -> Vec<Statement> {
    let Strategy::Codedeploy {
        application: name,
        group,
        config,
        ..
    } = &application.strategy
    else {
        return Vec::new();
    };
    let arn = |resource: String| [scope.arn("codedeploy", &resource)];
    vec![
        Statement::new(
            "DeployByCodeDeploy",
            ["codedeploy:CreateDeployment", "codedeploy:GetDeployment"],
            arn(format!("deploymentgroup:{name}/{group}")),
        ),
        Statement::new(
            "RegisterAppSpecs",
            [
                "codedeploy:GetApplication",
                "codedeploy:GetApplicationRevision",
                "codedeploy:RegisterApplicationRevision",
            ],
            arn(format!("application:{name}")),
        ),
        Statement::new(
            "ReadDeploymentConfig",
            ["codedeploy:GetDeploymentConfig"],
            arn(format!("deploymentconfig:{config}")),
        ),
    ]
}

/// What CodeDeploy does with its service role: task sets, listeners, alarms and hooks.
/// `AWSCodeDeployRoleForECS` has the same for everything there is.
pub(in crate::policy) fn shift_for_ecs(
    application: &Application,
    hooks: &[String],
    scope: &Scope,
) -> Vec<Statement> {
    let Application {
        cluster,
        service,
        load_balancer,
        ..
    } = application;
    let mut statements = vec![
        Statement::new(
            "ReplaceTaskSets",
            [
                "ecs:CreateTaskSet",
                "ecs:DeleteTaskSet",
                "ecs:DescribeServices",
                "ecs:UpdateServicePrimaryTaskSet",
            ],
            [
                scope.arn("ecs", &format!("service/{cluster}/{service}")),
                scope.arn("ecs", &format!("task-set/{cluster}/{service}/*")),
            ],
        ),
        Statement::anywhere(
            "ReadLoadBalancer",
            [
                "elasticloadbalancing:DescribeListeners",
                "elasticloadbalancing:DescribeRules",
                "elasticloadbalancing:DescribeTargetGroups",
            ],
        ),
        Statement::new(
            "MoveTraffic",
            [
                "elasticloadbalancing:ModifyListener",
                "elasticloadbalancing:ModifyRule",
            ],
            [
                scope.arn(
                    "elasticloadbalancing",
                    &format!("listener/app/{load_balancer}/*/*"),
                ),
                scope.arn(
                    "elasticloadbalancing",
                    &format!("listener-rule/app/{load_balancer}/*/*/*"),
                ),
            ],
        ),
        // The group's alarms are chosen where the group is made.
        Statement::new(
            "ReadAlarms",
            ["cloudwatch:DescribeAlarms"],
            [scope.arn("cloudwatch", "alarm:*")],
        ),
    ];
    if !hooks.is_empty() {
        let functions = hooks.iter().map(|name| function_arn(name, scope));
        statements.push(Statement::new(
            "CallHooks",
            ["lambda:InvokeFunction"],
            functions,
        ));
    }
    if let Strategy::Codedeploy {
        bucket: Some(bucket),
        ..
    } = &application.strategy
    {
        let objects = [scope.bucket_arn(&format!("{bucket}/*"))];
        let actions = ["s3:GetObject", "s3:GetObjectVersion"];
        statements.push(Statement::new("ReadAppSpecs", actions, objects));
    }
    statements
}

/// An AppSpec names its hooks by name or by ARN.
fn function_arn(name: &str, scope: &Scope) -> String {
    match name.starts_with("arn:") {
        true => name.to_owned(),
        false => scope.arn("lambda", &format!("function:{name}")),
    }
}
