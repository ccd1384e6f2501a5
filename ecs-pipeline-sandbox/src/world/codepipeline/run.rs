//! An action's execution.

use std::collections::BTreeMap;

use super::artifact::Artifact;
use super::failure::Failure;
use super::job::{Job, Order, Progress};
use super::{Time, World};

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Status {
    InProgress,
    Abandoned,
    Succeeded,
    Failed,
}

impl Status {
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::InProgress => "InProgress",
            Self::Abandoned => "Abandoned",
            Self::Succeeded => "Succeeded",
            Self::Failed => "Failed",
        }
    }

    pub(super) fn is_open(self) -> bool {
        self == Self::InProgress
    }
}

#[derive(Debug)]
pub(super) struct Run {
    pub(super) stage: String,
    pub(super) order: Order,
    pub(super) started: Time,
    pub(super) updated: Time,
    pub(super) status: Status,
    /// `None` where it could not even begin.
    pub(super) job: Option<Job>,
    pub(super) outputs: Vec<Artifact>,
    pub(super) variables: BTreeMap<String, String>,
    pub(super) summary: Option<String>,
    pub(super) failure: Option<Failure>,
    /// The stage was retried: another run stands for the action now.
    pub(super) replaced: bool,
}

impl Run {
    /// Begins the action, unless what it is to be told already failed.
    pub(super) fn start(
        world: &mut World,
        stage: &str,
        order: Order,
        told: Result<(), Failure>,
    ) -> Self {
        let job = told.and_then(|()| Job::begin(&order, world));
        let mut run = Self {
            stage: stage.to_owned(),
            order,
            started: world.now,
            updated: world.now,
            status: Status::InProgress,
            job: None,
            outputs: Vec::new(),
            variables: BTreeMap::new(),
            summary: None,
            failure: None,
            replaced: false,
        };
        match job {
            Ok(job) => run.job = Some(job),
            Err(failure) => run.fail(world.now, failure),
        }
        run
    }

    /// When it has taken too long.
    pub(super) fn deadline(&self) -> Time {
        self.started + self.order.limit()
    }

    /// Looks how far it is; whether it ended.
    pub(super) fn look(&mut self, world: &mut World) -> bool {
        let late = world.now >= self.deadline();
        let (true, Some(job)) = (self.status.is_open(), &mut self.job) else {
            return false;
        };
        match job.look(&self.order, world) {
            Progress::Waiting if !late => return false,
            Progress::Waiting => {
                let failure = job.timed_out(self.order.limit());
                self.fail(world.now, failure);
            }
            Progress::Failed(failure) => self.fail(world.now, failure),
            Progress::Done(product) => {
                self.outputs = product.artifacts;
                self.variables = product.variables;
                self.summary = product.summary;
                self.end(world.now, Status::Succeeded);
            }
        }
        true
    }

    fn fail(&mut self, now: Time, failure: Failure) {
        self.failure = Some(failure);
        self.end(now, Status::Failed);
    }

    /// Nobody waits for it any more; what it started goes on.
    pub(super) fn abandon(&mut self, now: Time) {
        if self.status.is_open() {
            self.end(now, Status::Abandoned);
        }
    }

    fn end(&mut self, now: Time, status: Status) {
        self.status = status;
        self.updated = now;
    }
}
