//! A service that does not exist yet, created with CodeDeploy as its controller. CodeDeploy has no
//! part in that: ECS brings the first task set up, and the deployment group, which names the
//! service, can only be created afterwards.

use aws_sdk_ecs::types::Service;
use serde_json::Value;

use super::CodeDeployDeployer;
use super::plan::{came_up, invalid};
use super::revision::primary;
use crate::aws::ecs::create::{controller_in, named_body, nothing_started};
use crate::error::ProviderError;
use crate::model::{
    Change, Deployment, DeploymentId, DeploymentState, Observation, Plan, RevisionCounts,
    RevisionRole, TaskDefinitionArn,
};

impl CodeDeployDeployer {
    pub(super) async fn plan_creation(
        &self,
        change: &Change,
        definition: &Value,
    ) -> Result<Plan, ProviderError> {
        let body = named_body(&change.service, definition)?;
        if controller_in(&body) != Some("CODE_DEPLOY") {
            let message = "the service to create has no deploymentController of type CODE_DEPLOY";
            return Err(invalid(&change.service, message.to_owned())
                .with_hint("write it into the file: it cannot be changed later"));
        }
        self.ecs.creation(change, Value::Object(body)).await
    }

    /// Creates the service: its first task set is what is followed.
    pub(super) async fn start_by_creating(
        &self,
        plan: &Plan,
        body: &Value,
        revision: &TaskDefinitionArn,
    ) -> Result<Deployment, ProviderError> {
        let name = &plan.service;
        let created = self.ecs.create_service(name, body, revision).await?;
        let set = created.as_ref().and_then(|service| primary(service)?.id());
        let set = set.ok_or_else(|| nothing_started(name, revision))?;
        let id = DeploymentId::new(set);
        Ok(Deployment::new(name.clone(), id, revision.clone()))
    }

    /// One look at the task set that the service was created with.
    pub(super) async fn look_at_first(
        &self,
        ours: &Deployment,
    ) -> Result<Observation, ProviderError> {
        let service = match self.service_of(ours).await? {
            Ok(service) => service,
            Err(gone) => return Ok(Observation::new(gone)),
        };
        let is_first = primary(&service).and_then(|set| set.id()) == Some(ours.id.as_str());
        let state = match (is_first, came_up(&service)) {
            // Nothing is asked of CodeDeploy: its deployment group may be yet to come.
            (true, true) => DeploymentState::Succeeded,
            (true, false) => DeploymentState::InProgress,
            (false, _) => self.succeeded(ours).await?,
        };
        Ok(Observation {
            revisions: counts(&service, ours),
            ..Observation::new(state)
        })
    }
}

fn counts(service: &Service, ours: &Deployment) -> Vec<RevisionCounts> {
    let count = |count: i32| u32::try_from(count).unwrap_or_default();
    let set = primary(service).filter(|set| set.id() == Some(ours.id.as_str()));
    set.map(|set| RevisionCounts {
        task_definition: ours.task_definition.clone(),
        role: RevisionRole::New,
        desired: count(set.computed_desired_count()),
        running: count(set.running_count()),
        pending: count(set.pending_count()),
        failed: 0,
    })
    .into_iter()
    .collect()
}
