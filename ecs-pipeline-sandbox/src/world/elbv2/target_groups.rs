//! Target groups and their health check settings.

use std::collections::BTreeMap;
use std::time::Duration;

use serde_json::{Value, json};

use crate::world::{ApiError, Effect, Probe, ProbeOutcome, Target, Time};

use super::attributes::target_group_defaults;
use super::health::{Checks, Failure, Health, Thresholds};
use super::input::{bounded, flag, invalid, port, required, text, texts};
use super::load_balancers::check_name;
use super::matcher::Matcher;
use super::targets::{Targets, following};
use super::{Elbv2, Surroundings};

/// A target group.
#[derive(Debug)]
pub(super) struct TargetGroup {
    pub(super) arn: String,
    name: String,
    pub(super) port: u16,
    vpc: String,
    pub(super) target_type: String,
    check: HealthCheck,
    pub(super) attributes: BTreeMap<String, String>,
    pub(super) targets: Targets,
}

/// How targets are asked for their health.
#[derive(Debug, Clone, PartialEq, Eq)]
struct HealthCheck {
    path: String,
    interval: u32,
    timeout: u32,
    thresholds: Thresholds,
    matcher: Matcher,
}

/// AWS's defaults for HTTP target groups of type `ip` and `instance`.
impl Default for HealthCheck {
    fn default() -> Self {
        Self {
            path: "/".into(),
            interval: 30,
            timeout: 5,
            thresholds: Thresholds {
                healthy: 5,
                unhealthy: 2,
            },
            matcher: Matcher::default(),
        }
    }
}

impl HealthCheck {
    /// These settings with what a request changes.
    fn changed(&self, input: &Value) -> Result<Self, ApiError> {
        refuse_what_is_not_here(input)?;
        let mut check = self.clone();
        if let Some(path) = text(input, "HealthCheckPath") {
            check.path = checked_path(path)?;
        }
        if let Some(seconds) = bounded(input, "HealthCheckIntervalSeconds", 5, 300)? {
            check.interval = seconds;
        }
        if let Some(seconds) = bounded(input, "HealthCheckTimeoutSeconds", 2, 120)? {
            check.timeout = seconds;
        }
        if let Some(count) = bounded(input, "HealthyThresholdCount", 2, 10)? {
            check.thresholds.healthy = count;
        }
        if let Some(count) = bounded(input, "UnhealthyThresholdCount", 2, 10)? {
            check.thresholds.unhealthy = count;
        }
        if let Some(codes) = input
            .get("Matcher")
            .and_then(|matcher| text(matcher, "HttpCode"))
        {
            check.matcher = Matcher::parse(&codes)?;
        }
        if check.timeout >= check.interval {
            return Err(invalid(format!(
                "Health check timeout '{}' must be smaller than the interval '{}'",
                check.timeout, check.interval
            )));
        }
        Ok(check)
    }
}

fn checked_path(path: String) -> Result<String, ApiError> {
    if path.starts_with('/') && path.len() <= 1024 {
        Ok(path)
    } else {
        Err(invalid(format!(
            "Health check path '{path}' must begin with a '/' character, and can be up to 1024 \
             characters long"
        )))
    }
}

/// Refuses settings that AWS knows and the sandbox's probes could not honour.
fn refuse_what_is_not_here(input: &Value) -> Result<(), ApiError> {
    let only = |name: &str, known: &[&str]| match text(input, name) {
        Some(value) if !known.contains(&value.as_str()) => Err(ApiError::not_implemented(
            "ELBv2",
            &format!("target groups with {name} {value}"),
        )),
        _ => Ok(()),
    };
    only("Protocol", &["HTTP"])?;
    only("ProtocolVersion", &["HTTP1"])?;
    only("TargetType", &["ip", "instance"])?;
    only("IpAddressType", &["ipv4"])?;
    only("HealthCheckProtocol", &["HTTP"])?;
    only("HealthCheckPort", &["traffic-port"])?;
    if flag(input, "HealthCheckEnabled") == Some(false) {
        return Err(invalid(
            "Health check enabled must be true for target groups with target type 'ip' or \
             'instance'",
        ));
    }
    Ok(())
}

