//! What runs tasks.

use std::fmt::Debug;
use std::time::Duration;

use async_trait::async_trait;
use tokio::sync::mpsc::UnboundedSender;

use crate::world::{Observation, Probe, ProbeOutcome, TaskId, TaskSpec};

/// Runs tasks and tells what becomes of them.
///
/// `start` and `stop` return at once and report through `seen`; they must be called from within
/// a tokio runtime. Every started task ends with [`Observation::TaskStopped`] after `stop`.
#[async_trait]
pub trait Runner: Debug + Send + Sync {
    /// One line for people: what tasks are here.
    fn describe(&self) -> String;

    /// Starts a task's containers: [`Observation::TaskStarted`], or
    /// [`Observation::TaskFailedToStart`]; later [`Observation::ContainerExited`] and
    /// [`Observation::Logged`].
    fn start(&self, spec: TaskSpec, seen: UnboundedSender<Observation>);

    /// Ends a task's containers and removes them. `grace` is sandbox time.
    fn stop(&self, task: TaskId, grace: Duration, seen: UnboundedSender<Observation>);

    /// Asks a target for its health.
    async fn probe(&self, probe: &Probe) -> ProbeOutcome;

    /// Removes everything that is still there.
    async fn shut_down(&self);
}
