//! The way to a running sandbox's access control.

use crate::shared::Shared;

use super::{Call, Policy, Principal};

/// A handle on the policies that are enforced, and on the trail; clones share both.
#[derive(Debug, Clone)]
pub struct Access {
    shared: Shared,
}

impl Access {
    pub(crate) fn new(shared: Shared) -> Self {
        Self { shared }
    }

    /// From now on the principal may do what the policy allows, and nothing else.
    pub fn enforce(&self, principal: Principal, policy: Policy) {
        self.shared.lock().control_mut().enforce(principal, policy);
    }

    /// Lets the principal do everything again.
    pub fn lift(&self, principal: Principal) {
        self.shared.lock().control_mut().lift(principal);
    }

    /// Each distinct call so far, in the order in which they came first, whether a policy is enforced or not.
    /// [`crate::Sandbox::call`] leaves no trail.
    #[must_use]
    pub fn calls(&self) -> Vec<Call> {
        self.shared.lock().control_mut().calls()
    }

    /// Begins the trail anew.
    pub fn forget_calls(&self) {
        self.shared.lock().control_mut().forget_calls();
    }
}