impl TargetGroup {
    pub(super) fn deregistration_delay(&self) -> Duration {
        let seconds = self
            .attributes
            .get("deregistration_delay.timeout_seconds")
            .and_then(|seconds| seconds.parse().ok())
            .unwrap_or(300);
        Duration::from_secs(seconds)
    }

    /// Carries out what is due: targets go, checks go out.
    pub(super) fn tick(&mut self, now: Time, in_use: bool, effects: &mut Vec<Effect>) {
        self.targets.forget_drained(now);
        let interval = Duration::from_secs(self.check.interval.into());
        for (target, registered) in self.targets.iter_mut() {
            if registered.drains() {
                continue;
            }
            match registered.checks {
                _ if !in_use => {
                    registered.health = Health::Registering;
                    registered.checks = if registered.checks.is_out() {
                        Checks::Stale
                    } else {
                        Checks::Idle
                    };
                }
                Checks::Idle => registered.checks = Checks::Due(now),
                _ => {}
            }
            let Checks::Due(due) = registered.checks else {
                continue;
            };
            if now < due {
                continue;
            }
            registered.checks = Checks::Out {
                next: following(now, due, interval),
            };
            registered.health = registered.health.clone().asked();
            effects.push(Effect::Probe(Probe {
                target_group: self.arn.clone(),
                target: target.clone(),
                task: registered
                    .backing
                    .as_ref()
                    .map(|backing| backing.task.clone()),
                address: registered.address(target),
                path: self.check.path.clone(),
                timeout: Duration::from_secs(self.check.timeout.into()),
            }));
        }
    }

    /// A check has come back.
    pub(super) fn probed(
        &mut self,
        now: Time,
        in_use: bool,
        target: &Target,
        outcome: &ProbeOutcome,
    ) {
        let failure = Failure::of(outcome, &self.check.matcher);
        let thresholds = self.check.thresholds;
        let Some(registered) = self.targets.get_mut(target) else {
            self.targets.answer_came(target);
            return;
        };
        match registered.checks {
            Checks::Out { next } => {
                registered.health = registered.health.clone().checked(failure, thresholds);
                registered.checks = Checks::Due(next.max(now));
            }
            Checks::Stale if in_use => registered.checks = Checks::Due(now),
            Checks::Stale => registered.checks = Checks::Idle,
            Checks::Due(_) | Checks::Idle => {}
        }
    }
}

impl Elbv2 {
    /// The ARN of the target group with this name.
    pub(in crate::world) fn target_group_named(&self, name: &str) -> Option<String> {
        let mut groups = self.target_groups.values();
        groups.find(|g| g.name == name).map(|g| g.arn.clone())
    }

    pub(super) fn create_target_group(
        &mut self,
        input: &Value,
        around: &mut Surroundings<'_>,
    ) -> Result<Value, ApiError> {
        let name = required(input, "Name")?;
        check_name("Target group", &name)?;
        let check = HealthCheck::default().changed(input)?;
        if text(input, "Protocol").is_none() {
            return Err(invalid("A protocol must be specified"));
        }
        let port = port(input, "Port")?.ok_or_else(|| invalid("A port must be specified"))?;
        let vpc = text(input, "VpcId").ok_or_else(|| invalid("A VPC ID must be specified"))?;
        let target_type = text(input, "TargetType").unwrap_or_else(|| "instance".into());
        if let Some(same) = self.target_groups.values().find(|group| group.name == name) {
            let equal = same.check == check
                && same.port == port
                && same.vpc == vpc
                && same.target_type == target_type;
            return if equal {
                Ok(json!({ "TargetGroups": [self.described_group(same)] }))
            } else {
                Err(ApiError::client(
                    "DuplicateTargetGroupName",
                    format!(
                        "A target group with the same name '{name}' exists, but with different \
                         settings"
                    ),
                ))
            };
        }
        let arn = around
            .arns
            .elbv2(&format!("targetgroup/{name}/{}", around.ids.hex16()));
        let group = TargetGroup {
            arn: arn.clone(),
            name,
            port,
            vpc,
            target_type,
            check,
            attributes: target_group_defaults(),
            targets: Targets::default(),
        };
        self.tag_new(&arn, input)?;
        let described = self.described_group(&group);
        self.target_groups.insert(arn, group);
        Ok(json!({ "TargetGroups": [described] }))
    }

