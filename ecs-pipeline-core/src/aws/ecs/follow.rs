//! One look at a deployment: DescribeServices, and a confirmation only of what looks like an end.

use std::sync::atomic::Ordering;

use aws_config::retry::RetryConfig;
use aws_sdk_ecs::config::Builder;
use aws_sdk_ecs::types::ServiceDeployment;

use super::EcsDeployer;
use super::describe::{millis, snapshot, target_groups};
use crate::error::{ErrorKind, ProviderError};
use crate::model::{Deployment, DeploymentState, Observation, TargetCounts, TaskDefinitionArn};
use crate::rolling::{
    RolloutState, ServiceDeploymentSnapshot, ServiceDeploymentStatus, ServiceSnapshot,
    draining_after, messages_since, revision_counts, state_of,
};

/// How many service deployments are searched for ours where its ARN is not known.
const RECENT: i32 = 20;

/// How many looks in a row may fail for want of an answer of the service deployment API alone.
const PATIENCE: u32 = 2;

/// How much earlier than the deployment its service deployment may have been created, in
/// milliseconds: ECS writes both down for one UpdateService.
const SLACK: i64 = 10_000;

impl EcsDeployer {
    pub(super) async fn look_at(&self, ours: &Deployment) -> Result<Observation, ProviderError> {
        let view = self.view(ours).await?;
        let groups = self.followed(&ours.id).target_groups;
        Ok(Observation {
            revisions: revision_counts(ours, &view),
            targets: self.target_counts(&groups).await,
            messages: messages_since(ours, &view),
            draining_after: draining_after(ours, &view),
            ..Observation::new(state_of(ours, &view))
        })
    }

    /// The service as it stands, with the service deployment API's word where it matters.
    pub(super) async fn view(&self, ours: &Deployment) -> Result<ServiceSnapshot, ProviderError> {
        let Some(service) = self.describe_service(&ours.service).await? else {
            return Ok(ServiceSnapshot::missing());
        };
        let mut view = snapshot(&service);
        let current = service.current_service_deployment();
        self.learn(ours, &view, current, target_groups(&service));
        let followed = self.followed(&ours.id);
        view.former_primary = followed.former_primary;
        view.seen_before = followed.seen;
        view.since = followed.since;
        let rolls_on = followed.api.as_ref().is_some_and(is_rolling_back) && !primary_ended(&view);
        if rolls_on {
            view.service_deployment = followed.api;
        } else if looks_like_an_end(ours, &view)
            || followed.api.as_ref().is_some_and(is_rolling_back)
        {
            view.service_deployment = self.confirm(ours, &view).await?;
        }
        Ok(view)
    }

    fn learn(
        &self,
        ours: &Deployment,
        view: &ServiceSnapshot,
        current: Option<&str>,
        groups: Vec<String>,
    ) {
        let before = self.known().before.get(&ours.service).cloned().flatten();
        let is_primary = view.primary().is_some_and(|primary| primary.id == ours.id);
        let created = view.deployment(&ours.id).map(|found| found.created_at);
        self.remember(&ours.id, |followed| {
            followed.target_groups = groups;
            if let Some(created) = created {
                followed.seen = true;
                followed.since = Some(created);
            }
            if followed.service_deployment.is_none() {
                followed.service_deployment = ours.service_deployment.clone().or_else(|| {
                    current
                        .filter(|_| is_primary)
                        .map(str::to_owned)
                        .filter(|arn| before.as_ref() != Some(arn))
                });
            }
        });
    }

