//! Who controls a service's deployments.

use aws_sdk_ecs::types::DeploymentControllerType;

use super::EcsDeployer;
use crate::error::ProviderError;
use crate::model::ServiceRef;

/// A service's `deploymentController`, which is set when it is created.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Controller {
    /// ECS itself, with any of its strategies.
    Ecs,
    /// CodeDeploy: UpdateService cannot deploy to it.
    CodeDeploy,
    /// Somebody else's, through the task set API.
    External,
}

impl EcsDeployer {
    /// Who controls the deployments of a service. One call.
    ///
    /// # Errors
    ///
    /// [`NotFound`](crate::ErrorKind::NotFound) when the service does not exist.
    pub async fn controller(&self, service: &ServiceRef) -> Result<Controller, ProviderError> {
        let found = self.active_service(service).await?;
        let controller = found.deployment_controller();
        Ok(match controller.map(|controller| controller.r#type()) {
            Some(DeploymentControllerType::CodeDeploy) => Controller::CodeDeploy,
            Some(DeploymentControllerType::External) => Controller::External,
            _ => Controller::Ecs,
        })
    }
}
