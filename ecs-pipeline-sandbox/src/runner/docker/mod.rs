//! Tasks as real containers, through the docker command line.
//!
//! Ports are published on 127.0.0.1. Each container of a task has a network of its own: the
//! containers of one task do not share `localhost` as they do with awsvpc.

mod cli;
mod container;
mod health;
mod leftovers;
mod reason;

#[cfg(test)]
pub(crate) mod tests;

use std::time::Duration;

use async_trait::async_trait;
use tokio::sync::mpsc::UnboundedSender;

use super::running::{Order, Running};
use super::{Images, Runner, probe};
use crate::clock::Clock;
use crate::world::{Observation, Probe, ProbeOutcome, TaskId, TaskSpec};
use cli::Cli;
use container::Life;

/// How long an engine may take to say that it is there.
const DETECTION_TIMEOUT: Duration = Duration::from_secs(10);

/// How long removing all containers may take.
const SHUTDOWN_TIMEOUT: Duration = Duration::from_secs(60);

/// Carries the sandbox that a container belongs to; the value begins with its process id.
const SANDBOX_LABEL: &str = "ecs-pipeline.sandbox";
/// Carries the task's id.
const TASK_LABEL: &str = "ecs-pipeline.task";

/// Why Docker cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("no Docker engine: {0}")]
pub(crate) struct NoEngine(String);

/// Runs tasks as Docker containers.
#[derive(Debug)]
pub(crate) struct DockerRunner {
    clock: Clock,
    images: Images,
    cli: Cli,
    /// The value of [`SANDBOX_LABEL`].
    sandbox: String,
    version: String,
    running: Running,
}

impl DockerRunner {
    /// A runner, if an engine answers. Removes what dead sandboxes left behind.
    pub(crate) async fn detect(clock: Clock, images: Images) -> Result<Self, NoEngine> {
        let refused = |error: cli::Refused| NoEngine(error.to_string());
        let cli = Cli::new().await;
        let version = cli
            .run_within(
                DETECTION_TIMEOUT,
                ["version", "--format", "{{.Server.Version}}"],
            )
            .await
            .map_err(refused)?;
        leftovers::remove(&cli).await;
        let sandbox = leftovers::label_value(images.host());
        Ok(Self {
            clock,
            images,
            cli,
            sandbox,
            version,
            running: Running::default(),
        })
    }
}

#[async_trait]
impl Runner for DockerRunner {
    fn describe(&self) -> String {
        format!("tasks are containers of Docker {}", self.version)
    }

    fn runs_containers(&self) -> bool {
        true
    }

    fn start(&self, spec: TaskSpec, seen: UnboundedSender<Observation>) {
        let life = Life {
            cli: self.cli.clone(),
            clock: self.clock,
            images: self.images.clone(),
            sandbox: self.sandbox.clone(),
            seen,
        };
        self.running
            .spawn(spec.task.clone(), |orders| life.live(spec, orders));
    }

    fn stop(&self, task: TaskId, grace: Duration, seen: UnboundedSender<Observation>) {
        self.running.stop(task, grace, &seen);
    }

    fn kill(&self, task: &TaskId) {
        self.running.tell(task, Order::Kill);
    }

    async fn probe(&self, probe: &Probe) -> ProbeOutcome {
        probe::http(probe, self.clock).await
    }

    async fn shut_down(&self) {
        self.running
            .stop_all(Duration::ZERO, SHUTDOWN_TIMEOUT)
            .await;
        leftovers::remove_of(&self.cli, &self.sandbox).await;
        if let Some((_, registry)) = self.sandbox.split_once('@') {
            leftovers::forget_images(&self.cli, registry).await;
        }
    }
}
