//! Amazon ECS: the deployer, one-off tasks, what explains its failures, and a service's status.

mod at_once;
mod controller;
pub(in crate::aws) mod create;
pub(in crate::aws) mod describe;
mod evidence;
mod follow;
mod gate;
pub(in crate::aws) mod history;
mod plan;
mod proceed;
mod raw;
mod register;
mod revision;
mod rollback;
mod service_deployments;
mod start;
mod status;
mod strategy;
#[cfg(feature = "aws-elbv2")]
mod target_gate;
mod task_runner;

use std::collections::{HashMap, HashSet};
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, AtomicU32};
use std::time::Duration;

use async_trait::async_trait;

use crate::aws::{AwsConfig, Errors};
use crate::error::ProviderError;
use crate::model::{
    Change, Deployment, DeploymentId, ECS_STAGES, Observation, Plan, Release, ServiceRef,
};
use crate::provider::{Deployer, Evidence, Rollback};

pub use controller::Controller;
pub use gate::ServiceStableGate;
#[cfg(feature = "aws-doctor")]
pub(in crate::aws) use raw::RawBodies;
pub use status::{PastDeployment, PresentDeployment, ServiceStatus};
#[cfg(feature = "aws-elbv2")]
pub use target_gate::TargetHealthGate;
pub use task_runner::EcsTaskRunner;

/// Changes a service whose deployment controller is ECS, by whichever strategy, and follows the
/// very deployment it started.
///
/// A look at a rolling update is one `DescribeServices`. Only when that looks like an end is it
/// confirmed through ECS's service deployment API; an endpoint that lacks this API is followed by
/// the deployment's id alone. A look at a deployment that shifts traffic is one
/// `DescribeServiceDeployments`, and its end is confirmed by `DescribeServices`.
#[derive(Debug)]
pub struct EcsDeployer {
    client: aws_sdk_ecs::Client,
    errors: Errors,
    #[cfg(feature = "aws-elbv2")]
    elbv2: Option<crate::aws::elbv2::TargetGroups>,
    /// Whether every look reads the targets' health too.
    #[cfg(feature = "aws-elbv2")]
    look_at_targets: bool,
    #[cfg(feature = "aws-logs")]
    logs: Option<crate::aws::logs::LogReader>,
    known: Mutex<Known>,
    /// Set once the endpoint has shown that it lacks the service deployment API.
    no_service_deployments: AtomicBool,
    /// How often in a row that API, which is there, did not answer.
    unanswered: AtomicU32,
}

/// What earlier calls showed. Losing it costs calls, never the truth of a verdict.
#[derive(Debug, Default)]
struct Known {
    /// Per service: its `currentServiceDeployment` when the change was planned.
    before: HashMap<ServiceRef, Option<String>>,
    /// Per deployment that is followed.
    deployments: HashMap<DeploymentId, Followed>,
    /// Families of which a revision may have been registered without an answer.
    unsure: HashSet<String>,
    /// Service revision ARN to task definition ARN.
    revisions: HashMap<String, String>,
    /// Per deployment that goes back: the `deploymentConfiguration` that the service had.
    configurations: HashMap<DeploymentId, serde_json::Value>,
    /// Why the service deployment API may not be read.
    denied: Option<String>,
}

/// What is remembered about a deployment that is followed.
#[derive(Debug, Clone, Default)]
struct Followed {
    former_primary: Option<DeploymentId>,
    seen: bool,
    since: Option<i64>,
    service_deployment: Option<String>,
    api: Option<crate::rolling::ServiceDeploymentSnapshot>,
    target_groups: Vec<String>,
    /// Whether it shifts traffic.
    shifts: bool,
    /// Whether the old side was seen to drain, and since when.
    saw_draining: bool,
    draining_after: Option<Duration>,
}

impl EcsDeployer {
    /// A deployer that needs ECS permissions only.
    #[must_use]
    pub fn new(config: &AwsConfig) -> Self {
        Self {
            client: aws_sdk_ecs::Client::new(config.sdk()),
            errors: config.errors(),
            #[cfg(feature = "aws-elbv2")]
            elbv2: None,
            #[cfg(feature = "aws-elbv2")]
            look_at_targets: false,
            #[cfg(feature = "aws-logs")]
            logs: None,
            known: Mutex::default(),
            no_service_deployments: AtomicBool::new(false),
            unanswered: AtomicU32::new(0),
        }
    }

    /// Lets the plan know how long targets drain, and a failure's evidence name targets that are
    /// not healthy. Needs `elasticloadbalancing:Describe*`; costs one call a deployment.
    #[cfg(feature = "aws-elbv2")]
    #[must_use]
    pub fn with_load_balancing(mut self, config: &AwsConfig) -> Self {
        self.elbv2 = Some(crate::aws::elbv2::TargetGroups::new(config));
        self
    }

    /// Makes every look count the targets by their state: one more call a look and target group.
    #[cfg(feature = "aws-elbv2")]
    #[must_use]
    pub fn with_targets(self, config: &AwsConfig) -> Self {
        let mut with = self.with_load_balancing(config);
        with.look_at_targets = true;
        with
    }

    /// Adds the last lines of containers that died to a failure's evidence. Needs
    /// `logs:GetLogEvents`.
    #[cfg(feature = "aws-logs")]
    #[must_use]
    pub fn with_logs(mut self, config: &AwsConfig) -> Self {
        self.logs = Some(crate::aws::logs::LogReader::new(config));
        self
    }

    fn known(&self) -> std::sync::MutexGuard<'_, Known> {
        // What is known stays usable when a holder panicked: it is only ever added to.
        self.known
            .lock()
            .unwrap_or_else(std::sync::PoisonError::into_inner)
    }

    fn followed(&self, id: &DeploymentId) -> Followed {
        self.known()
            .deployments
            .get(id)
            .cloned()
            .unwrap_or_default()
    }

    fn remember(&self, id: &DeploymentId, change: impl FnOnce(&mut Followed)) {
        change(self.known().deployments.entry(id.clone()).or_default());
    }
}

#[async_trait]
impl Deployer for EcsDeployer {
    fn describe(&self) -> String {
        "ECS".to_owned()
    }

    async fn plan(&self, change: &Change) -> Result<Plan, ProviderError> {
        self.plan_change(change).await
    }

    async fn register(&self, plan: &Plan) -> Result<Release, ProviderError> {
        self.register_revision(plan).await
    }

    async fn start(&self, plan: &Plan, release: &Release) -> Result<Deployment, ProviderError> {
        self.start_deployment(plan, release).await
    }

    async fn observe(&self, deployment: &Deployment) -> Result<Observation, ProviderError> {
        let mut seen = self.look_at(deployment).await?;
        self.restore_configuration(deployment, &mut seen).await;
        Ok(seen)
    }

    async fn rollback(&self, deployment: &Deployment) -> Result<Rollback, ProviderError> {
        self.bring_back(deployment).await
    }

    async fn proceed(&self, deployment: &Deployment) -> Result<(), ProviderError> {
        self.continue_deployment(deployment).await
    }

    fn stages(&self) -> &'static [&'static str] {
        ECS_STAGES
    }

    async fn evidence(&self, deployment: &Deployment) -> Evidence {
        self.collect_evidence(deployment).await
    }

    async fn current(&self, service: &ServiceRef) -> Result<Deployment, ProviderError> {
        self.current_deployment(service).await
    }
}

#[cfg(all(test, feature = "aws-ecr"))]
mod shift_tests;
#[cfg(all(test, feature = "aws-ecr"))]
mod tests;
