//! What can end a command before, or instead of, a run.

use std::error::Error as StdError;
use std::path::PathBuf;

use ecs_pipeline_artifacts::json::ParseError;
use ecs_pipeline_core::engine::Report;
use ecs_pipeline_core::model::{End, InvalidName};
use ecs_pipeline_core::{ErrorKind, Hint, ProviderError, exit};
use ecs_pipeline_sandbox::StartError;

use crate::config::ConfigError;

/// Why a command did not do what it is for.
#[derive(Debug, thiserror::Error)]
pub(crate) enum CliError {
    #[error(transparent)]
    Config(#[from] ConfigError),
    #[error(transparent)]
    Name(#[from] InvalidName),
    #[error("task definition {}", .path.display())]
    TaskDefinition {
        path: PathBuf,
        #[source]
        source: ParseError,
    },
    #[error("task definition {} cannot be read", .path.display())]
    Unreadable {
        path: PathBuf,
        #[source]
        source: std::io::Error,
    },
    #[error("{} cannot be {done}", .path.display())]
    File {
        path: PathBuf,
        /// `read`, `written` or `removed`.
        done: &'static str,
        #[source]
        source: std::io::Error,
    },
    #[error("{message}")]
    Usage { message: String, hint: String },
    #[error("{message}")]
    Refused { message: String, hint: String },
    #[error(transparent)]
    Provider(#[from] ProviderError),
    /// The same before a deployment that would have changed something.
    #[error("{0}; nothing was changed")]
    Unchanged(ProviderError),
    #[error(transparent)]
    Sandbox(#[from] StartError),
}

impl CliError {
    fn exit_code(&self) -> u8 {
        match self {
            Self::Config(_)
            | Self::Name(_)
            | Self::TaskDefinition { .. }
            | Self::File { .. }
            | Self::Usage { .. }
            | Self::Unreadable { .. } => exit::USAGE,
            Self::Refused { .. } => exit::REFUSED,
            Self::Provider(error) | Self::Unchanged(error) => exit::of_error(error.kind()),
            Self::Sandbox(_) => exit::UNAVAILABLE,
        }
    }

    fn hint(&self) -> Option<String> {
        match self {
            Self::Config(error) => error.hint(),
            Self::Usage { hint, .. } | Self::Refused { hint, .. } => Some(hint.clone()),
            Self::File { .. } => None,
            Self::Provider(error) | Self::Unchanged(error) => error.hint().map(str::to_owned),
            Self::TaskDefinition { source, .. } => Some(source.hint.clone().unwrap_or_else(|| {
                "mend the file: it must be RegisterTaskDefinition's input as JSON".to_owned()
            })),
            Self::Unreadable { .. } => Some(
                "correct deploy.task-definition: it is a path from where ecs-pipeline.yml is"
                    .to_owned(),
            ),
            Self::Sandbox(StartError::NoDocker(_)) => {
                Some("start the engine, or let tasks be simulated: --tasks in-process".to_owned())
            }
            Self::Sandbox(StartError::PortTaken { .. }) => Some(
                "stop what listens there, or choose another with --port (0 takes a free one)"
                    .to_owned(),
            ),
            Self::Name(_) => {
                Some("correct it in ecs-pipeline.yml or on the command line".to_owned())
            }
            Self::Sandbox(_) => None,
        }
    }

    /// One line. A provider's own message says what caused it, in fewer words than its causes.
    fn told(&self) -> String {
        match self {
            Self::Provider(_) | Self::Unchanged(_) => self.to_string(),
            other => with_causes(other),
        }
    }

    /// The end of a run that did not begin.
    pub(crate) fn into_report(self) -> Report {
        let exit_code = self.exit_code();
        let end = match exit_code {
            exit::USAGE | exit::REFUSED => End::Refused,
            _ => End::Failed,
        };
        let mut report = Report::done(self.told());
        report.end = end;
        report.exit_code = exit_code;
        report.hint = self.hint();
        report
    }
}

/// An error and what caused it, in one line.
fn with_causes(error: &dyn StdError) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        let said = error.to_string();
        if !text.contains(&said) {
            text.push_str(": ");
            text.push_str(&said);
        }
        cause = error.source();
    }
    text
}

/// The end of a run that a second signal cut off.
pub(crate) fn abandoned() -> Report {
    let mut report = Report::done("stopped at once; what was under way goes on by itself")
        .with_hint("`ecs-pipeline status` shows how the service stands");
    report.end = End::StillRunning;
    report.exit_code = exit::STILL_RUNNING;
    report
}

/// A failure of this tool itself.
pub(crate) fn internal(operation: &str, message: impl ToString) -> CliError {
    CliError::Provider(ProviderError::new(
        ErrorKind::Internal,
        operation,
        "",
        message.to_string(),
    ))
}
