//! ECS's service deployment API: its calls, and its answers without SDK types.

use aws_config::retry::RetryConfig;
use aws_sdk_ecs::config::Builder;
use aws_sdk_ecs::types::{
    DeploymentLifecycleHookDetail, ServiceDeployment, ServiceRevisionSummary,
};
use aws_smithy_types::date_time::Format;

use super::EcsDeployer;
use super::describe::count;
use crate::error::ProviderError;
use crate::model::{Deployment, RevisionRole, TaskDefinitionArn};
use crate::rolling::{HookSnapshot, ServiceDeploymentSnapshot, ShiftedRevision};

/// How many service deployments are searched for ours where its ARN is not known.
const RECENT: i32 = 20;

impl EcsDeployer {
    pub(super) async fn recent_service_deployments(
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
            .flat_map(revisions_of)
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

    pub(super) fn as_snapshot(&self, deployment: &ServiceDeployment) -> ServiceDeploymentSnapshot {
        let text = |text: Option<&str>| text.map(str::to_owned);
        let rollback = deployment.rollback();
        ServiceDeploymentSnapshot {
            arn: text(deployment.service_deployment_arn()).unwrap_or_default(),
            status: deployment
                .status()
                .map_or("", aws_sdk_ecs::types::ServiceDeploymentStatus::as_str)
                .into(),
            status_reason: text(deployment.status_reason()),
            target: self.target_of(deployment),
            rollback_reason: text(rollback.and_then(|rollback| rollback.reason())),
            rollback_target: self.task_definition_of(rollback_revision(deployment)),
            stage: text(deployment.lifecycle_stage().map(|stage| stage.as_str())),
            hooks: deployment
                .lifecycle_hook_details()
                .iter()
                .map(hook)
                .collect(),
            revisions: self.parts(deployment),
            failed_tasks: deployment
                .deployment_circuit_breaker()
                .map_or(0, |breaker| count(breaker.failure_count)),
            alarms: deployment
                .alarms()
                .map(|alarms| alarms.triggered_alarm_names().to_vec())
                .unwrap_or_default(),
        }
    }

    fn parts(&self, deployment: &ServiceDeployment) -> Vec<ShiftedRevision> {
        let new = deployment
            .target_service_revision()
            .map(|new| self.part(new, RevisionRole::New));
        let old = deployment
            .source_service_revisions()
            .iter()
            .map(|old| self.part(old, RevisionRole::Old));
        new.into_iter().chain(old).collect()
    }

    fn part(&self, revision: &ServiceRevisionSummary, role: RevisionRole) -> ShiftedRevision {
        ShiftedRevision {
            role,
            task_definition: self.task_definition_of(revision.arn.clone()),
            desired: count(revision.requested_task_count),
            running: count(revision.running_task_count),
            pending: count(revision.pending_task_count),
            production: revision.requested_production_traffic_weight,
            test: revision.requested_test_traffic_weight,
        }
    }
}

fn hook(detail: &DeploymentLifecycleHookDetail) -> HookSnapshot {
    HookSnapshot {
        id: detail.hook_id().unwrap_or_default().to_owned(),
        // Hooks were all functions before there was another kind.
        kind: detail
            .target_type()
            .map_or("AWS_LAMBDA", |kind| kind.as_str())
            .to_owned(),
        target: detail.target_arn().map(str::to_owned),
        status: detail
            .status()
            .map_or("", |status| status.as_str())
            .to_owned(),
        expires: detail
            .expires_at()
            .and_then(|time| time.fmt(Format::DateTime).ok()),
        timeout_action: detail
            .timeout_action()
            .map(|action| action.as_str().to_owned()),
    }
}

/// For calls that may fail without harm: an endpoint that lacks them shall not cost retries.
pub(super) fn once() -> Builder {
    Builder::new().retry_config(RetryConfig::disabled())
}

/// For reading the history, which an endpoint may lack too, but which nothing else can tell.
pub(super) fn twice() -> Builder {
    Builder::new().retry_config(RetryConfig::standard().with_max_attempts(2))
}

/// Every service revision that a service deployment names.
fn revisions_of(deployment: &ServiceDeployment) -> Vec<String> {
    let sources = deployment.source_service_revisions();
    let sources = sources.iter().filter_map(|source| source.arn.clone());
    target_revision(deployment)
        .into_iter()
        .chain(rollback_revision(deployment))
        .chain(sources)
        .collect()
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
