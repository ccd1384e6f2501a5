//! The sandbox as a whole.

/// A running sandbox.
#[derive(Debug)]
pub struct Sandbox {}

/// How a sandbox is to be.
#[derive(Debug)]
pub struct SandboxBuilder {}

/// Why a sandbox could not start.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum StartError {}
