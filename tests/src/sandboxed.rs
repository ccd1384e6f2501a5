//! A sandbox, and clients of it.

use std::path::Path;
use std::time::Duration;

use bytes::Bytes;
use ecs_pipeline_sandbox::{RunnerChoice, Sandbox};
use http_body_util::{BodyExt, Full};
use hyper::Request;
use hyper_util::client::legacy::Client;
use hyper_util::rt::TokioExecutor;
use serde_json::Value;
use tempfile::TempDir;

use crate::command::{Command, Outcome};
use crate::image::{Image, docker};

/// How long a state that a test waits for may take to come: far longer than it does.
const PATIENCE: Duration = Duration::from_secs(240);

/// A sandbox of the test's own on a free port, and a home directory for the programs that use it.
#[derive(Debug)]
pub struct Sandboxed {
    /// The sandbox.
    pub sandbox: Sandbox,
    home: TempDir,
}

impl Sandboxed {
    /// A sandbox whose tasks are served in this process.
    pub async fn in_process() -> Self {
        Self::start(RunnerChoice::InProcess, 15.0).await
    }

    /// A sandbox whose tasks are containers. It is slower: they need real time to start.
    pub async fn with_docker() -> Self {
        Self::start(RunnerChoice::Docker, 10.0).await
    }

    /// A sandbox.
    ///
    /// # Panics
    ///
    /// If it cannot be started.
    pub async fn start(runner: RunnerChoice, speed: f64) -> Self {
        let sandbox = Sandbox::builder().speed(speed).runner(runner);
        Self::of(sandbox.start().await.expect("a sandbox on a free port"))
    }

    /// A sandbox that was started in another way.
    ///
    /// # Panics
    ///
    /// If there can be no home directory.
    #[must_use]
    pub fn of(sandbox: Sandbox) -> Self {
        Self {
            sandbox,
            home: tempfile::tempdir().expect("a temporary directory"),
        }
    }

    /// The home directory of its programs.
    #[must_use]
    pub fn home(&self) -> &Path {
        self.home.path()
    }

    /// `host:port` of the registry.
    #[must_use]
    pub fn host(&self) -> &str {
        self.sandbox.registry_host()
    }

    /// A program that takes this sandbox for AWS.
    pub fn command(&self, program: &str) -> Command {
        Command::new(program, self.home.path())
            .env("AWS_ENDPOINT_URL", self.sandbox.endpoint())
            .env("AWS_ACCESS_KEY_ID", "AKIDSANDBOX")
            .env("AWS_SECRET_ACCESS_KEY", "sandbox")
            .env("AWS_DEFAULT_REGION", "us-east-1")
            .env("AWS_EC2_METADATA_DISABLED", "true")
    }

    /// The AWS CLI with these arguments, which has to succeed: its answer.
    pub async fn aws(&self, args: &[&str]) -> Value {
        self.command("aws").args(args).succeed().await.json()
    }

    /// A Python program from this package's `it/scripts`.
    pub async fn python(&self, script: &str, args: &[&str]) -> Outcome {
        let path = format!("{}/it/scripts/{script}", env!("CARGO_MANIFEST_DIR"));
        self.command("python3").arg(path).args(args).run().await
    }

    /// An operation of ECS.
    pub async fn ecs(&self, operation: &str, input: Value) -> Value {
        self.json("AmazonEC2ContainerServiceV20141113", operation, input)
            .await
    }

    /// An operation of ECR.
    pub async fn ecr(&self, operation: &str, input: Value) -> Value {
        self.json("AmazonEC2ContainerRegistry_V20150921", operation, input)
            .await
    }

    /// An operation of CodeDeploy.
    pub async fn codedeploy(&self, operation: &str, input: Value) -> Value {
        self.json("CodeDeploy_20141006", operation, input).await
    }

    async fn json(&self, service: &str, operation: &str, input: Value) -> Value {
        let headers = [
            ("content-type", "application/x-amz-json-1.1".to_owned()),
            ("x-amz-target", format!("{service}.{operation}")),
        ];
        let (status, body) = self.post(&headers, input.to_string()).await;
        assert_eq!(status, 200, "{operation}: {body}");
        serde_json::from_str(&body).expect("AWS JSON is JSON")
    }

    /// An operation of ELBv2, as a form: the first `element` of the answer.
    ///
    /// # Panics
    ///
    /// If the answer has none.
    pub async fn elb(&self, form: &str, element: &str) -> String {
        let form_type = "application/x-www-form-urlencoded".to_owned();
        let body = format!("{form}&Version=2015-12-01");
        let (status, body) = self.post(&[("content-type", form_type)], body).await;
        assert_eq!(status, 200, "{form}: {body}");
        let found = body
            .split_once(&format!("<{element}>"))
            .and_then(|(_, rest)| rest.split_once('<'));
        found
            .unwrap_or_else(|| panic!("no {element} in {body}"))
            .0
            .to_owned()
    }

