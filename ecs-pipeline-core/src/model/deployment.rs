//! A change of a service: what is asked, what it would do, what it did, and how it ended.

use std::collections::BTreeMap;
use std::time::Duration;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::{
    DeploymentId, EcsStrategy, PublishedImage, ServiceRef, Stage, TaskDefinitionArn, TrafficShare,
};

/// Where the new revision's task definition comes from.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub enum TaskDefinitionSource {
    /// The document that the user wrote. Every member reaches AWS, known here or not.
    Document(Value),
    /// The revision that the service runs now.
    Current,
}

/// What is to become of a service.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct Change {
    /// Which service.
    pub service: ServiceRef,
    /// What its new revision is made from.
    pub task_definition: TaskDefinitionSource,
    /// The image that each named container gets.
    pub images: BTreeMap<String, PublishedImage>,
    /// Start a new deployment even when nothing changes. With
    /// [`TaskDefinitionSource::Current`] and no images, the same revision is deployed again.
    pub force_new_deployment: bool,
    /// How ECS is to replace the tasks. `None` leaves the service's own strategy as it is.
    pub strategy: Option<EcsStrategy>,
    /// Where the service has a strategy of that name already, its numbers (shares, steps, bake time)
    /// stay as they are.
    pub keeps_strategy_numbers: bool,
    /// The body for CreateService, used when the service does not exist. Every member reaches
    /// AWS; the cluster, the name and the revision are set from this change.
    pub create: Option<Value>,
}

impl Change {
    /// A change of `service` to a revision made from `task_definition`, by the service's own
    /// strategy.
    #[must_use]
    pub fn new(service: ServiceRef, task_definition: TaskDefinitionSource) -> Self {
        Self {
            service,
            task_definition,
            images: BTreeMap::new(),
            force_new_deployment: false,
            strategy: None,
            keeps_strategy_numbers: false,
            create: None,
        }
    }

    /// Gives a container its image.
    #[must_use]
    pub fn with_image(mut self, container: impl Into<String>, image: PublishedImage) -> Self {
        self.images.insert(container.into(), image);
        self
    }

    /// Starts a new deployment even when nothing changes.
    #[must_use]
    pub fn forced(mut self) -> Self {
        self.force_new_deployment = true;
        self
    }

    /// Has ECS replace the tasks in this way, from now on.
    #[must_use]
    pub fn with_strategy(mut self, strategy: EcsStrategy) -> Self {
        self.strategy = Some(strategy);
        self
    }

    /// Has ECS replace the tasks in this way; where it does so already, the service's own numbers
    /// stay.
    #[must_use]
    pub fn with_kind_of(mut self, strategy: EcsStrategy) -> Self {
        self.strategy = Some(strategy);
        self.keeps_strategy_numbers = true;
        self
    }

    /// Creates the service from this body for CreateService when it does not exist.
    #[must_use]
    pub fn or_create(mut self, definition: Value) -> Self {
        self.create = Some(definition);
        self
    }
}

/// A change that was checked against what is there. Nothing has been changed yet.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct Plan {
    /// Which service.
    pub service: ServiceRef,
    /// The body for RegisterTaskDefinition, or the revision that exists already.
    pub revision: PlannedRevision,
    /// The revision that the service ran in its last completed deployment: where a rollback
    /// goes. `None` when it never completed one.
    pub last_good: Option<TaskDefinitionArn>,
    /// The revision that the service is set to run now.
    pub current: Option<TaskDefinitionArn>,
    /// The deployment that is PRIMARY now.
    pub current_deployment: Option<DeploymentId>,
    /// Set when the deployment that this change asks for is there already.
    pub already: Option<Already>,
    /// Start a new deployment even when nothing changes.
    pub force_new_deployment: bool,
    /// What is to be known before going on, a sentence each: another deployment is under way, …
    pub warnings: Vec<String>,
    /// How long a target drains, where the deployer knows it.
    pub deregistration_delay: Option<Duration>,
    /// How ECS is to replace the tasks, where that is to change.
    pub strategy: Option<EcsStrategy>,
    /// The body for CreateService: the service does not exist, and starting creates it.
    pub creates: Option<Value>,
}

impl Plan {
    /// A plan for a service of which nothing more is known.
    #[must_use]
    pub fn new(service: ServiceRef, revision: PlannedRevision) -> Self {
        Self {
            service,
            revision,
            last_good: None,
            current: None,
            current_deployment: None,
            already: None,
            force_new_deployment: false,
            warnings: Vec::new(),
            deregistration_delay: None,
            strategy: None,
            creates: None,
        }
    }
}

/// The revision that a plan deploys.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub enum PlannedRevision {
    /// It is to be registered from this body.
    New(Value),
    /// It is there: a run that was cut off registered it, or the same revision is deployed again.
    Existing(TaskDefinitionArn),
}

/// What a killed run, or an equal one, has left.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Already {
    /// The service runs this very revision, and its deployment is complete.
    Deployed,
    /// This very revision is being deployed: the run takes that deployment up.
    UnderWay(Deployment),
}

/// A registered revision.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Release {
    /// Its ARN.
    pub task_definition: TaskDefinitionArn,
    /// Whether this run registered it; otherwise it was there.
    pub registered: bool,
    /// What is to be known about it, a sentence each.
    #[serde(default)]
    pub warnings: Vec<String>,
}

