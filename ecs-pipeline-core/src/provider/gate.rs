use std::fmt::Debug;

use async_trait::async_trait;
use serde::{Deserialize, Serialize};

use crate::error::ProviderError;

/// Judges whether a service is well.
#[async_trait]
pub trait HealthGate: Debug + Send + Sync {
    /// What it looks at, for people: `targets healthy`, `HTTP http://…/health`.
    fn describe(&self) -> String;

    /// One reading. How often it is read, how many readings in a row must pass and how long that
    /// may take is the engine's business: see [`crate::engine::Gate`].
    ///
    /// # Errors
    ///
    /// When it could not be read. A transient kind counts as "not yet".
    async fn read(&self) -> Result<GateReading, ProviderError>;
}

/// What a gate found.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "reading", rename_all = "snake_case")]
#[non_exhaustive]
pub enum GateReading {
    /// All is well.
    Passing {
        /// What was seen.
        detail: String,
    },
    /// Not well, or not yet.
    NotYet {
        /// What was seen.
        detail: String,
    },
    /// Not well, and waiting cannot help.
    Failing {
        /// What was seen.
        detail: String,
    },
}
