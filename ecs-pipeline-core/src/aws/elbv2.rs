//! Elastic Load Balancing: target groups, the gate over them, and a service's address.

use std::time::Duration;

use async_trait::async_trait;
use aws_sdk_elasticloadbalancingv2::types::{Listener, ProtocolEnum};

use super::{AwsConfig, Errors};
use crate::error::{ErrorKind, ProviderError};
use crate::model::TargetCounts;
use crate::provider::{GateReading, HealthGate};

/// Reads target groups.
#[derive(Debug, Clone)]
pub struct TargetGroups {
    client: aws_sdk_elasticloadbalancingv2::Client,
    errors: Errors,
}

/// A registered target.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TargetHealth {
    /// `ID:PORT`.
    pub target: String,
    /// `initial`, `healthy`, `unhealthy`, `draining`, …
    pub state: String,
    /// `Target.ResponseCodeMismatch`, …
    pub reason: Option<String>,
    /// In the load balancer's words.
    pub description: Option<String>,
}

impl TargetHealth {
    /// Counts this target under its state. `unused` targets take no traffic and are not counted.
    pub fn count_into(&self, counts: &mut TargetCounts) {
        match self.state.as_str() {
            "initial" => counts.initial += 1,
            "healthy" => counts.healthy += 1,
            "draining" | "unhealthy.draining" => counts.draining += 1,
            "unused" => {}
            _ => counts.unhealthy += 1,
        }
    }
}

impl TargetGroups {
    /// A reader of the configuration's region.
    #[must_use]
    pub fn new(config: &AwsConfig) -> Self {
        Self {
            client: aws_sdk_elasticloadbalancingv2::Client::new(config.sdk()),
            errors: config.errors(),
        }
    }

    /// The targets of a group.
    ///
    /// # Errors
    ///
    /// [`NotFound`](ErrorKind::NotFound) when there is no such group.
    pub async fn targets(&self, group: &str) -> Result<Vec<TargetHealth>, ProviderError> {
        let answer = self
            .client
            .describe_target_health()
            .target_group_arn(group)
            .send()
            .await
            .map_err(|error| {
                self.errors
                    .map("elasticloadbalancing:DescribeTargetHealth", group, error)
            })?;
        let described = answer.target_health_descriptions.unwrap_or_default();
        Ok(described
            .into_iter()
            .map(|one| {
                let health = one.target_health();
                let id = one
                    .target()
                    .and_then(|target| target.id())
                    .unwrap_or_default();
                let port = one.target().and_then(|target| target.port());
                TargetHealth {
                    target: port.map_or_else(|| id.to_owned(), |port| format!("{id}:{port}")),
                    state: health
                        .and_then(|health| health.state())
                        .map_or("", |state| state.as_str())
                        .to_owned(),
                    reason: health
                        .and_then(|health| health.reason())
                        .map(|reason| reason.as_str().to_owned()),
                    description: health
                        .and_then(|health| health.description())
                        .map(str::to_owned),
                }
            })
            .collect())
    }

    /// How long the group's targets drain: `deregistration_delay.timeout_seconds`, 300 s where it
    /// is not set.
    ///
    /// # Errors
    ///
    /// [`NotFound`](ErrorKind::NotFound) when there is no such group.
    pub async fn deregistration_delay(&self, group: &str) -> Result<Duration, ProviderError> {
        let answer = self
            .client
            .describe_target_group_attributes()
            .target_group_arn(group)
            .send()
            .await
            .map_err(|error| {
                self.errors.map(
                    "elasticloadbalancing:DescribeTargetGroupAttributes",
                    group,
                    error,
                )
            })?;
        let seconds = answer
            .attributes()
            .iter()
            .find(|one| one.key() == Some("deregistration_delay.timeout_seconds"))
            .and_then(|one| one.value())
            .and_then(|value| value.parse().ok())
            .unwrap_or(300);
        Ok(Duration::from_secs(seconds))
    }

