//! Lets task faults strike, whatever runs the tasks.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use async_trait::async_trait;
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};

use super::{Images, Runner};
use crate::clock::Clock;
use crate::faults::{Faults, TaskFault};
use crate::world::{Observation, Probe, ProbeOutcome, TaskId, TaskSpec};

/// How long a task in a crash loop lives, in sandbox time.
const CRASHES_AFTER: Duration = Duration::from_secs(1);

/// A runner whose tasks meet the faults of their task definitions.
#[derive(Debug, Clone)]
pub(crate) struct FaultyRunner {
    inner: Arc<dyn Runner>,
    faults: Faults,
    clock: Clock,
    images: Images,
    tasks: Arc<Mutex<HashMap<TaskId, Known>>>,
}

/// What this wrapper knows of a task.
#[derive(Debug)]
struct Known {
    task_definition: String,
    stage: Stage,
}

#[derive(Debug, PartialEq, Eq)]
enum Stage {
    /// Not yet handed to the runner; with the grace of a stop that came too early.
    Held(Option<Duration>),
    Handed,
}

impl FaultyRunner {
    pub(crate) fn new(
        inner: Arc<dyn Runner>,
        faults: Faults,
        clock: Clock,
        images: Images,
    ) -> Self {
        Self {
            inner,
            faults,
            clock,
            images,
            tasks: Arc::default(),
        }
    }

    /// Deletes the task's images from the registry, so that its real pull fails, and starts it.
    async fn start_without_image(self, spec: TaskSpec, seen: UnboundedSender<Observation>) {
        for container in &spec.containers {
            self.images.delete(&container.image).await;
        }
        let task = spec.task.clone();
        self.inner.start(spec, seen.clone());
        let held = self
            .lock()
            .get_mut(&task)
            .map(|known| std::mem::replace(&mut known.stage, Stage::Handed));
        if let Some(Stage::Held(Some(grace))) = held {
            Runner::stop(&self, task, grace, seen);
        }
    }

    /// Passes on what is seen of a task, but not that it is ready, and kills it soon after its
    /// start.
    async fn crash(
        self,
        spec: TaskSpec,
        mut seen: UnboundedReceiver<Observation>,
        out: UnboundedSender<Observation>,
    ) {
        while let Some(observation) = seen.recv().await {
            let started = matches!(observation, Observation::TaskStarted { .. });
            let ended = matches!(observation, Observation::ContainerExited { .. });
            let ready = matches!(
                observation,
                Observation::ContainerHealth { healthy: true, .. }
            );
            if !ready {
                let _ = out.send(observation);
            }
            if ended {
                self.lock().remove(&spec.task);
            }
            if started {
                tokio::spawn(self.clone().kill_soon(spec.clone(), out.clone()));
            }
        }
    }

    /// Waits until the task is not known any more: it has stopped.
    async fn until_crashed(&self, task: Option<&TaskId>) {
        while task.is_some_and(|task| self.lock().contains_key(task)) {
            tokio::time::sleep(self.clock.real(CRASHES_AFTER)).await;
        }
    }

    async fn kill_soon(self, spec: TaskSpec, out: UnboundedSender<Observation>) {
        tokio::time::sleep(self.clock.real(CRASHES_AFTER)).await;
        for container in spec.containers {
            let _ = out.send(Observation::Logged {
                task: spec.task.clone(),
                container: container.name,
                line: "[sandbox] fault crash-loop: this container is being killed".into(),
            });
        }
        self.inner.kill(&spec.task);
    }

    /// The fault that strikes this task now.
    fn fault(&self, task: &TaskId) -> Option<TaskFault> {
        let task_definition = self.lock().get(task)?.task_definition.clone();
        self.faults.of_tasks(&task_definition)
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<TaskId, Known>> {
        // Each change is one call on the map, so it is never left half done.
        self.tasks.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[async_trait]
impl Runner for FaultyRunner {
    fn describe(&self) -> String {
        self.inner.describe()
    }

    fn runs_containers(&self) -> bool {
        self.inner.runs_containers()
    }

    fn start(&self, spec: TaskSpec, seen: UnboundedSender<Observation>) {
        let fault = self.faults.of_tasks(&spec.task_definition);
        let stage = match fault {
            Some(TaskFault::MissingImage) => Stage::Held(None),
            _ => Stage::Handed,
        };
        let known = Known {
            task_definition: spec.task_definition.clone(),
            stage,
        };
        self.lock().insert(spec.task.clone(), known);
        match fault {
            Some(TaskFault::MissingImage) => {
                tokio::spawn(self.clone().start_without_image(spec, seen));
            }
            Some(TaskFault::CrashLoop) => {
                let (tell, told) = unbounded_channel();
                tokio::spawn(self.clone().crash(spec.clone(), told, seen));
                self.inner.start(spec, tell);
            }
            Some(TaskFault::Unhealthy) | None => self.inner.start(spec, seen),
        }
    }

    fn stop(&self, task: TaskId, grace: Duration, seen: UnboundedSender<Observation>) {
        {
            let mut tasks = self.lock();
            if let Some(Known {
                stage: Stage::Held(early),
                ..
            }) = tasks.get_mut(&task)
            {
                *early = Some(grace);
                return;
            }
            tasks.remove(&task);
        }
        self.inner.stop(task, grace, seen);
    }

    fn kill(&self, task: &TaskId) {
        self.inner.kill(task);
    }

    async fn probe(&self, probe: &Probe) -> ProbeOutcome {
        let fault = probe.task.as_ref().and_then(|task| self.fault(task));
        match fault {
            Some(TaskFault::Unhealthy) => ProbeOutcome::Status(503),
            // The program that runs in its place may well listen before it is killed, and an
            // engine may take long to kill it: it must not fail its health checks before.
            Some(TaskFault::CrashLoop) => {
                self.until_crashed(probe.task.as_ref()).await;
                ProbeOutcome::Failed("connection refused".into())
            }
            Some(TaskFault::MissingImage) | None => self.inner.probe(probe).await,
        }
    }

    async fn shut_down(&self) {
        self.inner.shut_down().await;
    }
}
