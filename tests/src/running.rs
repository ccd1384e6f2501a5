//! A program that runs while the test does something else.

use std::process::Stdio;
use std::time::Duration;

use tokio::io::{AsyncBufReadExt, AsyncReadExt, BufReader, Lines};
use tokio::process::{Child, ChildStdout};
use tokio::task::JoinHandle;

use crate::command::{Command, Outcome};

/// A program under way. It is killed when this is dropped.
#[derive(Debug)]
pub struct Running {
    child: Child,
    stdout: Lines<BufReader<ChildStdout>>,
    stderr: JoinHandle<String>,
    seen: String,
    command: String,
    limit: Duration,
}

impl Command {
    /// Starts it.
    ///
    /// # Panics
    ///
    /// If it cannot be started.
    #[must_use]
    pub fn start(self) -> Running {
        let (mut inner, command, limit) = self.into_parts();
        let mut child = inner
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap_or_else(|error| panic!("{command}: {error}"));
        let stdout = child.stdout.take().expect("it is piped");
        let mut stderr = child.stderr.take().expect("it is piped");
        let stderr = tokio::spawn(async move {
            let mut bytes = Vec::new();
            // What came until then is all there is to show.
            let _ = stderr.read_to_end(&mut bytes).await;
            String::from_utf8_lossy(&bytes).into_owned()
        });
        Running {
            child,
            stdout: BufReader::new(stdout).lines(),
            stderr,
            seen: String::new(),
            command,
            limit,
        }
    }
}

impl Running {
    /// Reads what it prints up to the first line with `words` in it: that line.
    ///
    /// # Panics
    ///
    /// If it ends without, or does not print it within its limit.
    pub async fn until(&mut self, words: &str) -> String {
        let limit = self.limit;
        let found = tokio::time::timeout(limit, async {
            while let Some(line) = self.line().await {
                if line.contains(words) {
                    return Some(line);
                }
            }
            None
        });
        match found.await {
            Ok(Some(line)) => line,
            Ok(None) => panic!("{} never said {words:?}: {}", self.command, self.seen),
            Err(_) => panic!("{} does not say {words:?}: {}", self.command, self.seen),
        }
    }

    /// Sends it a signal, such as `TERM`.
    ///
    /// # Panics
    ///
    /// If it has ended.
    pub async fn signal(&self, name: &str) {
        let id = self.child.id().expect("it runs").to_string();
        let status = tokio::process::Command::new("kill")
            .args(["-s", name, &id])
            .status()
            .await
            .expect("kill can be run");
        assert!(status.success(), "kill -s {name} {id}: {status}");
    }

    /// Waits for its end.
    ///
    /// # Panics
    ///
    /// If that does not come within its limit.
    pub async fn end(mut self) -> Outcome {
        let limit = self.limit;
        let ended = tokio::time::timeout(limit, async {
            while self.line().await.is_some() {}
            self.child.wait().await.expect("it was started")
        });
        let Ok(status) = ended.await else {
            panic!("{} does not end: {}", self.command, self.seen);
        };
        Outcome {
            code: status.code(),
            stderr: self.stderr.await.expect("reading does not panic"),
            stdout: self.seen,
            command: self.command,
        }
    }

    async fn line(&mut self) -> Option<String> {
        let line = self.stdout.next_line().await.expect("it prints UTF-8")?;
        self.seen.push_str(&line);
        self.seen.push('\n');
        Some(line)
    }
}
