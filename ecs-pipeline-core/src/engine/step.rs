//! What every step does: tell its beginning, its tools' lines and its end.

use tokio::sync::mpsc::{UnboundedReceiver, unbounded_channel};
use tokio::time::Instant;

use super::Run;
use crate::error::{ErrorKind, ProviderError};
use crate::event::{EventKind, Outcome, Step};
use crate::model::Deployment;
use crate::provider::Output;

impl Run {
    pub(super) fn announce(&self, deployment: &Deployment, resumed: bool) {
        let verb = if resumed { "taking up" } else { "following" };
        self.events.send(EventKind::StepStarted {
            step: Step::Deploy,
            detail: format!(
                "{verb} {} of {} to {}",
                deployment.id,
                deployment.service,
                deployment.task_definition.short()
            ),
        });
        self.events.send(EventKind::DeploymentStarted {
            service: deployment.service.clone(),
            deployment: deployment.id.clone(),
            task_definition: deployment.task_definition.clone(),
            last_good: deployment.last_good.clone(),
            resumed,
        });
    }

    /// Tells the lines that a tool writes while it works, all of them before the step ends.
    pub(super) async fn relay<T>(
        &self,
        step: Step,
        mut lines: UnboundedReceiver<String>,
        work: impl Future<Output = T>,
    ) -> T {
        let tell = |line| self.events.send(EventKind::StepOutput { step, line });
        tokio::pin!(work);
        let done = loop {
            tokio::select! {
                biased;
                Some(line) = lines.recv() => tell(line),
                done = &mut work => break done,
            }
        };
        while let Ok(line) = lines.try_recv() {
            tell(line);
        }
        done
    }

    pub(super) fn warn(&self, text: impl Into<String>) {
        self.events.send(EventKind::Warning { text: text.into() });
    }

    pub(super) fn skip(&self, step: Step, detail: String) {
        let began = Instant::now();
        self.events.send(EventKind::StepStarted {
            step,
            detail: detail.clone(),
        });
        self.finished(step, Outcome::Skipped, detail, began);
    }

    pub(super) fn failed(&self, step: Step, detail: String) {
        let began = Instant::now();
        self.events.send(EventKind::StepStarted {
            step,
            detail: String::new(),
        });
        self.finished(step, Outcome::Failed, detail, began);
    }

    pub(super) fn finished(&self, step: Step, outcome: Outcome, detail: String, began: Instant) {
        self.events.send(EventKind::StepFinished {
            step,
            outcome,
            detail,
            took_ms: u64::try_from(began.elapsed().as_millis()).unwrap_or(u64::MAX),
        });
    }

    /// Tells the beginning and the end of a step around its work.
    pub(super) async fn step<T>(
        &self,
        step: Step,
        detail: String,
        work: impl Future<Output = Result<(T, String), ProviderError>>,
    ) -> Result<T, ProviderError> {
        let began = Instant::now();
        self.events.send(EventKind::StepStarted { step, detail });
        match work.await {
            Ok((result, told)) => {
                self.finished(step, Outcome::Done, told, began);
                Ok(result)
            }
            Err(error) => {
                self.finished(step, Outcome::Failed, error.to_string(), began);
                Err(error)
            }
        }
    }

    /// Runs a step that changes nothing that would have to be undone: it is simply dropped when
    /// the run is cancelled.
    pub(super) async fn unless_cancelled<T>(
        &self,
        step: Step,
        work: impl Future<Output = Result<T, ProviderError>>,
    ) -> Result<T, ProviderError> {
        tokio::select! {
            done = work => done,
            () = self.cancel.cancelled() => Err(stopped(step)),
        }
    }
}

pub(super) fn stopped(step: Step) -> ProviderError {
    ProviderError::new(
        ErrorKind::Failed,
        step.name(),
        "",
        "stopped before it was done, as asked",
    )
}

pub(super) fn output() -> (Output, UnboundedReceiver<String>) {
    let (lines, taken) = unbounded_channel();
    (Output::to(lines), taken)
}
