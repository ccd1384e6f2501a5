//! The docker command line.

use std::ffi::OsStr;
use std::process::{Output, Stdio};
use std::time::Duration;

use serde_json::json;
use tokio::process::{Child, Command};

/// What docker said when it refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub(crate) struct Refused(pub(super) String);

/// Runs docker commands.
#[derive(Debug, Clone)]
pub(super) struct Cli {
    /// The engine that the user's configuration chooses, where a private one is used, which
    /// chooses none.
    engine: Option<String>,
}

impl Cli {
    /// Finds out which engine is used.
    pub(super) async fn new() -> Self {
        let mut cli = Self { engine: None };
        if std::env::var_os("DOCKER_HOST").is_none() {
            cli.engine = cli
                .run([
                    "context",
                    "inspect",
                    "--format",
                    "{{.Endpoints.docker.Host}}",
                ])
                .await
                .ok()
                .filter(|host| !host.is_empty());
        }
        cli
    }

    /// Runs a command to its end: its output, trimmed, or what it wrote to stderr.
    pub(super) async fn run<A: AsRef<OsStr>>(
        &self,
        args: impl IntoIterator<Item = A>,
    ) -> Result<String, Refused> {
        finish(command().args(args)).await
    }

    /// The same, giving up after `limit`.
    pub(super) async fn run_within<A: AsRef<OsStr>>(
        &self,
        limit: Duration,
        args: impl IntoIterator<Item = A>,
    ) -> Result<String, Refused> {
        tokio::time::timeout(limit, self.run(args))
            .await
            .unwrap_or_else(|_| Err(Refused(format!("no answer within {} s", limit.as_secs()))))
    }

    /// Pulls an image from a registry with these credentials. They are in a configuration of
    /// their own, which is removed afterwards: the user's never sees them.
    pub(super) async fn pull_with_credentials(
        &self,
        image: &str,
        registry: &str,
        credentials: &str,
    ) -> Result<(), Refused> {
        let private = tempfile::Builder::new()
            .prefix("ecs-pipeline-docker-")
            .tempdir()
            .map_err(|error| Refused(format!("no temporary directory: {error}")))?;
        let config = json!({ "auths": { registry: { "auth": credentials } } });
        std::fs::write(private.path().join("config.json"), config.to_string())
            .map_err(|error| Refused(format!("no private configuration: {error}")))?;
        let mut command = command();
        command.env("DOCKER_CONFIG", private.path());
        if let Some(engine) = &self.engine {
            command.env("DOCKER_HOST", engine);
        }
        finish(command.args(["pull", "-q", image])).await.map(drop)
    }

    /// Starts a command whose output is read as it comes.
    pub(super) fn follow(&self, args: &[&str]) -> std::io::Result<Child> {
        command()
            .args(args)
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
    }
}

fn command() -> Command {
    let mut command = Command::new("docker");
    command.stdin(Stdio::null()).kill_on_drop(true);
    // Ctrl-C at the terminal is for the sandbox, which then still needs docker to clear away.
    #[cfg(unix)]
    command.process_group(0);
    command
}

async fn finish(command: &mut Command) -> Result<String, Refused> {
    let output = command
        .output()
        .await
        .map_err(|error| Refused(format!("docker could not be run: {error}")))?;
    if output.status.success() {
        Ok(text(&output.stdout))
    } else {
        Err(Refused(said(&output)))
    }
}

/// What a failed command said, in one line.
fn said(output: &Output) -> String {
    let text = text(&output.stderr);
    let line = text
        .lines()
        .map(str::trim)
        .filter(|line| !line.is_empty())
        .collect::<Vec<_>>()
        .join(" ");
    if line.is_empty() {
        format!("docker failed ({})", output.status)
    } else {
        line
    }
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).trim().to_owned()
}
