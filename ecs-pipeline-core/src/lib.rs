//! Takes a container from source to a healthy Amazon ECS service, and back when the new version
//! is not healthy.
//!
//! - [`model`]: what flows through a pipeline.
//! - [`provider`]: the contracts for build, registry, deployer and health gate.
//! - [`engine`]: runs the steps, waits, unwinds on failure, and tells what happens as
//!   [`event`]s.
//! - [`memory`]: implementations without AWS, for tests and dry runs.
//! - [`rolling`]: what a rolling deployment's state means, as pure functions.
//! - `aws` and `docker`: the real implementations, behind features of the same names.

#[cfg(feature = "aws-config")]
pub mod aws;
#[cfg(feature = "contract-tests")]
pub mod contract;
pub mod diagnosis;
#[cfg(feature = "docker")]
pub mod docker;
pub mod engine;
pub mod error;
pub mod event;
pub mod exit;
#[cfg(feature = "http-gate")]
pub mod gate;
pub mod memory;
pub mod model;
pub mod provider;
pub mod rolling;
pub mod wait;

pub use error::{ErrorKind, Hint, ProviderError};
