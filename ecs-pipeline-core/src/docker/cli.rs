//! Running `docker`, and what its failures mean.

use std::collections::VecDeque;
use std::ffi::OsString;
use std::io;
use std::path::PathBuf;
use std::process::{ExitStatus, Stdio};

use tokio::io::{AsyncBufReadExt, AsyncRead, BufReader};
use tokio::process::Command;
use tokio::sync::mpsc;

use crate::denial;
use crate::error::{ErrorKind, ProviderError};
use crate::provider::Output;

/// How many of the last lines a failure is explained with.
const LAST_LINES: usize = 3;

/// The `docker` command. A child that is no longer waited for is killed.
#[derive(Debug, Clone)]
pub struct DockerCli {
    program: PathBuf,
    environment: Vec<(OsString, OsString)>,
}

impl Default for DockerCli {
    fn default() -> Self {
        Self::new("docker")
    }
}

impl DockerCli {
    /// The command by its name or path.
    #[must_use]
    pub fn new(program: impl Into<PathBuf>) -> Self {
        Self {
            program: program.into(),
            environment: Vec::new(),
        }
    }

    /// Sets an environment variable for every run of the command, such as `DOCKER_HOST`.
    #[must_use]
    pub fn with_env(mut self, name: impl Into<OsString>, value: impl Into<OsString>) -> Self {
        self.environment.push((name.into(), value.into()));
        self
    }

    pub(super) fn sets(&self, name: &str) -> bool {
        self.environment.iter().any(|(one, _)| one == name)
    }

    /// The version of the engine that answers.
    ///
    /// # Errors
    ///
    /// [`Unavailable`](ErrorKind::Unavailable) when there is no `docker`, or no engine answers.
    pub async fn engine_version(&self) -> Result<String, ProviderError> {
        let run = Run::new("docker version", "");
        let text = self
            .capture(&run, &["version", "--format", "{{.Server.Version}}"])
            .await?;
        Ok(text.trim().to_owned())
    }

    /// Runs the command, hands on what it writes, line by line, and answers its last lines.
    pub(super) async fn stream(
        &self,
        run: &Run<'_>,
        arguments: &[String],
        output: &Output,
    ) -> Result<Vec<String>, ProviderError> {
        let mut child = self
            .command(arguments)
            .spawn()
            .map_err(|error| self.not_started(run, error))?;
        let (sender, mut lines) = mpsc::unbounded_channel();
        read_lines(child.stdout.take(), sender.clone());
        read_lines(child.stderr.take(), sender);
        let mut last = VecDeque::with_capacity(LAST_LINES);
        while let Some(line) = lines.recv().await {
            if last.len() == LAST_LINES {
                last.pop_front();
            }
            last.push_back(line.clone());
            output.line(line);
        }
        let status = child
            .wait()
            .await
            .map_err(|error| self.not_started(run, error))?;
        let last: Vec<String> = last.into();
        finished(run, status, &last.join("\n"))?;
        Ok(last)
    }

    /// Runs the command and answers what it wrote to its standard output.
    pub(super) async fn capture(
        &self,
        run: &Run<'_>,
        arguments: &[&str],
    ) -> Result<String, ProviderError> {
        let output = self
            .command(arguments)
            .output()
            .await
            .map_err(|error| self.not_started(run, error))?;
        finished(run, output.status, &String::from_utf8_lossy(&output.stderr))?;
        Ok(String::from_utf8_lossy(&output.stdout).into_owned())
    }

    pub(super) fn command<S: AsRef<std::ffi::OsStr>>(&self, arguments: &[S]) -> Command {
        let mut command = Command::new(&self.program);
        command
            .args(arguments)
            .envs(self.environment.iter().cloned())
            // A terminal's cursor tricks are no lines.
            .env("BUILDKIT_PROGRESS", "plain")
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .kill_on_drop(true);
        command
    }

    pub(super) fn not_started(&self, run: &Run<'_>, error: io::Error) -> ProviderError {
        let program = self.program.display();
        let message = match error.kind() {
            io::ErrorKind::NotFound => format!("there is no command {program}"),
            _ => format!("{program} could not be run: {error}"),
        };
        ProviderError::new(ErrorKind::Unavailable, run.operation, run.target, message)
            .with_hint("install Docker, or build without an engine (`builder: pack`)")
            .with_source(error)
    }
}

/// What is run, for errors.
#[derive(Debug, Clone, Copy)]
pub(super) struct Run<'a> {
    pub(super) operation: &'a str,
    pub(super) target: &'a str,
}

impl<'a> Run<'a> {
    pub(super) fn new(operation: &'a str, target: &'a str) -> Self {
        Self { operation, target }
    }
}

