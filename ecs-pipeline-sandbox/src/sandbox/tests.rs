//! The whole sandbox, driven through its API.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::print_stderr)]

mod access;
mod codedeploy;
mod one_off;

use std::time::Duration;

use axum::body::Body;
use bytes::Bytes;
use http::Request;
use http_body_util::{BodyExt, Full};
use hyper_util::client::legacy::Client;
use hyper_util::rt::TokioExecutor;
use serde_json::{Value, json};
use tokio_util::sync::CancellationToken;
use tower::ServiceExt as _;

use super::*;
use crate::faults::TaskFault;
use crate::runner::{Plan, RunnerChoice};
use crate::world::ProbeOutcome;

/// A sandbox with a service `web` behind a listener.
struct Stage {
    sandbox: Sandbox,
    listener: String,
}

impl Stage {
    /// Two tasks of `web:1`, in a steady state.
    async fn set(sandbox: Sandbox, image: &str) -> Self {
        let mut stage = Self {
            sandbox,
            listener: String::new(),
        };
        stage.register(image).await;
        let balancer = "Action=CreateLoadBalancer&Name=web&Subnets.member.1=subnet-1&Subnets.member.2=subnet-2";
        let balancer = stage.elb(balancer, "LoadBalancerArn").await;
        let group = stage
            .elb(
                "Action=CreateTargetGroup&Name=web&Protocol=HTTP&Port=80&VpcId=vpc-1\
                 &TargetType=ip&HealthCheckPath=/&HealthCheckIntervalSeconds=5\
                 &HealthCheckTimeoutSeconds=4&HealthyThresholdCount=2&UnhealthyThresholdCount=2",
                "TargetGroupArn",
            )
            .await;
        let delay = format!(
            "Action=ModifyTargetGroupAttributes&TargetGroupArn={group}\
             &Attributes.member.1.Key=deregistration_delay.timeout_seconds\
             &Attributes.member.1.Value=10"
        );
        stage.elb(&delay, "Value").await;
        // The port is taken from the range that a test run may use; another is found if not free.
        let port = free_port();
        stage.listener = stage
            .elb(
                &format!(
                    "Action=CreateListener&LoadBalancerArn={balancer}&Protocol=HTTP&Port={port}\
                     &DefaultActions.member.1.Type=forward\
                     &DefaultActions.member.1.TargetGroupArn={group}"
                ),
                "ListenerArn",
            )
            .await;
        stage
            .ecs("CreateCluster", json!({ "clusterName": "c" }))
            .await;
        let service = json!({
            "cluster": "c", "serviceName": "web", "taskDefinition": "web:1", "desiredCount": 2,
            "launchType": "FARGATE",
            "networkConfiguration": { "awsvpcConfiguration": { "subnets": ["subnet-1"] } },
            "loadBalancers": [{
                "targetGroupArn": group, "containerName": "app", "containerPort": 8080,
            }],
            "deploymentConfiguration": {
                "minimumHealthyPercent": 100, "maximumPercent": 200,
                "deploymentCircuitBreaker": { "enable": true, "rollback": true },
            },
        });
        stage.ecs("CreateService", service).await;
        assert_eq!(stage.settled().await, "web:1");
        stage
    }

    async fn register(&self, image: &str) {
        let definition = json!({
            "family": "web", "networkMode": "awsvpc", "requiresCompatibilities": ["FARGATE"],
            "cpu": "256", "memory": "512",
            "executionRoleArn": "arn:aws:iam::123456789012:role/execution",
            "containerDefinitions": [{
                "name": "app", "image": image, "essential": true,
                "portMappings": [{ "containerPort": 8080 }],
            }],
        });
        self.ecs("RegisterTaskDefinition", definition).await;
    }

    async fn update(&self, task_definition: &str) {
        let input = json!({ "cluster": "c", "service": "web", "taskDefinition": task_definition });
        self.ecs("UpdateService", input).await;
    }

