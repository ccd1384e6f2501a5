//! Tasks without processes and sockets: what becomes of them is written down beforehand.
//!
//! Only tokio's timers are used, so that under its paused clock hours pass in no time.

use std::collections::HashMap;
use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use async_trait::async_trait;
use tokio::sync::mpsc::UnboundedSender;
use tokio::time::sleep;

use super::Runner;
use super::running::{Order, Orders, Running};
use crate::clock::Clock;
use crate::world::{Observation, Probe, ProbeOutcome, TaskId, TaskSpec, Time};

/// What becomes of one task; every duration is sandbox time.
///
/// Unless told otherwise it starts at once, answers health checks with 200, reports its
/// containers healthy, and runs until it is stopped.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Plan {
    start_delay: Duration,
    fails: Option<String>,
    exit: Option<(Duration, i32)>,
    lines: Vec<String>,
    answers: Vec<(Duration, ProbeOutcome)>,
    containers_healthy: bool,
    stop_delay: Duration,
}

impl Default for Plan {
    fn default() -> Self {
        Self {
            start_delay: Duration::ZERO,
            fails: None,
            exit: None,
            lines: Vec::new(),
            answers: Vec::new(),
            containers_healthy: true,
            stop_delay: Duration::ZERO,
        }
    }
}

impl Plan {
    /// A task that starts at once and is healthy.
    #[must_use]
    pub fn healthy() -> Self {
        Self::default()
    }

    /// It takes this long to start, or to fail to.
    #[must_use]
    pub fn starting_in(mut self, delay: Duration) -> Self {
        self.start_delay = delay;
        self
    }

    /// It cannot start; `reason` is AWS's `stoppedReason`.
    #[must_use]
    pub fn failing_to_start(mut self, reason: impl Into<String>) -> Self {
        self.fails = Some(reason.into());
        self
    }

    /// Its containers write these lines when they start.
    #[must_use]
    pub fn logging<L: Into<String>>(mut self, lines: impl IntoIterator<Item = L>) -> Self {
        self.lines.extend(lines.into_iter().map(Into::into));
        self
    }

    /// Its containers exit with this code, this long after the start.
    #[must_use]
    pub fn exiting_after(mut self, time: Duration, code: i32) -> Self {
        self.exit = Some((time, code));
        self
    }

    /// From this long after the start, health checks of its targets end like this. Later calls
    /// must name later times.
    #[must_use]
    pub fn answering(mut self, from: Duration, outcome: ProbeOutcome) -> Self {
        self.answers.push((from, outcome));
        self
    }

    /// Its containers' own health checks fail.
    #[must_use]
    pub fn with_unhealthy_containers(mut self) -> Self {
        self.containers_healthy = false;
        self
    }

    /// Its containers take this long to end when they are told to, or the stop's grace if that
    /// is less.
    #[must_use]
    pub fn stopping_in(mut self, delay: Duration) -> Self {
        self.stop_delay = delay;
        self
    }

    /// How a health check ends that is made this long after the start.
    fn answer(&self, age: Duration) -> ProbeOutcome {
        self.answers
            .iter()
            .rev()
            .find(|(from, _)| *from <= age)
            .map_or(ProbeOutcome::Status(200), |(_, outcome)| outcome.clone())
    }
}

/// Says what becomes of each task.
#[derive(Clone)]
pub struct Script {
    plan: Arc<dyn Fn(&TaskSpec) -> Plan + Send + Sync>,
}

impl Script {
    /// Every task is healthy.
    #[must_use]
    pub fn healthy() -> Self {
        Self::by(|_| Plan::healthy())
    }

    /// The closure decides for each task as it starts.
    #[must_use]
    pub fn by(plan: impl Fn(&TaskSpec) -> Plan + Send + Sync + 'static) -> Self {
        Self {
            plan: Arc::new(plan),
        }
    }

    /// Tasks of this `family:revision` have this plan; others stay as they were.
    #[must_use]
    pub fn with(self, task_definition: impl Into<String>, plan: Plan) -> Self {
        let task_definition = task_definition.into();
        let others = self.plan;
        Self::by(move |spec| {
            if spec.task_definition == task_definition {
                plan.clone()
            } else {
                others(spec)
            }
        })
    }
}

impl fmt::Debug for Script {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Script").finish_non_exhaustive()
    }
}

/// Plays a [`Script`].
#[derive(Debug)]
pub(crate) struct ScriptedRunner {
    clock: Clock,
    script: Script,
    running: Running,
    started: Started,
}

/// Which tasks have started, and when.
type Started = Arc<Mutex<HashMap<TaskId, (Time, Plan)>>>;

impl ScriptedRunner {
    pub(crate) fn new(clock: Clock, script: Script) -> Self {
        Self {
            clock,
            script,
            running: Running::default(),
            started: Started::default(),
        }
    }

