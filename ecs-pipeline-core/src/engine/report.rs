//! How a run ended, in words and in a code.

use super::jobs::JobFailed;
use crate::diagnosis::Diagnosis;
use crate::error::{Hint, ProviderError};
use crate::exit;
use crate::model::{Deployment, End, Release, TaskDefinitionArn};

/// How a deployment ended, with everything that is known about it.
#[derive(Debug)]
pub struct Report {
    /// How it ended.
    pub end: End,
    /// The exit code that goes with it: [`exit::of_end`], or more precisely the one of the error
    /// that ended the run before anything was changed.
    pub exit_code: u8,
    /// One sentence.
    pub summary: String,
    /// What to do next.
    pub hint: Option<String>,
    /// The deployment, where one was started or taken up.
    pub deployment: Option<Deployment>,
    /// The revision that the service was to run.
    pub release: Option<TaskDefinitionArn>,
    /// Why the new version failed.
    pub diagnosis: Option<Diagnosis>,
}

/// What to do about a deployment that goes on without the run.
const TAKE_UP: &str = "run the same command again to take it up, `ecs-pipeline status` to look, or `ecs-pipeline rollback` to go back";

impl Report {
    pub(super) fn new(end: End, summary: impl Into<String>) -> Self {
        Self {
            end,
            exit_code: exit::of_end(end),
            summary: summary.into(),
            hint: None,
            deployment: None,
            release: None,
            diagnosis: None,
        }
    }

    /// The end of a run that an error ended before anything of the service was changed.
    #[must_use]
    pub fn of_error(error: &ProviderError, state: &str) -> Self {
        let exit_code = exit::of_error(error.kind());
        let end = if exit_code == exit::REFUSED {
            End::Refused
        } else {
            End::Failed
        };
        Self {
            exit_code,
            hint: error.hint().map(str::to_owned),
            ..Self::new(end, format!("{error}; {state}"))
        }
    }

    /// Whether the service was changed could not be read: that must not pass for unchanged.
    pub(super) fn not_known(
        release: &Release,
        error: &ProviderError,
        unread: &ProviderError,
    ) -> Self {
        let summary = format!(
            "{error}; whether {} is being deployed could not be read: {unread}",
            release.task_definition.short()
        );
        Self {
            release: Some(release.task_definition.clone()),
            hint: Some(TAKE_UP.to_owned()),
            ..Self::new(End::StillRunning, summary)
        }
    }

    fn about(deployment: &Deployment, end: End, summary: String) -> Self {
        Self {
            deployment: Some(deployment.clone()),
            release: Some(deployment.task_definition.clone()),
            ..Self::new(end, summary)
        }
    }

    pub(super) fn succeeded(deployment: &Deployment, gates: usize) -> Self {
        let verified = match gates {
            0 => "no gate was configured".to_owned(),
            1 => "its gate passed".to_owned(),
            n => format!("all {n} gates passed"),
        };
        let summary = format!(
            "{} runs {}: deployment {} completed, and {verified}",
            deployment.service,
            deployment.task_definition.short(),
            deployment.id,
        );
        Self::about(deployment, End::Succeeded, summary)
    }

    pub(super) fn rolled_back(
        deployment: &Deployment,
        to: Option<&TaskDefinitionArn>,
        reason: &str,
        diagnosis: Option<Diagnosis>,
    ) -> Self {
        let former = to
            .or(deployment.last_good.as_ref())
            .map_or("the former revision", TaskDefinitionArn::short);
        let mut summary = format!(
            "{} failed and was rolled back: {} runs {former} again ({})",
            deployment.task_definition.short(),
            deployment.service,
            reason.trim_end_matches('.'),
        );
        // The reason says what was decided; the diagnosis says why it had to be.
        if let Some(known) = diagnosis.as_ref().filter(|known| known.cause != reason) {
            summary.push_str(&format!(". The cause: {}", known.cause));
        }
        Self::about(deployment, End::RolledBack, summary).because(diagnosis)
    }

