//! Runs one-off tasks before and after a deployment.

use tokio::time::{Instant, sleep};

use super::unwind::ATTEMPTS;
use super::{Job, OnAbort, Run};
use crate::error::ProviderError;
use crate::event::{EventKind, Outcome, Step};
use crate::model::TaskDefinitionArn;
use crate::provider::{RunningTask, TaskState};
use crate::wait::{Nearness, after};

/// Why a task did not do what it is for.
#[derive(Debug)]
pub(super) struct JobFailed {
    pub(super) why: String,
    /// The run was told to stop; nothing was judged.
    pub(super) cancelled: bool,
    /// What the runner said, where it was the runner that failed.
    pub(super) error: Option<ProviderError>,
}

impl JobFailed {
    fn new(job: &Job, why: impl std::fmt::Display) -> Self {
        Self {
            why: format!("task {}: {why}", job.request.name),
            cancelled: false,
            error: None,
        }
    }

    fn of_error(job: &Job, error: ProviderError) -> Self {
        let why = error.to_string();
        Self {
            error: Some(error),
            ..Self::new(job, why)
        }
    }
}

impl Run {
    /// Runs tasks one after the other, up to the first that fails.
    pub(super) async fn run_jobs(
        &self,
        step: Step,
        jobs: &[Job],
        revision: &TaskDefinitionArn,
    ) -> Result<(), JobFailed> {
        for job in jobs {
            if self.cancel.is_cancelled() && self.settings.on_abort != OnAbort::Wait {
                return Err(JobFailed {
                    cancelled: true,
                    ..JobFailed::new(job, "told to stop before it was started")
                });
            }
            let began = Instant::now();
            self.events.send(EventKind::StepStarted {
                step,
                detail: format!("{} with {}", job.request.name, revision.short()),
            });
            let ran = self.run_job(step, job, revision).await;
            let (outcome, told) = match &ran {
                Ok(told) => (Outcome::Done, told.clone()),
                Err(failed) if failed.cancelled => (Outcome::Left, failed.why.clone()),
                Err(failed) => (Outcome::Failed, failed.why.clone()),
            };
            self.finished(step, outcome, told, began);
            ran?;
        }
        Ok(())
    }

    async fn run_job(
        &self,
        step: Step,
        job: &Job,
        revision: &TaskDefinitionArn,
    ) -> Result<String, JobFailed> {
        let started = job.runner.start(&job.request, revision).await;
        let task = started.map_err(|error| JobFailed::of_error(job, error))?;
        self.events.send(EventKind::StepOutput {
            step,
            line: format!("started task {}", task.id()),
        });
        let watched = self.watch_job(step, job, &task).await;
        if let Err(failed) = &watched
            && !failed.is_an_exit
        {
            self.stop_job(job, &task).await;
        }
        watched.map_err(|left| left.failed)
    }

    async fn watch_job(&self, step: Step, job: &Job, task: &RunningTask) -> Result<String, Left> {
        let deadline = after(job.limit);
        let mut intervals = self.settings.pace.start();
        let mut errors = 0;
        loop {
            match job.runner.observe(task).await {
                Ok(seen) => {
                    errors = 0;
                    for line in seen.lines {
                        self.events.send(EventKind::StepOutput { step, line });
                    }
                    if let TaskState::Stopped { exit_code, reason } = seen.state {
                        return ended(job, task, exit_code, &reason);
                    }
                }
                Err(error) if error.kind().is_transient() && errors < ATTEMPTS => errors += 1,
                Err(error) => return Err(Left::running(JobFailed::of_error(job, error))),
            }
            if Instant::now() >= deadline {
                let limit = job.limit.as_secs();
                let why = format!("it did not end within {limit} s");
                return Err(Left::running(JobFailed::new(job, why)));
            }
            let wake = (Instant::now() + intervals.next(Nearness::Near)).min(deadline);
            tokio::select! {
                () = tokio::time::sleep_until(wake) => {}
                () = self.cancel.cancelled(), if self.settings.on_abort != OnAbort::Wait => {
                    return Err(Left::running(JobFailed {
                        cancelled: true,
                        ..JobFailed::new(job, "told to stop")
                    }));
                }
            }
        }
    }

    async fn stop_job(&self, job: &Job, task: &RunningTask) {
        let mut intervals = self.settings.pace.start();
        for attempt in 1..=ATTEMPTS {
            match job
                .runner
                .stop(task, "ecs-pipeline no longer waits for it")
                .await
            {
                Ok(()) => return,
                Err(error) if attempt == ATTEMPTS || !error.kind().is_transient() => {
                    self.warn(format!("task {} may still run: {error}", task.id()));
                    return;
                }
                Err(_) => sleep(intervals.next(Nearness::Far)).await,
            }
        }
    }
}

/// How watching a task ended, other than well.
struct Left {
    failed: JobFailed,
    /// The task has ended by itself: there is nothing to stop.
    is_an_exit: bool,
}

impl Left {
    fn running(failed: JobFailed) -> Self {
        Self {
            failed,
            is_an_exit: false,
        }
    }
}

fn ended(
    job: &Job,
    task: &RunningTask,
    exit_code: Option<i32>,
    reason: &str,
) -> Result<String, Left> {
    let why = match exit_code {
        Some(0) => return Ok(format!("task {} exited with 0", task.id())),
        Some(code) => format!("container {} exited with {code}", task.container),
        None => format!("container {} never ran: {reason}", task.container),
    };
    Err(Left {
        failed: JobFailed::new(job, why),
        is_an_exit: true,
    })
}
