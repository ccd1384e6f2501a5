//! Elastic Load Balancing: target groups, their targets, and where their load balancer answers.

use std::time::Duration;

use aws_sdk_elasticloadbalancingv2::types::{Listener, ProtocolEnum};

use super::{AwsConfig, Errors};
use crate::error::{ErrorKind, ProviderError};
use crate::model::TargetCounts;

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
