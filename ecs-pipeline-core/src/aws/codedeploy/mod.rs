//! AWS CodeDeploy: the deployer for services whose deployments are CodeDeploy's.
//!
//! CodeDeploy brings the new revision up beside the old one (green beside blue), moves the traffic
//! from one target group to the other, keeps blue for a while, and takes it down. A deployment
//! group takes one deployment at a time, and a rollback is a deployment of its own that the first
//! one names.

mod app_spec;
mod calls;
mod create;
mod current;
mod evidence;
mod follow;
mod group;
mod plan;
mod proceed;
mod revision;
mod rollback;
mod settings;
mod start;
mod target;
mod verdict;
mod waits;

use std::collections::HashMap;
use std::sync::Mutex;
use std::time::Duration;

use async_trait::async_trait;
use aws_sdk_codedeploy::types::DeploymentInfo;
use tokio_util::sync::CancellationToken;

use crate::aws::ecs::EcsDeployer;
use crate::aws::{AwsConfig, Errors};
use crate::error::ProviderError;
use crate::model::{
    CODE_DEPLOY_STAGES, Change, Deployment, DeploymentId, Observation, Plan, Release, ServiceRef,
    TaskDefinitionArn,
};
use crate::provider::{Deployer, Evidence, Rollback};

use app_spec::Route;
pub use settings::{CodeDeploySettings, RevisionStore, RollbackEvent, WhenBusy};

/// Changes a service by CodeDeploy's blue/green deployments, and follows the very deployment it
/// started and the rollback that this one names.
///
/// A look is one `GetDeployment` and one `BatchGetDeploymentTargets`; the service itself is read
/// when a task set appears that was not there before, and at the end.
#[derive(Debug)]
pub struct CodeDeployDeployer {
    client: aws_sdk_codedeploy::Client,
    errors: Errors,
    /// Services, task definitions, tasks and targets are read as for ECS's own deployments.
    ecs: EcsDeployer,
    #[cfg(feature = "aws-s3")]
    objects: crate::aws::s3::Objects,
    settings: CodeDeploySettings,
    /// Ends the waiting for a busy group.
    stop: CancellationToken,
    known: Mutex<Known>,
}

/// What earlier calls showed. Losing it costs calls, never the truth of a verdict.
#[derive(Debug, Default)]
struct Known {
    /// Per service: the container and port that its load balancer sends requests to.
    routes: HashMap<ServiceRef, Route>,
    /// Per service: how long its deployments wait by design.
    waits: HashMap<ServiceRef, Duration>,
    /// Per CodeDeploy deployment, rollbacks too: the revision that it brings.
    revisions: HashMap<String, TaskDefinitionArn>,
    /// Per CodeDeploy deployment, rollbacks too: its target.
    targets: HashMap<String, String>,
    /// Per task set: the revision that it runs.
    task_sets: HashMap<String, TaskDefinitionArn>,
    followed: HashMap<DeploymentId, Followed>,
}

/// What is remembered about a deployment that is followed.
#[derive(Debug, Clone, Default)]
struct Followed {
    /// The task set of the new revision.
    green: Option<String>,
    /// The share of the traffic that the new revision was last seen to have, in percent.
    share: Option<f64>,
    /// When it was created, in milliseconds.
    since: Option<i64>,
    /// This run has stopped it.
    stopped: bool,
    /// The deployment itself once it has failed and named its rollback: it changes no more.
    failed: Option<DeploymentInfo>,
    /// How many looks in a row showed a failure without a rollback.
    unnamed: u32,
}

impl CodeDeployDeployer {
    /// A deployer that needs permissions of CodeDeploy and ECS only, and those of S3 where the
    /// revision goes there.
    #[must_use]
    pub fn new(config: &AwsConfig, settings: CodeDeploySettings) -> Self {
        Self {
            client: aws_sdk_codedeploy::Client::new(config.sdk()),
            errors: config.errors(),
            ecs: EcsDeployer::new(config),
            #[cfg(feature = "aws-s3")]
            objects: crate::aws::s3::Objects::new(config),
            settings,
            stop: CancellationToken::new(),
            known: Mutex::default(),
        }
    }

    /// Ends the waiting for a busy group ([`WhenBusy`]) when this is cancelled: nothing has been
    /// started then.
    #[must_use]
    pub fn stopping_at(mut self, stop: CancellationToken) -> Self {
        self.stop = stop;
        self
    }

    /// Lets a failure's evidence name targets that are not healthy. Needs
    /// `elasticloadbalancing:Describe*`.
    #[cfg(feature = "aws-elbv2")]
    #[must_use]
    pub fn with_load_balancing(mut self, config: &AwsConfig) -> Self {
        self.ecs = self.ecs.with_load_balancing(config);
        self
    }

    /// Adds the last lines of containers that died to a failure's evidence. Needs
    /// `logs:GetLogEvents`.
    #[cfg(feature = "aws-logs")]
    #[must_use]
    pub fn with_logs(mut self, config: &AwsConfig) -> Self {
        self.ecs = self.ecs.with_logs(config);
        self
    }

    fn known(&self) -> std::sync::MutexGuard<'_, Known> {
        // What is known stays usable when a holder panicked: it is only ever added to.
        self.known
            .lock()
            .unwrap_or_else(std::sync::PoisonError::into_inner)
    }

    /// How long a service's deployments wait by design, as far as that was read.
    fn known_waits(&self, service: &ServiceRef) -> Duration {
        self.known().waits.get(service).copied().unwrap_or_default()
    }

    fn followed(&self, id: &DeploymentId) -> Followed {
        self.known().followed.get(id).cloned().unwrap_or_default()
    }

    fn remember(&self, id: &DeploymentId, change: impl FnOnce(&mut Followed)) {
        change(self.known().followed.entry(id.clone()).or_default());
    }
}

#[async_trait]
impl Deployer for CodeDeployDeployer {
    fn describe(&self) -> String {
        "CodeDeploy".to_owned()
    }

    async fn plan(&self, change: &Change) -> Result<Plan, ProviderError> {
        self.plan_change(change).await
    }

    async fn register(&self, plan: &Plan) -> Result<Release, ProviderError> {
        self.ecs.register(plan).await
    }

    /// The one call that may take long: see [`WhenBusy`]. No other provider waits, and this one
    /// does since nobody else can: only the answer of `CreateDeployment` says whether the group is
    /// free, and by which deployment it is taken.
    async fn start(&self, plan: &Plan, release: &Release) -> Result<Deployment, ProviderError> {
        self.start_deployment(plan, release).await
    }

    async fn observe(&self, deployment: &Deployment) -> Result<Observation, ProviderError> {
        self.look_at(deployment).await
    }

    async fn rollback(&self, deployment: &Deployment) -> Result<Rollback, ProviderError> {
        self.bring_back(deployment).await
    }

    async fn proceed(&self, deployment: &Deployment) -> Result<(), ProviderError> {
        self.continue_deployment(deployment).await
    }

    fn stages(&self) -> &'static [&'static str] {
        CODE_DEPLOY_STAGES
    }

    async fn evidence(&self, deployment: &Deployment) -> Evidence {
        self.collect_evidence(deployment).await
    }

    async fn current(&self, service: &ServiceRef) -> Result<Deployment, ProviderError> {
        self.current_deployment(service).await
    }
}

#[cfg(all(test, feature = "aws-ecr"))]
mod tests;
