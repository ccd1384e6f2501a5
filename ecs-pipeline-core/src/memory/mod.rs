//! Implementations of every provider contract that only simulate: nothing is built, pushed or
//! deployed. They are for tests of pipelines and for dry runs, and their `describe` says so.
//!
//! A [`MemoryDeployer`] moves with the looks that are taken at it rather than with time, so that
//! a test is the same on every machine; [`Rollout`]s say how its deployments go. [`Faulty`] wraps
//! any provider and makes chosen calls fail.

mod builder;
mod deployer;
mod digest;
mod faulty;
mod gate;
mod registry;
mod rollout;
mod service;
mod task;

pub use builder::MemoryBuilder;
pub use deployer::MemoryDeployer;
pub use faulty::{Fault, Faulty, Operation};
pub use gate::MemoryGate;
pub use registry::MemoryRegistry;
pub use rollout::Rollout;
pub use task::MemoryTaskRunner;

use std::sync::{Mutex, MutexGuard, PoisonError};

/// A panic elsewhere leaves a state that is as good as any other to a simulation.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
