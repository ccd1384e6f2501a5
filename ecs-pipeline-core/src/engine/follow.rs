//! Follows a deployment: the one loop that waits for AWS.

use std::collections::HashSet;
use std::time::Duration;

use tokio::time::{Instant, sleep_until};

use super::reached::reached;
use super::{Gate, OnAbort, Run, Until};
use crate::diagnosis::Diagnosis;
use crate::error::ProviderError;
use crate::event::{EventKind, Outcome, Step};
use crate::model::{
    Deployment, DeploymentState, ECS_STAGES, Observation, RevisionCounts, RevisionRole, Stage,
    TargetCounts, TaskDefinitionArn, TrafficShare,
};
use crate::provider::Deployer;
use crate::wait::{Intervals, Nearness, after};

/// How following ended.
#[derive(Debug)]
pub(super) enum Followed {
    Succeeded,
    /// The controller brought the former revision back.
    RolledBack {
        reason: String,
        to: Option<TaskDefinitionArn>,
        diagnosis: Option<Diagnosis>,
    },
    /// It failed, and the controller does nothing more.
    Failed {
        reason: String,
        diagnosis: Option<Diagnosis>,
    },
    /// The controller's own rollback failed, or the service has gone.
    Stuck {
        reason: String,
        diagnosis: Option<Diagnosis>,
    },
    Superseded {
        by: Option<String>,
    },
    /// A gate that is read during the deployment failed.
    GateFailed {
        why: String,
    },
    /// It is as far as the run was told to follow it.
    Reached {
        what: String,
    },
    /// The run stopped looking, and the deployment goes on.
    Left {
        why: String,
    },
    TimedOut,
}

impl Followed {
    /// The outcome of the deploy step, and what came of it.
    pub(super) fn told(&self, deployment: &Deployment) -> (Outcome, String) {
        let revision = deployment.task_definition.short();
        match self {
            Self::Succeeded => (Outcome::Done, format!("{revision} is deployed")),
            Self::RolledBack { reason, .. } => {
                (Outcome::Failed, format!("rolled back by AWS: {reason}"))
            }
            Self::Failed { reason, .. } | Self::Stuck { reason, .. } => {
                (Outcome::Failed, reason.clone())
            }
            Self::Superseded { by } => {
                let by = by.as_deref().unwrap_or("a newer deployment");
                (Outcome::Left, format!("superseded by {by}"))
            }
            Self::GateFailed { why } => (Outcome::Failed, why.clone()),
            Self::Reached { what } => (Outcome::Left, format!("{revision}: {what}")),
            Self::Left { why } => (Outcome::Left, why.clone()),
            Self::TimedOut => (Outcome::Left, "time is up".to_owned()),
        }
    }
}

/// Errors in a row that are taken for a passing fault. With the SDK's own retries beneath, that
/// is some minutes of AWS not answering.
const TOLERATED_ERRORS: u32 = 10;

/// What is followed, and what else ends the following.
#[derive(Debug, Clone, Copy)]
pub(super) struct Follow<'a> {
    pub(super) step: Step,
    /// Whether it ends when the run is cancelled.
    pub(super) heeds_cancel: bool,
    /// Gates of which those are read that are to be read during the deployment.
    pub(super) gates: &'a [Gate],
    pub(super) until: Option<&'a Until>,
}

impl Follow<'_> {
    /// To its end, whatever happens.
    pub(super) fn back() -> Self {
        Self {
            step: Step::Rollback,
            heeds_cancel: false,
            gates: &[],
            until: None,
        }
    }
}

/// What a following remembers from look to look.
struct Watch<'a> {
    run: &'a Run,
    deployment: &'a Deployment,
    how: Follow<'a>,
    deadline: Instant,
    intervals: Intervals,
    next_heartbeat: Instant,
    told: HashSet<String>,
    revisions: Vec<RevisionCounts>,
    targets: Option<TargetCounts>,
    stage: Option<Stage>,
    traffic: Option<TrafficShare>,
    began: Instant,
    /// When old tasks were last seen running.
    last_running: Option<Instant>,
    errors: u32,
    diagnosis: Option<Diagnosis>,
}

impl Run {
    /// Looks until the deployment has ended, the time is up, or what `how` names has come.
    pub(super) async fn follow(
        &self,
        deployer: &dyn Deployer,
        deployment: &Deployment,
        how: Follow<'_>,
    ) -> Followed {
        let mut watch = Watch::new(self, deployment, how);
        let mut heeds_cancel = how.heeds_cancel;
        loop {
            let nearness = match deployer.observe(deployment).await {
                Ok(seen) => {
                    watch.tell(&seen);
                    if let Some(end) = watch.judge(deployer, &seen).await {
                        return end;
                    }
                    if let Some(end) = watch.ends_early(deployer, &seen).await {
                        return end;
                    }
                    watch.nearness(&seen)
                }
                Err(error) => match watch.tolerate(&error) {
                    Some(end) => return end,
                    None => Nearness::Far,
                },
            };
            if watch.remaining().is_zero() {
                return Followed::TimedOut;
            }
            let wake = Instant::now() + watch.interval(nearness);
            match watch.sleep(wake, heeds_cancel).await {
                Woken::Look => {}
                Woken::Cancelled if self.settings.on_abort == OnAbort::Wait => {
                    self.warn(
                        "told to stop: waiting for the deployment to end, as --on-abort wait says",
                    );
                    heeds_cancel = false;
                }
                Woken::Cancelled => {
                    return Followed::Left {
                        why: "told to stop waiting".to_owned(),
                    };
                }
            }
        }
    }
}

