//! Where traffic goes: what the data plane needs to know of listeners, rules and targets.

use std::collections::BTreeMap;
use std::net::SocketAddr;

use crate::world::{Target, TaskId};

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
    /// It is sent elsewhere; the parts are as RedirectConfig has them.
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
