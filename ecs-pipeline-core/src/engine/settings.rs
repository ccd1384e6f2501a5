//! What a run may be told.

use std::sync::Arc;
use std::time::Duration;

use crate::provider::HealthGate;
use crate::wait::Pace;

/// How a run waits, and what it does when it must not go on.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Settings {
    /// How long a deployment may take beyond the time that it waits by design
    /// ([`Deployment::waits`](crate::model::Deployment::waits)); a rollback gets the same time
    /// again.
    pub limit: Duration,
    /// How often it is looked at.
    pub pace: Pace,
    /// How long the run may be silent.
    pub heartbeat: Duration,
    /// What becomes of a deployment when the run is told to stop.
    pub on_abort: OnAbort,
    /// What becomes of a deployment when its time is up.
    pub on_timeout: OnTimeout,
    /// How far a deployment is followed, when not to its end.
    pub until: Option<Until>,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            limit: Duration::from_secs(15 * 60),
            pace: Pace::default(),
            heartbeat: Duration::from_secs(30),
            on_abort: OnAbort::default(),
            on_timeout: OnTimeout::default(),
            until: None,
        }
    }
}

/// How far a deployment is followed. Its later stages go on without the run, which then ends as
/// [`End::Reached`](crate::model::End::Reached): AWS may still roll the deployment back.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Until {
    /// The new revision gets all production traffic.
    Traffic,
    /// This stage, or a later one, has begun: one of the deployer's
    /// [`stages`](crate::provider::Deployer::stages).
    Stage(String),
}

/// What becomes of a deployment under way when the run is told to stop (Ctrl-C, SIGTERM).
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum OnAbort {
    /// It goes on without the run, which says how to take it up again.
    #[default]
    Detach,
    /// The former revision is brought back.
    Rollback,
    /// The run goes on to its end.
    Wait,
}

/// What becomes of a deployment under way when its time is up.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum OnTimeout {
    /// It goes on without the run: it may still succeed.
    #[default]
    Detach,
    /// The former revision is brought back.
    Rollback,
}

/// A health gate, and how it is read.
#[derive(Debug, Clone)]
pub struct Gate {
    /// What is read.
    pub gate: Arc<dyn HealthGate>,
    /// Readings in a row that must pass.
    pub successes: u32,
    /// From one reading to the next.
    pub interval: Duration,
    /// How long it may take until enough readings have passed.
    pub limit: Duration,
    /// Whether it is read during the deployment too, once the new revision gets traffic. A reading
    /// that [fails](crate::model::GateState::Failing) then rolls the deployment back at once; one
    /// that is not yet well counts only at the end.
    pub during: bool,
}

impl Gate {
    /// A gate that must pass once, read every 2 seconds for at most 2 minutes.
    pub fn new(gate: Arc<dyn HealthGate>) -> Self {
        Self {
            gate,
            successes: 1,
            interval: Duration::from_secs(2),
            limit: Duration::from_secs(120),
            during: false,
        }
    }

    /// Has it read during the deployment too.
    #[must_use]
    pub fn during(mut self) -> Self {
        self.during = true;
        self
    }
}
