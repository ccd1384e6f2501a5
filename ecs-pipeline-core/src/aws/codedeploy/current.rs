//! The deployment that a service has now, and what it ran before.

use aws_sdk_codedeploy::types::{DeploymentInfo, DeploymentStatus};
use aws_sdk_ecs::types::Service;

use super::CodeDeployDeployer;
use super::plan::present_deployment;
use super::revision::{key_of, primary_revision};
use super::verdict::{Stand, stand};
use crate::aws::ecs::describe::{millis, task_definition};
use crate::aws::ecs::history::former;
use crate::error::ProviderError;
use crate::model::{Deployment, DeploymentId, ServiceRef, TaskDefinitionArn};

/// What one BatchGetDeployments takes.
const HISTORY: usize = 25;

impl CodeDeployDeployer {
    /// See [`present_deployment`].
    pub(super) async fn current_deployment(
        &self,
        name: &ServiceRef,
    ) -> Result<Deployment, ProviderError> {
        let service = self.ecs.active_service(name).await?;
        let group = self.get_group(name).await?;
        let Some(last) = group.last_id() else {
            let id = present_deployment(&service, &group).unwrap_or_default();
            let revision = running(&service, name)?;
            return Ok(Deployment::new(
                name.clone(),
                DeploymentId::new(id),
                revision,
            ));
        };
        self.learn_waits(name, &group.info).await;
        let info = self.get_deployment(last).await?;
        let revision = match self.revision_of(&info, Some(&service)).await {
            Some(revision) => revision,
            None => running(&service, name)?,
        };
        let last_good = match stand(&info) {
            Stand::Succeeded => self.succeeded_before(name, &info, &revision).await,
            _ => self.last_good_now(&service, &group).await,
        };
        Ok(Deployment {
            last_good: last_good.filter(|good| *good != revision),
            waits: self.known_waits(name),
            ..Deployment::new(name.clone(), DeploymentId::new(last), revision)
        })
    }

    /// The revision that the service ran before the present one, in a deployment that succeeded:
    /// where a rollback by hand goes.
    ///
    /// # Errors
    ///
    /// [`NotFound`](crate::ErrorKind::NotFound) when the service or its deployment group does not
    /// exist.
    pub async fn last_good_of(
        &self,
        service: &ServiceRef,
    ) -> Result<Option<TaskDefinitionArn>, ProviderError> {
        Ok(self.current_deployment(service).await?.last_good)
    }

    /// From the group's history. An endpoint without it leaves it unknown: that is no failure.
    async fn succeeded_before(
        &self,
        name: &ServiceRef,
        present: &DeploymentInfo,
        revision: &TaskDefinitionArn,
    ) -> Option<TaskDefinitionArn> {
        let history = self
            .past_successes(name)
            .await
            .inspect_err(|error| tracing::debug!(%error, "the group's history was not read"))
            .ok()?;
        let keys: Vec<_> = history
            .iter()
            .filter_map(|info| key_of(info.revision()?))
            .collect();
        let wanted = former(&keys, &key_of(present.revision()?)?)?;
        let info = history
            .iter()
            .find(|info| info.revision().and_then(key_of).as_ref() == Some(wanted))?;
        self.revision_of(info, None)
            .await
            .filter(|found| found != revision)
    }

    /// The group's latest deployments that succeeded, the latest first.
    async fn past_successes(
        &self,
        name: &ServiceRef,
    ) -> Result<Vec<DeploymentInfo>, ProviderError> {
        let group = self.settings.group_of(name);
        let listed = self
            .client
            .list_deployments()
            .application_name(self.settings.application_of(name))
            .deployment_group_name(&group)
            .include_only_statuses(DeploymentStatus::Succeeded)
            .send()
            .await
            .map_err(|error| {
                self.errors
                    .map("codedeploy:ListDeployments", group.as_str(), error)
            })?;
        let mut ids = listed.deployments.unwrap_or_default();
        ids.truncate(HISTORY);
        if ids.is_empty() {
            return Ok(Vec::new());
        }
        let answer = self
            .client
            .batch_get_deployments()
            .set_deployment_ids(Some(ids))
            .send()
            .await
            .map_err(|error| {
                self.errors
                    .map("codedeploy:BatchGetDeployments", group.as_str(), error)
            })?;
        let mut found = answer.deployments_info.unwrap_or_default();
        found.sort_by_key(|info| std::cmp::Reverse(millis(info.create_time())));
        Ok(found)
    }
}

fn running(service: &Service, name: &ServiceRef) -> Result<TaskDefinitionArn, ProviderError> {
    let text = primary_revision(service);
    task_definition(
        text.as_ref().map(TaskDefinitionArn::as_str),
        "ecs:DescribeServices",
        &name.to_string(),
    )
}
