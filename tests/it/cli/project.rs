//! A directory with an application in it, and the command line that runs there.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use ecs_pipeline_tests::{Command, Container, Sandboxed, Service};
use serde_json::{Value, json};
use tempfile::TempDir;

/// Where Cargo has put the command line.
const UNDER_TEST: &str = env!("CARGO_BIN_EXE_ecs-pipeline-under-test");

/// Where a program finds AWS.
#[derive(Debug, Clone)]
pub(super) struct Aws(Vec<(&'static str, String)>);

/// An application: a Dockerfile, a file to pack, and a configuration for service `web` of
/// cluster `c`.
#[derive(Debug)]
pub(super) struct Project {
    directory: TempDir,
    aws: Aws,
}

impl Aws {
    /// The sandbox.
    pub(super) fn of(sandboxed: &Sandboxed) -> Self {
        Self::at(&sandboxed.sandbox.endpoint())
    }

    pub(super) fn at(endpoint: &str) -> Self {
        Self(vec![
            ("AWS_ENDPOINT_URL", endpoint.to_owned()),
            ("AWS_ACCESS_KEY_ID", "AKIDSANDBOX".to_owned()),
            ("AWS_SECRET_ACCESS_KEY", "sandbox".to_owned()),
            ("AWS_REGION", "us-east-1".to_owned()),
            ("AWS_EC2_METADATA_DISABLED", "true".to_owned()),
        ])
    }

    pub(super) fn without(mut self, names: &[&str]) -> Self {
        self.0.retain(|(name, _)| !names.contains(name));
        self
    }
}

impl Project {
    pub(super) fn new(aws: Aws) -> Self {
        let directory = tempfile::tempdir().unwrap();
        fs::create_dir(directory.path().join("tmp")).unwrap();
        fs::create_dir(directory.path().join("app")).unwrap();
        let project = Self { directory, aws };
        project.write("app/Dockerfile", "FROM scratch\nCOPY index.html /\n");
        project.write("app/index.html", "hello");
        project.write("app/taskdef.json", &taskdef().to_string());
        project.configure(CONFIG);
        project
    }

    /// Where the application is.
    pub(super) fn app(&self) -> PathBuf {
        self.path().join("app")
    }

    pub(super) fn path(&self) -> &Path {
        self.directory.path()
    }

    pub(super) fn write(&self, path: &str, text: &str) {
        fs::write(self.path().join(path), text).unwrap();
    }

    pub(super) fn configure(&self, text: &str) {
        self.write("app/ecs-pipeline.yml", text);
    }

    /// `ecs-pipeline` with these arguments, among the application.
    pub(super) fn run(&self, line: &str) -> Command {
        let mut command = Command::new(UNDER_TEST, self.path())
            .env("TMPDIR", self.path().join("tmp").to_str().unwrap())
            .args(line.split_whitespace())
            .current_dir(&self.app());
        for (name, value) in &self.aws.0 {
            command = command.env(name, value);
        }
        command
    }
}

pub(super) const CONFIG: &str = "\
application: web
build:
  builder: pack
  platform: linux/amd64
registry:
  repository: web
  tags: [\"${VERSION:-v2}\"]
deploy:
  cluster: c
  service: web
  container: app
gates:
  - service-stable: {}
";

/// The same with a task definition file.
pub(super) fn config_with_taskdef() -> String {
    CONFIG.replace(
        "  container: app\n",
        "  task-definition: taskdef.json\n  container: app\n",
    )
}

pub(super) fn taskdef() -> Value {
    json!({
        "family": "web", "networkMode": "awsvpc", "requiresCompatibilities": ["FARGATE"],
        "cpu": "256", "memory": "512",
        "runtimePlatform": { "cpuArchitecture": "X86_64", "operatingSystemFamily": "LINUX" },
        "executionRoleArn": "arn:aws:iam::123456789012:role/execution",
        "containerDefinitions": [{
            "name": "app", "image": "to be replaced", "essential": true,
            "portMappings": [{ "containerPort": 8080 }],
        }],
    })
}

/// A sandbox with repository `web` and service `web` running `web:1`.
pub(super) async fn with_service(sandboxed: &Sandboxed) -> (Service<'_>, Project) {
    let service = Service::create(sandboxed, &Container::of("example.com/web:1")).await;
    let repository = json!({ "repositoryName": "web" });
    sandboxed.ecr("CreateRepository", repository).await;
    (service, Project::new(Aws::of(sandboxed)))
}

/// Builds and pushes what the project has.
pub(super) async fn published(project: &Project) {
    project.run("build").succeed().await;
    project.run("push").succeed().await;
}

/// How often each operation that changes something was asked for.
pub(super) fn changes(sandboxed: &Sandboxed) -> BTreeMap<String, u64> {
    const READS: [&str; 4] = ["Describe", "List", "Get", "BatchGet"];
    let mut calls = sandboxed.sandbox.calls().snapshot();
    calls.retain(|operation, _| {
        let name = operation.rsplit('.').next().unwrap();
        !READS.iter().any(|read| name.starts_with(read))
    });
    calls
}

/// `family:revision` that the service is set to, and its PRIMARY deployment.
pub(super) async fn primary(service: &Service<'_>) -> (String, String) {
    let described = service
        .in_sandbox
        .described(service.cluster, service.name)
        .await;
    let primary = described["deployments"]
        .as_array()
        .unwrap()
        .iter()
        .find(|deployment| deployment["status"] == "PRIMARY")
        .unwrap();
    let revision = primary["taskDefinition"].as_str().unwrap();
    let revision = revision.rsplit('/').next().unwrap().to_owned();
    (revision, primary["id"].as_str().unwrap().to_owned())
}
