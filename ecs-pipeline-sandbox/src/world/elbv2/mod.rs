//! Elastic Load Balancing v2: load balancers, listeners, rules, target groups and the health of
//! targets.

pub(crate) mod routes;

use std::net::SocketAddr;
use std::time::Duration;

use serde_json::Value;

use super::{ApiError, Effect, ProbeOutcome, Target, TaskId, Time, World};
use routes::Routes;

/// All ELBv2 state.
#[derive(Debug, Default)]
pub(super) struct Elbv2 {}

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
    pub(super) fn has_target_group(&self, _arn: &str) -> bool {
        unimplemented!()
    }

    /// Whether a listener of a load balancer uses this target group. CreateService refuses one
    /// that none uses.
    pub(super) fn is_in_use(&self, _arn: &str) -> bool {
        unimplemented!()
    }

    /// `ip` or `instance`.
    pub(super) fn target_type(&self, _arn: &str) -> Option<&str> {
        unimplemented!()
    }

    /// Registers a target: it is `initial` until its health checks have passed.
    pub(super) fn register(&mut self, _now: Time, _arn: &str, _target: Target, _backing: Backing) {
        unimplemented!()
    }

    /// Starts draining a target; it is gone after the group's deregistration delay.
    pub(super) fn deregister(&mut self, _now: Time, _arn: &str, _target: &Target) {
        unimplemented!()
    }

    /// A target's health; `Unused` when it is not registered.
    pub(super) fn health(&self, _arn: &str, _target: &Target) -> TargetHealth {
        unimplemented!()
    }

    /// How long a target drains.
    pub(super) fn deregistration_delay(&self, _arn: &str) -> Duration {
        unimplemented!()
    }
}

/// What the world asks of ELBv2.
impl Elbv2 {
    pub(super) fn probed(
        &mut self,
        _now: Time,
        _arn: &str,
        _target: &Target,
        _outcome: &ProbeOutcome,
    ) {
        unimplemented!()
    }

    /// Health checks that are due, and targets that have drained.
    pub(super) fn tick(&mut self, _now: Time, _effects: &mut Vec<Effect>) {
        unimplemented!()
    }

    pub(super) fn next_wakeup(&self) -> Option<Time> {
        unimplemented!()
    }

    pub(super) fn routes(&self) -> Routes {
        unimplemented!()
    }
}

impl World {
    pub(super) fn call_elbv2(&mut self, operation: &str, _input: Value) -> Result<Value, ApiError> {
        Err(ApiError::not_implemented("ELBv2", operation))
    }
}
