//! Real requests through the load balancer while traffic is shifted between target groups.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::print_stderr)]

use std::time::Duration;

use bytes::Bytes;
use futures::FutureExt as _;
use http_body_util::{BodyExt, Full};
use hyper_util::client::legacy::Client;
use hyper_util::rt::TokioExecutor;
use serde_json::{Value, json};
use tokio_util::sync::CancellationToken;

use super::*;
use crate::faults::TaskFault;
use crate::runner::RunnerChoice;
use crate::world::Service;

/// A sandbox with a service `web` between two target groups, and load on its listener.
struct Stage {
    sandbox: Sandbox,
    listener: String,
}

impl Stage {
    async fn set() -> Self {
        let sandbox = Sandbox::builder()
            .speed(60.0)
            .runner(RunnerChoice::InProcess)
            .start()
            .await
            .unwrap();
        let mut stage = Self {
            sandbox,
            listener: String::new(),
        };
        let groups = ["blue", "green"].map(|name| stage.target_group(name));
        let subnets = json!({"Name": "web", "Subnets": ["subnet-1", "subnet-2"]});
        let balancer = stage.elb("CreateLoadBalancer", subnets);
        let listener = json!({
            "LoadBalancerArn": balancer["LoadBalancers"][0]["LoadBalancerArn"],
            "Protocol": "HTTP", "Port": free_port(),
            "DefaultActions": [{"Type": "forward", "TargetGroupArn": groups[0]}],
        });
        let listener = stage.elb("CreateListener", listener);
        stage.listener = text(&listener["Listeners"][0]["ListenerArn"]);
        let rules = stage.elb("DescribeRules", json!({"ListenerArn": stage.listener}));
        stage.ecs("CreateCluster", json!({"clusterName": "c"}));
        stage.register();
        let service = json!({
            "cluster": "c", "serviceName": "web", "taskDefinition": "web", "desiredCount": 2,
            "launchType": "FARGATE",
            "networkConfiguration": {"awsvpcConfiguration": {"subnets": ["subnet-1"]}},
            "deploymentConfiguration": {"strategy": "BLUE_GREEN", "bakeTimeInMinutes": 1},
            "loadBalancers": [{
                "targetGroupArn": groups[0], "containerName": "app", "containerPort": 8080,
                "advancedConfiguration": {
                    "alternateTargetGroupArn": groups[1],
                    "productionListenerRule": rules["Rules"][0]["RuleArn"],
                    "roleArn": "arn:aws:iam::123456789012:role/ecsInfrastructureRole",
                },
            }],
        });
        stage.ecs("CreateService", service);
        assert_eq!(stage.end().await, "SUCCESSFUL");
        stage
    }

    fn target_group(&self, name: &str) -> String {
        let group = json!({
            "Name": name, "Protocol": "HTTP", "Port": 80, "VpcId": "vpc-1", "TargetType": "ip",
            "HealthCheckPath": "/", "HealthCheckIntervalSeconds": 5,
            "HealthCheckTimeoutSeconds": 4, "HealthyThresholdCount": 2,
            "UnhealthyThresholdCount": 2,
        });
        let group =
            text(&self.elb("CreateTargetGroup", group)["TargetGroups"][0]["TargetGroupArn"]);
        let delay = json!({"Key": "deregistration_delay.timeout_seconds", "Value": "20"});
        let attributes = json!({"TargetGroupArn": group, "Attributes": [delay]});
        self.elb("ModifyTargetGroupAttributes", attributes);
        group
    }

    fn register(&self) {
        let definition = json!({
            "family": "web", "networkMode": "awsvpc", "requiresCompatibilities": ["FARGATE"],
            "cpu": "256", "memory": "512",
            "executionRoleArn": "arn:aws:iam::123456789012:role/execution",
            "containerDefinitions": [{
                "name": "app", "image": "example.com/web", "essential": true,
                "portMappings": [{"containerPort": 8080}],
            }],
        });
        self.ecs("RegisterTaskDefinition", definition);
    }

    /// Deploys a new revision.
    fn deploy(&self, configuration: Value) {
        self.register();
        let input = json!({
            "cluster": "c", "service": "web", "taskDefinition": "web",
            "deploymentConfiguration": configuration,
        });
        self.ecs("UpdateService", input);
    }

    fn record(&self) -> Value {
        let listed = self.ecs(
            "ListServiceDeployments",
            json!({"cluster": "c", "service": "web"}),
        );
        let arn = listed["serviceDeployments"][0]["serviceDeploymentArn"].clone();
        let input = json!({"serviceDeploymentArns": [arn]});
        self.ecs("DescribeServiceDeployments", input)["serviceDeployments"][0].clone()
    }

