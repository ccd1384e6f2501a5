//! The Docker command line: as builder, and as the way to push what it built.
//!
//! The command line rather than the engine's API, so that contexts, credential helpers, BuildKit
//! and whatever stands in for Docker (podman, nerdctl) work as they do by hand.

mod builder;
mod cli;
mod login;
mod push;

pub use builder::DockerBuilder;
pub use cli::DockerCli;
