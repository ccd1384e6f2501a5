use std::fmt::Debug;

use async_trait::async_trait;

use crate::error::ProviderError;
use crate::model::GateState;

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
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GateReading {
    /// The verdict of this reading.
    pub state: GateState,
    /// What was seen.
    pub detail: String,
}

impl GateReading {
    /// All is well.
    pub fn passing(detail: impl Into<String>) -> Self {
        Self::new(GateState::Passing, detail)
    }

    /// Not well, or not yet.
    pub fn not_yet(detail: impl Into<String>) -> Self {
        Self::new(GateState::NotYet, detail)
    }

    /// Not well, and waiting cannot help.
    pub fn failing(detail: impl Into<String>) -> Self {
        Self::new(GateState::Failing, detail)
    }

    fn new(state: GateState, detail: impl Into<String>) -> Self {
        Self {
            state,
            detail: detail.into(),
        }
    }
}
