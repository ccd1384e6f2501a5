use std::fmt::Debug;

use async_trait::async_trait;
use serde::{Deserialize, Serialize};

use crate::error::ProviderError;
use crate::model::{Change, Deployment, Observation, Plan, Release, ServiceRef};

/// Changes what a service runs.
///
/// The calls come in this order: [`plan`](Self::plan) reads and refuses,
/// [`register`](Self::register) and [`start`](Self::start) change, [`observe`](Self::observe) is
/// called until the deployment has ended, and [`rollback`](Self::rollback) brings the former
/// revision back.
#[async_trait]
pub trait Deployer: Debug + Send + Sync {
    /// What this deployer is, for people: `ECS`, `CodeDeploy`, …
    fn describe(&self) -> String;

    /// Checks a change against what is there. It changes nothing.
    ///
    /// # Errors
    ///
    /// [`NotFound`](crate::ErrorKind::NotFound) when the service does not exist,
    /// [`Invalid`](crate::ErrorKind::Invalid) when the change cannot work: a container that the
    /// task definition does not have, an image for another platform, another kind of controller.
    async fn plan(&self, change: &Change) -> Result<Plan, ProviderError>;

    /// Registers the plan's revision, or names the one that is there. Called again after an error,
    /// it does not register a second time what the call before has registered all the same.
    ///
    /// # Errors
    ///
    /// A transient kind means that another call may succeed,
    /// [`Invalid`](crate::ErrorKind::Invalid) when AWS refuses the task definition, and
    /// [`Internal`](crate::ErrorKind::Internal) when AWS lost a member of it.
    async fn register(&self, plan: &Plan) -> Result<Release, ProviderError>;

    /// Starts the deployment of a revision, and tells which one it is.
    ///
    /// # Errors
    ///
    /// [`Conflict`](crate::ErrorKind::Conflict) when no new deployment was started, because the
    /// service answers with the one that it had before.
    async fn start(&self, plan: &Plan, release: &Release) -> Result<Deployment, ProviderError>;

    /// One look at a deployment.
    ///
    /// # Errors
    ///
    /// Any kind; a transient one means that the next look may succeed.
    async fn observe(&self, deployment: &Deployment) -> Result<Observation, ProviderError>;

    /// Brings the revision back that the service ran before `deployment`. It looks first, since
    /// the controller may have done so already, and it never touches a newer deployment.
    ///
    /// # Errors
    ///
    /// Any kind: the service is then as it was.
    async fn rollback(&self, deployment: &Deployment) -> Result<Rollback, ProviderError>;

    /// Lets a deployment go on that is held: a hook that waits for a person, traffic that waits to
    /// be moved, an old version that waits to be taken down.
    ///
    /// # Errors
    ///
    /// [`Conflict`](crate::ErrorKind::Conflict) when it is not held.
    async fn proceed(&self, deployment: &Deployment) -> Result<(), ProviderError>;

    /// The stages that its deployments go through, in order; empty where there are none.
    fn stages(&self) -> &'static [&'static str];

    /// Collects what explains a failure. It answers with what it could read: an explanation that
    /// lacks a part is better than none.
    async fn evidence(&self, deployment: &Deployment) -> Evidence;

    /// The deployment that is PRIMARY on a service now, for [`rollback`](Self::rollback) by hand
    /// and for taking up a run that was cut off.
    ///
    /// # Errors
    ///
    /// [`NotFound`](crate::ErrorKind::NotFound) when the service does not exist.
    async fn current(&self, service: &ServiceRef) -> Result<Deployment, ProviderError>;
}

/// What a rollback has set going.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Rollback {
    /// The controller rolls the deployment itself back: observe the same deployment until it is
    /// [rolled back](crate::model::DeploymentState::RolledBack).
    UnderWay,
    /// A deployment of the former revision was started: observe that one until it has succeeded.
    Started(Deployment),
    /// The service runs the former revision already.
    AlreadyDone,
    /// There is no former revision to go back to.
    NothingToGoBackTo,
    /// A newer deployment is on the service, and it was left alone.
    Superseded,
}

/// What explains a failure, as it was read.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Evidence {
    /// The controller's own reason.
    pub controller: Option<String>,
    /// Tasks of the deployment that stopped, the latest first.
    pub stopped_tasks: Vec<StoppedTask>,
    /// Targets that are not healthy.
    pub unhealthy_targets: Vec<UnhealthyTarget>,
    /// What the controller said that sounds like a problem, oldest first.
    pub messages: Vec<String>,
    /// What could not be read, and why.
    pub not_read: Vec<String>,
}

/// A task that stopped.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct StoppedTask {
    /// Its id.
    pub id: String,
    /// `TaskFailedToStart`, `EssentialContainerExited`, …
    pub stop_code: Option<String>,
    /// Why, in ECS's words.
    pub stopped_reason: Option<String>,
    /// Its containers.
    pub containers: Vec<StoppedContainer>,
}

/// A container of a task that stopped.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct StoppedContainer {
    /// Its name.
    pub name: String,
    /// Its exit code.
    pub exit_code: Option<i32>,
    /// What the runtime says.
    pub reason: Option<String>,
    /// The last lines that it wrote.
    pub last_lines: Vec<String>,
}

/// A target that is not healthy.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct UnhealthyTarget {
    /// `ID:PORT`.
    pub target: String,
    /// `Target.ResponseCodeMismatch`, …
    pub reason: Option<String>,
    /// In the load balancer's words.
    pub description: Option<String>,
}
