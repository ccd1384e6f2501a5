//! Takes a container from source to a healthy Amazon ECS service, and back when the new version
//! is not healthy.
//!
//! - [`model`]: what flows through a pipeline.
//! - [`provider`]: the contracts for build, registry, deployer and health gate.
//! - [`doctor`]: says what will not work, before a first deployment does.
//! - [`engine`]: runs the steps, waits, unwinds on failure, and tells what happens as
//!   [`event`]s.
//! - [`ci`]: where a build comes from, as the CI system's variables tell.
//! - [`memory`]: implementations that only simulate, for tests and dry runs.
//! - [`rolling`]: what a rolling deployment's state means, as pure functions.
//! - `aws`, `docker` and `oci`: the real implementations, behind features of the same names.
//!
//! A pipeline on simulated providers; with real ones it reads the same:
//!
//! ```
//! use ecs_pipeline_core::engine::{Checks, Run, Settings};
//! use ecs_pipeline_core::event::Events;
//! use ecs_pipeline_core::memory::{MemoryBuilder, MemoryDeployer, MemoryRegistry};
//! use ecs_pipeline_core::model::{
//!     BuildRequest, Change, End, PublishRequest, ServiceRef, TaskDefinitionSource,
//! };
//! use tokio_util::sync::CancellationToken;
//!
//! # tokio::runtime::Builder::new_current_thread().enable_time().start_paused(true).build()?.block_on(async {
//! let service = ServiceRef::new("main", "web");
//! let deployer = MemoryDeployer::new().with_service(&service, "app")?;
//! let registry = MemoryRegistry::new().with_repository("web");
//!
//! let run = Run::new(Settings::default(), Events::discard(), CancellationToken::new());
//! let build = BuildRequest { name: "web:2".to_owned(), ..BuildRequest::default() };
//! let built = run.build(&MemoryBuilder::new(), &build).await?;
//! let push = PublishRequest { repository: "web".to_owned(), tags: vec!["2".to_owned()] };
//! let image = run.push(&registry, &built, &push).await?;
//! let change = Change::new(service, TaskDefinitionSource::Current).with_image("app", image);
//! let report = run.deploy(&deployer, &change, &Checks::none()).await;
//!
//! match report.end {
//!     End::Succeeded => assert!(report.summary.starts_with("main/web runs web:2")),
//!     _ => panic!("exit code {}: {}", report.exit_code, report.summary),
//! }
//! # Ok::<(), ecs_pipeline_core::ProviderError>(())
//! # })?;
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

#[cfg(feature = "aws-config")]
pub mod aws;
pub mod ci;
#[cfg(any(test, feature = "contract-tests"))]
pub mod contract;
#[cfg(any(feature = "aws-config", feature = "docker", feature = "oci"))]
mod denial;
pub mod diagnosis;
#[cfg(feature = "docker")]
pub mod docker;
#[cfg(any(feature = "docker", feature = "oci"))]
pub mod dockerfile;
pub mod doctor;
pub mod engine;
pub mod error;
pub mod event;
pub mod exit;
pub mod gate;
pub mod memory;
pub mod model;
#[cfg(feature = "oci")]
pub mod oci;
pub mod provider;
pub mod rolling;
pub mod wait;

pub use error::{ErrorKind, Hint, ProviderError};
