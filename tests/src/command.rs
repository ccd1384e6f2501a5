//! Foreign programs, in an environment that holds nothing of the machine's.

use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::Duration;

use serde_json::Value;
use tokio::io::AsyncWriteExt;

/// How long a program may run, unless the test says otherwise.
const LIMIT: Duration = Duration::from_secs(180);

/// The variables of the machine that a program gets to see: none of AWS's, of a CI system's or of
/// a user's settings.
const KEPT: [&str; 7] = [
    "PATH",
    "LANG",
    "LC_ALL",
    "TMPDIR",
    "DOCKER_HOST",
    "DOCKER_CERT_PATH",
    "DOCKER_TLS_VERIFY",
];

/// A program to run.
#[derive(Debug)]
#[must_use]
pub struct Command {
    inner: tokio::process::Command,
    text: String,
    stdin: Option<String>,
    limit: Duration,
}

/// What became of a program.
#[derive(Debug)]
pub struct Outcome {
    /// What was run.
    pub command: String,
    /// Its exit code; `None` when a signal ended it.
    pub code: Option<i32>,
    /// What it printed.
    pub stdout: String,
    /// What it printed on its standard error.
    pub stderr: String,
}

impl Command {
    /// A program with `home` as its home directory, where Docker's settings are too.
    pub fn new(program: &str, home: &Path) -> Self {
        let mut inner = tokio::process::Command::new(tool(program));
        inner.env_clear();
        for name in KEPT {
            if let Some(value) = std::env::var_os(name) {
                inner.env(name, value);
            }
        }
        inner
            .env("PATH", path_with_python())
            .env("HOME", home)
            .env("DOCKER_CONFIG", home.join(".docker"))
            .env("LC_ALL", "C.UTF-8")
            .env("PYTHONDONTWRITEBYTECODE", "1")
            .current_dir(home)
            // What a killed shell has started must end with it.
            .process_group(0)
            .kill_on_drop(true);
        Self {
            inner,
            text: program.to_owned(),
            stdin: None,
            limit: LIMIT,
        }
    }

    /// Adds one argument.
    pub fn arg(mut self, arg: impl AsRef<str>) -> Self {
        self.text.push(' ');
        self.text.push_str(arg.as_ref());
        self.inner.arg(arg.as_ref());
        self
    }

    /// Adds arguments.
    pub fn args<A: AsRef<str>>(self, args: impl IntoIterator<Item = A>) -> Self {
        args.into_iter().fold(self, Self::arg)
    }

    /// Sets a variable of its environment.
    pub fn env(mut self, name: &str, value: impl AsRef<str>) -> Self {
        self.inner.env(name, value.as_ref());
        self
    }

    /// What it reads; without this, nothing.
    pub fn stdin(mut self, text: impl Into<String>) -> Self {
        self.stdin = Some(text.into());
        self
    }

    /// Where it runs; without this, in its home directory.
    pub fn current_dir(mut self, directory: &Path) -> Self {
        self.inner.current_dir(directory);
        self
    }

    /// How long it may run.
    pub fn limit(mut self, limit: Duration) -> Self {
        self.limit = limit;
        self
    }

    /// Runs it to its end.
    ///
    /// # Panics
    ///
    /// If it cannot be started, or is not through within its limit: it is killed then, with all
    /// that it has started.
    pub async fn run(mut self) -> Outcome {
        let input = match &self.stdin {
            Some(_) => Stdio::piped(),
            None => Stdio::null(),
        };
        let mut child = self
            .inner
            .stdin(input)
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap_or_else(|error| panic!("{}: {error}", self.text));
        let group = child.id();
        let stdin = child.stdin.take();
        let text = self.stdin.take().unwrap_or_default();
        let ended = tokio::time::timeout(self.limit, async {
            let feeding = async {
                if let Some(mut stdin) = stdin {
                    // A program need not read all of it.
                    let _ = stdin.write_all(text.as_bytes()).await;
                }
            };
            tokio::join!(feeding, child.wait_with_output()).1
        });
        let Ok(output) = ended.await else {
            kill_group(group).await;
            panic!("{} is not through after {:?}", self.text, self.limit);
        };
        let output = output.unwrap_or_else(|error| panic!("{}: {error}", self.text));
        Outcome {
            command: self.text,
            code: output.status.code(),
            stdout: String::from_utf8_lossy(&output.stdout).into_owned(),
            stderr: String::from_utf8_lossy(&output.stderr).into_owned(),
        }
    }

