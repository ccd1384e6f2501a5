//! A scripted sandbox without sockets and with a steady service, for tests under tokio's paused
//! clock.

use std::time::Duration;

use ecs_pipeline_core::aws::AwsConfig;
use ecs_pipeline_core::aws::ecs::EcsDeployer;
use ecs_pipeline_core::engine::{Checks, Gate, Report, Run, Settings};
use ecs_pipeline_core::event::{Event, Events};
use ecs_pipeline_core::model::{Change, PublishedImage, ServiceRef, TaskDefinitionSource};
use ecs_pipeline_sandbox::Sandbox;
use ecs_pipeline_sandbox::runner::Script;
use ecs_pipeline_sandbox::world::Service as Aws;
use serde_json::{Value, json};
use tokio_util::sync::CancellationToken;

use crate::in_process::aws_of;

/// The steady service `demo/web`, which runs `web:1` in a container `web`.
#[derive(Debug)]
pub struct Scripted {
    /// The sandbox.
    pub sandbox: Sandbox,
    /// Reaches it through the real SDK.
    pub aws: AwsConfig,
}

/// What the service is to be.
#[derive(Debug, Clone)]
#[must_use]
pub struct Wanted {
    tasks: u32,
    script: Script,
    breaker: bool,
    drain: Option<u32>,
}

impl Wanted {
    /// A service of so many tasks, whose circuit breaker rolls back.
    pub fn tasks(tasks: u32, script: Script) -> Self {
        Self {
            tasks,
            script,
            breaker: true,
            drain: None,
        }
    }

    /// Without a circuit breaker: ECS tries for ever.
    pub fn without_breaker(mut self) -> Self {
        self.breaker = false;
        self
    }

    /// Behind a load balancer, whose targets drain for so many seconds.
    pub fn draining(mut self, seconds: u32) -> Self {
        self.drain = Some(seconds);
        self
    }

    /// Starts it, and lets it become steady.
    ///
    /// # Panics
    ///
    /// If it does not.
    pub async fn start(self) -> Scripted {
        let sandbox = Sandbox::scripted(self.script.clone())
            .start()
            .await
            .unwrap();
        let aws = aws_of(&sandbox).await;
        let scripted = Scripted { sandbox, aws };
        scripted.ecs("CreateCluster", json!({"clusterName": "demo"}));
        scripted.ecs("RegisterTaskDefinition", definition("1"));
        scripted.ecs("CreateService", self.service(&scripted));
        tokio::time::sleep(Duration::from_secs(600)).await;
        let service = scripted.service();
        assert_eq!(
            service["deployments"][0]["rolloutState"], "COMPLETED",
            "{service:#}"
        );
        scripted
    }

    fn service(&self, scripted: &Scripted) -> Value {
        let mut service = json!({
            "cluster": "demo", "serviceName": "web", "taskDefinition": "web:1",
            "desiredCount": self.tasks, "launchType": "EC2",
            "deploymentConfiguration": {
                "minimumHealthyPercent": 100, "maximumPercent": 200,
                "deploymentCircuitBreaker": {"enable": self.breaker, "rollback": self.breaker},
            },
        });
        if let Some(seconds) = self.drain {
            let group = scripted.target_group(seconds);
            service["loadBalancers"] = json!([{
                "targetGroupArn": group, "containerName": "web", "containerPort": 8080,
            }]);
        }
        service
    }
}

impl Scripted {
    /// An operation of ECS, as somebody else would call it: it is not counted.
    ///
    /// # Panics
    ///
    /// If the sandbox refuses.
    pub fn ecs(&self, operation: &str, input: Value) -> Value {
        self.call(Aws::Ecs, operation, input)
    }

    fn call(&self, service: Aws, operation: &str, input: Value) -> Value {
        let answer = self.sandbox.call(service, operation, input);
        answer.unwrap_or_else(|error| panic!("{operation}: {error}"))
    }

    fn target_group(&self, drain: u32) -> String {
        let elb = |operation: &str, input| self.call(Aws::Elbv2, operation, input);
        let balancer = elb(
            "CreateLoadBalancer",
            json!({"Name": "web", "Subnets": ["subnet-1", "subnet-2"], "Type": "application"}),
        );
        let group = elb(
            "CreateTargetGroup",
            json!({
                "Name": "web", "Protocol": "HTTP", "Port": 80, "VpcId": "vpc-1",
                "TargetType": "instance", "HealthCheckPath": "/health",
                "HealthCheckIntervalSeconds": 10, "HealthCheckTimeoutSeconds": 5,
                "HealthyThresholdCount": 2, "UnhealthyThresholdCount": 2,
            }),
        );
        let group = group["TargetGroups"][0]["TargetGroupArn"]
            .as_str()
            .unwrap()
            .to_owned();
        elb(
            "ModifyTargetGroupAttributes",
            json!({
                "TargetGroupArn": group,
                "Attributes": [{
                    "Key": "deregistration_delay.timeout_seconds", "Value": drain.to_string(),
                }],
            }),
        );
        elb(
            "CreateListener",
            json!({
                "LoadBalancerArn": balancer["LoadBalancers"][0]["LoadBalancerArn"],
                "Protocol": "HTTP", "Port": 80,
                "DefaultActions": [{"Type": "forward", "TargetGroupArn": group}],
            }),
        );
        group
    }

