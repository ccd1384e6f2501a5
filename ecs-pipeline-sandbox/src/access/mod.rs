//! Access control: identity-based IAM policies, and the trail of what was asked for.
//!
//! - `policy` reads policies and decides by them, as IAM documents it
//!   (<https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic.html>).
//! - `actions` says which actions an operation needs, on which resources.
//! - `Control` is both for one account: it belongs to the world, and [`Access`] is the way to it.
//!
//! Nothing here knows how anybody makes a policy: a policy that was made by a table of ours must not be
//! checked by the same table.

pub(crate) mod actions;
mod condition;
mod glob;
mod handle;
mod policy;
mod request;
mod trail;

#[cfg(test)]
mod tests;

use std::collections::BTreeMap;

pub use handle::Access;
pub use policy::{Decision, Policy, PolicyError, Refusal};
pub use request::{Principal, Request, UnknownPrincipal};
pub use trail::Call;

pub(crate) use request::{BUILD_ACCESS_KEY, Identity, denied};
use trail::Trail;

/// Who may do what, and what was asked for. Without a policy a principal may do everything.
#[derive(Debug, Default)]
pub(crate) struct Control {
    policies: BTreeMap<Principal, Policy>,
    trail: Trail,
}

impl Control {
    /// Puts a policy in the place of the principal's former one.
    pub(crate) fn enforce(&mut self, principal: Principal, policy: Policy) {
        self.policies.insert(principal, policy);
    }

    /// Lets a principal do everything again.
    pub(crate) fn lift(&mut self, principal: Principal) {
        self.policies.remove(&principal);
    }

    pub(crate) fn calls(&self) -> Vec<Call> {
        self.trail.calls()
    }

    pub(crate) fn forget_calls(&mut self) {
        self.trail = Trail::default();
    }

    /// Asks for all that an operation needs, in order, until one is refused.
    ///
    /// # Errors
    ///
    /// The request that the principal's policy does not allow, and why.
    pub(crate) fn authorize(
        &mut self,
        principal: Principal,
        operation: &str,
        requests: Vec<Request>,
    ) -> Result<(), (Request, Refusal)> {
        for request in requests {
            let policy = self.policies.get(&principal);
            let refusal = policy.and_then(|policy| policy.decide(&request).refusal);
            self.trail.note(Call {
                principal,
                operation: operation.to_owned(),
                request: request.clone(),
                allowed: refusal.is_none(),
            });
            if let Some(refusal) = refusal {
                return Err((request, refusal));
            }
        }
        Ok(())
    }
}
