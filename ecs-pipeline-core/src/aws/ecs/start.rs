//! UpdateService or CreateService, and which deployment it started.

use std::time::Duration;

use aws_sdk_ecs::types::Service;
use serde_json::{Value, json};

use super::EcsDeployer;
use super::describe::{all_target_groups, shifts_traffic, snapshot};
use super::raw::RawBodies;
use super::service_deployments::once;
use super::strategy::waits;
use crate::error::{ErrorKind, ProviderError};
use crate::model::{Deployment, DeploymentId, Plan, Release, ServiceRef, TaskDefinitionArn};

const OPERATION: &str = "ecs:UpdateService";

impl EcsDeployer {
    pub(super) async fn start_deployment(
        &self,
        plan: &Plan,
        release: &Release,
    ) -> Result<Deployment, ProviderError> {
        let started = self.set_going(plan, &release.task_definition).await?;
        let before = self.known().before.get(&plan.service).cloned().flatten();
        let service_deployment = started
            .service_deployment
            .filter(|arn| before.as_ref() != Some(arn));
        let deployment = Deployment {
            last_good: plan.last_good.clone(),
            service_deployment,
            deregistration_delay: plan.deregistration_delay,
            waits: started.waits,
            ..Deployment::new(
                plan.service.clone(),
                started.id,
                release.task_definition.clone(),
            )
        };
        Ok(deployment)
    }

    async fn set_going(
        &self,
        plan: &Plan,
        revision: &TaskDefinitionArn,
    ) -> Result<Started, ProviderError> {
        if let Some(body) = &plan.creates {
            let started = self
                .start_by_creating(&plan.service, body, revision)
                .await?;
            self.follow_started(&started, None);
            return Ok(started);
        }
        let configuration = match &plan.strategy {
            Some(strategy) => Some(self.with_strategy(&plan.service, strategy).await?),
            None => None,
        };
        let update = Update {
            force: plan.force_new_deployment,
            former: plan.current_deployment.as_ref(),
            configuration,
        };
        self.update_service(&plan.service, revision, update).await
    }

    /// Sets a service to a revision and nothing else that was not asked for: never its desired
    /// count, which may be an auto scaler's.
    pub(super) async fn update_service(
        &self,
        service: &ServiceRef,
        revision: &TaskDefinitionArn,
        update: Update<'_>,
    ) -> Result<Started, ProviderError> {
        let Update { force, former, .. } = update;
        let request = self
            .client
            .update_service()
            .cluster(&service.cluster)
            .service(&service.service)
            .task_definition(revision.as_str())
            .force_new_deployment(force)
            .customize();
        let request = match update.configuration {
            Some(configuration) => request.interceptor(RawBodies::sending(&json!({
                "cluster": service.cluster, "service": service.service,
                "taskDefinition": revision.as_str(), "forceNewDeployment": force,
                "deploymentConfiguration": configuration,
            }))),
            None => request,
        };
        // Setting the same revision again starts nothing, but forcing it again does: the SDK must
        // not when an answer is lost.
        let request = if force {
            request.config_override(once())
        } else {
            request
        };
        let answer = request
            .send()
            .await
            .map_err(|error| self.errors.map(OPERATION, service.to_string(), error))?;
        let started = answer
            .service()
            .and_then(|answer| started(answer, revision, former));
        let Some(started) = started else {
            return Err(no_new_deployment(service, revision, force));
        };
        self.follow_started(&started, former);
        Ok(started)
    }

    fn follow_started(&self, started: &Started, former: Option<&DeploymentId>) {
        self.remember(&started.id, |followed| {
            followed.former_primary = former.cloned();
            followed.since = Some(started.since);
            followed.shifts = started.shifts;
            followed.target_groups.clone_from(&started.target_groups);
        });
    }
}

/// What UpdateService is to do beside setting the revision.
#[derive(Debug, Default)]
pub(super) struct Update<'a> {
    /// Start a deployment even when nothing changes.
    pub(super) force: bool,
    /// The deployment that is PRIMARY before.
    pub(super) former: Option<&'a DeploymentId>,
    /// The whole `deploymentConfiguration`, where it is to change.
    pub(super) configuration: Option<Value>,
}

/// What UpdateService or CreateService set going.
#[derive(Debug)]
pub(super) struct Started {
    pub(super) id: DeploymentId,
    service_deployment: Option<String>,
    since: i64,
    /// How long it waits by design.
    pub(super) waits: Duration,
    shifts: bool,
    target_groups: Vec<String>,
}

pub(super) fn started(
    service: &Service,
    revision: &TaskDefinitionArn,
    former: Option<&DeploymentId>,
) -> Option<Started> {
    let view = snapshot(service);
    let primary = view.primary()?;
    let is_new = Some(&primary.id) != former && primary.task_definition == *revision;
    is_new.then(|| Started {
        id: primary.id.clone(),
        service_deployment: service.current_service_deployment().map(str::to_owned),
        since: primary.created_at,
        waits: waits(service),
        shifts: shifts_traffic(service),
        target_groups: all_target_groups(service),
    })
}

fn no_new_deployment(
    service: &ServiceRef,
    revision: &TaskDefinitionArn,
    force: bool,
) -> ProviderError {
    let hint = if force {
        "some emulators never start deployments; `ecs-pipeline status` shows what there is"
    } else {
        "use --force-new-deployment where the service is set to this revision already; some emulators never start deployments"
    };
    ProviderError::new(
        ErrorKind::Conflict,
        OPERATION,
        service.to_string(),
        format!(
            "UpdateService started no new deployment of {}",
            revision.short()
        ),
    )
    .with_hint(hint)
}
