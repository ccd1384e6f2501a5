//! What a deployment hears that its service role does not allow.
#![allow(clippy::unwrap_used)]

use ecs_pipeline_artifacts::app_spec::HookEvent;
use serde_json::{Value, json};

use super::stage::Stage;
use crate::access::{Policy, Principal};
use crate::world::ecs::script::FINE;

fn all_but(action: &str) -> Policy {
    let allow = json!({"Effect": "Allow", "Action": "*", "Resource": "*"});
    let deny = json!({"Effect": "Deny", "Action": action, "Resource": "*"});
    json!({"Statement": [allow, deny]})
        .to_string()
        .parse()
        .unwrap()
}

/// Deploys with a hook and an alarm under a policy.
fn deploy(action: &str) -> (Stage, Value) {
    let alarms = json!({"alarmConfiguration": {"enabled": true, "alarms": [{"name": "errors"}]}});
    let mut stage = Stage::new(FINE, alarms);
    stage.answers("hook", Ok(json!({"status": "Succeeded"})));
    let control = stage.play.world.control_mut();
    control.enforce(Principal::Codedeploy, all_but(action));
    let id = stage.deploy(&[(HookEvent::BeforeAllowTraffic, "hook")], json!({}));
    stage.play.pass(1200);
    let info = stage.get(&id);
    (stage, info)
}

#[test]
fn a_deployment_needs_what_its_managed_policy_has() {
    let rows = [
        ("cloudwatch:DescribeAlarms", "AmazonCloudWatch"),
        ("ecs:DescribeServices", "AmazonECS"),
        (
            "elasticloadbalancing:DescribeTargetGroups",
            "AmazonElasticLoadBalancingV2",
        ),
        (
            "elasticloadbalancing:DescribeListeners",
            "AmazonElasticLoadBalancingV2",
        ),
        (
            "elasticloadbalancing:DescribeRules",
            "AmazonElasticLoadBalancingV2",
        ),
        (
            "elasticloadbalancing:ModifyListener",
            "AmazonElasticLoadBalancingV2",
        ),
        ("ecs:CreateTaskSet", "AmazonECS"),
        ("lambda:InvokeFunction", "AWSLambda"),
        ("ecs:UpdateServicePrimaryTaskSet", "AmazonECS"),
        ("ecs:DeleteTaskSet", "AmazonECS"),
    ];
    let (mut stage, info) = deploy("nothing:AtAll");
    assert_eq!(info["status"], "Succeeded", "{info:#}");
    let mut asked: Vec<String> = Vec::new();
    for call in stage.play.world.control_mut().calls() {
        if !asked.contains(&call.request.action) {
            asked.push(call.request.action);
        }
    }
    assert_eq!(asked, rows.map(|(action, _)| action));
    for (action, service) in rows {
        let (_, info) = deploy(action);
        assert_eq!(info["status"], "Failed", "{action}");
        let error = &info["errorInformation"];
        assert_eq!(error["code"], "IAM_ROLE_PERMISSIONS", "{action}");
        let told = format!(
            "The IAM role arn:aws:iam::123456789012:role/codedeploy does not give you permission to perform operations in the following AWS service: {service}. "
        );
        let message = error["message"].as_str().unwrap();
        assert!(message.starts_with(&told), "{action}: {message}");
    }
}

#[test]
fn a_revision_that_may_not_be_read_fails_the_deployment() {
    let mut stage = Stage::new(FINE, json!({}));
    let control = stage.play.world.control_mut();
    control.enforce(Principal::Codedeploy, all_but("s3:GetObject"));
    let input = json!({
        "applicationName": "a", "deploymentGroupName": "g",
        "revision": {"revisionType": "S3", "s3Location": {
            "bucket": "b", "key": "appspec.yaml", "bundleType": "YAML"}},
    });
    let answer = stage.ok("CreateDeployment", input);
    let info = stage.get(answer["deploymentId"].as_str().unwrap());
    assert_eq!(info["status"], "Failed");
    let error = &info["errorInformation"];
    assert_eq!(error["code"], "IAM_ROLE_PERMISSIONS", "{error}");
}
