//! One reading of a service deployment, without any SDK type.

use crate::model::{RevisionCounts, RevisionRole, TaskDefinitionArn};

/// What `DescribeServiceDeployments` says of one deployment.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct ServiceDeploymentSnapshot {
    /// Its ARN.
    pub arn: String,
    /// How it stands.
    pub status: ServiceDeploymentStatus,
    /// Why, in ECS's words.
    pub status_reason: Option<String>,
    /// The revision that it brings, where its service revision was read.
    pub target: Option<TaskDefinitionArn>,
    /// Why it is rolled back.
    pub rollback_reason: Option<String>,
    /// The revision that it is rolled back to, where its service revision was read.
    pub rollback_target: Option<TaskDefinitionArn>,
    /// The lifecycle stage that it has reached: one of [`ECS_STAGES`](crate::model::ECS_STAGES).
    pub stage: Option<String>,
    /// The lifecycle hooks that were reached.
    pub hooks: Vec<HookSnapshot>,
    /// The revisions that take part, the new one first.
    pub revisions: Vec<ShiftedRevision>,
    /// Tasks that the circuit breaker has counted as failed.
    pub failed_tasks: u32,
    /// The names of the alarms that went off.
    pub alarms: Vec<String>,
}

impl ServiceDeploymentSnapshot {
    /// The hook that waits for somebody's word, if any.
    #[must_use]
    pub fn held_by(&self) -> Option<&HookSnapshot> {
        self.hooks.iter().find(|hook| hook.is_waiting())
    }

    /// The revision that it brings, with its tasks and its traffic.
    #[must_use]
    pub fn new_revision(&self) -> Option<&ShiftedRevision> {
        self.revisions
            .iter()
            .find(|one| one.role == RevisionRole::New)
    }
}

/// A lifecycle hook of a deployment.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct HookSnapshot {
    /// By which `ContinueServiceDeployment` knows it.
    pub id: String,
    /// `AWS_LAMBDA` or `PAUSE`.
    pub kind: String,
    /// The function that it calls.
    pub target: Option<String>,
    /// `AWAITING_ACTION`, `IN_PROGRESS`, `SUCCEEDED`, `FAILED` or `TIMED_OUT`.
    pub status: String,
    /// When it times out, in RFC 3339.
    pub expires: Option<String>,
    /// What ECS then does: `CONTINUE` or `ROLLBACK`.
    pub timeout_action: Option<String>,
}

impl HookSnapshot {
    /// Whether it waits for somebody's word.
    #[must_use]
    pub fn is_waiting(&self) -> bool {
        self.status == "AWAITING_ACTION"
    }

    /// What people call it: the function's name, or the pause's id.
    #[must_use]
    pub fn name(&self) -> String {
        match &self.target {
            Some(arn) => format!("hook {}", arn.rsplit(':').next().unwrap_or(arn)),
            None => format!("{} hook {}", self.kind, self.id),
        }
    }
}

/// A revision's part in a deployment.
#[derive(Debug, Clone, PartialEq)]
pub struct ShiftedRevision {
    /// Whether it is the one being deployed.
    pub role: RevisionRole,
    /// Its task definition, where its service revision was read.
    pub task_definition: Option<TaskDefinitionArn>,
    /// Tasks wanted.
    pub desired: u32,
    /// Tasks running.
    pub running: u32,
    /// Tasks starting.
    pub pending: u32,
    /// Its share of production traffic in percent, where traffic is shifted by weights.
    pub production: Option<f64>,
    /// Its share of test traffic in percent, where there is a test listener.
    pub test: Option<f64>,
}

impl ShiftedRevision {
    /// Its tasks; `None` where its task definition is not known.
    pub(crate) fn counts(&self, failed: u32) -> Option<RevisionCounts> {
        Some(RevisionCounts {
            task_definition: self.task_definition.clone()?,
            role: self.role,
            desired: self.desired,
            running: self.running,
            pending: self.pending,
            failed,
        })
    }
}

/// The `status` of a service deployment.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum ServiceDeploymentStatus {
    /// `PENDING`
    #[default]
    Pending,
    /// `IN_PROGRESS`
    InProgress,
    /// `SUCCESSFUL`
    Successful,
    /// `STOP_REQUESTED`
    StopRequested,
    /// `STOPPED`
    Stopped,
    /// `ROLLBACK_REQUESTED`
    RollbackRequested,
    /// `ROLLBACK_IN_PROGRESS`
    RollbackInProgress,
    /// `ROLLBACK_SUCCESSFUL`
    RollbackSuccessful,
    /// `ROLLBACK_FAILED`
    RollbackFailed,
    /// A word that this version does not know.
    Unknown(String),
}

impl ServiceDeploymentStatus {
    /// Whether ECS is bringing the former revision back.
    #[must_use]
    pub fn is_rolling_back(&self) -> bool {
        matches!(self, Self::RollbackRequested | Self::RollbackInProgress)
    }
}

impl From<&str> for ServiceDeploymentStatus {
    fn from(text: &str) -> Self {
        match text {
            "PENDING" => Self::Pending,
            "IN_PROGRESS" => Self::InProgress,
            "SUCCESSFUL" => Self::Successful,
            "STOP_REQUESTED" => Self::StopRequested,
            "STOPPED" => Self::Stopped,
            "ROLLBACK_REQUESTED" => Self::RollbackRequested,
            "ROLLBACK_IN_PROGRESS" => Self::RollbackInProgress,
            "ROLLBACK_SUCCESSFUL" => Self::RollbackSuccessful,
            "ROLLBACK_FAILED" => Self::RollbackFailed,
            other => Self::Unknown(other.to_owned()),
        }
    }
}
