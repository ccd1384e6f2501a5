//! What a rolling deployment's state means, as pure functions over one reading of the service.
//!
//! A deployment is followed by its id, never by "one deployment and running == desired": that is
//! also true after ECS has rolled back. Where ECS's service deployment API was read too, its word
//! is final.

mod snapshot;
mod state;

pub use snapshot::{
    DeploymentSnapshot, DeploymentStatus, RolloutState, ServiceDeploymentSnapshot,
    ServiceDeploymentStatus, ServiceEvent, ServiceSnapshot,
};
pub use state::{
    draining_after, last_good, messages_since, revision_counts, sounds_like_a_problem, state_of,
};