    /// The address at which a listener forwards to the group: `http://DNS-NAME:PORT`.
    ///
    /// # Errors
    ///
    /// [`NotFound`](ErrorKind::NotFound) when no listener of a load balancer forwards to it.
    pub async fn load_balancer_url(&self, group: &str) -> Result<String, ProviderError> {
        let nothing = |message: &str| {
            ProviderError::new(
                ErrorKind::NotFound,
                "elasticloadbalancing:DescribeTargetGroups",
                group,
                message,
            )
            .with_hint("give the gate's URL in full")
        };
        let balancer = self
            .balancer_of(group)
            .await?
            .ok_or_else(|| nothing("no load balancer uses this target group"))?;
        let host = self.dns_name(&balancer).await?;
        let listener = self
            .listener_to(&balancer, group)
            .await?
            .ok_or_else(|| nothing("no listener forwards to this target group"))?;
        let scheme = match listener.protocol() {
            Some(ProtocolEnum::Https | ProtocolEnum::Tls) => "https",
            _ => "http",
        };
        Ok(format!(
            "{scheme}://{host}:{}",
            listener.port().unwrap_or(80)
        ))
    }

    async fn balancer_of(&self, group: &str) -> Result<Option<String>, ProviderError> {
        let answer = self
            .client
            .describe_target_groups()
            .target_group_arns(group)
            .send()
            .await
            .map_err(|error| {
                self.errors
                    .map("elasticloadbalancing:DescribeTargetGroups", group, error)
            })?;
        Ok(answer
            .target_groups()
            .first()
            .and_then(|found| found.load_balancer_arns().first().cloned()))
    }

    async fn dns_name(&self, balancer: &str) -> Result<String, ProviderError> {
        const OPERATION: &str = "elasticloadbalancing:DescribeLoadBalancers";
        let answer = self
            .client
            .describe_load_balancers()
            .load_balancer_arns(balancer)
            .send()
            .await
            .map_err(|error| self.errors.map(OPERATION, balancer, error))?;
        answer
            .load_balancers()
            .first()
            .and_then(|found| found.dns_name().map(str::to_owned))
            .ok_or_else(|| {
                ProviderError::new(
                    ErrorKind::NotFound,
                    OPERATION,
                    balancer,
                    "it has no DNS name",
                )
            })
    }

    /// The listener that forwards to the group by its default action, else by one of its rules.
    async fn listener_to(
        &self,
        balancer: &str,
        group: &str,
    ) -> Result<Option<Listener>, ProviderError> {
        let answer = self
            .client
            .describe_listeners()
            .load_balancer_arn(balancer)
            .send()
            .await
            .map_err(|error| {
                self.errors
                    .map("elasticloadbalancing:DescribeListeners", balancer, error)
            })?;
        let listeners = answer.listeners.unwrap_or_default();
        for listener in &listeners {
            if forwards(listener.default_actions(), group) {
                return Ok(Some(listener.clone()));
            }
        }
        for listener in listeners {
            let arn = listener.listener_arn().unwrap_or_default().to_owned();
            let rules = self
                .client
                .describe_rules()
                .listener_arn(&arn)
                .send()
                .await
                .map_err(|error| {
                    self.errors
                        .map("elasticloadbalancing:DescribeRules", arn, error)
                })?;
            if rules
                .rules()
                .iter()
                .any(|rule| forwards(rule.actions(), group))
            {
                return Ok(Some(listener));
            }
        }
        Ok(None)
    }
}

fn forwards(actions: &[aws_sdk_elasticloadbalancingv2::types::Action], group: &str) -> bool {
    actions.iter().any(|action| {
        let weighted = action
            .forward_config()
            .map(|forward| forward.target_groups())
            .unwrap_or_default();
        action.target_group_arn() == Some(group)
            || weighted
                .iter()
                .any(|one| one.target_group_arn() == Some(group))
    })
}

/// Passes when every registered target that is not draining is healthy, in each target group of
/// the service, and there are as many as the service wants tasks.
#[derive(Debug)]
pub struct TargetHealthGate {
    groups: TargetGroups,
    deployer: super::ecs::RollingDeployer,
    service: crate::model::ServiceRef,
}

impl TargetHealthGate {
    /// A gate for one service.
    #[must_use]
    pub fn new(config: &AwsConfig, service: crate::model::ServiceRef) -> Self {
        Self {
            groups: TargetGroups::new(config),
            deployer: super::ecs::RollingDeployer::new(config),
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
        let group = groups.first().ok_or_else(|| self.no_target_group())?;
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
        for group in &groups {
            let targets = self.groups.targets(group).await?;
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
