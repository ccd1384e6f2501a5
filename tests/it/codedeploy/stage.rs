//! A service whose deployments are CodeDeploy's, in a sandbox in this process: two target groups,
//! a production and a test listener, an application and its deployment group.

use std::time::Duration;

use ecs_pipeline_core::aws::codedeploy::{CodeDeployDeployer, CodeDeploySettings};
use ecs_pipeline_core::engine::{Checks, Gate, Report, Run, Settings};
use ecs_pipeline_core::event::{Event, EventKind, Events};
use ecs_pipeline_core::model::{Change, ServiceRef, TaskDefinitionSource};
use ecs_pipeline_sandbox::Sandbox;
use ecs_pipeline_sandbox::runner::Script;
use ecs_pipeline_sandbox::world::Service as Aws;
use ecs_pipeline_tests::aws_of;
use serde_json::{Value, json};
use tokio_util::sync::CancellationToken;

pub(super) struct Stage {
    pub(super) sandbox: Sandbox,
    pub(super) cancel: CancellationToken,
    production: Value,
    green: Value,
}

impl Stage {
    /// Two tasks of `web:1` run. `group` is merged into CreateDeploymentGroup's input.
    pub(super) async fn new(script: Script, group: Value) -> Self {
        let sandbox = Sandbox::scripted(script).start().await.unwrap();
        let call =
            |service, operation: &str, input| sandbox.call(service, operation, input).unwrap();
        let elbv2 = |operation: &str, input| call(Aws::Elbv2, operation, input);
        let [blue, green] = ["blue", "green"].map(|name| {
            let made = elbv2("CreateTargetGroup", target_group(name));
            made["TargetGroups"][0]["TargetGroupArn"].clone()
        });
        let balancer = elbv2(
            "CreateLoadBalancer",
            json!({"Name": "lb", "Subnets": ["subnet-1", "subnet-2"]}),
        );
        let [production, test] = [8080, 8081].map(|port| {
            let made = elbv2(
                "CreateListener",
                json!({
                    "LoadBalancerArn": balancer["LoadBalancers"][0]["LoadBalancerArn"],
                    "Protocol": "HTTP", "Port": port,
                    "DefaultActions": [{"Type": "forward", "TargetGroupArn": blue}],
                }),
            );
            made["Listeners"][0]["ListenerArn"].clone()
        });
        call(Aws::Ecs, "CreateCluster", json!({"clusterName": "demo"}));
        call(Aws::Ecs, "RegisterTaskDefinition", definition("1"));
        call(Aws::Ecs, "CreateService", service(&blue));
        let application = json!({"applicationName": "AppECS-demo-web", "computePlatform": "ECS"});
        call(Aws::CodeDeploy, "CreateApplication", application);
        let mut input = deployment_group(&production, &test);
        merge(&mut input, group);
        call(Aws::CodeDeploy, "CreateDeploymentGroup", input);
        tokio::time::sleep(Duration::from_secs(600)).await;
        let stage = Self {
            sandbox,
            cancel: CancellationToken::new(),
            production,
            green,
        };
        assert_eq!(stage.sets(), ["PRIMARY web:1"]);
        stage
    }

    fn call(&self, service: Aws, operation: &str, input: Value) -> Value {
        self.sandbox.call(service, operation, input).unwrap()
    }

    pub(super) fn codedeploy(&self, operation: &str, input: Value) -> Value {
        self.call(Aws::CodeDeploy, operation, input)
    }

    /// The task sets as `STATUS family:revision`; those that drain are left out.
    pub(super) fn sets(&self) -> Vec<String> {
        let input = json!({"cluster": "demo", "services": ["web"]});
        let answer = self.call(Aws::Ecs, "DescribeServices", input);
        let sets = answer["services"][0]["taskSets"].as_array().unwrap();
        let word = |set: &Value, member: &str| set[member].as_str().unwrap().to_owned();
        sets.iter()
            .filter(|set| set["status"] != "DRAINING")
            .map(|set| {
                let definition = word(set, "taskDefinition");
                let short = definition.rsplit('/').next().unwrap();
                format!("{} {short}", word(set, "status"))
            })
            .collect()
    }

    /// Green's share of the production listener.
    pub(super) fn share(&self) -> u64 {
        let input = json!({"ListenerArns": [self.production]});
        let answer = self.call(Aws::Elbv2, "DescribeListeners", input);
        let action = &answer["Listeners"][0]["DefaultActions"][0];
        let groups = action["ForwardConfig"]["TargetGroups"].as_array();
        groups
            .and_then(|groups| {
                groups
                    .iter()
                    .find(|group| group["TargetGroupArn"] == self.green)
            })
            .map_or(0, |group| group["Weight"].as_u64().unwrap_or(1))
    }

