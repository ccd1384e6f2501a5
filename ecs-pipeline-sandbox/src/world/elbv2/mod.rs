//! Elastic Load Balancing v2: load balancers, listeners, rules, target groups and the health of
//! targets.
//!
//! Application Load Balancers over HTTP. Every load balancer's DNS name is `127.0.0.1`, so that
//! `http://DNS:PORT` works on this machine; hence a port belongs to one listener only, whichever
//! load balancer has it. What the data plane could not do (TLS, sticky sessions, …) is refused.

mod attributes;
mod health;
mod listeners;
mod load_balancers;
mod matcher;
pub(crate) mod routes;
mod rules;
mod shift;
mod tags;
mod target_groups;
mod targets;

#[cfg(test)]
mod tests;

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::time::Duration;

use serde_json::Value;

use super::arn::Arns;
use super::id::Ids;
use super::input;
use super::{ApiError, Effect, ProbeOutcome, Target, TaskId, Time, World};
use health::said;
use listeners::Listener;
use load_balancers::LoadBalancer;
use routes::Routes;
use rules::Rule;
use target_groups::TargetGroup;

/// All ELBv2 state, by ARN.
#[derive(Debug, Default)]
pub(super) struct Elbv2 {
    load_balancers: BTreeMap<String, LoadBalancer>,
    listeners: BTreeMap<String, Listener>,
    rules: BTreeMap<String, Rule>,
    target_groups: BTreeMap<String, TargetGroup>,
    tags: BTreeMap<String, BTreeMap<String, String>>,
}

/// What an operation needs of the world beside ELBv2's own state.
struct Surroundings<'a> {
    now: Time,
    arns: &'a Arns,
    ids: &'a mut Ids,
    effects: &'a mut Vec<Effect>,
}

/// A target's state as DescribeTargetHealth reports it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct TargetHealth {
    pub(super) state: TargetState,
    /// `Elb.RegistrationInProgress`, `Target.ResponseCodeMismatch`, …
    pub(super) reason: Option<String>,
    /// `Health checks failed with these codes: [503]`, …
    pub(super) description: Option<String>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum TargetState {
    Initial,
    Healthy,
    Unhealthy,
    Draining,
    /// Registered in a target group that no listener uses, or not registered (any more).
    Unused,
}

impl TargetState {
    fn as_str(self) -> &'static str {
        match self {
            Self::Initial => "initial",
            Self::Healthy => "healthy",
            Self::Unhealthy => "unhealthy",
            Self::Draining => "draining",
            Self::Unused => "unused",
        }
    }
}

/// Who stands behind a target that ECS registers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Backing {
    pub(super) task: TaskId,
    /// `family:revision`.
    pub(super) task_definition: String,
    /// Where the container's port really is; `None` with a runner that has no sockets.
    pub(super) address: Option<SocketAddr>,
}

/// What ECS asks of ELBv2. The scheduler uses these and nothing else.
impl Elbv2 {
    /// Whether a target group with this ARN exists.
    pub(super) fn has_target_group(&self, arn: &str) -> bool {
        self.target_groups.contains_key(arn)
    }

    /// Whether a listener of a load balancer uses this target group. CreateService refuses one
    /// that none uses.
    pub(super) fn is_in_use(&self, arn: &str) -> bool {
        self.rules.values().any(|rule| rule.forwards_to(arn))
    }

    /// `ip` or `instance`.
    pub(super) fn target_type(&self, arn: &str) -> Option<&str> {
        let group = self.target_groups.get(arn)?;
        Some(group.target_type.as_str())
    }

    /// Registers a target: it is `initial` until its health checks have passed. Nothing happens
    /// when the target group does not exist.
    pub(super) fn register(&mut self, now: Time, arn: &str, target: Target, backing: Backing) {
        if let Some(group) = self.target_groups.get_mut(arn) {
            group.targets.register(now, target, Some(backing));
        }
    }

    /// Starts draining a target; it is gone after the group's deregistration delay, and at once
    /// when no listener uses the group.
    pub(super) fn deregister(&mut self, now: Time, arn: &str, target: &Target) {
        let delay = if self.is_in_use(arn) {
            self.deregistration_delay(arn)
        } else {
            Duration::ZERO
        };
        if let Some(group) = self.target_groups.get_mut(arn) {
            group.targets.drain(now + delay, target);
        }
    }

