//! The way back: look first, never touch a newer deployment, let ECS do it where it can.

use aws_sdk_ecs::types::{DeploymentLifecycleHookAction, StopServiceDeploymentStopType};

use super::EcsDeployer;
use super::at_once::at_once;
use super::service_deployments::once;
use super::start::Update;
use crate::error::{ErrorKind, ProviderError};
use crate::model::{Deployment, DeploymentState, TaskDefinitionArn};
use crate::provider::Rollback;
use crate::rolling::{
    DeploymentSnapshot, HookSnapshot, RolloutState, ServiceDeploymentSnapshot,
    ServiceDeploymentStatus, ServiceSnapshot, last_good, state_of,
};

impl EcsDeployer {
    pub(super) async fn bring_back(&self, ours: &Deployment) -> Result<Rollback, ProviderError> {
        let view = self.view(ours).await?;
        match state_of(ours, &view) {
            // Back, but not where this rollback is to go (`--to`).
            DeploymentState::RolledBack { to: Some(to), .. }
                if ours.last_good.as_ref().is_some_and(|wanted| *wanted != to) =>
            {
                self.deploy_last_good(ours, &view).await
            }
            DeploymentState::RolledBack { .. } => Ok(Rollback::AlreadyDone),
            DeploymentState::RollingBack { .. } => Ok(Rollback::UnderWay),
            DeploymentState::Superseded { .. } => Ok(went_back(ours, &view)),
            DeploymentState::ServiceGone { reason } => Err(ProviderError::new(
                ErrorKind::NotFound,
                "rollback",
                ours.service.to_string(),
                reason,
            )),
            DeploymentState::InProgress => self.stop(ours, &view).await,
            DeploymentState::Succeeded
            | DeploymentState::Failed { .. }
            | DeploymentState::RollbackFailed { .. } => self.deploy_last_good(ours, &view).await,
        }
    }

    /// A deployment in flight is ECS's to stop; where it cannot, the former revision is deployed.
    async fn stop(
        &self,
        ours: &Deployment,
        view: &ServiceSnapshot,
    ) -> Result<Rollback, ProviderError> {
        if ours.last_good.is_none() {
            return Ok(Rollback::NothingToGoBackTo);
        }
        // ECS goes back to its last completed deployment, wherever this rollback is to go.
        let theirs = last_good(view);
        if theirs.is_some() && theirs != ours.last_good {
            return self.deploy_last_good(ours, view).await;
        }
        let Some(arn) = self.service_deployment_of(ours) else {
            return self.deploy_last_good(ours, view).await;
        };
        let held = view
            .service_deployment
            .as_ref()
            .and_then(|api| api.held_by());
        match self.take_back(&arn, held).await {
            Ok(()) => {
                self.remember(&ours.id, |followed| followed.api = Some(requested(arn)));
                Ok(Rollback::UnderWay)
            }
            Err(error) if error.kind() == ErrorKind::Unauthenticated => Err(error),
            Err(error) => {
                tracing::debug!(%error, "ECS does not take it back: deploying the former revision");
                self.deploy_last_good(ours, view).await
            }
        }
    }

    /// A hook that waits is answered; it may go on at the same moment, and then is stopped too.
    async fn take_back(&self, arn: &str, held: Option<&HookSnapshot>) -> Result<(), ProviderError> {
        if let Some(hook) = held {
            let action = DeploymentLifecycleHookAction::Rollback;
            match self.answer_hook(arn, hook, action).await {
                Err(error) if error.kind() != ErrorKind::Unauthenticated => {
                    tracing::debug!(%error, "the hook does not take it back: stopping it");
                }
                answered => return answered,
            }
        }
        self.stop_service_deployment(arn).await
    }

    async fn stop_service_deployment(&self, arn: &str) -> Result<(), ProviderError> {
        self.client
            .stop_service_deployment()
            .service_deployment_arn(arn)
            .stop_type(StopServiceDeploymentStopType::Rollback)
            .customize()
            .config_override(once())
            .send()
            .await
            .map_err(|error| self.errors.map("ecs:StopServiceDeployment", arn, error))?;
        Ok(())
    }

    async fn deploy_last_good(
        &self,
        ours: &Deployment,
        view: &ServiceSnapshot,
    ) -> Result<Rollback, ProviderError> {
        let Some(last_good) = &ours.last_good else {
            return Ok(Rollback::NothingToGoBackTo);
        };
        let primary = view.primary();
        let runs_it = primary
            .is_some_and(|primary| primary.task_definition == *last_good && primary.is_completed());
        if runs_it {
            return Ok(Rollback::AlreadyDone);
        }
        // ECS starts nothing when the service is set to the revision already, unless it is forced.
        let force = primary.is_some_and(|primary| primary.task_definition == *last_good);
        let former = primary.map(|primary| primary.id.clone());
        let at_once = match view.shifts_traffic {
            true => at_once(&self.configuration_of(&ours.service).await?),
            false => None,
        };
        let (configuration, own) = at_once.map(|way| (way.configuration, way.former)).unzip();
        let update = Update {
            force,
            former: former.as_ref(),
            configuration,
        };
        let started = self
            .update_service(&ours.service, last_good, update)
            .await?;
        if let Some(own) = own {
            self.known().configurations.insert(started.id.clone(), own);
        }
        Ok(Rollback::Started(Deployment {
            waits: started.waits,
            ..back(ours, started.id, last_good)
        }))
    }
}

/// A newer deployment is not ours to touch, but one of the former revision is a rollback all the
/// same: an earlier call's whose answer was lost, or that of a person who was quicker.
fn went_back(ours: &Deployment, view: &ServiceSnapshot) -> Rollback {
    let former = |primary: &&DeploymentSnapshot| {
        ours.last_good.as_ref() == Some(&primary.task_definition)
            && primary.task_definition != ours.task_definition
    };
    match view.primary().filter(former) {
        Some(primary) if primary.is_completed() => Rollback::AlreadyDone,
        Some(primary) if primary.rollout_state != Some(RolloutState::Failed) => {
            Rollback::Started(back(ours, primary.id.clone(), &primary.task_definition))
        }
        _ => Rollback::Superseded,
    }
}

/// The deployment that goes back. It has nothing to go back to itself: when it fails, a person is
/// needed.
fn back(ours: &Deployment, id: crate::model::DeploymentId, to: &TaskDefinitionArn) -> Deployment {
    Deployment {
        deregistration_delay: ours.deregistration_delay,
        ..Deployment::new(ours.service.clone(), id, to.clone())
    }
}

/// What ECS has accepted, until a look reads it from ECS itself.
fn requested(arn: String) -> ServiceDeploymentSnapshot {
    ServiceDeploymentSnapshot {
        arn,
        status: ServiceDeploymentStatus::RollbackRequested,
        status_reason: Some("stopped and rolled back by this run".to_owned()),
        ..ServiceDeploymentSnapshot::default()
    }
}
