//! Servers that others wrote, in the place of AWS.

use std::path::Path;
use std::process::Stdio;
use std::time::Duration;

use serde_json::Value;
use tempfile::TempDir;
use tokio::process::Child;

use crate::command::{Command, tool};
use crate::sandboxed::free_port;

/// How long a server may take to answer: an interpreter has to start, on a busy machine.
const PATIENCE: Duration = Duration::from_secs(60);

/// An emulator of AWS on a port of 127.0.0.1 of its own; it is killed when this is dropped.
#[derive(Debug)]
pub struct Emulator {
    address: String,
    home: TempDir,
    _server: Child,
}

impl Emulator {
    /// moto: it answers nearly everything, and nothing that it answers ever changes by itself.
    pub async fn moto() -> Self {
        let port = free_port().to_string();
        let args = ["-H", "127.0.0.1", "-p", &port];
        // Without this no service ever has a running task.
        let environment = [("MOTO_ECS_SERVICE_RUNNING", "2")];
        Self::start("moto_server", &args, &environment, &port).await
    }

    /// moto, with what its CloudFormation lacks of what its services have.
    pub async fn moto_with_stacks() -> Self {
        let script = "../ecs-pipeline-infra/tests/it/moto/server.py";
        let script = format!("{}/{script}", env!("CARGO_MANIFEST_DIR"));
        let port = free_port().to_string();
        let args = [script.as_str(), "-H", "127.0.0.1", "-p", &port];
        let environment = [("MOTO_ECS_SERVICE_RUNNING", "2")];
        Self::start("python3", &args, &environment, &port).await
    }

    /// ministack without Docker: deployments are complete as soon as they are asked for. It has a
    /// registry.
    pub async fn ministack() -> Self {
        let port = free_port().to_string();
        let environment = [
            ("BIND_HOST", "127.0.0.1"),
            ("GATEWAY_PORT", &port),
            ("DOCKER_HOST", "unix:///nonexistent"),
        ];
        Self::start("ministack", &[], &environment, &port).await
    }

    async fn start(program: &str, args: &[&str], environment: &[(&str, &str)], port: &str) -> Self {
        let home = tempfile::tempdir().unwrap();
        let server = tokio::process::Command::new(tool(program))
            .args(args)
            .env("HOME", home.path())
            .envs(environment.iter().copied())
            .current_dir(home.path())
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .kill_on_drop(true)
            .spawn()
            .unwrap_or_else(|error| panic!("{program}: {error}"));
        let address = format!("127.0.0.1:{port}");
        let answers = async {
            while tokio::net::TcpStream::connect(&address).await.is_err() {
                tokio::time::sleep(Duration::from_millis(50)).await;
            }
        };
        let answered = tokio::time::timeout(PATIENCE, answers).await;
        assert!(answered.is_ok(), "{program} does not answer at {address}");
        Self {
            address,
            home,
            _server: server,
        }
    }

    /// `host:port`.
    #[must_use]
    pub fn address(&self) -> &str {
        &self.address
    }

    /// The home directory of the programs that use it.
    #[must_use]
    pub fn home(&self) -> &Path {
        self.home.path()
    }

    /// A program that takes this for AWS.
    pub fn command(&self, program: &str) -> Command {
        Command::new(program, self.home())
            .env("AWS_ENDPOINT_URL", format!("http://{}", self.address))
            .env("AWS_ACCESS_KEY_ID", "testing")
            .env("AWS_SECRET_ACCESS_KEY", "testing")
            .env("AWS_DEFAULT_REGION", "us-east-1")
            .env("AWS_REGION", "us-east-1")
            .env("AWS_EC2_METADATA_DISABLED", "true")
    }

    /// The AWS CLI with these arguments, which has to succeed: its answer.
    pub async fn aws(&self, args: &[&str]) -> Value {
        self.command("aws").args(args).succeed().await.json()
    }

    /// Cluster `demo` with service `web` of two tasks, which runs `web:1`, and repository `web`.
    pub async fn create_service(&self) {
        let containers = r#"[{"name":"web","image":"web:1","memory":64,"essential":true}]"#;
        let register = ["ecs", "register-task-definition", "--family", "web"];
        self.aws(&["ecs", "create-cluster", "--cluster-name", "demo"])
            .await;
        self.aws(&[&register[..], &["--container-definitions", containers]].concat())
            .await;
        let create = "ecs create-service --cluster demo --service-name web --task-definition web:1 --desired-count 2";
        self.aws(&create.split(' ').collect::<Vec<_>>()).await;
        self.create_repository().await;
    }

    /// Repository `web`.
    pub async fn create_repository(&self) {
        self.aws(&["ecr", "create-repository", "--repository-name", "web"])
            .await;
    }

    /// The service as DescribeServices has it.
    pub async fn service(&self) -> Value {
        let describe = "ecs describe-services --cluster demo --services web";
        let mut answer = self.aws(&describe.split(' ').collect::<Vec<_>>()).await;
        answer["services"][0].take()
    }
}