    /// What is needed to start it and to look on while it runs.
    pub(crate) fn into_parts(self) -> (tokio::process::Command, String, Duration) {
        (self.inner, self.text, self.limit)
    }

    /// Runs it, and expects it to succeed.
    ///
    /// # Panics
    ///
    /// As [`Command::run`], and if it fails.
    pub async fn succeed(self) -> Outcome {
        let outcome = self.run().await;
        assert_eq!(outcome.code, Some(0), "{outcome:#?}");
        outcome
    }
}

impl Outcome {
    /// What it printed, as JSON; `null` if it printed nothing, as the AWS CLI does for an empty
    /// answer.
    ///
    /// # Panics
    ///
    /// If it is not JSON.
    #[must_use]
    pub fn json(&self) -> Value {
        if self.stdout.trim().is_empty() {
            return Value::Null;
        }
        serde_json::from_str(&self.stdout).unwrap_or_else(|error| panic!("{error}: {self:#?}"))
    }
}

async fn kill_group(leader: Option<u32>) {
    if let Some(leader) = leader {
        let group = format!("-{leader}");
        let kill = tokio::process::Command::new("kill")
            .args(["-KILL", "--", &group])
            .status();
        let _ = kill.await;
    }
}

/// Where a program is: among the Python tools, or else wherever `PATH` leads.
#[must_use]
pub fn tool(name: &str) -> PathBuf {
    python_bin()
        .map(|bin| bin.join(name))
        .filter(|path| path.exists())
        .unwrap_or_else(|| name.into())
}

/// The directory of the Python tools: `ECS_PIPELINE_PYTHON_BIN`, or where `.ci/run` installs
/// them.
fn python_bin() -> Option<PathBuf> {
    let cache = || {
        let cache = std::env::var_os("XDG_CACHE_HOME").map(PathBuf::from);
        let cache = cache.or_else(|| Some(PathBuf::from(std::env::var_os("HOME")?).join(".cache")));
        Some(cache?.join("ecs-pipeline/python/bin"))
    };
    std::env::var_os("ECS_PIPELINE_PYTHON_BIN")
        .map(PathBuf::from)
        .or_else(cache)
        .filter(|bin| bin.is_dir())
}

pub(crate) fn path_with_python() -> OsString {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let all = python_bin().into_iter().chain(std::env::split_paths(&path));
    std::env::join_paths(all).expect("a directory's name has no colon")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_program_sees_nothing_of_the_machine() {
        let home = tempfile::tempdir().unwrap();
        let command = Command::new("env", home.path()).env("AWS_REGION", "us-east-1");
        let outcome = command.succeed().await;
        let known = [
            "HOME",
            "DOCKER_CONFIG",
            "AWS_REGION",
            "PYTHONDONTWRITEBYTECODE",
        ];
        for line in outcome.stdout.lines() {
            let (name, value) = line.split_once('=').unwrap();
            assert!(known.contains(&name) || KEPT.contains(&name), "{line}");
            assert!(name != "HOME" || Path::new(value) == home.path(), "{line}");
        }
        assert!(
            outcome.stdout.contains("AWS_REGION=us-east-1\n"),
            "{outcome:#?}"
        );
    }

    #[tokio::test]
    async fn a_program_that_hangs_is_killed_with_its_children() {
        let home = tempfile::tempdir().unwrap();
        let script = "sleep 600 & echo $! > child; wait";
        let command = Command::new("sh", home.path()).args(["-c", script]);
        let command = command.limit(Duration::from_millis(500));
        let ended = tokio::spawn(command.run()).await;
        assert!(ended.unwrap_err().is_panic());
        let child = std::fs::read_to_string(home.path().join("child")).unwrap();
        let status = format!("/proc/{}/stat", child.trim());
        // It may wait for its parent to take notice, but it runs no more.
        let state = std::fs::read_to_string(status).unwrap_or_default();
        assert!(state.is_empty() || state.contains(") Z "), "{state}");
    }

    #[tokio::test]
    async fn what_a_program_reads_and_prints_arrives() {
        let home = tempfile::tempdir().unwrap();
        let cat = Command::new("cat", home.path()).stdin("[1, 2]");
        assert_eq!(cat.succeed().await.json(), serde_json::json!([1, 2]));
        let failing = Command::new("sh", home.path()).args(["-c", "echo why >&2; exit 3"]);
        let outcome = failing.run().await;
        assert_eq!((outcome.code, outcome.stderr.as_str()), (Some(3), "why\n"));
        assert!(outcome.json().is_null());
    }
}
