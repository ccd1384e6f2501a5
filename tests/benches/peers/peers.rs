//! The programs that are compared, and how each is told to do the same: take what the service
//! runs, give its container another image, register that, update the service, and wait.

use std::path::{Path, PathBuf};
use std::process::Command as Process;

use ecs_pipeline_tests::{Command, require};

use crate::launch;
use crate::stage::Stage;

/// How long the others may wait.
const LIMIT_SECONDS: &str = "1200";

/// A program that deploys.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Peer {
    /// `ecs-pipeline deploy`.
    Ours,
    /// fabfuel's `ecs deploy`.
    Fabfuel,
    /// Four commands of the AWS CLI.
    AwsCli,
}

/// What it is to do.
#[derive(Debug)]
pub(crate) struct Request<'a> {
    /// The new image.
    pub(crate) image: &'a str,
    /// Whether it is to wait for the end.
    pub(crate) wait: bool,
    /// The `ecs-pipeline` to measure.
    pub(crate) binary: &'a Path,
}

impl Peer {
    /// Those that this machine has.
    pub(crate) fn present() -> Vec<Self> {
        let there = |peer: &Self| match peer {
            Self::Ours => true,
            Self::Fabfuel => require(&["ecs-deploy"]),
            Self::AwsCli => require(&["aws-cli"]),
        };
        [Self::Ours, Self::Fabfuel, Self::AwsCli]
            .into_iter()
            .filter(there)
            .collect()
    }

    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Ours => "ecs-pipeline",
            Self::Fabfuel => "ecs-deploy",
            Self::AwsCli => "AWS CLI",
        }
    }

    /// Gets the new image ready: how the command names it. Ours looks it up in the registry; the
    /// others take any text for an image.
    pub(crate) async fn prepare(self, stage: &Stage, binary: &Path) -> String {
        let number = stage.next_revision();
        match self {
            Self::Ours => {
                stage.push(binary, &number.to_string()).await;
                number.to_string()
            }
            Self::Fabfuel | Self::AwsCli => format!("example.com/web:{number}"),
        }
    }

    /// The command, under the small process that measures it, and where the report will be.
    pub(crate) fn command(self, stage: &Stage, request: &Request<'_>) -> (Command, PathBuf) {
        let report = stage.home().join("report.json");
        let launcher = std::env::current_exe().expect("this program has a path");
        let command = stage
            .command(&launcher.to_string_lossy())
            .args([launch::FLAG, &report.to_string_lossy()]);
        let command = match self {
            Self::Ours => ours(command, stage, request),
            Self::Fabfuel => fabfuel(command, request),
            Self::AwsCli => aws_cli(command, request),
        };
        (command, report)
    }

    /// What it says of its version.
    pub(crate) fn version(self, binary: &Path) -> String {
        let program = match self {
            Self::Ours => binary.to_owned(),
            Self::Fabfuel => ecs_pipeline_tests::tool("ecs"),
            Self::AwsCli => ecs_pipeline_tests::tool("aws"),
        };
        let output = Process::new(program).arg("--version").output();
        let output = output.map(|output| output.stdout).unwrap_or_default();
        String::from_utf8_lossy(&output).trim().to_owned()
    }
}

fn ours(command: Command, stage: &Stage, request: &Request<'_>) -> Command {
    let command = command
        .arg(request.binary.to_string_lossy())
        .args(["deploy", "--image", request.image, "--config"])
        .arg(stage.config().to_string_lossy());
    match request.wait {
        true => command,
        // One look, and it leaves the deployment to itself.
        false => command.args(["--timeout", "0s"]),
    }
}

fn fabfuel(command: Command, request: &Request<'_>) -> Command {
    let limit = if request.wait { LIMIT_SECONDS } else { "-1" };
    command
        .args(["ecs", "deploy", "c", "web", "-i", "app", request.image])
        .args(["--timeout", limit])
}

/// As such scripts are found in pipelines.
const SCRIPT: &str = r#"
set -e
aws ecs describe-task-definition --task-definition web --query 'taskDefinition.{
  family: family, networkMode: networkMode, requiresCompatibilities: requiresCompatibilities,
  cpu: cpu, memory: memory, executionRoleArn: executionRoleArn,
  containerDefinitions: containerDefinitions}' |
  sed "s|\"image\": \"[^\"]*\"|\"image\": \"$1\"|" > new.json
revision=$(aws ecs register-task-definition --cli-input-json file://new.json \
  --query taskDefinition.taskDefinitionArn --output text)
aws ecs update-service --cluster c --service web --task-definition "$revision" \
  --query service.taskDefinition --output text
"#;
const WAIT: &str = "aws ecs wait services-stable --cluster c --services web\n";

fn aws_cli(command: Command, request: &Request<'_>) -> Command {
    let wait = if request.wait { WAIT } else { "" };
    let script = [SCRIPT, wait].concat();
    command.args(["sh", "-c", &script, "deploy", request.image])
}
