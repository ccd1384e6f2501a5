//! Lets a deployment go on that waits: for the traffic to be moved, or with blue still there.

use aws_sdk_codedeploy::types::DeploymentWaitType;

use super::{CodeDeployDeployer, verdict};
use crate::error::{ErrorKind, ProviderError};
use crate::model::Deployment;

impl CodeDeployDeployer {
    pub(super) async fn continue_deployment(&self, ours: &Deployment) -> Result<(), ProviderError> {
        let id = ours.id.as_str();
        let info = self.get_deployment(id).await?;
        let wait = if verdict::held(&info).is_some() {
            DeploymentWaitType::ReadyWait
        } else if verdict::keeps_blue(&info) {
            DeploymentWaitType::TerminationWait
        } else {
            return Err(ProviderError::new(
                ErrorKind::Conflict,
                "codedeploy:ContinueDeployment",
                id,
                format!(
                    "the deployment waits for nobody: it is {}",
                    info.status()
                        .map_or("in no known state", |status| status.as_str())
                ),
            ));
        };
        self.let_go_on(id, wait).await
    }
}
