//! What judges a deployment, and what runs beside it.

use std::sync::Arc;
use std::time::Duration;

use super::Gate;
use crate::provider::{TaskRequest, TaskRunner};

/// Everything that has to go well for a deployment to count, beside the deployment itself.
#[derive(Debug, Clone, Default)]
#[non_exhaustive]
pub struct Checks {
    /// Tasks of the new revision that run before anything is deployed (a migration). One that
    /// fails ends the run, and the service is not touched.
    pub before: Vec<Job>,
    /// Gates, read when the deployment has succeeded; those that are to be read
    /// [during](Gate::during) it too, from the moment the new revision gets traffic.
    pub gates: Vec<Gate>,
    /// Tasks of the new revision that run when the gates have passed (a smoke test). One that
    /// fails brings the former revision back.
    pub after: Vec<Job>,
}

impl Checks {
    /// Nothing but the deployment's own end.
    #[must_use]
    pub fn none() -> Self {
        Self::default()
    }

    /// Gates alone.
    #[must_use]
    pub fn gates(gates: Vec<Gate>) -> Self {
        Self {
            gates,
            ..Self::default()
        }
    }

    /// How many gates and tasks judge the new revision once it is deployed.
    pub(super) fn judging(&self) -> usize {
        self.gates.len() + self.after.len()
    }
}

/// A one-off task, who runs it, and how long it may take.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Job {
    /// Who runs it.
    pub runner: Arc<dyn TaskRunner>,
    /// What is run.
    pub request: TaskRequest,
    /// How long it may take; a task that takes longer is stopped, and has failed.
    pub limit: Duration,
}

impl Job {
    /// A task that may take 10 minutes.
    #[must_use]
    pub fn new(runner: Arc<dyn TaskRunner>, request: TaskRequest) -> Self {
        Self {
            runner,
            request,
            limit: Duration::from_secs(600),
        }
    }

    /// Gives it another time limit.
    #[must_use]
    pub fn within(mut self, limit: Duration) -> Self {
        self.limit = limit;
        self
    }
}