    async fn post(&self, headers: &[(&str, String)], body: String) -> (u16, String) {
        let mut request = Request::post(self.sandbox.endpoint())
            .header("authorization", "AWS4-HMAC-SHA256 of a test");
        for (name, value) in headers {
            request = request.header(*name, value);
        }
        let request = request.body(Full::<Bytes>::from(body)).unwrap();
        let client = Client::builder(TokioExecutor::new()).build_http();
        let response = client.request(request).await.unwrap();
        let status = response.status().as_u16();
        let body = response.into_body().collect().await.unwrap().to_bytes();
        (status, String::from_utf8_lossy(&body).into_owned())
    }

    /// A service as DescribeServices has it.
    pub async fn described(&self, cluster: &str, service: &str) -> Value {
        let input = serde_json::json!({ "cluster": cluster, "services": [service] });
        self.ecs("DescribeServices", input).await["services"][0].take()
    }

    /// Waits until the service has one deployment, which is complete: its `family:revision`.
    ///
    /// # Panics
    ///
    /// If that does not come.
    pub async fn settled(&self, cluster: &str, service: &str) -> String {
        let mut last = Value::Null;
        let settled = async {
            loop {
                last = self.described(cluster, service).await;
                if let Some([only]) = last["deployments"].as_array().map(Vec::as_slice)
                    && only["rolloutState"] == "COMPLETED"
                {
                    return short(&only["taskDefinition"]);
                }
                tokio::time::sleep(Duration::from_millis(50)).await;
            }
        };
        match tokio::time::timeout(PATIENCE, settled).await {
            Ok(revision) => revision,
            Err(_) => panic!("the service does not settle: {last:#}"),
        }
    }

    /// The messages of the service's events, the latest first.
    pub async fn events(&self, cluster: &str, service: &str) -> Vec<String> {
        let described = self.described(cluster, service).await;
        let events = described["events"].as_array().cloned().unwrap_or_default();
        events
            .iter()
            .filter_map(|event| event["message"].as_str().map(str::to_owned))
            .collect()
    }

    /// The stopped tasks of the cluster.
    pub async fn stopped_tasks(&self, cluster: &str) -> Vec<Value> {
        self.tasks_to_be(cluster, "STOPPED").await
    }

    /// The tasks of the cluster that are to run.
    pub async fn tasks(&self, cluster: &str) -> Vec<Value> {
        self.tasks_to_be(cluster, "RUNNING").await
    }

    /// Waits until another task runs in the place of the first of these: as many as before.
    ///
    /// # Panics
    ///
    /// If that does not come.
    pub async fn replaced(&self, cluster: &str, before: &[Value]) -> Vec<Value> {
        let gone = &before[0]["taskArn"];
        let runs = |task: &Value| task["lastStatus"] == "RUNNING" && task["taskArn"] != *gone;
        let replaced = async {
            loop {
                let tasks = self.tasks(cluster).await;
                if tasks.len() == before.len() && tasks.iter().all(runs) {
                    return tasks;
                }
                tokio::time::sleep(Duration::from_millis(50)).await;
            }
        };
        let replaced = tokio::time::timeout(PATIENCE, replaced).await;
        replaced.unwrap_or_else(|_| panic!("it is not replaced: {:#}", before[0]))
    }

    async fn tasks_to_be(&self, cluster: &str, status: &str) -> Vec<Value> {
        let input = serde_json::json!({ "cluster": cluster, "desiredStatus": status });
        let listed = self.ecs("ListTasks", input).await;
        if listed["taskArns"].as_array().is_none_or(Vec::is_empty) {
            return Vec::new();
        }
        let input = serde_json::json!({ "cluster": cluster, "tasks": listed["taskArns"] });
        let described = self.ecs("DescribeTasks", input).await;
        described["tasks"].as_array().cloned().unwrap_or_default()
    }

    /// Pushes images of the example into repository `web`: their references there.
    ///
    /// # Panics
    ///
    /// If docker refuses.
    pub async fn push<const N: usize>(&self, images: [&Image; N]) -> [String; N] {
        let repository = serde_json::json!({ "repositoryName": "web" });
        self.ecr("CreateRepository", repository).await;
        let token = self
            .ecr("GetAuthorizationToken", serde_json::json!({}))
            .await;
        let auth = &token["authorizationData"][0]["authorizationToken"];
        let settings = tempfile::tempdir().unwrap();
        let auths = serde_json::json!({ "auths": { self.host(): { "auth": auth } } });
        std::fs::write(settings.path().join("config.json"), auths.to_string()).unwrap();
        images.map(|image| {
            let name = format!("{}/web:{}", self.host(), image.version);
            image.tag(&name);
            let settings = settings.path().to_str().unwrap();
            docker(&["--config", settings, "push", "-q", &name]);
            name
        })
    }

    /// Ends it: containers are removed.
    pub async fn stop(self) {
        self.sandbox.stop().await;
    }
}

/// `family:revision` of a task definition's ARN.
fn short(arn: &Value) -> String {
    let arn = arn.as_str().unwrap_or_default();
    arn.rsplit('/').next().unwrap_or_default().to_owned()
}

/// A port that was free a moment ago.
///
/// # Panics
///
/// If there is none.
#[must_use]
pub fn free_port() -> u16 {
    let socket = std::net::TcpListener::bind(("127.0.0.1", 0)).unwrap();
    socket.local_addr().unwrap().port()
}
