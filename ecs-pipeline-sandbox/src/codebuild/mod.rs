//! Runs build specifications as CodeBuild does, on this machine: what stands for CodeBuild in a pipeline.
//!
//! | question | place |
//! |---|---|
//! | What does a build do, and what comes after a failed phase? | `attempt.rs`, `next.rs` |
//! | What does it begin with, and what does it leave? | `prepare.rs`, `upload.rs` |
//! | What does a command get of the former one? | `shell.rs` |
//! | What ends with a build? | `group.rs` |
//! | Which variable wins? | `environment.rs` |
//! | Which files does a pattern mean? | `pattern.rs`, `files.rs` |
//! | How are artifacts and reports collected? | `collect.rs` |
//! | What is kept for the next build? | `cache.rs` |
//!
//! It follows CodeBuild's user guide ("Build specification reference", "Environment variables in build
//! environments", "Build phase transitions"), and where that is silent the logs of real builds.

mod attempt;
mod cache;
mod collect;
mod environment;
mod files;
mod group;
mod log;
mod next;
mod output;
mod pattern;
mod prepare;
mod project;
mod report;
mod shell;
mod source;
#[cfg(test)]
mod tests;
mod upload;

pub use project::{Project, Start};
pub use report::{Artifact, Build, Phase, PhaseName, Report, Status};
