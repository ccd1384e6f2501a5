//! A gate that is a command: whatever a team can put into a script.

use std::process::Stdio;
use std::time::Duration;

use async_trait::async_trait;
use tokio::process::Command;

use crate::error::{ErrorKind, ProviderError};
use crate::provider::{GateReading, HealthGate};

/// How much of what the command wrote is shown.
const SHOWN: usize = 200;

/// Runs a command: exit status 0 passes. Another one [fails](crate::model::GateState::Failing),
/// or is [not yet](crate::model::GateState::NotYet) well where the gate is
/// [patient](Self::patient). The command gets this process's environment, and no input.
#[derive(Debug, Clone)]
pub struct CommandGate {
    words: Vec<String>,
    limit: Duration,
    patient: bool,
}

impl CommandGate {
    /// A command by its words, without a shell, that may take a minute.
    ///
    /// # Errors
    ///
    /// [`Invalid`](ErrorKind::Invalid) when there is no word.
    pub fn new(words: Vec<String>) -> Result<Self, ProviderError> {
        if words.first().is_none_or(String::is_empty) {
            let message = "the command is empty";
            return Err(ProviderError::new(
                ErrorKind::Invalid,
                "command gate",
                "",
                message,
            ));
        }
        Ok(Self {
            words,
            limit: Duration::from_secs(60),
            patient: false,
        })
    }

    /// How long it may take; then it is killed, and has not passed.
    #[must_use]
    pub fn limit(mut self, limit: Duration) -> Self {
        self.limit = limit;
        self
    }

    /// Has it run again after a failure, until the gate's own time limit.
    #[must_use]
    pub fn patient(mut self) -> Self {
        self.patient = true;
        self
    }

    fn not_well(&self, detail: String) -> GateReading {
        match self.patient {
            true => GateReading::not_yet(detail),
            false => GateReading::failing(detail),
        }
    }
}

#[async_trait]
impl HealthGate for CommandGate {
    fn describe(&self) -> String {
        // Arguments can hold what must not be printed.
        format!("command {}", self.words[0])
    }

    async fn read(&self) -> Result<GateReading, ProviderError> {
        let mut command = Command::new(&self.words[0]);
        command
            .args(&self.words[1..])
            .stdin(Stdio::null())
            .kill_on_drop(true);
        let output = match tokio::time::timeout(self.limit, command.output()).await {
            Ok(Ok(output)) => output,
            Ok(Err(error)) => {
                return Err(ProviderError::new(
                    ErrorKind::Invalid,
                    "command gate",
                    self.words[0].clone(),
                    format!("it cannot be run: {error}"),
                )
                .with_source(error));
            }
            Err(_) => {
                let limit = self.limit.as_secs_f64();
                return Ok(self.not_well(format!("it did not end within {limit} s")));
            }
        };
        let said = last_line(&output.stdout, &output.stderr);
        if output.status.success() {
            return Ok(GateReading::passing(format!("exit status 0{said}")));
        }
        Ok(self.not_well(format!("{}{said}", output.status)))
    }
}

/// The last line that it wrote, of its errors first.
fn last_line(stdout: &[u8], stderr: &[u8]) -> String {
    let last = |bytes: &[u8]| {
        let text = String::from_utf8_lossy(bytes);
        let line = text.lines().rev().find(|line| !line.trim().is_empty())?;
        Some(line.trim().chars().take(SHOWN).collect::<String>())
    };
    last(stderr)
        .or_else(|| last(stdout))
        .map_or_else(String::new, |line| format!(": {line}"))
}

#[cfg(all(test, unix))]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;
    use crate::model::GateState;

    fn shell(script: &str) -> CommandGate {
        CommandGate::new(["sh", "-c", script].map(str::to_owned).to_vec()).unwrap()
    }

    #[tokio::test]
    async fn the_exit_status_decides() {
        for (gate, state, detail) in [
            (
                shell("echo fine"),
                GateState::Passing,
                "exit status 0: fine",
            ),
            (shell("exit 0"), GateState::Passing, "exit status 0"),
            (
                shell("echo out; echo 'row count differs' >&2; exit 3"),
                GateState::Failing,
                "exit status: 3: row count differs",
            ),
            (
                shell("exit 1").patient(),
                GateState::NotYet,
                "exit status: 1",
            ),
        ] {
            let reading = gate.read().await.unwrap();
            assert_eq!(reading.state, state);
            assert_eq!(reading.detail, detail);
            assert_eq!(gate.describe(), "command sh");
        }
    }

    #[tokio::test]
    async fn a_command_that_takes_too_long_is_killed() {
        let gate = shell("exec sleep 600").limit(Duration::from_millis(50));
        let reading = gate.read().await.unwrap();
        assert_eq!(reading.state, GateState::Failing);
        assert_eq!(reading.detail, "it did not end within 0.05 s");
    }

    #[tokio::test]
    async fn a_command_that_is_not_there_is_refused() {
        let gate = CommandGate::new(vec!["/no/such/command".to_owned()]).unwrap();
        assert_eq!(gate.read().await.unwrap_err().kind(), ErrorKind::Invalid);
        assert!(CommandGate::new(Vec::new()).is_err());
    }

    #[tokio::test]
    async fn it_keeps_the_contract() {
        crate::contract::health_gate(&shell("true"), &shell("false")).await;
    }
}