/// A deployment that was started.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Deployment {
    /// Which service.
    pub service: ServiceRef,
    /// Its id.
    pub id: DeploymentId,
    /// The revision that it brings.
    pub task_definition: TaskDefinitionArn,
    /// Where a rollback goes.
    pub last_good: Option<TaskDefinitionArn>,
    /// The ARN under which ECS's service deployment API knows it, where it is known.
    pub service_deployment: Option<String>,
    /// How long a target drains, where it is known: it says when the end can be expected.
    pub deregistration_delay: Option<Duration>,
    /// How long it waits by design, where that is known: steps of traffic, bake time, the wait
    /// before the old version is taken down.
    #[serde(default)]
    pub waits: Duration,
}

impl Deployment {
    /// A deployment of which nothing more is known.
    #[must_use]
    pub fn new(service: ServiceRef, id: DeploymentId, task_definition: TaskDefinitionArn) -> Self {
        Self {
            service,
            id,
            task_definition,
            last_good: None,
            service_deployment: None,
            deregistration_delay: None,
            waits: Duration::ZERO,
        }
    }
}

/// How a deployment stands.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "state", rename_all = "snake_case")]
#[non_exhaustive]
pub enum DeploymentState {
    /// It goes on.
    InProgress,
    /// It reached its own successful end, and the service runs its revision.
    Succeeded,
    /// It failed, and the controller is bringing the former revision back.
    RollingBack {
        /// In the controller's words.
        reason: String,
    },
    /// It failed, and the service runs the former revision again.
    RolledBack {
        /// In the controller's words.
        reason: String,
        /// The revision that the service runs.
        to: Option<TaskDefinitionArn>,
    },
    /// It failed or was stopped, and the controller does nothing more about it.
    Failed {
        /// In the controller's words.
        reason: String,
    },
    /// The controller's own rollback failed.
    RollbackFailed {
        /// In the controller's words.
        reason: String,
    },
    /// A newer deployment took its place.
    Superseded {
        /// The newer one.
        by: Option<DeploymentId>,
        /// The newer one's revision.
        task_definition: Option<TaskDefinitionArn>,
    },
    /// The service is no longer active, or no longer there.
    ServiceGone {
        /// What it is instead.
        reason: String,
    },
}

/// Whether a revision is the one being deployed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum RevisionRole {
    /// The one that this deployment brings.
    New,
    /// Any other.
    Old,
}

/// How many tasks of a revision there are.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct RevisionCounts {
    /// The revision.
    pub task_definition: TaskDefinitionArn,
    /// Whether it is the one being deployed.
    pub role: RevisionRole,
    /// Tasks wanted.
    pub desired: u32,
    /// Tasks running.
    pub running: u32,
    /// Tasks starting.
    pub pending: u32,
    /// Tasks that failed in a row.
    pub failed: u32,
}

/// How many targets are in which state, over all of the service's target groups.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct TargetCounts {
    /// Registered, and not judged yet.
    pub initial: u32,
    /// Passing their health checks.
    pub healthy: u32,
    /// Failing their health checks.
    pub unhealthy: u32,
    /// Finishing what they have.
    pub draining: u32,
}

/// A line of the controller's own account of what it does.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ServiceMessage {
    /// Its id, by which a message is recognised when it is read again.
    pub id: String,
    /// The text.
    pub text: String,
}

/// One look at a deployment.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Observation {
    /// How it stands.
    pub state: DeploymentState,
    /// The service's revisions, the new one first.
    pub revisions: Vec<RevisionCounts>,
    /// The service's targets, where the deployer was asked to look at them.
    pub targets: Option<TargetCounts>,
    /// What the controller said since the deployment started, oldest first.
    pub messages: Vec<ServiceMessage>,
    /// How long after the deployment's start the last tasks that have to go began to drain, where
    /// the deployer can tell: with [`Deployment::deregistration_delay`] it says when the end can
    /// be expected.
    #[serde(default)]
    pub draining_after: Option<Duration>,
    /// The lifecycle stage that it has reached, where the controller tells.
    #[serde(default)]
    pub stage: Option<Stage>,
    /// The new revision's share of the traffic, where traffic is shifted by weights.
    #[serde(default)]
    pub traffic: Option<TrafficShare>,
}

impl Observation {
    /// A look that showed nothing but a state.
    #[must_use]
    pub fn new(state: DeploymentState) -> Self {
        Self {
            state,
            revisions: Vec::new(),
            targets: None,
            messages: Vec::new(),
            draining_after: None,
            stage: None,
            traffic: None,
        }
    }
}

/// How a run ended. Each has an exit code of its own: see [`crate::exit`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum End {
    /// The deployment that this run started reached its own successful end, the service runs the
    /// revision that this run registered, and every gate passed.
    Succeeded,
    /// It failed, and the service runs the former revision again.
    RolledBack,
    /// It failed before anything was changed, or there was nothing to go back to.
    Failed,
    /// It failed, and so did the way back: a person is needed.
    Stuck,
    /// A newer deployment took its place; this run left it alone.
    Superseded,
    /// Time was up, or the run was told to stop waiting: the deployment goes on.
    StillRunning,
    /// The deployment got as far as the run was told to wait
    /// ([`Until`](crate::engine::Until)), and goes on.
    Reached,
    /// The request was refused before anything was changed.
    Refused,
}

/// What a gate said, without its detail.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum GateState {
    /// All is well.
    Passing,
    /// Not well, or not yet.
    NotYet,
    /// Not well, and waiting cannot help.
    Failing,
}