    /// What the service deployment API says; `None` where it is not to be had.
    async fn confirm(
        &self,
        ours: &Deployment,
        view: &ServiceSnapshot,
    ) -> Result<Option<ServiceDeploymentSnapshot>, ProviderError> {
        if self.no_service_deployments.load(Ordering::Relaxed) {
            return Ok(None);
        }
        match self.read_service_deployment(ours, view).await {
            Ok(found) => {
                self.unanswered.store(0, Ordering::Relaxed);
                self.remember(&ours.id, |followed| followed.api.clone_from(&found));
                Ok(found)
            }
            // The next look may be answered.
            Err(error) if error.kind() == ErrorKind::Throttled => Err(error),
            // One bad answer does not make an API absent that has shown itself. Several must not
            // keep a rollback from starting.
            Err(error)
                if error.kind().is_transient()
                    && self.has_service_deployments(ours)
                    && self.unanswered.fetch_add(1, Ordering::Relaxed) < PATIENCE =>
            {
                Err(error)
            }
            Err(error) => {
                tracing::debug!(%error, "no service deployment API here: following the deployment's id");
                self.no_service_deployments.store(true, Ordering::Relaxed);
                Ok(None)
            }
        }
    }

    /// Whether the endpoint has shown that it has the service deployment API.
    fn has_service_deployments(&self, ours: &Deployment) -> bool {
        let followed = self.followed(&ours.id);
        followed.service_deployment.is_some() || followed.api.is_some()
    }

    async fn read_service_deployment(
        &self,
        ours: &Deployment,
        view: &ServiceSnapshot,
    ) -> Result<Option<ServiceDeploymentSnapshot>, ProviderError> {
        let arns = match self.followed(&ours.id).service_deployment {
            Some(arn) => vec![arn],
            None => self.recent_service_deployments(ours).await?,
        };
        let found = self.describe_service_deployments(arns).await?;
        self.learn_revisions(&found).await?;
        let since = view
            .deployment(&ours.id)
            .map(|one| one.created_at)
            .or(view.since);
        let ours_is = found
            .iter()
            .filter(|one| self.target_of(one).as_ref() == Some(&ours.task_definition))
            // An earlier deployment of the same revision says nothing about this one.
            .filter(|one| since.is_none_or(|since| millis(one.created_at()) >= since - SLACK))
            .min_by_key(|one| since.map_or(0, |since| (millis(one.created_at()) - since).abs()));
        let found = ours_is.map(|one| self.as_snapshot(one));
        if let Some(found) = &found {
            self.remember(&ours.id, |followed| {
                followed.service_deployment = Some(found.arn.clone());
            });
        }
        Ok(found)
    }

    async fn recent_service_deployments(
        &self,
        ours: &Deployment,
    ) -> Result<Vec<String>, ProviderError> {
        let answer = self
            .client
            .list_service_deployments()
            .cluster(&ours.service.cluster)
            .service(&ours.service.service)
            .max_results(RECENT)
            .customize()
            .config_override(once())
            .send()
            .await
            .map_err(|error| {
                self.errors.map(
                    "ecs:ListServiceDeployments",
                    ours.service.to_string(),
                    error,
                )
            })?;
        let briefs = answer.service_deployments.unwrap_or_default();
        Ok(briefs
            .into_iter()
            .filter_map(|brief| brief.service_deployment_arn)
            .collect())
    }

    pub(super) async fn describe_service_deployments(
        &self,
        arns: Vec<String>,
    ) -> Result<Vec<ServiceDeployment>, ProviderError> {
        if arns.is_empty() {
            return Ok(Vec::new());
        }
        let target = arns.first().cloned().unwrap_or_default();
        let answer = self
            .client
            .describe_service_deployments()
            .set_service_deployment_arns(Some(arns))
            .customize()
            .config_override(once())
            .send()
            .await
            .map_err(|error| {
                self.errors
                    .map("ecs:DescribeServiceDeployments", target, error)
            })?;
        Ok(answer.service_deployments.unwrap_or_default())
    }

