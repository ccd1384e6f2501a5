//! A loopback server that speaks the AWS protocols which a container deployment needs, moves
//! ECS deployments the way ECS does, and runs the tasks: in Docker containers, in this process,
//! or, for tests, as a script.
//!
//! - [`world`] is the state machine: pure, deterministic, without I/O and without a clock.
//! - [`api`] turns HTTP into requests to the world, and its answers into HTTP.
//! - [`access`] says who may ask for what, and keeps a trail of what was asked.
//! - [`registry`] is the OCI registry behind the ECR API.
//! - [`data_plane`] is the load balancer: real sockets, real health checks.
//! - [`codebuild`] runs build specifications, for a pipeline.
//! - [`runner`] runs tasks, and [`functions`] stand for Lambda's.
//! - [`Sandbox`] puts them together, and [`clock`] says how fast its time passes.

pub mod access;
pub mod api;
pub mod builds;
pub mod clock;
#[cfg(unix)]
pub mod codebuild;
pub mod data_plane;
pub mod faults;
pub mod functions;
pub mod registry;
pub mod runner;
mod sandbox;
mod shared;
pub mod world;

pub use runner::RunnerChoice;
pub use sandbox::{Sandbox, SandboxBuilder, StartError};
