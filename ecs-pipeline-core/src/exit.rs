//! The exit codes of a run, so that a Jenkinsfile or a buildspec can tell the ends apart.
//!
//! They are part of the public interface: a code never changes its meaning.

use crate::error::ErrorKind;
use crate::model::End;

/// The deployment this run started succeeded, and every gate passed; or it got as far as the run
/// was told to follow it.
pub const SUCCEEDED: u8 = 0;
/// The run failed; nothing was changed, or there was nothing to go back to.
pub const FAILED: u8 = 1;
/// The command line or the configuration is wrong; nothing was changed.
pub const USAGE: u8 = 2;
/// What was asked cannot be done as things are (no such service, no such container, an image for
/// another architecture); nothing was changed.
pub const REFUSED: u8 = 3;
/// The new version failed, and the service runs the former one again.
pub const ROLLED_BACK: u8 = 4;
/// The new version failed, and so did the way back: a person is needed.
pub const STUCK: u8 = 5;
/// A newer deployment took this one's place; it was left alone.
pub const SUPERSEDED: u8 = 6;
/// Time was up or waiting was stopped; the deployment goes on and can be taken up again.
pub const STILL_RUNNING: u8 = 7;
/// No credentials, expired ones, or a permission is missing.
pub const ACCESS: u8 = 8;
/// AWS, the Docker engine, or a port on this machine was not to be had.
pub const UNAVAILABLE: u8 = 9;
/// A defect of this tool.
pub const INTERNAL: u8 = 70;

/// The exit code of an end.
#[must_use]
pub fn of_end(end: End) -> u8 {
    match end {
        End::Succeeded | End::Reached => SUCCEEDED,
        End::RolledBack => ROLLED_BACK,
        End::Failed => FAILED,
        End::Stuck => STUCK,
        End::Superseded => SUPERSEDED,
        End::StillRunning => STILL_RUNNING,
        End::Refused => REFUSED,
    }
}

/// The exit code of a provider's failure before anything was changed.
#[must_use]
pub fn of_error(kind: ErrorKind) -> u8 {
    match kind {
        ErrorKind::NotFound | ErrorKind::Invalid | ErrorKind::Conflict | ErrorKind::Quota => {
            REFUSED
        }
        ErrorKind::Denied | ErrorKind::Unauthenticated => ACCESS,
        ErrorKind::Throttled | ErrorKind::Unavailable => UNAVAILABLE,
        ErrorKind::Failed => FAILED,
        ErrorKind::Internal => INTERNAL,
    }
}

/// Every code with its name and meaning, for `--help` and the documentation.
pub const TABLE: &[(u8, &str, &str)] = &[
    (
        SUCCEEDED,
        "succeeded",
        "the deployment this run started succeeded and every gate passed; with --until, it got that far",
    ),
    (
        FAILED,
        "failed",
        "the run failed; nothing was changed, or there was nothing to go back to",
    ),
    (
        USAGE,
        "usage",
        "the command line or the configuration is wrong; nothing was changed",
    ),
    (
        REFUSED,
        "refused",
        "what was asked cannot be done as things are; nothing was changed",
    ),
    (
        ROLLED_BACK,
        "rolled-back",
        "the new version failed, and the service runs the former one again",
    ),
    (
        STUCK,
        "stuck",
        "the new version failed, and so did the way back: a person is needed",
    ),
    (
        SUPERSEDED,
        "superseded",
        "a newer deployment took this one's place; it was left alone",
    ),
    (
        STILL_RUNNING,
        "still-running",
        "time was up or waiting was stopped; the deployment goes on",
    ),
    (
        ACCESS,
        "access",
        "no credentials, expired ones, or a permission is missing",
    ),
    (
        UNAVAILABLE,
        "unavailable",
        "AWS, the Docker engine or a local port was not to be had",
    ),
    (INTERNAL, "internal", "a defect of this tool"),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_documentation_has_every_code() {
        let page = include_str!("../../docs/exit-codes.md");
        let rows: Vec<&str> = page.lines().filter(|line| line.starts_with("| ")).collect();
        let expected: Vec<String> = TABLE
            .iter()
            .map(|(code, name, meaning)| format!("| {code} | {name} | {meaning} |"))
            .collect();
        assert_eq!(rows[1..], expected);
    }
}
