//! The way back: CodeDeploy's own while the deployment goes on, a deployment of the former
//! revision afterwards.

use super::calls::{Created, Way};
use super::follow::is_task_set;
use super::revision::primary_revision;
use super::verdict::{Stand, stand};
use super::{CodeDeployDeployer, verdict};
use crate::error::{ErrorKind, ProviderError};
use crate::model::{Deployment, DeploymentId, DeploymentState, TaskDefinitionArn};
use crate::provider::Rollback;

impl CodeDeployDeployer {
    pub(super) async fn bring_back(&self, ours: &Deployment) -> Result<Rollback, ProviderError> {
        if is_task_set(&ours.id) {
            return self.deploy_last_good(ours).await;
        }
        let view = self.view(ours).await?;
        match self.state(ours, &view, false).await? {
            // Back, but not where this rollback is to go (`--to`).
            DeploymentState::RolledBack { to: Some(to), .. }
                if ours.last_good.as_ref().is_some_and(|wanted| *wanted != to) =>
            {
                self.deploy_last_good(ours).await
            }
            DeploymentState::RolledBack { .. } => Ok(Rollback::AlreadyDone),
            DeploymentState::RollingBack { .. } => Ok(Rollback::UnderWay),
            DeploymentState::Superseded { by, .. } => self.went_back(ours, by).await,
            DeploymentState::ServiceGone { reason } => Err(ProviderError::new(
                ErrorKind::NotFound,
                "rollback",
                ours.service.to_string(),
                reason,
            )),
            DeploymentState::InProgress if ours.last_good.is_none() => {
                Ok(Rollback::NothingToGoBackTo)
            }
            // The reading of the service is older than the deployment's end.
            DeploymentState::InProgress if stand(&view.info) != Stand::GoesOn => {
                self.deploy_last_good(ours).await
            }
            DeploymentState::InProgress => self.stop(ours).await,
            DeploymentState::Succeeded
            | DeploymentState::Failed { .. }
            | DeploymentState::RollbackFailed { .. } => self.deploy_last_good(ours).await,
        }
    }

    /// CodeDeploy moves the traffic back itself, with a deployment that this one will name.
    async fn stop(&self, ours: &Deployment) -> Result<Rollback, ProviderError> {
        match self.stop_deployment(ours.id.as_str()).await {
            Ok(()) => {
                self.remember(&ours.id, |followed| followed.stopped = true);
                Ok(Rollback::UnderWay)
            }
            // It has ended since it was looked at.
            Err(error) if error.kind() == ErrorKind::Conflict => {
                match stand(&self.get_deployment(ours.id.as_str()).await?) {
                    Stand::Succeeded => self.deploy_last_good(ours).await,
                    Stand::Failed => Ok(Rollback::UnderWay),
                    Stand::GoesOn => Err(error),
                }
            }
            Err(error) => Err(error),
        }
    }

    async fn deploy_last_good(&self, ours: &Deployment) -> Result<Rollback, ProviderError> {
        let Some(last_good) = &ours.last_good else {
            return Ok(Rollback::NothingToGoBackTo);
        };
        if self.runs_in_peace(ours, last_good).await? {
            return Ok(Rollback::AlreadyDone);
        }
        let why = format!("rollback of {} to {}", ours.id, last_good.short());
        let created = self
            .create(&ours.service, last_good, Some(why), Way::Back)
            .await?;
        match created {
            Created::Started(id) => Ok(Rollback::Started(back(ours, id, last_good))),
            Created::Busy {
                by: Some(by),
                error,
            } => self.meet(ours, last_good, &by, error).await,
            Created::Busy { by: None, error } => Err(error),
        }
    }

    /// Whether the service runs a revision, and the group's last deployment was a success: one
    /// that failed may have left some of the traffic elsewhere.
    async fn runs_in_peace(
        &self,
        ours: &Deployment,
        revision: &TaskDefinitionArn,
    ) -> Result<bool, ProviderError> {
        let service = self.ecs.active_service(&ours.service).await?;
        if primary_revision(&service).as_ref() != Some(revision) {
            return Ok(false);
        }
        Ok(self.get_group(&ours.service).await?.is_calm())
    }

    /// A deployment is in the way of the one that goes back.
    async fn meet(
        &self,
        ours: &Deployment,
        last_good: &TaskDefinitionArn,
        by: &str,
        error: ProviderError,
    ) -> Result<Rollback, ProviderError> {
        let info = self.get_deployment(by).await?;
        if verdict::rolled_back_by(&info) == Some(ours.id.as_str()) {
            return Ok(Rollback::UnderWay);
        }
        if by == ours.id.as_str() {
            return Err(error);
        }
        Ok(match self.revision_of(&info, None).await {
            // An earlier call's whose answer was lost, or that of a person who was quicker.
            Some(theirs) if theirs == *last_good => {
                Rollback::Started(back(ours, DeploymentId::new(by), last_good))
            }
            _ => Rollback::Superseded,
        })
    }

    /// A newer deployment is not ours to touch, but one of the former revision is a rollback all
    /// the same.
    async fn went_back(
        &self,
        ours: &Deployment,
        by: Option<DeploymentId>,
    ) -> Result<Rollback, ProviderError> {
        let (Some(by), Some(last_good)) = (by, &ours.last_good) else {
            return Ok(Rollback::Superseded);
        };
        let info = self.get_deployment(by.as_str()).await?;
        let theirs = self.revision_of(&info, None).await;
        if theirs.as_ref() != Some(last_good) {
            return Ok(Rollback::Superseded);
        }
        Ok(match stand(&info) {
            Stand::Succeeded => Rollback::AlreadyDone,
            Stand::GoesOn => Rollback::Started(back(ours, by, last_good)),
            Stand::Failed => Rollback::Superseded,
        })
    }
}

/// The deployment that goes back. It has nothing to go back to itself: when it fails, a person is
/// needed.
fn back(ours: &Deployment, id: DeploymentId, to: &TaskDefinitionArn) -> Deployment {
    Deployment {
        waits: ours.waits,
        ..Deployment::new(ours.service.clone(), id, to.clone())
    }
}
