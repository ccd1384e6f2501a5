use std::collections::BTreeMap;
use std::fmt::Debug;

use async_trait::async_trait;

use crate::error::ProviderError;
use crate::model::{ServiceRef, TaskDefinitionArn};

/// Runs one-off tasks: a migration before a deployment, a smoke test after it.
#[async_trait]
pub trait TaskRunner: Debug + Send + Sync {
    /// Starts a task of a revision, and does not wait for it.
    ///
    /// # Errors
    ///
    /// [`Invalid`](crate::ErrorKind::Invalid) when the revision has no such container,
    /// [`NotFound`](crate::ErrorKind::NotFound) when the service whose network it is to have does
    /// not exist, [`Quota`](crate::ErrorKind::Quota) or
    /// [`Unavailable`](crate::ErrorKind::Unavailable) when there is no room for it now.
    async fn start(
        &self,
        task: &TaskRequest,
        revision: &TaskDefinitionArn,
    ) -> Result<RunningTask, ProviderError>;

    /// One look at a task.
    ///
    /// # Errors
    ///
    /// Any kind; a transient one means that the next look may succeed.
    async fn observe(&self, task: &RunningTask) -> Result<TaskObservation, ProviderError>;

    /// Stops a task that nobody waits for any more.
    ///
    /// # Errors
    ///
    /// Any kind: the task may then go on.
    async fn stop(&self, task: &RunningTask, reason: &str) -> Result<(), ProviderError>;
}

/// A one-off task.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct TaskRequest {
    /// What people call it: `migrate`.
    pub name: String,
    /// The service whose cluster, network and launch type it gets.
    pub service: ServiceRef,
    /// The container that does the work, and whose exit code counts.
    pub container: String,
    /// Replaces its command; empty leaves the task definition's.
    pub command: Vec<String>,
    /// Environment variables that it gets beside the task definition's.
    pub environment: BTreeMap<String, String>,
}

impl TaskRequest {
    /// A task that runs `command` in `container`.
    #[must_use]
    pub fn new(
        name: impl Into<String>,
        service: ServiceRef,
        container: impl Into<String>,
        command: Vec<String>,
    ) -> Self {
        Self {
            name: name.into(),
            service,
            container: container.into(),
            command,
            environment: BTreeMap::new(),
        }
    }

    /// Gives it an environment variable.
    #[must_use]
    pub fn with_env(mut self, name: impl Into<String>, value: impl Into<String>) -> Self {
        self.environment.insert(name.into(), value.into());
        self
    }
}

/// A task that was started.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct RunningTask {
    /// The cluster that it runs in.
    pub cluster: String,
    /// Its ARN.
    pub arn: String,
    /// The container whose exit code counts.
    pub container: String,
    /// The revision that it runs.
    pub revision: TaskDefinitionArn,
}

impl RunningTask {
    /// A task by its ARN.
    #[must_use]
    pub fn new(
        cluster: impl Into<String>,
        arn: impl Into<String>,
        container: impl Into<String>,
        revision: TaskDefinitionArn,
    ) -> Self {
        Self {
            cluster: cluster.into(),
            arn: arn.into(),
            container: container.into(),
            revision,
        }
    }

    /// The last part of its ARN: what people call it.
    #[must_use]
    pub fn id(&self) -> &str {
        self.arn.rsplit('/').next().unwrap_or(&self.arn)
    }
}

/// One look at a one-off task.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct TaskObservation {
    /// How it stands.
    pub state: TaskState,
    /// Lines that the container wrote since the look before, oldest first; none where its log
    /// cannot be read.
    pub lines: Vec<String>,
}

impl TaskObservation {
    /// What a look showed.
    #[must_use]
    pub fn new(state: TaskState, lines: Vec<String>) -> Self {
        Self { state, lines }
    }
}

/// How a one-off task stands.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum TaskState {
    /// It has not started yet: `PROVISIONING`, `PENDING`, …
    Starting,
    /// It runs.
    Running,
    /// It ended.
    Stopped {
        /// The container's exit code; `None` when it never ran.
        exit_code: Option<i32>,
        /// Why, in ECS's words.
        reason: String,
    },
}
