//! Lets a deployment go on that a PAUSE hook holds.

use super::EcsDeployer;
use crate::error::{ErrorKind, ProviderError};
use crate::model::Deployment;

impl EcsDeployer {
    pub(super) async fn continue_deployment(&self, ours: &Deployment) -> Result<(), ProviderError> {
        Err(ProviderError::new(
            ErrorKind::Conflict,
            "ecs:ContinueServiceDeployment",
            ours.id.as_str(),
            "a rolling update has no hooks that hold it",
        ))
    }
}