    pub(super) fn describe_target_groups(&self, input: &Value) -> Result<Value, ApiError> {
        let arns = texts(input, "TargetGroupArns");
        let names = texts(input, "Names");
        let load_balancer = text(input, "LoadBalancerArn");
        if arns.iter().any(|arn| !self.target_groups.contains_key(arn)) {
            return Err(absent());
        }
        let groups: Vec<&TargetGroup> = self
            .target_groups
            .values()
            .filter(|group| arns.is_empty() || arns.contains(&group.arn))
            .filter(|group| names.is_empty() || names.contains(&group.name))
            .filter(|group| {
                load_balancer
                    .as_ref()
                    .is_none_or(|arn| self.load_balancers_of(&group.arn).contains(arn))
            })
            .collect();
        if names
            .iter()
            .any(|name| !groups.iter().any(|group| group.name == *name))
        {
            return Err(absent());
        }
        let groups: Vec<Value> = groups
            .into_iter()
            .map(|group| self.described_group(group))
            .collect();
        Ok(json!({ "TargetGroups": groups }))
    }

    pub(super) fn modify_target_group(&mut self, input: &Value) -> Result<Value, ApiError> {
        let group = self.target_group_mut(input)?;
        group.check = group.check.changed(input)?;
        let arn = group.arn.clone();
        let described: Vec<Value> = self
            .target_groups
            .get(&arn)
            .map(|group| self.described_group(group))
            .into_iter()
            .collect();
        Ok(json!({ "TargetGroups": described }))
    }

    pub(super) fn delete_target_group(&mut self, input: &Value) -> Result<Value, ApiError> {
        let arn = required(input, "TargetGroupArn")?;
        if self.is_in_use(&arn) {
            return Err(ApiError::client(
                "ResourceInUse",
                format!("Target group '{arn}' is currently in use by a listener or a rule"),
            ));
        }
        // AWS answers with success when there is nothing to delete.
        self.target_groups.remove(&arn);
        self.tags.remove(&arn);
        Ok(json!({}))
    }

    /// The target group that a request names by `TargetGroupArn`.
    pub(super) fn target_group_mut(&mut self, input: &Value) -> Result<&mut TargetGroup, ApiError> {
        let arn = required(input, "TargetGroupArn")?;
        self.target_groups.get_mut(&arn).ok_or_else(absent)
    }

    fn described_group(&self, group: &TargetGroup) -> Value {
        json!({
            "TargetGroupArn": group.arn,
            "TargetGroupName": group.name,
            "Protocol": "HTTP",
            "Port": group.port,
            "VpcId": group.vpc,
            "HealthCheckProtocol": "HTTP",
            "HealthCheckPort": "traffic-port",
            "HealthCheckEnabled": true,
            "HealthCheckIntervalSeconds": group.check.interval,
            "HealthCheckTimeoutSeconds": group.check.timeout,
            "HealthyThresholdCount": group.check.thresholds.healthy,
            "UnhealthyThresholdCount": group.check.thresholds.unhealthy,
            "HealthCheckPath": group.check.path,
            "Matcher": { "HttpCode": group.check.matcher.written() },
            "LoadBalancerArns": self.load_balancers_of(&group.arn),
            "TargetType": group.target_type,
            "ProtocolVersion": "HTTP1",
            "IpAddressType": "ipv4",
        })
    }
}

pub(super) fn absent() -> ApiError {
    ApiError::client("TargetGroupNotFound", "One or more target groups not found")
}
