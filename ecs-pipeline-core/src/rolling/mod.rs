//! What the state of a deployment by ECS means, as pure functions over one reading of the service.
//!
//! A deployment is followed by its id, never by "one deployment and running == desired": that is
//! also true after ECS has rolled back. Where ECS's service deployment API was read too, its word
//! is final.

mod service_deployment;
mod shift;
mod snapshot;
mod state;
#[cfg(test)]
mod testing;

pub use service_deployment::{
    HookSnapshot, ServiceDeploymentSnapshot, ServiceDeploymentStatus, ShiftedRevision,
};
pub use shift::{failures, in_flight, shifted_counts, stage_of, traffic_of};
pub use snapshot::{
    DeploymentSnapshot, DeploymentStatus, RolloutState, ServiceEvent, ServiceSnapshot,
};
pub use state::{
    draining_after, last_good, messages_since, revision_counts, sounds_like_a_problem, state_of,
};
