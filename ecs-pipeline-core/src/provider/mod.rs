//! The contracts that a pipeline stands on: build, registry, deployer, health gate, and one-off
//! tasks.
//!
//! They are object-safe and small. A provider makes one attempt at one thing and answers; it
//! never sleeps, never retries by waiting and never prints: the [engine](crate::engine) owns
//! waiting, cancellation, time limits and events. Each contract has an implementation in
//! [`crate::memory`] and a suite in `crate::contract` (feature `contract-tests`) that every
//! implementation must pass.

mod builder;
mod deployer;
mod gate;
mod output;
mod registry;
mod task;

pub use builder::ImageBuilder;
pub use deployer::{Deployer, Evidence, Rollback, StoppedContainer, StoppedTask, UnhealthyTarget};
pub use gate::{GateReading, HealthGate};
pub use output::Output;
pub use registry::Registry;
pub use task::{RunningTask, TaskObservation, TaskRequest, TaskRunner, TaskState};
