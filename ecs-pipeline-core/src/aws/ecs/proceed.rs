//! Lets a deployment go on that a PAUSE hook holds, or takes it back from there.

use aws_sdk_ecs::types::DeploymentLifecycleHookAction;

use super::EcsDeployer;
use super::service_deployments::once;
use crate::error::{ErrorKind, ProviderError};
use crate::model::Deployment;
use crate::rolling::{HookSnapshot, ServiceDeploymentSnapshot};

const OPERATION: &str = "ecs:ContinueServiceDeployment";

impl EcsDeployer {
    pub(super) async fn continue_deployment(&self, ours: &Deployment) -> Result<(), ProviderError> {
        let since = self.followed(&ours.id).since;
        let Some(api) = self.confirm(ours, since).await? else {
            return Err(not_held(ours, "ECS tells of no service deployment of it"));
        };
        match api.held_by() {
            Some(hook) => {
                let action = DeploymentLifecycleHookAction::Continue;
                self.answer_hook(&api.arn, hook, action).await
            }
            None => Err(not_held(ours, &whereabouts(&api))),
        }
    }

    /// Answers a hook that waits.
    pub(super) async fn answer_hook(
        &self,
        service_deployment: &str,
        hook: &HookSnapshot,
        action: DeploymentLifecycleHookAction,
    ) -> Result<(), ProviderError> {
        self.client
            .continue_service_deployment()
            .service_deployment_arn(service_deployment)
            .hook_id(&hook.id)
            .action(action)
            .customize()
            // A second answer would be the next hook's, or refused.
            .config_override(once())
            .send()
            .await
            .map_err(|error| {
                let target = format!("{} of {service_deployment}", hook.name());
                self.errors.map(OPERATION, target, error)
            })?;
        Ok(())
    }
}

fn whereabouts(api: &ServiceDeploymentSnapshot) -> String {
    match &api.stage {
        Some(stage) => format!("no hook waits to be told to go on; it is at {stage}"),
        None => "no hook waits to be told to go on".to_owned(),
    }
}

fn not_held(ours: &Deployment, why: &str) -> ProviderError {
    ProviderError::new(ErrorKind::Conflict, OPERATION, ours.id.as_str(), why)
}