enum Woken {
    Look,
    Cancelled,
}

impl<'a> Watch<'a> {
    fn new(run: &'a Run, deployment: &'a Deployment, how: Follow<'a>) -> Self {
        let waits = deployment.waits.div_f64(run.settings.pace.speed);
        Self {
            run,
            deployment,
            how,
            deadline: after(run.settings.limit.saturating_add(waits)),
            intervals: run.settings.pace.start(),
            next_heartbeat: after(run.settings.heartbeat),
            told: HashSet::new(),
            revisions: Vec::new(),
            targets: None,
            stage: None,
            traffic: None,
            began: Instant::now(),
            last_running: None,
            errors: 0,
            diagnosis: None,
        }
    }

    fn send(&mut self, event: EventKind) {
        self.next_heartbeat = after(self.run.settings.heartbeat);
        self.run.events.send(event);
    }

    /// Tells what is new since the last look.
    fn tell(&mut self, seen: &Observation) {
        self.errors = 0;
        if self.how.step == Step::Gate {
            // Told while it was deployed.
            return;
        }
        for message in &seen.messages {
            if self.told.insert(message.id.clone()) {
                self.send(EventKind::ServiceMessage {
                    text: message.text.clone(),
                });
            }
        }
        self.tell_progress(seen);
        self.tell_hold(seen);
    }

    fn tell_progress(&mut self, seen: &Observation) {
        let name = |stage: &Option<Stage>| stage.as_ref().map(|stage| stage.name.clone());
        let is_new = seen.revisions != self.revisions
            || seen.targets != self.targets
            || seen.traffic != self.traffic
            || name(&seen.stage) != name(&self.stage);
        if !is_new {
            return;
        }
        self.revisions.clone_from(&seen.revisions);
        self.targets = seen.targets;
        self.traffic = seen.traffic;
        self.send(EventKind::DeploymentProgress {
            deployment: self.deployment.id.clone(),
            revisions: seen.revisions.clone(),
            targets: seen.targets,
            stage: name(&seen.stage),
            traffic: seen.traffic,
            remaining_ms: millis(self.remaining()),
        });
    }

    fn tell_hold(&mut self, seen: &Observation) {
        let before = self.stage.take().and_then(|stage| stage.held);
        self.stage.clone_from(&seen.stage);
        let Some(stage) = &seen.stage else { return };
        if let Some(detail) = &stage.held
            && before.as_ref() != Some(detail)
        {
            self.send(EventKind::Held {
                deployment: self.deployment.id.clone(),
                stage: stage.name.clone(),
                detail: detail.clone(),
            });
        }
    }

    /// What ends the following of a deployment that goes on: it is far enough, or a gate fails.
    async fn ends_early(&self, deployer: &dyn Deployer, seen: &Observation) -> Option<Followed> {
        if seen.state != DeploymentState::InProgress {
            return None;
        }
        let gets_traffic = match seen.traffic {
            Some(share) => share.production > 0.0,
            None => has_new_tasks(seen),
        };
        if gets_traffic && let Some(why) = self.run.failing_now(self.how.gates).await {
            return Some(Followed::GateFailed { why });
        }
        let what = reached(self.how.until?, deployer.stages(), seen)?;
        Some(Followed::Reached { what })
    }

    /// Until the next look; gates that are read during the deployment want one sooner.
    fn interval(&mut self, nearness: Nearness) -> Duration {
        let gates = self.how.gates.iter().filter(|gate| gate.during);
        let soonest = gates.map(|gate| gate.interval).min();
        let interval = self.intervals.next(nearness);
        soonest.map_or(interval, |soonest| interval.min(soonest))
    }

    /// The end, if this look shows one. Trouble is explained when it is first seen: later the
    /// stopped tasks and unhealthy targets that explain it may be gone.
    async fn judge(&mut self, deployer: &dyn Deployer, seen: &Observation) -> Option<Followed> {
        match &seen.state {
            DeploymentState::InProgress => None,
            DeploymentState::Succeeded => Some(Followed::Succeeded),
            DeploymentState::RollingBack { reason } => {
                self.explain(deployer, reason).await;
                None
            }
            DeploymentState::RolledBack { reason, to } => {
                self.explain(deployer, reason).await;
                Some(Followed::RolledBack {
                    reason: reason.clone(),
                    to: to.clone(),
                    diagnosis: self.diagnosis.take(),
                })
            }
            DeploymentState::Failed { reason } => {
                self.explain(deployer, reason).await;
                Some(Followed::Failed {
                    reason: reason.clone(),
                    diagnosis: self.diagnosis.take(),
                })
            }
            DeploymentState::RollbackFailed { reason }
            | DeploymentState::ServiceGone { reason } => {
                self.explain(deployer, reason).await;
                Some(Followed::Stuck {
                    reason: reason.clone(),
                    diagnosis: self.diagnosis.take(),
                })
            }
            DeploymentState::Superseded {
                by,
                task_definition,
            } => Some(Followed::Superseded {
                by: by.as_ref().map(|id| match task_definition {
                    Some(revision) => format!("{id} ({})", revision.short()),
                    None => id.to_string(),
                }),
            }),
        }
    }

