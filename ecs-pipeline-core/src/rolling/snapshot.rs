//! One reading of a service, without any SDK type.

use super::ServiceDeploymentSnapshot;
use crate::model::{DeploymentId, RevisionCounts, RevisionRole, TaskDefinitionArn};

/// A service as `DescribeServices` shows it, and what is known besides.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct ServiceSnapshot {
    /// `ACTIVE`, `DRAINING` or `INACTIVE`; `MISSING` when ECS does not know the service.
    pub status: String,
    /// Tasks wanted.
    pub desired: u32,
    /// Tasks running, of all deployments.
    pub running: u32,
    /// Tasks starting, of all deployments.
    pub pending: u32,
    /// Its deployments.
    pub deployments: Vec<DeploymentSnapshot>,
    /// Its events, in any order.
    pub events: Vec<ServiceEvent>,
    /// Whether the controller rolls a failed deployment back by itself: the circuit breaker or the
    /// alarms are on, with rollback.
    pub rolls_back: bool,
    /// What the service deployment API says of the deployment that is looked at, where it was read.
    pub service_deployment: Option<ServiceDeploymentSnapshot>,
    /// Whether the deployment that is looked at shifts traffic, rather than replacing task by task.
    pub shifts_traffic: bool,
    /// The deployment that was PRIMARY before the one that is looked at, where it is known. A
    /// reading that still shows it as PRIMARY may be older than the change.
    pub former_primary: Option<DeploymentId>,
    /// Whether an earlier reading showed the deployment that is looked at.
    pub seen_before: bool,
    /// When the deployment that is looked at began, in milliseconds since 1970, where it is known
    /// from an earlier reading.
    pub since: Option<i64>,
}

impl ServiceSnapshot {
    /// What there is to see of a service that ECS does not know.
    #[must_use]
    pub fn missing() -> Self {
        Self {
            status: "MISSING".to_owned(),
            ..Self::default()
        }
    }

    /// The deployment that the service is set to.
    #[must_use]
    pub fn primary(&self) -> Option<&DeploymentSnapshot> {
        self.deployments
            .iter()
            .find(|deployment| deployment.status == DeploymentStatus::Primary)
    }

    /// The deployment with this id.
    #[must_use]
    pub fn deployment(&self, id: &DeploymentId) -> Option<&DeploymentSnapshot> {
        self.deployments
            .iter()
            .find(|deployment| &deployment.id == id)
    }
}

/// An entry of a service's `deployments`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DeploymentSnapshot {
    /// `ecs-svc/…`.
    pub id: DeploymentId,
    /// Its place.
    pub status: DeploymentStatus,
    /// Its revision.
    pub task_definition: TaskDefinitionArn,
    /// Tasks wanted.
    pub desired: u32,
    /// Tasks running.
    pub running: u32,
    /// Tasks starting.
    pub pending: u32,
    /// Tasks that failed in a row.
    pub failed_tasks: u32,
    /// How far it is. ECS leaves it out behind a Classic Load Balancer.
    pub rollout_state: Option<RolloutState>,
    /// Why, in ECS's words.
    pub rollout_state_reason: Option<String>,
    /// When it was created, in milliseconds since 1970.
    pub created_at: i64,
}

impl DeploymentSnapshot {
    /// Its tasks, in the role that the looker gives it.
    pub(crate) fn counts(&self, role: RevisionRole) -> RevisionCounts {
        RevisionCounts {
            task_definition: self.task_definition.clone(),
            role,
            desired: self.desired,
            running: self.running,
            pending: self.pending,
            failed: self.failed_tasks,
        }
    }

    /// Whether ECS calls it complete.
    #[must_use]
    pub fn is_completed(&self) -> bool {
        self.rollout_state == Some(RolloutState::Completed)
    }
}

/// The `status` of a deployment.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum DeploymentStatus {
    /// The most recent one.
    Primary,
    /// An older one that still has tasks.
    Active,
    /// Replaced.
    Inactive,
    /// A word that this version does not know.
    Unknown(String),
}

impl From<&str> for DeploymentStatus {
    fn from(text: &str) -> Self {
        match text {
            "PRIMARY" => Self::Primary,
            "ACTIVE" => Self::Active,
            "INACTIVE" => Self::Inactive,
            other => Self::Unknown(other.to_owned()),
        }
    }
}

/// The `rolloutState` of a deployment.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum RolloutState {
    /// Going on.
    InProgress,
    /// Its own successful end.
    Completed,
    /// The circuit breaker or an alarm ended it.
    Failed,
    /// A word that this version does not know.
    Unknown(String),
}

impl RolloutState {
    /// The word that ECS uses.
    #[must_use]
    pub fn as_str(&self) -> &str {
        match self {
            Self::InProgress => "IN_PROGRESS",
            Self::Completed => "COMPLETED",
            Self::Failed => "FAILED",
            Self::Unknown(other) => other,
        }
    }
}

impl From<&str> for RolloutState {
    fn from(text: &str) -> Self {
        match text {
            "IN_PROGRESS" => Self::InProgress,
            "COMPLETED" => Self::Completed,
            "FAILED" => Self::Failed,
            other => Self::Unknown(other.to_owned()),
        }
    }
}

/// A service event.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ServiceEvent {
    /// Its id.
    pub id: String,
    /// Its text.
    pub text: String,
    /// When it was written, in milliseconds since 1970.
    pub created_at: i64,
}