    /// What was asked for was done.
    pub(super) fn rolled_back_by_hand(deployment: &Deployment) -> Self {
        let to = deployment
            .last_good
            .as_ref()
            .map_or("the former revision", TaskDefinitionArn::short);
        let summary = format!("{} runs {to} again", deployment.service);
        Self::about(deployment, End::Succeeded, summary)
    }

    /// The deployment goes on as it was asked to, without the run.
    pub(super) fn reached(deployment: &Deployment, what: &str, checks: usize) -> Self {
        let verified = match checks {
            0 => "nothing judged it yet",
            _ => "every check so far passed",
        };
        let summary = format!(
            "{} of {}: {what}, and {verified}; deployment {} goes on",
            deployment.task_definition.short(),
            deployment.service,
            deployment.id,
        );
        let mut report = Self::about(deployment, End::Reached, summary);
        report.hint = Some(
            "AWS may still roll it back: `ecs-pipeline status` looks again, `ecs-pipeline rollback` goes back"
                .to_owned(),
        );
        report
    }

    /// A task that was to run before the deployment failed: the service was not touched.
    pub(super) fn of_job(release: &Release, failed: &JobFailed) -> Self {
        let state = format!(
            "the service was not touched; revision {} stays registered",
            release.task_definition.short()
        );
        let mut report = match &failed.error {
            Some(error) => Self::of_error(error, &state),
            None => Self::new(End::Failed, format!("{}; {state}", failed.why)),
        };
        report.release = Some(release.task_definition.clone());
        report
    }

    pub(super) fn stuck(
        deployment: &Deployment,
        reason: &str,
        diagnosis: Option<Diagnosis>,
    ) -> Self {
        let summary = format!(
            "{} failed and could not be rolled back: {reason}",
            deployment.task_definition.short()
        );
        let mut report = Self::about(deployment, End::Stuck, summary).because(diagnosis);
        report.hint = Some(format!(
            "look at service {} now: it is between two versions, and this tool cannot mend it",
            deployment.service
        ));
        report
    }

    pub(super) fn nothing_to_undo(
        deployment: &Deployment,
        reason: &str,
        diagnosis: Option<Diagnosis>,
    ) -> Self {
        let summary = format!(
            "{} failed, and there is no former revision to go back to ({reason})",
            deployment.task_definition.short()
        );
        Self::about(deployment, End::Failed, summary).because(diagnosis)
    }

    pub(super) fn superseded(deployment: &Deployment, by: Option<&String>) -> Self {
        let by = by.map_or_else(|| "a newer deployment".to_owned(), Clone::clone);
        let summary = format!(
            "deployment {} of {} was superseded by {by}; the service was left to it",
            deployment.id,
            deployment.task_definition.short(),
        );
        let mut report = Self::about(deployment, End::Superseded, summary);
        report.hint = Some("see who else deploys this service at the same time".to_owned());
        report
    }

    pub(super) fn still_running(deployment: &Deployment, why: &str) -> Self {
        let summary = format!(
            "deployment {} of {} is still running: {why}",
            deployment.id,
            deployment.task_definition.short(),
        );
        let mut report = Self::about(deployment, End::StillRunning, summary);
        report.hint = Some(TAKE_UP.to_owned());
        report
    }

    fn because(mut self, diagnosis: Option<Diagnosis>) -> Self {
        self.hint = diagnosis.as_ref().and_then(|known| known.fix.clone());
        self.diagnosis = diagnosis;
        self
    }

    /// The report of a run that ended well without a deployment: a build, a push, a gate.
    #[must_use]
    pub fn done(summary: impl Into<String>) -> Self {
        Self::new(End::Succeeded, summary)
    }

    /// Adds what to do next.
    #[must_use]
    pub fn with_hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = Some(hint.into());
        self
    }

    /// The report of gates that were read on their own.
    pub(super) fn of_gates(why: &str) -> Self {
        Self::new(End::Failed, format!("{why}; nothing was changed"))
    }
}

pub(super) fn seconds(time: std::time::Duration) -> String {
    format!("{} s", time.as_secs())
}
