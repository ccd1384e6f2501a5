//! The gate over a service's targets.

use async_trait::async_trait;

use super::EcsDeployer;
use crate::aws::AwsConfig;
use crate::aws::elbv2::{TargetGroups, TargetHealth};
use crate::error::{ErrorKind, ProviderError};
use crate::model::{ServiceRef, TargetCounts};
use crate::provider::{GateReading, HealthGate};

/// Passes when every registered target that is not draining is healthy, in each target group of
/// the service, and there are as many as the service wants tasks. A target group and its alternate,
/// between which a deployment shifts the traffic, count as one.
#[derive(Debug)]
pub struct TargetHealthGate {
    groups: TargetGroups,
    deployer: EcsDeployer,
    service: ServiceRef,
}

impl TargetHealthGate {
    /// A gate for one service.
    #[must_use]
    pub fn new(config: &AwsConfig, service: ServiceRef) -> Self {
        Self {
            groups: TargetGroups::new(config),
            deployer: EcsDeployer::new(config),
            service,
        }
    }

    /// The address of the service behind its first target group: see
    /// [`TargetGroups::load_balancer_url`].
    ///
    /// # Errors
    ///
    /// [`NotFound`](ErrorKind::NotFound) when the service is behind no load balancer.
    pub async fn load_balancer_url(&self) -> Result<String, ProviderError> {
        let (_, groups) = self.deployer.desired_and_groups(&self.service).await?;
        let group = groups
            .first()
            .and_then(|sides| sides.first())
            .ok_or_else(|| self.no_target_group())?;
        self.groups.load_balancer_url(group).await
    }

    fn no_target_group(&self) -> ProviderError {
        ProviderError::new(
            ErrorKind::Invalid,
            "ecs:DescribeServices",
            self.service.to_string(),
            "the service is behind no load balancer",
        )
        .with_hint("take the target health gate out, or give the service a target group")
    }
}

#[async_trait]
impl HealthGate for TargetHealthGate {
    fn describe(&self) -> String {
        "targets healthy".to_owned()
    }

    async fn read(&self) -> Result<GateReading, ProviderError> {
        let (desired, groups) = self.deployer.desired_and_groups(&self.service).await?;
        if groups.is_empty() {
            return Err(self.no_target_group());
        }
        let mut details = Vec::new();
        let mut passing = true;
        for sides in &groups {
            let mut targets = Vec::new();
            for group in sides {
                targets.extend(self.groups.targets(group).await?);
            }
            let (well, detail) = judge(&targets, desired);
            passing &= well;
            details.push(detail);
        }
        let detail = details.join("; ");
        Ok(if passing {
            GateReading::passing(detail)
        } else {
            GateReading::not_yet(detail)
        })
    }
}

fn judge(targets: &[TargetHealth], desired: u32) -> (bool, String) {
    let mut counts = TargetCounts::default();
    for target in targets {
        target.count_into(&mut counts);
    }
    let well = counts.unhealthy == 0 && counts.initial == 0 && counts.healthy >= desired;
    let mut detail = format!("{} of {desired} targets healthy", counts.healthy);
    let trouble = targets.iter().find(|one| one.state == "unhealthy");
    if let Some(trouble) = trouble {
        let why = trouble.description.as_ref().or(trouble.reason.as_ref());
        detail.push_str(&format!(
            ", {} unhealthy ({})",
            trouble.target,
            why.map_or("no reason given", String::as_str)
        ));
    }
    (well, detail)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn target(state: &str) -> TargetHealth {
        TargetHealth {
            target: "10.0.0.1:80".to_owned(),
            state: state.to_owned(),
            reason: None,
            description: Some("Health checks failed with these codes: [500]".to_owned()),
        }
    }

    #[test]
    fn all_that_take_traffic_must_be_healthy() {
        let table: [(&[&str], u32, bool); 7] = [
            (&["healthy", "healthy"], 2, true),
            (&["healthy", "healthy", "draining"], 2, true),
            (&["healthy"], 2, false),
            (&["healthy", "healthy", "initial"], 2, false),
            (&["healthy", "healthy", "unhealthy"], 2, false),
            (&["unused", "unused"], 2, false),
            (&[], 0, true),
        ];
        for (states, desired, well) in table {
            let targets: Vec<_> = states.iter().map(|state| target(state)).collect();
            let (passed, detail) = judge(&targets, desired);
            assert_eq!(passed, well, "{states:?}: {detail}");
        }
        let (_, detail) = judge(&[target("unhealthy")], 1);
        assert_eq!(
            detail,
            "0 of 1 targets healthy, 10.0.0.1:80 unhealthy (Health checks failed with these codes: [500])"
        );
    }
}
