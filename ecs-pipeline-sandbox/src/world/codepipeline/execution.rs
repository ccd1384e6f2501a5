//! An execution of a pipeline: how it goes through the stages.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::artifact::Artifact;
use super::declaration::{Action, Declaration, Stage};
use super::failure::Failure;
use super::job::Order;
use super::run::{self, Run};
use super::structure::{OF_THE_EXECUTION, OF_THE_PIPELINE};
use super::variables::{self, Reference};
use super::{Time, World};

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Status {
    InProgress,
    Stopping,
    Stopped,
    Succeeded,
    Superseded,
    Failed,
}

impl Status {
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::InProgress => "InProgress",
            Self::Stopping => "Stopping",
            Self::Stopped => "Stopped",
            Self::Succeeded => "Succeeded",
            Self::Superseded => "Superseded",
            Self::Failed => "Failed",
        }
    }

    pub(super) fn is_open(self) -> bool {
        matches!(self, Self::InProgress | Self::Stopping)
    }
}

/// What an execution takes of a source in place of the newest.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct SourceRevision {
    pub(super) kind: Revision,
    pub(super) value: String,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Revision {
    S3Version,
    S3Key,
}

/// Why an execution was started.
#[derive(Debug)]
pub(super) struct Trigger {
    pub(super) kind: &'static str,
    pub(super) detail: String,
}

/// What an execution is started with.
#[derive(Debug, Default)]
pub(super) struct Start {
    /// The pipeline's variables.
    pub(super) variables: BTreeMap<String, String>,
    /// By the source action's name.
    pub(super) revisions: BTreeMap<String, SourceRevision>,
    /// StartPipelineExecution's `clientRequestToken`.
    pub(super) token: Option<String>,
}

#[derive(Debug)]
pub(super) struct Execution {
    pub(super) id: String,
    pub(super) version: u32,
    /// As it was when the execution was started.
    pub(super) declaration: Arc<Declaration>,
    pub(super) trigger: Trigger,
    pub(super) start: Start,
    pub(super) started: Time,
    pub(super) updated: Time,
    pub(super) status: Status,
    /// The stage that it is in, or waits for; that in which it ended.
    pub(super) stage: usize,
    /// It waits to enter its stage.
    pub(super) waits: bool,
    /// Every action that was started, in this order.
    pub(super) runs: Vec<Run>,
    pub(super) stop_reason: Option<String>,
}

impl Execution {
    pub(super) fn new(
        world: &mut World,
        (version, declaration): (u32, Arc<Declaration>),
        trigger: Trigger,
        start: Start,
    ) -> Self {
        Self {
            id: world.ids.uuid(),
            version,
            declaration,
            trigger,
            start,
            started: world.now,
            updated: world.now,
            status: Status::InProgress,
            stage: 0,
            waits: true,
            runs: Vec::new(),
            stop_reason: None,
        }
    }

    /// The stage that it is in, or waits for. Stages are told by their names, since the pipeline may have
    /// others by now.
    pub(super) fn stage(&self) -> &str {
        let stage = self.declaration.stages.get(self.stage);
        stage.map_or("", |stage| stage.name.as_str())
    }

    /// Whether it keeps others out of this stage.
    pub(super) fn occupies(&self, stage: &str) -> bool {
        self.status.is_open() && !self.waits && self.stage() == stage
    }

    /// Whether it stands before this stage.
    pub(super) fn waits_for(&self, stage: &str) -> bool {
        self.status.is_open() && self.waits && self.stage() == stage
    }

    pub(super) fn has_entered(&self, stage: &str) -> bool {
        let mut stages = self.declaration.stages.iter();
        let at = stages.position(|known| known.name == stage);
        at.is_some_and(|at| at < self.stage || (at == self.stage && !self.waits))
    }

    pub(super) fn end(&mut self, now: Time, status: Status) {
        self.status = status;
        self.updated = now;
    }

    /// When an action of it has taken too long.
    pub(super) fn next_wakeup(&self) -> Option<Time> {
        let open = self.runs.iter().filter(|run| run.status.is_open());
        open.map(Run::deadline).min()
    }

    /// Goes as far as it can within its stage; whether something changed.
    pub(super) fn work(&mut self, world: &mut World) -> bool {
        let mut moved = false;
        while self.status.is_open() && !self.waits && self.step(world) {
            moved = true;
        }
        moved
    }