    /// The service as DescribeServices has it.
    pub fn service(&self) -> Value {
        let input = json!({"cluster": "demo", "services": ["web"]});
        self.ecs("DescribeServices", input)["services"][0].take()
    }

    /// `family:revision` that the service is set to run.
    ///
    /// # Panics
    ///
    /// If there is no service.
    #[must_use]
    pub fn revision(&self) -> String {
        let service = self.service();
        let arn = service["taskDefinition"].as_str().unwrap();
        arn.rsplit('/').next().unwrap().to_owned()
    }

    /// How many revisions of `web` there are.
    ///
    /// # Panics
    ///
    /// If the sandbox refuses.
    #[must_use]
    pub fn registered(&self) -> usize {
        let listed = self.ecs("ListTaskDefinitions", json!({"familyPrefix": "web"}));
        listed["taskDefinitionArns"].as_array().unwrap().len()
    }

    /// The service deployments' statuses, the latest first.
    ///
    /// # Panics
    ///
    /// If the sandbox refuses.
    #[must_use]
    pub fn history(&self) -> Vec<String> {
        let input = json!({"cluster": "demo", "service": "web"});
        let listed = self.ecs("ListServiceDeployments", input);
        let listed = listed["serviceDeployments"].as_array().unwrap().clone();
        let status = |one: &Value| one["status"].as_str().unwrap().to_owned();
        listed.iter().map(status).collect()
    }

    /// How often an operation of ECS was called over HTTP.
    #[must_use]
    pub fn calls(&self, operation: &str) -> u64 {
        let calls = self.sandbox.calls().snapshot();
        calls
            .get(&format!("ECS.{operation}"))
            .copied()
            .unwrap_or_default()
    }

    /// Somebody else deploys this task definition.
    pub fn somebody_deploys(&self, definition: Value) {
        let registered = self.ecs("RegisterTaskDefinition", definition);
        let arn = &registered["taskDefinition"]["taskDefinitionArn"];
        let input = json!({"cluster": "demo", "service": "web", "taskDefinition": arn});
        self.ecs("UpdateService", input);
    }

    /// The rolling deployer, as the command line wires it for a CI system.
    #[must_use]
    pub fn deployer(&self) -> EcsDeployer {
        EcsDeployer::new(&self.aws)
            .with_logs(&self.aws)
            .with_load_balancing(&self.aws)
    }

    /// Deploys with a deployer of its own, as a process of its own would.
    pub async fn deploy(
        &self,
        change: &Change,
        settings: Settings,
        gates: &[Gate],
    ) -> (Report, Vec<Event>) {
        let (events, mut stream) = Events::channel();
        let run = Run::new(settings, events, CancellationToken::new());
        let report = run
            .deploy(&self.deployer(), change, &Checks::gates(gates.to_vec()))
            .await;
        drop(run);
        let mut seen = Vec::new();
        while let Some(event) = stream.try_next() {
            seen.push(event);
        }
        (report, seen)
    }
}

/// A task definition of family `web`; another `marker` makes another revision, and its image is
/// `web:MARKER`.
#[must_use]
pub fn definition(marker: &str) -> Value {
    json!({
        "family": "web",
        "containerDefinitions": [{
            "name": "web", "image": format!("web:{marker}"), "memory": 64, "essential": true,
            "portMappings": [{"containerPort": 8080, "hostPort": 0}],
            "environment": [{"name": "MARKER", "value": marker}],
        }],
    })
}

/// A change of `demo/web` to this document.
#[must_use]
pub fn change_to(document: Value) -> Change {
    Change::new(
        ServiceRef::new("demo", "web"),
        TaskDefinitionSource::Document(document),
    )
}

/// A published image with this name, for linux/amd64.
///
/// # Panics
///
/// If the name is none.
#[must_use]
pub fn published(name: &str) -> PublishedImage {
    PublishedImage {
        image: name.parse().unwrap(),
        digest: format!("sha256:{}", "a".repeat(64)).parse().unwrap(),
        tags: Vec::new(),
        platforms: vec!["linux/amd64".parse().unwrap()],
        already_there: false,
    }
}