    async fn explain(&mut self, deployer: &dyn Deployer, reason: &str) {
        if self.diagnosis.is_none() && self.how.step != Step::Rollback {
            let diagnosis = self
                .run
                .diagnose(deployer, self.deployment, Some(reason))
                .await;
            self.diagnosis = Some(diagnosis);
        }
    }

    /// A failed look ends the following only if looking again cannot help.
    fn tolerate(&mut self, error: &ProviderError) -> Option<Followed> {
        self.errors += 1;
        if error.kind().is_transient() && self.errors < TOLERATED_ERRORS {
            self.send(EventKind::Warning {
                text: format!("could not look, will look again: {error}"),
            });
            return None;
        }
        Some(Followed::Left {
            why: format!("it can no longer be observed: {error}"),
        })
    }

    /// How near the end is: the tasks of the new revision all run, and the others drain for a
    /// time that is known.
    fn nearness(&mut self, seen: &Observation) -> Nearness {
        if matches!(seen.state, DeploymentState::RollingBack { .. }) {
            return Nearness::Near;
        }
        // Both revisions run side by side for as long as the stages last.
        if let Some(stage) = &seen.stage
            && !is_last(stage)
        {
            return Nearness::Far;
        }
        let (new, old): (Vec<_>, Vec<_>) = seen
            .revisions
            .iter()
            .partition(|revision| revision.role == RevisionRole::New);
        let up = new
            .iter()
            .all(|revision| revision.running >= revision.desired && revision.pending == 0);
        if old.iter().any(|revision| revision.running > 0) {
            self.last_running = Some(Instant::now());
        }
        if !up || new.is_empty() {
            return Nearness::Far;
        }
        let gone = old.iter().all(|revision| revision.running == 0);
        match self.deployment.deregistration_delay {
            Some(delay) if gone => self.drained(seen, delay),
            None if gone => Nearness::Near,
            _ => Nearness::Far,
        }
    }

    /// Tasks that drain count as running no more, and the deployment ends when the last of them
    /// is gone.
    fn drained(&mut self, seen: &Observation, delay: Duration) -> Nearness {
        let now = Instant::now();
        let speed = self.run.settings.pace.speed;
        let since = match seen.draining_after {
            Some(after) => self.began + after.div_f64(speed),
            // Sometime since the last look that showed them running.
            None => self.last_running.unwrap_or(self.began),
        };
        // A run that takes a deployment up did not see it begin.
        let since = since.min(now);
        let left = (since + delay.div_f64(speed)).saturating_duration_since(now);
        if left.is_zero() {
            Nearness::Near
        } else {
            Nearness::In(left)
        }
    }

    fn remaining(&self) -> Duration {
        self.deadline.saturating_duration_since(Instant::now())
    }

    /// Sleeps until `wake`, with a heartbeat when nothing was told for long. When time is up there
    /// is one more look: the end may have come since the last one.
    async fn sleep(&mut self, wake: Instant, heeds_cancel: bool) -> Woken {
        let wake = wake.min(self.deadline);
        loop {
            let until = wake.min(self.next_heartbeat);
            tokio::select! {
                () = sleep_until(until) => {}
                () = self.run.cancel.cancelled(), if heeds_cancel => return Woken::Cancelled,
            }
            if Instant::now() >= wake {
                return Woken::Look;
            }
            self.beat();
        }
    }

    fn beat(&mut self) {
        let mut detail = self
            .revisions
            .iter()
            .map(|revision| {
                format!(
                    "{} {}/{} running",
                    revision.task_definition.short(),
                    revision.running,
                    revision.desired
                )
            })
            .collect::<Vec<_>>()
            .join(", ");
        if let Some(draining) = self.targets.map(|targets| targets.draining)
            && draining > 0
        {
            detail.push_str(&format!(", {draining} targets draining"));
        }
        let remaining_ms = millis(self.remaining());
        if let Some(stage) = &self.stage {
            detail.push_str(&format!(", {}", stage.name));
        }
        let step = self.how.step;
        self.send(EventKind::Waiting {
            step,
            detail,
            remaining_ms,
        });
    }
}

/// Without weights, a task that runs is what gets traffic.
fn has_new_tasks(seen: &Observation) -> bool {
    let mut new = seen.revisions.iter();
    new.any(|revision| revision.role == RevisionRole::New && revision.running > 0)
}

/// Whether the stage is the one after which ECS ends the deployment.
fn is_last(stage: &Stage) -> bool {
    ECS_STAGES.last() == Some(&stage.name.as_str())
}

fn millis(time: Duration) -> u64 {
    u64::try_from(time.as_millis()).unwrap_or(u64::MAX)
}