    fn planned(&self, task: &TaskId) -> Option<(Time, Plan)> {
        self.started
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .get(task)
            .cloned()
    }
}

#[async_trait]
impl Runner for ScriptedRunner {
    fn describe(&self) -> String {
        "tasks are scripted: they exist on paper only".into()
    }

    fn start(&self, spec: TaskSpec, seen: UnboundedSender<Observation>) {
        let part = Part {
            plan: (self.script.plan)(&spec),
            clock: self.clock,
            started: self.started.clone(),
            seen,
        };
        self.running
            .spawn(spec.task.clone(), |orders| part.play(spec, orders));
    }

    fn stop(&self, task: TaskId, grace: Duration, seen: UnboundedSender<Observation>) {
        self.running.stop(task, grace, &seen);
    }

    fn kill(&self, task: &TaskId) {
        self.running.tell(task, Order::Kill);
    }

    async fn probe(&self, probe: &Probe) -> ProbeOutcome {
        let Some((started, plan)) = probe.task.as_ref().and_then(|task| self.planned(task)) else {
            return ProbeOutcome::Failed("no task stands behind this target".into());
        };
        let outcome = plan.answer(self.clock.now().since(started));
        if outcome == ProbeOutcome::TimedOut {
            sleep(self.clock.real(probe.timeout)).await;
        }
        outcome
    }

    async fn shut_down(&self) {
        self.running
            .stop_all(Duration::ZERO, Duration::from_secs(5))
            .await;
    }
}

/// One task's part in the script.
struct Part {
    plan: Plan,
    clock: Clock,
    started: Started,
    seen: UnboundedSender<Observation>,
}

impl Part {
    async fn play(self, spec: TaskSpec, mut orders: Orders) {
        if let Some(grace) = self.perform(&spec, &mut orders).await {
            sleep(self.clock.real(self.plan.stop_delay.min(grace))).await;
            // 143: ended by SIGTERM; 137: by SIGKILL when the grace was over.
            let code = if self.plan.stop_delay > grace {
                137
            } else {
                143
            };
            self.exit(&spec, code);
        }
        self.on_stage().remove(&spec.task);
        self.see(Observation::TaskStopped { task: spec.task });
    }

    /// Until the task is told to stop: the grace that its running containers have, or `None`
    /// when none runs (any more).
    async fn perform(&self, spec: &TaskSpec, orders: &mut Orders) -> Option<Duration> {
        tokio::select! {
            () = sleep(self.clock.real(self.plan.start_delay)) => {}
            _ = orders.stop() => return None,
        }
        if let Some(reason) = &self.plan.fails {
            self.see(Observation::TaskFailedToStart {
                task: spec.task.clone(),
                container: spec
                    .containers
                    .first()
                    .map(|container| container.name.clone())
                    .unwrap_or_default(),
                reason: reason.clone(),
            });
            orders.stop().await;
            return None;
        }
        self.enter(spec);
        let code = tokio::select! {
            code = self.end_by_itself() => code,
            order = orders.next() => match order {
                Order::Stop(grace) => return Some(grace),
                _ => 137,
            },
        };
        self.on_stage().remove(&spec.task);
        self.exit(spec, code);
        orders.stop().await;
        None
    }

    fn enter(&self, spec: &TaskSpec) {
        self.on_stage()
            .insert(spec.task.clone(), (self.clock.now(), self.plan.clone()));
        self.see(Observation::TaskStarted {
            task: spec.task.clone(),
            ports: Vec::new(),
        });
        for container in &spec.containers {
            for line in &self.plan.lines {
                self.see(Observation::Logged {
                    task: spec.task.clone(),
                    container: container.name.clone(),
                    line: line.clone(),
                });
            }
            if container.health_check.is_some() {
                self.see(Observation::ContainerHealth {
                    task: spec.task.clone(),
                    container: container.name.clone(),
                    healthy: self.plan.containers_healthy,
                });
            }
        }
    }

    async fn end_by_itself(&self) -> i32 {
        match self.plan.exit {
            Some((time, code)) => {
                sleep(self.clock.real(time)).await;
                code
            }
            None => std::future::pending().await,
        }
    }

    fn exit(&self, spec: &TaskSpec, code: i32) {
        for container in &spec.containers {
            self.see(Observation::ContainerExited {
                task: spec.task.clone(),
                container: container.name.clone(),
                exit_code: Some(code),
                reason: None,
            });
        }
    }

    fn on_stage(&self) -> std::sync::MutexGuard<'_, HashMap<TaskId, (Time, Plan)>> {
        // Each change is one call on the map, so it is never left half done.
        self.started.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn see(&self, observation: Observation) {
        // The sandbox may have stopped listening: then nobody wants to know.
        let _ = self.seen.send(observation);
    }
}
