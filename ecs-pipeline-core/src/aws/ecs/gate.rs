//! The gate that reads ECS itself.

use async_trait::async_trait;

use super::describe::snapshot;
use crate::aws::AwsConfig;
use crate::error::ProviderError;
use crate::model::ServiceRef;
use crate::provider::{GateReading, HealthGate};
use crate::rolling::{RolloutState, ServiceSnapshot};

/// Passes when the service has one deployment, which is complete, and all the tasks it wants.
///
/// It says that the service is calm, not which revision it runs: that is the deployer's verdict.
#[derive(Debug)]
pub struct ServiceStableGate {
    deployer: super::EcsDeployer,
    service: ServiceRef,
}

impl ServiceStableGate {
    /// A gate for one service.
    #[must_use]
    pub fn new(config: &AwsConfig, service: ServiceRef) -> Self {
        Self {
            deployer: super::EcsDeployer::new(config),
            service,
        }
    }
}

#[async_trait]
impl HealthGate for ServiceStableGate {
    fn describe(&self) -> String {
        format!("service {} stable", self.service.service)
    }

    async fn read(&self) -> Result<GateReading, ProviderError> {
        let service = self.deployer.active_service(&self.service).await?;
        Ok(reading(&snapshot(&service)))
    }
}

fn reading(view: &ServiceSnapshot) -> GateReading {
    let counts = format!("{} of {} tasks running", view.running, view.desired);
    let others = view.deployments.len().saturating_sub(1);
    let state = view
        .primary()
        .and_then(|primary| primary.rollout_state.clone());
    match state {
        Some(RolloutState::Failed) => {
            GateReading::failing(format!("the deployment has failed, {counts}"))
        }
        _ if others > 0 => {
            GateReading::not_yet(format!("{counts}, {others} older deployments left"))
        }
        Some(RolloutState::Completed) | None
            if view.running == view.desired && view.pending == 0 =>
        {
            GateReading::passing(counts)
        }
        Some(RolloutState::Completed) | None => GateReading::not_yet(counts),
        Some(other) => GateReading::not_yet(format!("{counts}, deployment {}", other.as_str())),
    }
}
