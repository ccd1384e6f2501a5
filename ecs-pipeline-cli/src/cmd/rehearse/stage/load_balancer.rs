//! The load balancer that the service stands behind.

use std::net::TcpListener;

use ecs_pipeline_artifacts::task_definition::TaskDefinitionDocument;
use ecs_pipeline_core::{ErrorKind, ProviderError};
use ecs_pipeline_sandbox::Sandbox;
use ecs_pipeline_sandbox::world::Service;
use hyper::Uri;
use serde_json::{Value, json};

use super::SUBNETS;
use super::calls::{call, text};
use crate::config::StrategyName;
use crate::error::{CliError, internal};

/// The target groups between which traffic is shifted: version 1's, and the other one.
pub(super) const BLUE: &str = "rehearsal-blue";
pub(super) const GREEN: &str = "rehearsal-green";

/// What was created.
#[derive(Debug)]
pub(super) struct LoadBalancer {
    /// Where it answers.
    pub(super) url: Uri,
    /// The ARN of version 1's target group.
    pub(super) blue: String,
    /// What traffic is shifted with, where it is.
    pub(super) crossing: Option<Crossing>,
}

/// A second target group, and the listeners that divide the traffic.
#[derive(Debug, Clone)]
pub(in crate::cmd::rehearse) struct Crossing {
    /// The ARN of the second target group.
    pub(in crate::cmd::rehearse) green: String,
    pub(in crate::cmd::rehearse) production: Route,
    pub(super) test: Route,
}

/// Where traffic is divided.
#[derive(Debug, Clone)]
pub(in crate::cmd::rehearse) struct Route {
    /// A listener's ARN.
    pub(in crate::cmd::rehearse) listener: String,
    /// The ARN of its rule for all paths: ECS shifts traffic by a rule, and CodeDeploy by the
    /// listener itself.
    pub(super) rule: Option<String>,
}

/// Creates what a strategy needs.
#[derive(Debug)]
pub(super) struct Builder<'a> {
    pub(super) sandbox: &'a Sandbox,
    pub(super) document: &'a TaskDefinitionDocument,
    pub(super) health_path: &'a str,
    pub(super) speed: f64,
}

