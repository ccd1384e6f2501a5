//! Gates that need no AWS: an HTTP request, many of them, and a command.

mod command;
#[cfg(feature = "http-gate")]
mod http;
#[cfg(feature = "http-gate")]
mod sample;

pub use command::CommandGate;
#[cfg(feature = "http-gate")]
pub use http::HttpGate;
#[cfg(feature = "http-gate")]
pub use sample::{Percentile, SampleGate};