    fn step(&mut self, world: &mut World) -> bool {
        let mut ended = false;
        for run in &mut self.runs {
            ended |= run.look(world);
        }
        if self.runs.iter().any(|run| run.status.is_open()) {
            return ended;
        }
        let declaration = self.declaration.clone();
        let Some(stage) = declaration.stages.get(self.stage) else {
            return false;
        };
        // Actions that run together are waited for together.
        if self.status == Status::Stopping {
            self.end(world.now, Status::Stopped);
        } else if self.has_failed(stage) {
            self.end(world.now, Status::Failed);
        } else if !self.start_next(world, stage) {
            self.leave_stage(world.now, declaration.stages.len());
        }
        true
    }

    /// The run that stands for an action of a stage, where there is one.
    pub(super) fn run_of(&self, stage: &Stage, action: &Action) -> Option<&Run> {
        let mut runs = self.standing();
        runs.find(|run| run.stage == stage.name && run.order.action.name == action.name)
    }

    /// The runs that a retry did not replace.
    pub(super) fn standing(&self) -> impl Iterator<Item = &Run> {
        self.runs.iter().filter(|run| !run.replaced)
    }

    fn has_failed(&self, stage: &Stage) -> bool {
        let runs = stage
            .actions
            .iter()
            .filter_map(|action| self.run_of(stage, action));
        let mut ends = runs.map(|run| run.status);
        ends.any(|end| end != run::Status::Succeeded)
    }

    /// Starts the actions of the next run order; whether there are any.
    fn start_next(&mut self, world: &mut World, stage: &Stage) -> bool {
        let left = |action: &&Action| self.run_of(stage, action).is_none();
        let left: Vec<&Action> = stage.actions.iter().filter(left).collect();
        let Some(order) = left.iter().map(|action| action.run_order).min() else {
            return false;
        };
        for action in left.into_iter().filter(|action| action.run_order == order) {
            let (order, told) = self.order(world, action);
            let run = Run::start(world, &stage.name, order, told);
            self.runs.push(run);
        }
        self.updated = world.now;
        true
    }

    fn leave_stage(&mut self, now: Time, stages: usize) {
        if self.stage + 1 == stages {
            self.end(now, Status::Succeeded);
        } else {
            self.stage += 1;
            self.waits = true;
            self.updated = now;
        }
    }

    /// What an action is told, and why it cannot be.
    fn order(&self, world: &mut World, action: &Action) -> (Order, Result<(), Failure>) {
        let resolved = action.configuration.iter().map(|(member, given)| {
            let value = variables::resolve(given, |reference| self.value_of(reference))?;
            Ok((member.clone(), value))
        });
        let (configuration, told) = match resolved.collect::<Result<_, Failure>>() {
            Ok(resolved) => (resolved, Ok(())),
            Err(failure) => (BTreeMap::new(), Err(failure)),
        };
        let inputs = action.input_artifacts.iter();
        let order = Order {
            id: world.ids.uuid(),
            pipeline: self.declaration.name.clone(),
            role: action
                .role_arn
                .clone()
                .or_else(|| self.declaration.role_arn.clone()),
            bucket: self.declaration.bucket().to_owned(),
            configuration,
            inputs: inputs
                .filter_map(|input| self.artifact(&input.name))
                .cloned()
                .collect(),
            instead: self.start.revisions.get(&action.name).cloned(),
            action: action.clone(),
        };
        (order, told)
    }

    fn artifact(&self, name: &str) -> Option<&Artifact> {
        let mut made = self.standing().flat_map(|run| &run.outputs);
        made.find(|artifact| artifact.name == name)
    }

    fn value_of(&self, Reference { namespace, key }: Reference<'_>) -> Option<String> {
        match namespace {
            OF_THE_EXECUTION => (key == "PipelineExecutionId").then(|| self.id.clone()),
            OF_THE_PIPELINE => self.start.variables.get(key).cloned(),
            _ => {
                let of = |run: &Run| run.order.action.namespace.as_deref() == Some(namespace);
                let run = self.standing().find(|run| of(run))?;
                run.variables.get(key).cloned()
            }
        }
    }
}
