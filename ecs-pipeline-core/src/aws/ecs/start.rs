//! UpdateService, and which deployment it started.

use aws_sdk_ecs::types::Service;

use super::EcsDeployer;
use super::describe::snapshot;
use super::follow::once;
use crate::error::{ErrorKind, ProviderError};
use crate::model::{Deployment, DeploymentId, Plan, Release, ServiceRef, TaskDefinitionArn};

const OPERATION: &str = "ecs:UpdateService";

impl EcsDeployer {
    pub(super) async fn start_deployment(
        &self,
        plan: &Plan,
        release: &Release,
    ) -> Result<Deployment, ProviderError> {
        let started = self
            .update_service(
                &plan.service,
                &release.task_definition,
                plan.force_new_deployment,
                plan.current_deployment.as_ref(),
            )
            .await?;
        let before = self.known().before.get(&plan.service).cloned().flatten();
        let service_deployment = started
            .service_deployment
            .filter(|arn| before.as_ref() != Some(arn));
        let deployment = Deployment {
            last_good: plan.last_good.clone(),
            service_deployment,
            deregistration_delay: plan.deregistration_delay,
            ..Deployment::new(
                plan.service.clone(),
                started.id,
                release.task_definition.clone(),
            )
        };
        Ok(deployment)
    }

    /// Sets a service to a revision and nothing else: never its desired count, which may be an
    /// auto scaler's.
    pub(super) async fn update_service(
        &self,
        service: &ServiceRef,
        revision: &TaskDefinitionArn,
        force: bool,
        former: Option<&DeploymentId>,
    ) -> Result<Started, ProviderError> {
        let update = self
            .client
            .update_service()
            .cluster(&service.cluster)
            .service(&service.service)
            .task_definition(revision.as_str())
            .force_new_deployment(force)
            .customize();
        // Setting the same revision again starts nothing, but forcing it again does: the SDK must
        // not when an answer is lost.
        let update = if force {
            update.config_override(once())
        } else {
            update
        };
        let answer = update
            .send()
            .await
            .map_err(|error| self.errors.map(OPERATION, service.to_string(), error))?;
        let started = answer
            .service()
            .and_then(|answer| started(answer, revision, former));
        let Some(started) = started else {
            return Err(no_new_deployment(service, revision, force));
        };
        let since = started.since;
        self.remember(&started.id, |followed| {
            followed.former_primary = former.cloned();
            followed.since = Some(since);
        });
        Ok(started)
    }
}

/// What UpdateService set going.
#[derive(Debug)]
pub(super) struct Started {
    pub(super) id: DeploymentId,
    service_deployment: Option<String>,
    since: i64,
}

fn started(
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
