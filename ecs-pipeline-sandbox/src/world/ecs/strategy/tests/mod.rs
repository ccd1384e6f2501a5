//! Whole deployments that shift traffic, in virtual time.
#![allow(clippy::unwrap_used, clippy::expect_used)]

mod crossing;
mod failing;
mod going;
mod hooks;
mod properties;
mod refused;
mod rolling;
mod superseded;
