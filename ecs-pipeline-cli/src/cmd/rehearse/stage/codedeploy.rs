//! CodeDeploy's application and deployment group for the service.

use ecs_pipeline_sandbox::Sandbox;
use ecs_pipeline_sandbox::world::Service;
use serde_json::{Value, json};

use super::alarm::ALARM;
use super::calls::call;
use super::load_balancer::{BLUE, Crossing, GREEN};
use crate::cmd::rehearse::plan::{Rehearsal, TERMINATION_WAIT, deployment_config};
use crate::config::Deploy;
use crate::error::CliError;

/// Creates both, with the names that AWS's console gives them where the configuration has no
/// others.
pub(super) fn create(
    sandbox: &Sandbox,
    rehearsal: &Rehearsal<'_>,
    deploy: &Deploy,
    crossing: &Crossing,
) -> Result<(), CliError> {
    let codedeploy = |operation, input| call(sandbox, Service::CodeDeploy, operation, input);
    let application = json!({
        "applicationName": application(deploy), "computePlatform": "ECS",
    });
    codedeploy("CreateApplication", application)?;
    let group = group_input(deploy, crossing, rehearsal.has_alarm());
    codedeploy("CreateDeploymentGroup", group)?;
    Ok(())
}

fn application(deploy: &Deploy) -> String {
    let usual = || format!("AppECS-{}-{}", deploy.cluster, deploy.service);
    let configured = deploy.codedeploy.application.clone();
    configured.unwrap_or_else(usual)
}

fn group(deploy: &Deploy) -> String {
    let usual = || format!("DgpECS-{}-{}", deploy.cluster, deploy.service);
    let configured = deploy.codedeploy.deployment_group.clone();
    configured.unwrap_or_else(usual)
}

fn group_input(deploy: &Deploy, crossing: &Crossing, has_alarm: bool) -> Value {
    let mut input = json!({
        "applicationName": application(deploy), "deploymentGroupName": group(deploy),
        "deploymentConfigName": deployment_config(deploy),
        "serviceRoleArn": "arn:aws:iam::123456789012:role/ecsCodeDeployRole",
        "deploymentStyle": {
            "deploymentType": "BLUE_GREEN", "deploymentOption": "WITH_TRAFFIC_CONTROL",
        },
        "autoRollbackConfiguration": {
            "enabled": true,
            "events": [
                "DEPLOYMENT_FAILURE", "DEPLOYMENT_STOP_ON_ALARM", "DEPLOYMENT_STOP_ON_REQUEST",
            ],
        },
        "blueGreenDeploymentConfiguration": {
            "terminateBlueInstancesOnDeploymentSuccess": {
                "action": "TERMINATE",
                "terminationWaitTimeInMinutes": TERMINATION_WAIT.as_secs() / 60,
            },
            "deploymentReadyOption": {"actionOnTimeout": "CONTINUE_DEPLOYMENT"},
        },
        "loadBalancerInfo": {"targetGroupPairInfoList": [{
            "targetGroups": [{"name": BLUE}, {"name": GREEN}],
            "prodTrafficRoute": {"listenerArns": [crossing.production.listener]},
            "testTrafficRoute": {"listenerArns": [crossing.test.listener]},
        }]},
        "ecsServices": [{"clusterName": deploy.cluster, "serviceName": deploy.service}],
    });
    if has_alarm {
        input["alarmConfiguration"] = json!({"enabled": true, "alarms": [{"name": ALARM}]});
    }
    input
}