impl Builder<'_> {
    pub(super) fn create(&self, strategy: StrategyName) -> Result<LoadBalancer, CliError> {
        let balancer = self.elbv2(
            "CreateLoadBalancer",
            json!({"Name": "rehearsal", "Subnets": SUBNETS, "Type": "application"}),
        )?;
        let balancer = text(&balancer, "/LoadBalancers/0/LoadBalancerArn")?;
        if strategy == StrategyName::Rolling {
            let group = self.target_group("rehearsal")?;
            let (url, _) = self.listener(&balancer, &group)?;
            return Ok(LoadBalancer {
                url,
                blue: group,
                crossing: None,
            });
        }
        let (blue, green) = (self.target_group(BLUE)?, self.target_group(GREEN)?);
        let (url, production) = self.listener(&balancer, &blue)?;
        let (_, test) = self.listener(&balancer, &blue)?;
        let by_rule = strategy != StrategyName::Codedeploy;
        let crossing = Crossing {
            production: self.route(production, &blue, by_rule)?,
            test: self.route(test, &blue, by_rule)?,
            green,
        };
        Ok(LoadBalancer {
            url,
            blue,
            crossing: Some(crossing),
        })
    }

    /// A target group with quick health checks, since a rehearsal is watched: see [`Timing`].
    fn target_group(&self, name: &str) -> Result<String, CliError> {
        let target_type = match self.document.network_mode() {
            Some("awsvpc") => "ip",
            _ => "instance",
        };
        let timing = Timing::at(self.speed);
        let group = self.elbv2(
            "CreateTargetGroup",
            json!({
                "Name": name, "Protocol": "HTTP", "Port": 80, "VpcId": "vpc-rehearsal",
                "TargetType": target_type, "HealthCheckPath": self.health_path,
                "HealthCheckIntervalSeconds": timing.interval,
                "HealthCheckTimeoutSeconds": timing.timeout,
                "HealthyThresholdCount": 2, "UnhealthyThresholdCount": 5,
            }),
        )?;
        let group = text(&group, "/TargetGroups/0/TargetGroupArn")?;
        self.elbv2(
            "ModifyTargetGroupAttributes",
            json!({
                "TargetGroupArn": group,
                "Attributes": [{
                    "Key": "deregistration_delay.timeout_seconds",
                    "Value": timing.drain.to_string(),
                }],
            }),
        )?;
        Ok(group)
    }

    /// A listener that forwards to a target group: where it answers, and its ARN.
    fn listener(&self, balancer: &str, group: &str) -> Result<(Uri, String), CliError> {
        let port = free_port()?;
        let listener = self.elbv2(
            "CreateListener",
            json!({
                "LoadBalancerArn": balancer, "Protocol": "HTTP", "Port": port,
                "DefaultActions": [{"Type": "forward", "TargetGroupArn": group}],
            }),
        )?;
        let url = format!("http://127.0.0.1:{port}/");
        let url = url.parse().map_err(|error| internal("rehearse", error))?;
        Ok((url, text(&listener, "/Listeners/0/ListenerArn")?))
    }

    fn route(&self, listener: String, group: &str, by_rule: bool) -> Result<Route, CliError> {
        if !by_rule {
            return Ok(Route {
                listener,
                rule: None,
            });
        }
        let rule = self.elbv2(
            "CreateRule",
            json!({
                "ListenerArn": listener, "Priority": 1,
                "Conditions": [{"Field": "path-pattern", "Values": ["/*"]}],
                "Actions": [{"Type": "forward", "TargetGroupArn": group}],
            }),
        )?;
        Ok(Route {
            listener,
            rule: Some(text(&rule, "/Rules/0/RuleArn")?),
        })
    }

    fn elbv2(&self, operation: &str, input: Value) -> Result<Value, CliError> {
        call(self.sandbox, Service::Elbv2, operation, input)
    }
}

/// A target group's times, in seconds of the sandbox. However fast its clock runs, a container's
/// answer takes as long as it takes: there is a health check every half second of real time, the
/// answer may take nearly as long, and a target drains for a second and a half.
#[derive(Debug, PartialEq, Eq)]
struct Timing {
    interval: u32,
    timeout: u32,
    drain: u32,
}

impl Timing {
    fn at(speed: f64) -> Self {
        // AWS takes 5 to 300 s, and a timeout that is shorter than the interval.
        let interval = seconds(0.5 * speed).clamp(5, 300);
        Self {
            interval,
            timeout: (interval - 1).min(120),
            drain: seconds(1.5 * speed).clamp(15, 3600),
        }
    }
}

/// Whole seconds, rounded up; a speed is at most 1000.
fn seconds(seconds: f64) -> u32 {
    seconds.ceil() as u32
}

/// A port that was free a moment ago. The sandbox says so if it is not any more.
fn free_port() -> Result<u16, CliError> {
    let listener = TcpListener::bind(("127.0.0.1", 0)).map_err(|error| unavailable(&error))?;
    let address = listener.local_addr().map_err(|error| unavailable(&error))?;
    Ok(address.port())
}

fn unavailable(error: &std::io::Error) -> CliError {
    ProviderError::new(
        ErrorKind::Unavailable,
        "rehearse",
        "127.0.0.1",
        format!("no free port: {error}"),
    )
    .into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_stay_what_they_are_in_real_time_within_the_limits_of_aws() {
        for (speed, interval, timeout, drain) in [
            (0.1, 5, 4, 15),
            (10.0, 5, 4, 15),
            (30.0, 15, 14, 45),
            (118.0, 59, 58, 177),
            (1000.0, 300, 120, 1500),
        ] {
            let expected = Timing {
                interval,
                timeout,
                drain,
            };
            assert_eq!(Timing::at(speed), expected, "{speed}");
        }
    }
}
