//! What runs tasks: Docker containers (`docker`), servers in this process (`in_process`), or, for
//! tests without sockets, a script (`scripted`). `faulty` wraps any of them and lets the faults
//! strike that were asked for.

pub(crate) mod docker;
pub(crate) mod faulty;
mod images;
pub(crate) mod in_process;
mod probe;
mod running;
mod scripted;

#[cfg(test)]
mod tests;

use std::fmt::Debug;
use std::time::Duration;

use async_trait::async_trait;
use tokio::sync::mpsc::UnboundedSender;

pub(crate) use images::Images;
pub(crate) use scripted::ScriptedRunner;
pub use scripted::{Plan, Script};

use crate::world::{Observation, Probe, ProbeOutcome, TaskId, TaskSpec};

/// Which runner a sandbox is to have.
#[derive(Debug, Clone, Default)]
#[non_exhaustive]
pub enum RunnerChoice {
    /// Docker where an engine answers, otherwise in process.
    #[default]
    Auto,
    /// Docker; without an engine the sandbox does not start.
    Docker,
    /// Tasks are served by this process: a simulation that needs nothing.
    InProcess,
    /// Tasks exist only as far as this script says.
    Scripted(Script),
}

/// Runs tasks and tells what becomes of them.
///
/// `start` and `stop` return at once and report through `seen`; they must be called from within
/// a tokio runtime. Every started task ends with [`Observation::TaskStopped`] after `stop`.
#[async_trait]
pub trait Runner: Debug + Send + Sync {
    /// One line for people: what tasks are here.
    fn describe(&self) -> String;

    /// Whether tasks are real containers.
    fn runs_containers(&self) -> bool {
        false
    }

    /// Starts a task's containers: [`Observation::TaskStarted`], or
    /// [`Observation::TaskFailedToStart`]; later [`Observation::ContainerExited`] and
    /// [`Observation::Logged`].
    fn start(&self, spec: TaskSpec, seen: UnboundedSender<Observation>);

    /// Ends a task's containers and removes them. `grace` is sandbox time.
    fn stop(&self, task: TaskId, grace: Duration, seen: UnboundedSender<Observation>);

    /// Kills a running task's containers as a crash would: [`Observation::ContainerExited`]
    /// follows for each, and the task waits for `stop` as after any other exit.
    fn kill(&self, task: &TaskId);

    /// Asks a target for its health.
    async fn probe(&self, probe: &Probe) -> ProbeOutcome;

    /// Removes everything that is still there.
    async fn shut_down(&self);
}