fn read_lines(
    pipe: Option<impl AsyncRead + Send + Unpin + 'static>,
    lines: mpsc::UnboundedSender<String>,
) {
    let Some(pipe) = pipe else {
        return;
    };
    tokio::spawn(async move {
        let mut reader = BufReader::new(pipe);
        let mut buffer = Vec::new();
        // Bytes rather than `lines()`: a compiler may write what is no UTF-8.
        while let Ok(1..) = reader.read_until(b'\n', &mut buffer).await {
            let text = String::from_utf8_lossy(&buffer);
            for line in text.trim_end().split('\r').filter(|line| !line.is_empty()) {
                if lines.send(line.trim_end().to_owned()).is_err() {
                    return;
                }
            }
            buffer.clear();
        }
    });
}

pub(super) fn finished(run: &Run<'_>, status: ExitStatus, said: &str) -> Result<(), ProviderError> {
    if status.success() {
        return Ok(());
    }
    Err(failure(run, status.code(), said))
}

fn failure(run: &Run<'_>, code: Option<i32>, said: &str) -> ProviderError {
    let lower = said.to_lowercase();
    let has = |texts: &[&str]| texts.iter().any(|text| lower.contains(text));
    let error =
        |kind, message: String| ProviderError::new(kind, run.operation, run.target, message);
    if has(&[
        "permission denied while trying to connect",
        "dial unix /var/run/docker.sock: connect: permission denied",
    ]) {
        return error(
            ErrorKind::Unavailable,
            "this user may not talk to the Docker engine".to_owned(),
        )
        .with_hint("add the user to the `docker` group, or run where the engine may be used");
    }
    if has(&[
        "cannot connect to the docker daemon",
        "error during connect",
        "is the docker daemon running",
    ]) {
        return error(ErrorKind::Unavailable, "the Docker engine does not answer".to_owned()).with_hint(
            "start the engine, look at DOCKER_HOST, or build without one (`builder: pack`); in CodeBuild the project needs privileged mode",
        );
    }
    if has(&["immutable", "tag invalid"]) {
        return error(ErrorKind::Conflict, last_line(said)).with_hint(
            "the repository's tags are immutable: push under a new tag, such as the commit",
        );
    }
    if has(&[
        "no basic auth credentials",
        "authorization token has expired",
        "denied:",
        "unauthorized",
    ]) {
        let advice = denial::advice(said).unwrap_or_else(|| {
            "allow the push in the caller's IAM policy and in the repository's own policy"
                .to_owned()
        });
        return error(ErrorKind::Denied, last_line(said)).with_hint(advice);
    }
    if has(&["does not match the specified platform"]) {
        return error(ErrorKind::Failed, last_line(said)).with_hint(
            "install buildx (and QEMU, for another architecture): the engine's older builder cannot build this for another platform",
        );
    }
    if has(&["no such image", "no such object"]) {
        return error(ErrorKind::NotFound, last_line(said))
            .with_hint("build it first: `ecs-pipeline build`, with the same tags");
    }
    let code = code.map_or_else(
        || "was killed".to_owned(),
        |code| format!("exit code {code}"),
    );
    error(ErrorKind::Failed, format!("{code}: {}", last_line(said)))
        .with_hint("read what docker wrote, above: that is where it failed")
}

fn last_line(said: &str) -> String {
    said.lines()
        .rev()
        .map(str::trim)
        .find(|line| !line.is_empty())
        .unwrap_or("it said nothing")
        .to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::Hint;

    #[test]
    fn failures_have_a_kind() {
        let table = [
            (
                "ERROR: Cannot connect to the Docker daemon at unix:///var/run/docker.sock. Is the docker daemon running?",
                ErrorKind::Unavailable,
            ),
            (
                "permission denied while trying to connect to the Docker daemon socket",
                ErrorKind::Unavailable,
            ),
            (
                "tag invalid: The image tag 'a' already exists in the 'web' repository and cannot be overwritten because the repository is immutable.",
                ErrorKind::Conflict,
            ),
            ("no basic auth credentials", ErrorKind::Denied),
            (
                "Error response from daemon: No such image: web:1",
                ErrorKind::NotFound,
            ),
            ("error: could not compile `web`", ErrorKind::Failed),
            ("", ErrorKind::Failed),
        ];
        for (said, kind) in table {
            let error = failure(&Run::new("docker build", "web:1"), Some(1), said);
            assert_eq!(error.kind(), kind, "{said}");
        }
    }

    #[tokio::test]
    async fn a_command_that_is_not_there_is_unavailable() {
        let docker = DockerCli::new("no-such-command-of-ours");
        let error = docker.engine_version().await;
        let Err(error) = error else {
            panic!("{error:?}");
        };
        assert_eq!(error.kind(), ErrorKind::Unavailable);
        assert!(error.hint().is_some());
    }
}