    /// Reads which task definitions the service revisions stand for, once each.
    pub(super) async fn learn_revisions(
        &self,
        deployments: &[ServiceDeployment],
    ) -> Result<(), ProviderError> {
        let mut wanted: Vec<String> = deployments
            .iter()
            .flat_map(|one| [target_revision(one), rollback_revision(one)])
            .flatten()
            .filter(|arn| !self.known().revisions.contains_key(arn))
            .collect();
        wanted.sort_unstable();
        wanted.dedup();
        for arns in wanted.chunks(20) {
            let answer = self
                .client
                .describe_service_revisions()
                .set_service_revision_arns(Some(arns.to_vec()))
                .customize()
                .config_override(once())
                .send()
                .await
                .map_err(|error| {
                    let target = arns.first().cloned().unwrap_or_default();
                    self.errors
                        .map("ecs:DescribeServiceRevisions", target, error)
                })?;
            let mut known = self.known();
            for revision in answer.service_revisions.unwrap_or_default() {
                if let (Some(arn), Some(definition)) =
                    (revision.service_revision_arn, revision.task_definition)
                {
                    known.revisions.insert(arn, definition);
                }
            }
        }
        Ok(())
    }

    pub(super) fn target_of(&self, deployment: &ServiceDeployment) -> Option<TaskDefinitionArn> {
        self.task_definition_of(target_revision(deployment))
    }

    fn task_definition_of(&self, revision: Option<String>) -> Option<TaskDefinitionArn> {
        self.known().revisions.get(&revision?)?.parse().ok()
    }

    fn as_snapshot(&self, deployment: &ServiceDeployment) -> ServiceDeploymentSnapshot {
        ServiceDeploymentSnapshot {
            arn: deployment
                .service_deployment_arn()
                .unwrap_or_default()
                .to_owned(),
            status: deployment
                .status()
                .map_or("", aws_sdk_ecs::types::ServiceDeploymentStatus::as_str)
                .into(),
            status_reason: deployment.status_reason().map(str::to_owned),
            target: self.target_of(deployment),
            rollback_reason: deployment
                .rollback()
                .and_then(|rollback| rollback.reason())
                .map(str::to_owned),
            rollback_target: self.task_definition_of(rollback_revision(deployment)),
        }
    }

    #[cfg(feature = "aws-elbv2")]
    async fn target_counts(&self, groups: &[String]) -> Option<TargetCounts> {
        let elbv2 = self.elbv2.as_ref().filter(|_| self.look_at_targets)?;
        let mut counts = TargetCounts::default();
        for group in groups {
            match elbv2.targets(group).await {
                Ok(targets) => targets
                    .iter()
                    .for_each(|target| target.count_into(&mut counts)),
                // They are shown, and decide nothing: a permission that is missing here must not
                // cost the verdict.
                Err(error) => {
                    tracing::debug!(%error, "targets not read");
                    return None;
                }
            }
        }
        Some(counts)
    }

    #[cfg(not(feature = "aws-elbv2"))]
    async fn target_counts(&self, _groups: &[String]) -> Option<TargetCounts> {
        None
    }
}

/// For calls that may fail without harm: an endpoint that lacks them shall not cost retries.
pub(in crate::aws) fn once() -> Builder {
    Builder::new().retry_config(RetryConfig::disabled())
}

/// For reading the history, which an endpoint may lack too, but which nothing else can tell.
pub(super) fn twice() -> Builder {
    Builder::new().retry_config(RetryConfig::standard().with_max_attempts(2))
}

fn is_rolling_back(api: &ServiceDeploymentSnapshot) -> bool {
    matches!(
        api.status,
        ServiceDeploymentStatus::RollbackRequested | ServiceDeploymentStatus::RollbackInProgress
    )
}

/// Whether PRIMARY, whichever it is, no longer goes on.
fn primary_ended(view: &ServiceSnapshot) -> bool {
    view.primary()
        .is_some_and(|primary| primary.rollout_state != Some(RolloutState::InProgress))
}

fn looks_like_an_end(ours: &Deployment, view: &ServiceSnapshot) -> bool {
    !matches!(
        state_of(ours, view),
        DeploymentState::InProgress
            | DeploymentState::RollingBack { .. }
            | DeploymentState::ServiceGone { .. }
    )
}

fn target_revision(deployment: &ServiceDeployment) -> Option<String> {
    deployment
        .target_service_revision()?
        .arn()
        .map(str::to_owned)
}

fn rollback_revision(deployment: &ServiceDeployment) -> Option<String> {
    deployment
        .rollback()?
        .service_revision_arn()
        .map(str::to_owned)
}