    /// The ids of the group's deployments, the latest first.
    pub(super) fn deployments(&self) -> Vec<String> {
        let input = json!({
            "applicationName": "AppECS-demo-web", "deploymentGroupName": "DgpECS-demo-web"
        });
        let listed = self.codedeploy("ListDeployments", input);
        let ids = listed["deployments"].as_array().unwrap().iter();
        ids.map(|id| id.as_str().unwrap().to_owned()).collect()
    }

    pub(super) async fn deployer(&self, settings: CodeDeploySettings) -> CodeDeployDeployer {
        let aws = aws_of(&self.sandbox).await;
        CodeDeployDeployer::new(&aws, settings)
            .with_logs(&aws)
            .with_load_balancing(&aws)
            .stopping_at(self.cancel.clone())
    }

    /// Deploys `web` with another marker.
    pub(super) async fn deploy(
        &self,
        settings: CodeDeploySettings,
        marker: &str,
        gates: &[Gate],
    ) -> (Report, Vec<Event>) {
        let deployer = self.deployer(settings).await;
        let (events, mut stream) = Events::channel();
        let mut settings = Settings::default();
        // Longer than CodeDeploy gives the new tasks to become healthy.
        settings.limit = Duration::from_secs(3 * 60 * 60);
        let run = Run::new(settings, events, self.cancel.clone());
        let report = run
            .deploy(&deployer, &change(marker), &Checks::gates(gates.to_vec()))
            .await;
        drop(run);
        let mut seen = Vec::new();
        while let Some(event) = stream.try_next() {
            seen.push(event);
        }
        (report, seen)
    }
}

pub(super) fn change(marker: &str) -> Change {
    Change::new(
        ServiceRef::new("demo", "web"),
        TaskDefinitionSource::Document(definition(marker)),
    )
}

/// What the controller said.
pub(super) fn told(events: &[Event]) -> Vec<&str> {
    events
        .iter()
        .filter_map(|event| match &event.event {
            EventKind::ServiceMessage { text } => Some(text.as_str()),
            _ => None,
        })
        .collect()
}

fn definition(marker: &str) -> Value {
    json!({
        "family": "web",
        "containerDefinitions": [{
            "name": "web", "image": "web:1", "memory": 64, "essential": true,
            "portMappings": [{"containerPort": 80, "hostPort": 0}],
            "environment": [{"name": "MARKER", "value": marker}],
        }],
    })
}

fn service(blue: &Value) -> Value {
    json!({
        "cluster": "demo", "serviceName": "web", "taskDefinition": "web:1", "desiredCount": 2,
        "launchType": "EC2", "deploymentController": {"type": "CODE_DEPLOY"},
        "loadBalancers": [{"targetGroupArn": blue, "containerName": "web", "containerPort": 80}],
    })
}

fn target_group(name: &str) -> Value {
    json!({
        "Name": name, "Protocol": "HTTP", "Port": 80, "VpcId": "vpc-1",
        "TargetType": "instance", "HealthCheckPath": "/",
        "HealthCheckIntervalSeconds": 5, "HealthCheckTimeoutSeconds": 2,
        "HealthyThresholdCount": 2, "UnhealthyThresholdCount": 2,
    })
}

/// All at once, with blue kept for five minutes, and back after a failure.
fn deployment_group(production: &Value, test: &Value) -> Value {
    json!({
        "applicationName": "AppECS-demo-web",
        "deploymentGroupName": "DgpECS-demo-web",
        "serviceRoleArn": "arn:aws:iam::123456789012:role/codedeploy",
        "deploymentConfigName": "CodeDeployDefault.ECSAllAtOnce",
        "deploymentStyle": {
            "deploymentType": "BLUE_GREEN", "deploymentOption": "WITH_TRAFFIC_CONTROL"},
        "autoRollbackConfiguration": {"enabled": true, "events": ["DEPLOYMENT_FAILURE"]},
        "blueGreenDeploymentConfiguration": {
            "terminateBlueInstancesOnDeploymentSuccess": {
                "action": "TERMINATE", "terminationWaitTimeInMinutes": 5},
            "deploymentReadyOption": {"actionOnTimeout": "CONTINUE_DEPLOYMENT"},
        },
        "loadBalancerInfo": {"targetGroupPairInfoList": [{
            "targetGroups": [{"name": "blue"}, {"name": "green"}],
            "prodTrafficRoute": {"listenerArns": [production]},
            "testTrafficRoute": {"listenerArns": [test]},
        }]},
        "ecsServices": [{"serviceName": "web", "clusterName": "demo"}],
    })
}

fn merge(into: &mut Value, members: Value) {
    let into = into.as_object_mut().unwrap();
    if let Value::Object(members) = members {
        into.extend(members);
    }
}
