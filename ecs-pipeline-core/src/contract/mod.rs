//! What every implementation of a provider contract must do, as suites that a test calls. Each
//! takes the provider and what it needs to work on, and panics with a sentence where the contract
//! is not kept.
//!
//! ```
//! # tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap().block_on(async {
//! use ecs_pipeline_core::contract;
//! use ecs_pipeline_core::memory::MemoryBuilder;
//! use ecs_pipeline_core::model::BuildRequest;
//!
//! let request = BuildRequest {
//!     name: "web:1".to_owned(),
//!     ..BuildRequest::default()
//! };
//! contract::image_builder(&MemoryBuilder::new(), &request).await;
//! # });
//! ```

mod builder;
mod deployer;
mod gate;
mod registry;

pub use builder::image_builder;
pub use deployer::{DeployerWorld, deployer};
pub use gate::health_gate;
pub use registry::{RegistryWorld, registry};

use std::fmt::Debug;

use crate::error::{ErrorKind, ProviderError};

/// The answer of a call that must succeed.
fn must<T>(what: &str, answer: Result<T, ProviderError>) -> T {
    match answer {
        Ok(value) => value,
        Err(error) => panic!("{what}: {error} ({:?})", error.kind()),
    }
}

fn must_fail<T: Debug>(what: &str, kind: ErrorKind, answer: Result<T, ProviderError>) {
    match answer {
        Ok(value) => panic!("{what} must fail with {kind:?}, and answered {value:?}"),
        Err(error) => assert_eq!(error.kind(), kind, "{what}: {error}"),
    }
}

fn must_describe(description: &str) {
    assert!(!description.trim().is_empty(), "describe() says nothing");
    assert!(
        !description.contains('\n'),
        "describe() is one line: {description:?}"
    );
}