    /// A target's health; `Unused` when it is not registered.
    pub(super) fn health(&self, arn: &str, target: &Target) -> TargetHealth {
        let registered = self
            .target_groups
            .get(arn)
            .and_then(|group| group.targets.get(target));
        match registered {
            None => said(
                TargetState::Unused,
                "Target.NotRegistered",
                "Target is not registered to the target group",
            ),
            Some(registered) if registered.drains() => said(
                TargetState::Draining,
                "Target.DeregistrationInProgress",
                "Target deregistration is in progress",
            ),
            Some(_) if !self.is_in_use(arn) => said(
                TargetState::Unused,
                "Target.NotInUse",
                "Target group is not configured to receive traffic from the load balancer",
            ),
            Some(registered) => registered.health.report(),
        }
    }

    /// How long a target drains.
    pub(super) fn deregistration_delay(&self, arn: &str) -> Duration {
        self.target_groups
            .get(arn)
            .map_or(Duration::ZERO, TargetGroup::deregistration_delay)
    }
}

/// What the world asks of ELBv2.
impl Elbv2 {
    pub(super) fn probed(&mut self, now: Time, arn: &str, target: &Target, outcome: &ProbeOutcome) {
        let in_use = self.is_in_use(arn);
        if let Some(group) = self.target_groups.get_mut(arn) {
            group.probed(now, in_use, target, outcome);
        }
    }

    /// Health checks that are due, and targets that have drained.
    pub(super) fn tick(&mut self, now: Time, effects: &mut Vec<Effect>) {
        let used: Vec<String> = self
            .target_groups
            .keys()
            .filter(|arn| self.is_in_use(arn))
            .cloned()
            .collect();
        for (arn, group) in &mut self.target_groups {
            group.tick(now, used.contains(arn), effects);
        }
    }

    pub(super) fn next_wakeup(&self) -> Option<Time> {
        self.target_groups
            .values()
            .filter_map(|group| group.targets.next_wakeup())
            .min()
    }

    pub(super) fn routes(&self) -> Routes {
        routes::of(self)
    }
}

impl World {
    pub(super) fn call_elbv2(&mut self, operation: &str, input: Value) -> Result<Value, ApiError> {
        let mut around = Surroundings {
            now: self.now,
            arns: &self.arns,
            ids: &mut self.ids,
            effects: &mut self.effects,
        };
        self.elbv2.answer(operation, &input, &mut around)
    }
}

impl Elbv2 {
    fn answer(
        &mut self,
        operation: &str,
        input: &Value,
        around: &mut Surroundings<'_>,
    ) -> Result<Value, ApiError> {
        match operation {
            "CreateLoadBalancer" => self.create_load_balancer(input, around),
            "DescribeLoadBalancers" => self.describe_load_balancers(input, around),
            "DeleteLoadBalancer" => self.delete_load_balancer(input, around),
            "DescribeLoadBalancerAttributes" => self.describe_load_balancer_attributes(input),
            "ModifyLoadBalancerAttributes" => self.modify_load_balancer_attributes(input),
            "CreateTargetGroup" => self.create_target_group(input, around),
            "DescribeTargetGroups" => self.describe_target_groups(input),
            "ModifyTargetGroup" => self.modify_target_group(input),
            "DeleteTargetGroup" => self.delete_target_group(input),
            "DescribeTargetGroupAttributes" => self.describe_target_group_attributes(input),
            "ModifyTargetGroupAttributes" => self.modify_target_group_attributes(input),
            "CreateListener" => self.create_listener(input, around),
            "DescribeListeners" => self.describe_listeners(input),
            "ModifyListener" => self.modify_listener(input, around),
            "DeleteListener" => self.delete_listener(input, around),
            "CreateRule" => self.create_rule(input, around),
            "DescribeRules" => self.describe_rules(input),
            "ModifyRule" => self.modify_rule(input),
            "DeleteRule" => self.delete_rule(input),
            "RegisterTargets" => self.register_targets(input, around),
            "DeregisterTargets" => self.deregister_targets(input, around),
            "DescribeTargetHealth" => self.describe_target_health(input),
            "AddTags" => self.add_tags(input),
            "RemoveTags" => self.remove_tags(input),
            "DescribeTags" => self.describe_tags(input),
            other => Err(ApiError::not_implemented("ELBv2", other)),
        }
    }
}
