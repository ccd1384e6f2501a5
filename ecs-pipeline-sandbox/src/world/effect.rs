//! What the world asks of the outside, and what the outside tells the world.
//!
//! The two enums are the whole border between the pure state machine and everything that does
//! I/O: an [`Effect`] leaves, and sooner or later an [`Observation`] comes back.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::time::Duration;

use serde_json::Value;

use crate::builds::{BuildAnswer, BuildRequest};

/// The id of a task: the last part of its ARN.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct TaskId(pub String);

/// Something that the world wants done outside.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Effect {
    /// Run this task's containers.
    StartTask(TaskSpec),
    /// Stop this task's containers: SIGTERM, and SIGKILL when `grace` (sandbox time) is over.
    StopTask {
        /// Which task.
        task: TaskId,
        /// How long a container may take to end by itself.
        grace: Duration,
    },
    /// Ask a target for its health.
    Probe(Probe),
    /// Accept connections for this listener on 127.0.0.1.
    Listen {
        /// The listener's ARN.
        listener: String,
        /// The port that CreateListener named.
        port: u16,
    },
    /// Stop accepting connections for this listener.
    Unlisten {
        /// The listener's ARN.
        listener: String,
    },
    /// Call a Lambda function; its answer comes back as [`Observation::Invoked`].
    Invoke(Invocation),
    /// Run a build; its answer comes back as [`Observation::Built`].
    Build(BuildOrder),
}

/// A task, as far as a runner must know it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TaskSpec {
    /// Its id.
    pub task: TaskId,
    /// `family:revision` of its task definition.
    pub task_definition: String,
    /// `service:NAME`, or the family of a task that RunTask started.
    pub group: String,
    /// Its containers, in the order in which they start.
    pub containers: Vec<ContainerSpec>,
}

/// A container of a [`TaskSpec`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ContainerSpec {
    /// Its name in the task definition.
    pub name: String,
    /// The image reference as the task definition has it.
    pub image: String,
    /// Replaces the image's entry point where given.
    pub entry_point: Option<Vec<String>>,
    /// Replaces the image's command where given.
    pub command: Option<Vec<String>>,
    /// Environment variables.
    pub environment: BTreeMap<String, String>,
    /// Ports to make reachable on 127.0.0.1.
    pub ports: Vec<PortSpec>,
    /// The container's own health check, where it has one.
    pub health_check: Option<HealthCheckSpec>,
}

/// A port mapping.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PortSpec {
    /// The port on which the container listens.
    pub container_port: u16,
    /// The host's port (bridge networking); `None` lets the runner choose a free one.
    pub host_port: Option<u16>,
}

/// A container health check; every duration is sandbox time.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HealthCheckSpec {
    /// `["CMD", …]` or `["CMD-SHELL", "…"]`.
    pub command: Vec<String>,
    /// From the start of one check to the start of the next.
    pub interval: Duration,
    /// How long a check may take.
    pub timeout: Duration,
    /// Failures in a row that make the container unhealthy.
    pub retries: u32,
    /// Failures within this time after the start do not count.
    pub start_period: Duration,
}

/// One HTTP health check of a target.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Probe {
    /// The target group's ARN.
    pub target_group: String,
    /// Which target.
    pub target: Target,
    /// The task that stands behind the target, where ECS registered it.
    pub task: Option<TaskId>,
    /// Where the target really is; `None` when nothing of ours listens there.
    pub address: Option<SocketAddr>,
    /// The path to ask for.
    pub path: String,
    /// How long the answer may take, in sandbox time.
    pub timeout: Duration,
}

/// A target as ELBv2 names it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Target {
    /// An IP address (target type `ip`) or an instance id (`instance`).
    pub id: String,
    /// The port that gets the traffic.
    pub port: u16,
}

/// A call of a Lambda function.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Invocation {
    /// Which call this is: its answer carries the same id, whose prefix says who asked.
    pub id: String,
    /// The function's name or ARN, as whoever configured it wrote it.
    pub function: String,
    /// The event that it gets.
    pub payload: Value,
}

/// A build that a pipeline starts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BuildOrder {
    /// Which build this is: its answer carries the same id.
    pub id: String,
    /// What it is told.
    pub request: BuildRequest,
}

/// How a [`Probe`] ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ProbeOutcome {
    /// The target answered with this HTTP status.
    Status(u16),
    /// No answer within the timeout.
    TimedOut,
    /// The connection was refused or broke.
    Failed(String),
}

/// Something that happened outside.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Observation {
    /// Every container of the task runs.
    TaskStarted {
        /// Which task.
        task: TaskId,
        /// Where its ports can be reached.
        ports: Vec<PublishedPort>,
    },
    /// An image of the task was pulled.
    Pulled {
        /// Which task.
        task: TaskId,
        /// The container that it is for.
        container: String,
        /// `sha256:…` of its manifest.
        digest: String,
    },
    /// The task cannot run: `reason` is AWS's `stoppedReason`, such as
    /// `CannotPullContainerError: …`.
    TaskFailedToStart {
        /// Which task.
        task: TaskId,
        /// The container at fault.
        container: String,
        /// Why, in the form that ECS gives it.
        reason: String,
    },
    /// A container ended, by itself or because it was stopped.
    ContainerExited {
        /// Which task.
        task: TaskId,
        /// Which container.
        container: String,
        /// Its exit code; `None` when the runtime does not know.
        exit_code: Option<i32>,
        /// What the runtime adds, such as `OutOfMemoryError: …`.
        reason: Option<String>,
    },
    /// The container's own health check reached a verdict, or changed it.
    ContainerHealth {
        /// Which task.
        task: TaskId,
        /// Which container.
        container: String,
        /// Whether it is healthy.
        healthy: bool,
    },
    /// All containers of a task have ended and been removed, after [`Effect::StopTask`].
    TaskStopped {
        /// Which task.
        task: TaskId,
    },
    /// A probe ended.
    Probed {
        /// The target group's ARN.
        target_group: String,
        /// Which target.
        target: Target,
        /// How it ended.
        outcome: ProbeOutcome,
    },
    /// A container wrote a line.
    Logged {
        /// Which task.
        task: TaskId,
        /// Which container.
        container: String,
        /// The line, without its end.
        line: String,
    },
    /// A function answered.
    Invoked {
        /// The id of the [`Invocation`].
        id: String,
        /// What it returned, or the text of the error that it ended with.
        answer: Result<Value, String>,
    },
    /// A build ended.
    Built {
        /// The id of the [`BuildOrder`].
        id: String,
        /// What came of it; `None` where there is no such project.
        answer: Option<BuildAnswer>,
    },
}

/// Where a container's port can be reached.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PublishedPort {
    /// Which container.
    pub container: String,
    /// The port on which it listens.
    pub container_port: u16,
    /// Where that is on this machine.
    pub address: SocketAddr,
}