    /// Waits for what `wanted` finds in the newest service deployment.
    async fn wait<T>(&self, wanted: impl Fn(&Value) -> Option<T>) -> T {
        for _ in 0..6000 {
            if let Some(found) = wanted(&self.record()) {
                return found;
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        panic!("it does not come: {:#}", self.record());
    }

    /// Waits for the end of the newest service deployment: its status.
    async fn end(&self) -> String {
        self.wait(|record| {
            record.get("finishedAt")?;
            Some(text(&record["status"]))
        })
        .await
    }

    async fn reach(&self, stage: &str) {
        self.wait(|record| (record["lifecycleStage"] == stage).then_some(()))
            .await;
    }

    fn ecs(&self, operation: &str, input: Value) -> Value {
        let answer = self.sandbox.call(Service::Ecs, operation, input);
        answer.unwrap_or_else(|e| panic!("{operation}: {e}"))
    }

    fn elb(&self, operation: &str, input: Value) -> Value {
        let answer = self.sandbox.call(Service::Elbv2, operation, input);
        answer.unwrap_or_else(|e| panic!("{operation}: {e}"))
    }

    /// Sends requests one after another until `stop`: how many, and how each failed one failed.
    fn load(&self, stop: CancellationToken) -> JoinHandle<(usize, Vec<String>)> {
        let address = self.sandbox.listener_address(&self.listener).unwrap();
        tokio::spawn(async move {
            let client = Client::builder(TokioExecutor::new()).build_http::<Full<Bytes>>();
            let (mut sent, mut failed) = (0, Vec::new());
            while !stop.is_cancelled() {
                tokio::time::sleep(Duration::from_millis(3)).await;
                sent += 1;
                let url = format!("http://{address}/").parse().unwrap();
                match client.get(url).await {
                    Ok(response) if response.status() == 200 => {
                        let body = response.into_body().collect().await;
                        failed.extend(body.err().map(|e| e.to_string()));
                    }
                    Ok(response) => failed.push(response.status().to_string()),
                    Err(error) => failed.push(error.to_string()),
                }
            }
            (sent, failed)
        })
    }
}

fn text(value: &Value) -> String {
    value.as_str().unwrap().to_owned()
}

fn free_port() -> u16 {
    let socket = std::net::TcpListener::bind(("127.0.0.1", 0)).unwrap();
    socket.local_addr().unwrap().port()
}

fn canary() -> Value {
    json!({
        "strategy": "CANARY", "bakeTimeInMinutes": 1,
        "canaryConfiguration": {"canaryPercent": 30.0, "canaryBakeTimeInMinutes": 1},
    })
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn traffic_survives_every_shift() {
    let stage = Stage::set().await;
    let stop = CancellationToken::new();
    let load = stage.load(stop.clone());

    stage.deploy(json!({"strategy": "BLUE_GREEN", "bakeTimeInMinutes": 1}));
    assert_eq!(stage.end().await, "SUCCESSFUL");
    stage.deploy(canary());
    assert_eq!(stage.end().await, "SUCCESSFUL");

    let breaker = json!({
        "strategy": "LINEAR",
        "linearConfiguration": {"stepPercent": 50.0, "stepBakeTimeInMinutes": 1},
        "deploymentCircuitBreaker": {"enable": true, "rollback": true},
    });
    stage
        .sandbox
        .faults()
        .fail_tasks("web:4", TaskFault::Unhealthy);
    stage.deploy(breaker);
    assert_eq!(stage.end().await, "ROLLBACK_SUCCESSFUL");

    stage.deploy(canary());
    stage.reach("BAKE_TIME").await;
    let arn = stage.record()["serviceDeploymentArn"].clone();
    stage.ecs(
        "StopServiceDeployment",
        json!({"serviceDeploymentArn": arn}),
    );
    assert_eq!(stage.end().await, "ROLLBACK_SUCCESSFUL");

    stop.cancel();
    let (sent, failed) = load.await.unwrap();
    eprintln!("{sent} requests, {} failed", failed.len());
    assert_eq!(failed, Vec::<String>::new());
    let traffic = stage.sandbox.traffic();
    for revision in ["web:1", "web:2", "web:3", "web:5"] {
        assert!(
            traffic.task_definitions[revision].requests > 0,
            "{revision}"
        );
    }
    assert!(!traffic.task_definitions.contains_key("web:4"));
    stage.sandbox.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_lifecycle_hook_calls_a_function_of_the_sandbox() {
    let stage = Stage::set().await;
    let functions = stage.sandbox.functions();
    functions.answer_with("approve", |event: Value| {
        let status = match event["lifecycleStage"] == "POST_SCALE_UP" {
            true => "SUCCEEDED",
            false => "FAILED",
        };
        async move { Ok(json!({ "hookStatus": status })) }.boxed()
    });
    for (hooked, end) in [
        ("POST_SCALE_UP", "SUCCESSFUL"),
        ("POST_PRODUCTION_TRAFFIC_SHIFT", "ROLLBACK_SUCCESSFUL"),
    ] {
        stage.deploy(json!({
            "strategy": "BLUE_GREEN", "bakeTimeInMinutes": 0,
            "lifecycleHooks": [{
                "hookTargetArn": "arn:aws:lambda:us-east-1:123456789012:function:approve",
                "roleArn": "arn:aws:iam::123456789012:role/hooks",
                "lifecycleStages": [hooked],
            }],
        }));
        assert_eq!(stage.end().await, end);
    }
    stage.sandbox.stop().await;
}
