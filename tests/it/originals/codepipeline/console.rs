//! What its author has made in the console: the load balancer, the service on EC2 instances, and
//! CodeDeploy's application and group.

use ecs_pipeline_tests::Sandboxed;
use serde_json::{Value, json};

use super::stage::NAME;
use crate::originals::original;

/// All but the image, which has to be in the repository.
pub(super) async fn set_up(sandboxed: &Sandboxed) {
    let blue = target_group(sandboxed, "blue").await;
    target_group(sandboxed, "green").await;
    let listener = listener(sandboxed, &blue).await;
    let definition: Value = serde_json::from_str(&original("codepipeline/taskdef.json")).unwrap();
    sandboxed.ecs("RegisterTaskDefinition", definition).await;
    let cluster = json!({ "clusterName": NAME });
    sandboxed.ecs("CreateCluster", cluster).await;
    sandboxed.ecs("CreateService", service(&blue)).await;
    let application = json!({ "applicationName": NAME, "computePlatform": "ECS" });
    sandboxed.codedeploy("CreateApplication", application).await;
    sandboxed
        .codedeploy("CreateDeploymentGroup", deployment_group(&listener))
        .await;
}

/// Of instances, whose ports are chosen when a task starts: host port 0.
async fn target_group(sandboxed: &Sandboxed, name: &str) -> String {
    let group = format!(
        "Action=CreateTargetGroup&Name={name}&Protocol=HTTP&Port=80&VpcId=vpc-1\
         &TargetType=instance&HealthCheckPath=/&HealthCheckIntervalSeconds=10\
         &HealthCheckTimeoutSeconds=9&HealthyThresholdCount=2&UnhealthyThresholdCount=4"
    );
    let group = sandboxed.elb(&group, "TargetGroupArn").await;
    let delay = format!(
        "Action=ModifyTargetGroupAttributes&TargetGroupArn={group}\
         &Attributes.member.1.Key=deregistration_delay.timeout_seconds\
         &Attributes.member.1.Value=10"
    );
    sandboxed.elb(&delay, "Value").await;
    group
}

async fn listener(sandboxed: &Sandboxed, blue: &str) -> String {
    let balancer = format!(
        "Action=CreateLoadBalancer&Name={NAME}&Subnets.member.1=subnet-1&Subnets.member.2=subnet-2"
    );
    let balancer = sandboxed.elb(&balancer, "LoadBalancerArn").await;
    let listener = format!(
        "Action=CreateListener&LoadBalancerArn={balancer}&Protocol=HTTP&Port=80\
         &DefaultActions.member.1.Type=forward&DefaultActions.member.1.TargetGroupArn={blue}"
    );
    sandboxed.elb(&listener, "ListenerArn").await
}

fn service(blue: &str) -> Value {
    json!({
        "cluster": NAME, "serviceName": NAME, "taskDefinition": NAME, "desiredCount": 2,
        "launchType": "EC2", "deploymentController": { "type": "CODE_DEPLOY" },
        "loadBalancers": [{
            "targetGroupArn": blue, "containerName": "docker-svelte-container",
            "containerPort": 80,
        }],
    })
}

/// What the console proposes, but that the old tasks go a minute after, and not an hour.
fn deployment_group(listener: &str) -> Value {
    json!({
        "applicationName": NAME, "deploymentGroupName": NAME,
        "serviceRoleArn": "arn:aws:iam::123456789012:role/ecsCodeDeployRole",
        "deploymentConfigName": "CodeDeployDefault.ECSAllAtOnce",
        "deploymentStyle": {
            "deploymentType": "BLUE_GREEN", "deploymentOption": "WITH_TRAFFIC_CONTROL",
        },
        "autoRollbackConfiguration": {
            "enabled": true, "events": ["DEPLOYMENT_FAILURE", "DEPLOYMENT_STOP_ON_REQUEST"],
        },
        "blueGreenDeploymentConfiguration": {
            "terminateBlueInstancesOnDeploymentSuccess": {
                "action": "TERMINATE", "terminationWaitTimeInMinutes": 1,
            },
            "deploymentReadyOption": { "actionOnTimeout": "CONTINUE_DEPLOYMENT" },
        },
        "loadBalancerInfo": { "targetGroupPairInfoList": [{
            "targetGroups": [{ "name": "blue" }, { "name": "green" }],
            "prodTrafficRoute": { "listenerArns": [listener] },
        }] },
        "ecsServices": [{ "serviceName": NAME, "clusterName": NAME }],
    })
}