    /// Waits until one deployment is left and complete: its `family:revision`.
    async fn settled(&self) -> String {
        let mut last = Value::Null;
        for _ in 0..2000 {
            let input = json!({ "cluster": "c", "services": ["web"] });
            last = self.ecs("DescribeServices", input).await;
            let deployments = last["services"][0]["deployments"].as_array().unwrap();
            if let [only] = deployments.as_slice()
                && only["rolloutState"] == "COMPLETED"
            {
                let arn = only["taskDefinition"].as_str().unwrap();
                return arn.rsplit('/').next().unwrap().into();
            }
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
        panic!("the service does not settle: {last:#}");
    }

    async fn ecs(&self, operation: &str, input: Value) -> Value {
        let target = format!("AmazonEC2ContainerServiceV20141113.{operation}");
        self.json(&target, input).await
    }

    async fn json(&self, target: &str, input: Value) -> Value {
        let request = Request::post("/")
            .header("authorization", "AWS4-HMAC-SHA256 test")
            .header("content-type", "application/x-amz-json-1.1")
            .header("x-amz-target", target)
            .body(Body::from(input.to_string()))
            .unwrap();
        serde_json::from_str(&self.send(request).await).unwrap()
    }

    /// Sends an ELBv2 request: the first element of this name in the answer.
    async fn elb(&self, form: &str, element: &str) -> String {
        let request = Request::post("/")
            .header("authorization", "AWS4-HMAC-SHA256 test")
            .header("content-type", "application/x-www-form-urlencoded")
            .body(Body::from(format!("{form}&Version=2015-12-01")))
            .unwrap();
        let answer = self.send(request).await;
        let (_, rest) = answer
            .split_once(&format!("<{element}>"))
            .unwrap_or_else(|| panic!("no {element} in {answer}"));
        rest.split_once('<').unwrap().0.into()
    }

    async fn send(&self, request: Request<Body>) -> String {
        let response = self.sandbox.router().oneshot(request).await.unwrap();
        let status = response.status();
        let body = response.into_body().collect().await.unwrap().to_bytes();
        let text = String::from_utf8(body.to_vec()).unwrap();
        assert!(status.is_success(), "{status}: {text}");
        text
    }

    /// 200 requests a second through the listener, until `stop`: how many were sent, and how
    /// every failed one failed.
    fn load(&self, stop: CancellationToken) -> JoinHandle<(usize, Vec<String>)> {
        let address = self.sandbox.listener_address(&self.listener).unwrap();
        tokio::spawn(async move {
            let client = Client::builder(TokioExecutor::new()).build_http::<Full<Bytes>>();
            let mut every = tokio::time::interval(Duration::from_millis(5));
            let mut requests = Vec::new();
            while !stop.is_cancelled() {
                every.tick().await;
                let answer = client.get(format!("http://{address}/").parse().unwrap());
                requests.push(tokio::spawn(async move {
                    let response = answer.await.map_err(|error| error.to_string())?;
                    let status = response.status();
                    let body = response.into_body().collect().await;
                    body.map_err(|error| error.to_string())?;
                    (status == 200).then_some(()).ok_or(status.to_string())
                }));
            }
            let sent = requests.len();
            let mut failed = Vec::new();
            for request in requests {
                failed.extend(request.await.unwrap().err());
            }
            (sent, failed)
        })
    }
}

fn free_port() -> u16 {
    let socket = std::net::TcpListener::bind(("127.0.0.1", 0)).unwrap();
    socket.local_addr().unwrap().port()
}

#[tokio::test(start_paused = true)]
async fn a_breaker_rolls_back_in_virtual_time() {
    let sick = Plan::healthy().answering(Duration::ZERO, ProbeOutcome::Status(500));
    let script = Script::healthy().with("web:2", sick);
    let sandbox = Sandbox::scripted(script).start().await.unwrap();
    let began = tokio::time::Instant::now();
    let stage = Stage::set(sandbox, "nginx:1").await;
    stage.register("nginx:2").await;
    stage.update("web:2").await;
    assert_eq!(stage.settled().await, "web:1");
    assert!(began.elapsed() > Duration::from_secs(30));
    stage.register("nginx:3").await;
    stage.update("web:3").await;
    assert_eq!(stage.settled().await, "web:3");
    assert!(stage.sandbox.traffic().listeners.is_empty());
    stage.sandbox.stop().await;
}

/// Moves the service to good and bad revisions under load. `images` are of versions 1 and 2.
async fn rolls_without_a_failed_request(stage: &Stage, images: [&str; 2], faults: &[TaskFault]) {
    let stop = CancellationToken::new();
    let load = stage.load(stop.clone());
    stage.register(images[1]).await;
    stage.update("web:2").await;
    assert_eq!(stage.settled().await, "web:2");
    for (fault, revision) in faults.iter().zip(3..) {
        let bad = format!("web:{revision}");
        stage.sandbox.faults().fail_tasks(&bad, fault.clone());
        stage.register(images[0]).await;
        stage.update(&bad).await;
        assert_eq!(stage.settled().await, "web:2", "after {fault:?}");
    }
    stop.cancel();
    let (sent, failed) = load.await.unwrap();
    let traffic = stage.sandbox.traffic();
    eprintln!(
        "{sent} requests, {} failed; {:?}",
        failed.len(),
        traffic.total()
    );
    assert_eq!(failed, Vec::<String>::new());
    assert_eq!(traffic.total().class(2), sent as u64);
    assert_eq!(traffic.total().gateway_errors, 0);
    assert!(traffic.task_definitions["web:1"].requests > 0);
    assert!(traffic.task_definitions["web:2"].requests > 0);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn traffic_survives_every_deployment_in_process() {
    let sandbox = Sandbox::builder()
        .speed(30.0)
        .runner(RunnerChoice::InProcess)
        .start()
        .await
        .unwrap();
    let images = ["example.com/web:1", "example.com/web:2"];
    let stage = Stage::set(sandbox, images[0]).await;
    let faults = [TaskFault::Unhealthy, TaskFault::CrashLoop];
    rolls_without_a_failed_request(&stage, images, &faults).await;
    stage.sandbox.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn traffic_survives_every_deployment_of_containers() {
    if !crate::runner::docker::tests::is_there().await {
        return;
    }
    let sandbox = Sandbox::builder()
        .speed(10.0)
        .runner(RunnerChoice::Docker)
        .start()
        .await
        .unwrap();
    let pushed = [push(&sandbox, "1").await, push(&sandbox, "2").await];
    let images = [pushed[0].as_str(), pushed[1].as_str()];
    let stage = Stage::set(sandbox, images[0]).await;
    // The last one takes version 1 from the registry, which the engine has all the same.
    let faults = [
        TaskFault::Unhealthy,
        TaskFault::CrashLoop,
        TaskFault::MissingImage,
    ];
    rolls_without_a_failed_request(&stage, images, &faults).await;
    let stopped = json!({ "cluster": "c", "desiredStatus": "STOPPED" });
    let stopped = stage.ecs("ListTasks", stopped).await;
    let stopped = json!({ "cluster": "c", "tasks": stopped["taskArns"] });
    let described = stage.ecs("DescribeTasks", stopped).await.to_string();
    assert!(
        described.contains("CannotPullContainerError: "),
        "{described}"
    );
    assert!(described.contains(r#""exitCode":137"#), "{described}");
    let host = stage.sandbox.registry_host().to_owned();
    stage.sandbox.stop().await;
    let names = docker(&["image", "ls", "--format", "{{.Repository}}"], None);
    assert!(!names.contains(&host), "{names}");
}

/// Pushes the test image into the sandbox's registry with docker: its reference by digest.
async fn push(sandbox: &Sandbox, tag: &str) -> String {
    let host = sandbox.registry_host();
    let ecr = |operation: &str, input: Value| {
        let request = Request::post("/")
            .header("authorization", "AWS4-HMAC-SHA256 test")
            .header(
                "x-amz-target",
                format!("AmazonEC2ContainerRegistry_V20150921.{operation}"),
            )
            .body(Body::from(input.to_string()))
            .unwrap();
        let answer = sandbox.router().oneshot(request);
        async move {
            let body = answer.await.unwrap().into_body().collect().await.unwrap();
            serde_json::from_slice::<Value>(&body.to_bytes()).unwrap()
        }
    };
    ecr("CreateRepository", json!({ "repositoryName": "web" })).await;
    let token = ecr("GetAuthorizationToken", json!({})).await;
    let token = token["authorizationData"][0]["authorizationToken"]
        .as_str()
        .unwrap();
    let config = tempfile::tempdir().unwrap();
    let auths = json!({ "auths": { host: { "auth": token } } });
    std::fs::write(config.path().join("config.json"), auths.to_string()).unwrap();
    let image = format!("{host}/web:{tag}");
    let build = tempfile::tempdir().unwrap();
    let base = crate::runner::docker::tests::image();
    let dockerfile = format!("FROM {base}\nENV VERSION={tag}\n");
    std::fs::write(build.path().join("Dockerfile"), dockerfile).unwrap();
    docker(
        &["build", "-q", "-t", &image, build.path().to_str().unwrap()],
        None,
    );
    docker(&["push", &image], Some(config.path()));
    let digest = sandbox.registry().resolve("web", tag).await.unwrap().digest;
    format!("{host}/web@{digest}")
}

fn docker(args: &[&str], config: Option<&std::path::Path>) -> String {
    let mut command = std::process::Command::new("docker");
    if let Some(config) = config {
        command.env("DOCKER_CONFIG", config);
    }
    let output = command.args(args).output().unwrap();
    assert!(output.status.success(), "docker {args:?}: {output:?}");
    String::from_utf8(output.stdout).unwrap()
}

#[tokio::test]
async fn images_are_named_by_the_registry_that_was_given() {
    let name = "123456789012.dkr.ecr.ap-northeast-2.amazonaws.com";
    let sandbox = Sandbox::builder()
        .runner(RunnerChoice::InProcess)
        .registry(name)
        .start()
        .await
        .unwrap();
    assert_eq!(sandbox.registry_host(), name);
    assert!(sandbox.endpoint().starts_with("http://127.0.0.1:"));
    let call = |operation, input| sandbox.call(Service::Ecr, operation, input).unwrap();
    let created = call("CreateRepository", json!({ "repositoryName": "my-app" }));
    let uri = &created["repository"]["repositoryUri"];
    assert_eq!(*uri, format!("{name}/my-app"));
    let token = call("GetAuthorizationToken", json!({}));
    let endpoint = &token["authorizationData"][0]["proxyEndpoint"];
    assert_eq!(*endpoint, format!("https://{name}"));

    let bare = Request::get("/v2/").body(Body::empty()).unwrap();
    let challenged = sandbox.router().oneshot(bare).await.unwrap();
    assert_eq!(
        challenged.headers()["www-authenticate"],
        format!("Basic realm=\"https://{name}/\",service=\"ecr.amazonaws.com\"").as_str()
    );
    sandbox.stop().await;
}

#[tokio::test]
async fn a_taken_port_is_named_and_a_stopped_sandbox_gives_it_back() {
    let sandbox = Sandbox::builder()
        .runner(RunnerChoice::InProcess)
        .start()
        .await
        .unwrap();
    let port: u16 = sandbox
        .registry_host()
        .rsplit(':')
        .next()
        .unwrap()
        .parse()
        .unwrap();
    assert_eq!(sandbox.endpoint(), format!("http://127.0.0.1:{port}"));
    let again = || {
        Sandbox::builder()
            .port(port)
            .runner(RunnerChoice::InProcess)
            .start()
    };
    let error = again().await.unwrap_err();
    assert!(matches!(error, StartError::PortTaken { .. }));
    assert_eq!(
        error.to_string(),
        format!("port {port} on 127.0.0.1 is taken by another program")
    );
    sandbox.stop().await;
    again().await.unwrap().stop().await;
    let error = Sandbox::builder().speed(0.0).start().await.unwrap_err();
    assert!(matches!(error, StartError::Speed(_)));
}
