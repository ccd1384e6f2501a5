//! Where traffic goes: what the data plane needs to know of listeners, rules and targets.

use std::collections::BTreeMap;
use std::net::SocketAddr;

use crate::world::{Target, TaskId};

use super::Elbv2;
use super::rules::{Action, Rule};
use super::target_groups::TargetGroup;

/// Each listener's routes, by the listener's ARN.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Routes(pub BTreeMap<String, ListenerRoutes>);

/// A listener's rules in the order in which they are tried.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ListenerRoutes {
    /// Rules by priority, the default rule last.
    pub rules: Vec<Route>,
}

/// One rule.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Route {
    /// Path patterns (`*` and `?`), of which one must match; empty matches every path.
    pub paths: Vec<String>,
    /// Host patterns, of which one must match; empty matches every host.
    pub hosts: Vec<String>,
    /// What happens to a request that matches.
    pub forward: Forward,
}

/// What happens to a request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Forward {
    /// It goes to one of these target groups, by weight.
    To(Vec<Weighted>),
    /// It is answered here.
    Fixed {
        /// The HTTP status.
        status: u16,
        /// The body.
        body: String,
        /// Its content type.
        content_type: String,
    },
    /// It is sent elsewhere. The location may hold RedirectConfig's placeholders `#{protocol}`,
    /// `#{host}`, `#{port}`, `#{path}` (without its leading slash) and `#{query}`, which stand
    /// for the request's own parts.
    Redirect {
        /// 301 or 302.
        status: u16,
        /// The `Location` header's value.
        location: String,
    },
}

/// A target group and its share.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Weighted {
    /// The target group's ARN.
    pub target_group: String,
    /// Its weight, 0 to 999.
    pub weight: u32,
    /// Targets that may get requests: the healthy ones, or all registered ones when none is
    /// healthy (an ALB fails open).
    pub destinations: Vec<Destination>,
}

/// A target that may get requests.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Destination {
    /// The target as ELBv2 names it.
    pub target: Target,
    /// The task behind it, where ECS registered it.
    pub task: Option<TaskId>,
    /// `family:revision` of that task.
    pub task_definition: Option<String>,
    /// Where it really is.
    pub address: SocketAddr,
}

/// The routes of every listener.
pub(super) fn of(elb: &Elbv2) -> Routes {
    let of_listener = |listener: &String| {
        let mut rules: Vec<&Rule> = elb
            .rules
            .values()
            .filter(|rule| rule.listener == *listener)
            .collect();
        rules.sort_by_key(|rule| rule.priority.unwrap_or(u32::MAX));
        ListenerRoutes {
            rules: rules.into_iter().map(|rule| route(elb, rule)).collect(),
        }
    };
    Routes(
        elb.listeners
            .keys()
            .map(|listener| (listener.clone(), of_listener(listener)))
            .collect(),
    )
}

fn route(elb: &Elbv2, rule: &Rule) -> Route {
    let forward = match &rule.action {
        Action::Answer { forward, .. } => forward.clone(),
        Action::Forward(groups) => Forward::To(
            groups
                .iter()
                .map(|(arn, weight)| Weighted {
                    target_group: arn.clone(),
                    weight: *weight,
                    destinations: elb
                        .target_groups
                        .get(arn)
                        .map(destinations)
                        .unwrap_or_default(),
                })
                .collect(),
        ),
    };
    Route {
        paths: rule.conditions.paths.clone(),
        hosts: rule.conditions.hosts.clone(),
        forward,
    }
}

/// "If a target group contains only unhealthy registered targets, the load balancer routes
/// requests to all those targets, regardless of their health status"
/// (<https://docs.aws.amazon.com/elasticloadbalancing/latest/application/target-group-health-checks.html>).
fn destinations(group: &TargetGroup) -> Vec<Destination> {
    let in_service = || {
        group
            .targets
            .iter()
            .filter(|(_, registered)| !registered.drains())
    };
    let fails_open = !in_service().any(|(_, registered)| registered.health.is_healthy());
    in_service()
        .filter(|(_, registered)| fails_open || registered.health.is_healthy())
        .filter_map(|(target, registered)| {
            Some(Destination {
                target: target.clone(),
                task: registered
                    .backing
                    .as_ref()
                    .map(|backing| backing.task.clone()),
                task_definition: registered
                    .backing
                    .as_ref()
                    .map(|backing| backing.task_definition.clone()),
                address: registered.address(target)?,
            })
        })
        .collect()
}
