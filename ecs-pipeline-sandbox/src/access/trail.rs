//! The trail: which actions were asked for.

use std::collections::BTreeSet;

use super::request::{Principal, Request};

/// As many distinct calls are kept; a sandbox that is used for weeks must not grow without end.
const MOST_CALLS: usize = 100_000;

/// An action that somebody asked for.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
#[non_exhaustive]
pub struct Call {
    /// Whose policy decided.
    pub principal: Principal,
    /// The operation that needs the action, such as `ECS.UpdateService`. What a service does by itself is
    /// named after the service, such as `CodeDeploy`.
    pub operation: String,
    /// The action, its resources and the condition keys.
    pub request: Request,
    /// Whether the policy of that moment allowed it.
    pub allowed: bool,
}

/// Each distinct call, in the order in which they came first.
#[derive(Debug, Default)]
pub(super) struct Trail {
    calls: Vec<Call>,
    seen: BTreeSet<Call>,
}

impl Trail {
    pub(super) fn note(&mut self, call: Call) {
        if self.calls.len() < MOST_CALLS && self.seen.insert(call.clone()) {
            self.calls.push(call);
        }
    }

    pub(super) fn calls(&self) -> Vec<Call> {
        self.calls.clone()
    }
}
