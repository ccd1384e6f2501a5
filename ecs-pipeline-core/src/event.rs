//! What happens in a run, as one typed, versioned stream. Every output is made from it: terminal
//! progress, plain lines in a CI log, JSON lines, the closing summary. (`tracing` is for debugging
//! alone.)

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};
use tokio::time::Instant;

use crate::diagnosis::Diagnosis;
use crate::model::{
    DeploymentId, End, GateState, RevisionCounts, ServiceRef, TargetCounts, TaskDefinitionArn,
    TrafficShare,
};

/// The version of the stream. It grows when a member changes its meaning or goes away, not when
/// one is added: readers ignore what they do not know.
pub const VERSION: u32 = 1;

/// Something that happened.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Event {
    /// The stream's [`VERSION`].
    pub v: u32,
    /// The number of the event in its run, from 0 and without gaps.
    pub seq: u64,
    /// Milliseconds since the run began.
    pub elapsed_ms: u64,
    /// What it was.
    pub event: EventKind,
}

/// The JSON Schema of an [`Event`] as it is written: one line of `--output json`.
#[cfg(feature = "schema")]
#[must_use]
pub fn schema() -> serde_json::Value {
    let settings = schemars::generate::SchemaSettings::draft2020_12().for_serialize();
    settings
        .into_generator()
        .into_root_schema_for::<Event>()
        .to_value()
}

/// The steps of a run.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Step {
    /// Make the image.
    Build,
    /// Put it into the registry.
    Push,
    /// Check the change against what is there.
    Check,
    /// Register the new revision.
    Register,
    /// Run a task of the new revision before anything is deployed.
    Before,
    /// Start the deployment and follow it to its end.
    Deploy,
    /// Judge the new version.
    Gate,
    /// Run a task of the new revision that judges it.
    After,
    /// Bring the former version back.
    Rollback,
}

impl Step {
    /// The step's name, a verb.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Build => "build",
            Self::Push => "push",
            Self::Check => "check",
            Self::Register => "register",
            Self::Before => "before",
            Self::Deploy => "deploy",
            Self::Gate => "gate",
            Self::After => "after",
            Self::Rollback => "rollback",
        }
    }
}

/// How a step ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Outcome {
    /// It did what it is for.
    Done,
    /// There was nothing to do.
    Skipped,
    /// It failed.
    Failed,
    /// It was left before its end, and what it started goes on.
    Left,
}

/// What happened. For each step there is one [`StepStarted`](Self::StepStarted) and one
/// [`StepFinished`](Self::StepFinished); [`RunFinished`](Self::RunFinished) is the last event.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(tag = "type", rename_all = "snake_case")]
#[non_exhaustive]
pub enum EventKind {
    /// The first event.
    RunStarted {
        /// The service that the run is about.
        service: Option<ServiceRef>,
    },
    /// A step began.
    StepStarted {
        /// Which.
        step: Step,
        /// What it is about to do.
        detail: String,
    },
    /// A tool that a step runs wrote a line.
    StepOutput {
        /// Which step.
        step: Step,
        /// The line.
        line: String,
    },
    /// A step ended.
    StepFinished {
        /// Which.
        step: Step,
        /// How.
        outcome: Outcome,
        /// What came of it.
        detail: String,
        /// How long it took, in milliseconds.
        took_ms: u64,
    },
    /// The service is about to be changed: what is kept of this is there also where the answer is lost.
    DeploymentRequested {
        /// The service that is to change.
        service: ServiceRef,
        /// The revision that it is to run.
        task_definition: TaskDefinitionArn,
        /// The revision that a rollback would bring back.
        last_good: Option<TaskDefinitionArn>,
    },
    /// A deployment is there and will be followed.
    DeploymentStarted {
        /// The service that it changes.
        service: ServiceRef,
        /// Its id.
        deployment: DeploymentId,
        /// The revision that it brings.
        task_definition: TaskDefinitionArn,
        /// The revision that a rollback would bring back.
        last_good: Option<TaskDefinitionArn>,
        /// Whether it was under way already, and is taken up.
        resumed: bool,
    },
    /// The tasks, the targets, the stage or the traffic are not as they were at the last such event.
    DeploymentProgress {
        /// Which deployment.
        deployment: DeploymentId,
        /// The service's revisions, the new one first.
        revisions: Vec<RevisionCounts>,
        /// Its targets, where they are watched.
        targets: Option<TargetCounts>,
        /// The lifecycle stage that it has reached, in the controller's words.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        stage: Option<String>,
        /// The new revision's share of the traffic, where it is shifted by weights.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        traffic: Option<TrafficShare>,
        /// Milliseconds left before the time limit.
        remaining_ms: u64,
    },
    /// The deployment goes on only at somebody's word.
    Held {
        /// Which deployment.
        deployment: DeploymentId,
        /// The stage that it has reached.
        stage: String,
        /// What it waits for.
        detail: String,
    },
    /// The controller said something.
    ServiceMessage {
        /// Its words.
        text: String,
    },
    /// A gate was read.
    GateRead {
        /// Which gate.
        gate: String,
        /// What it said.
        state: GateState,
        /// What was seen.
        detail: String,
        /// Readings in a row that passed.
        passed: u32,
        /// Readings in a row that must pass.
        needed: u32,
    },
    /// What the traffic of a rehearsal came to so far.
    Traffic {
        /// Requests answered, or given up.
        requests: u64,
        /// Those without a good answer.
        failed: u64,
        /// Answers by the `FAMILY:REVISION` that gave them.
        by_revision: BTreeMap<String, u64>,
    },
    /// Nothing new for a while; the run is alive.
    Waiting {
        /// The step that waits.
        step: Step,
        /// What for.
        detail: String,
        /// Milliseconds left before the time limit.
        remaining_ms: u64,
    },
    /// Something to know.
    Note {
        /// What.
        text: String,
    },
    /// Something that may be wrong, which does not end the run.
    Warning {
        /// What.
        text: String,
    },
    /// Why the new version failed.
    Diagnosed {
        /// The explanation.
        diagnosis: Diagnosis,
    },
    /// The last event.
    RunFinished {
        /// How the run ended.
        end: End,
        /// The exit code that goes with it.
        exit_code: u8,
        /// One sentence.
        summary: String,
        /// What to do next, where there is something.
        hint: Option<String>,
    },
    /// An event of a later version.
    #[serde(other)]
    #[cfg_attr(feature = "schema", schemars(skip))]
    Unknown,
}

/// Where a run's events go; clones write into the same stream.
#[derive(Debug, Clone)]
pub struct Events {
    to: UnboundedSender<(Instant, EventKind)>,
}

/// The reading end of [`Events`].
#[derive(Debug)]
pub struct EventStream {
    from: UnboundedReceiver<(Instant, EventKind)>,
    began: Instant,
    next: u64,
}

impl Events {
    /// A stream and its reading end. Nothing is dropped: the channel has no bound, since a run
    /// has few events and must never wait for whoever prints them.
    #[must_use]
    pub fn channel() -> (Self, EventStream) {
        let (to, from) = unbounded_channel();
        let stream = EventStream {
            from,
            began: Instant::now(),
            next: 0,
        };
        (Self { to }, stream)
    }

    /// A stream that nobody reads.
    #[must_use]
    pub fn discard() -> Self {
        Self::channel().0
    }

    /// Tells that something happened.
    pub fn send(&self, event: EventKind) {
        // A reader that has gone must not end a deployment.
        let _ = self.to.send((Instant::now(), event));
    }
}

impl EventStream {
    /// The next event; `None` when every [`Events`] has gone.
    pub async fn next(&mut self) -> Option<Event> {
        let (at, event) = self.from.recv().await?;
        Some(self.number(at, event))
    }

    /// The next event if one is there already.
    pub fn try_next(&mut self) -> Option<Event> {
        let (at, event) = self.from.try_recv().ok()?;
        Some(self.number(at, event))
    }

    fn number(&mut self, at: Instant, event: EventKind) -> Event {
        let seq = self.next;
        self.next += 1;
        let elapsed = at.saturating_duration_since(self.began).as_millis();
        Event {
            v: VERSION,
            seq,
            elapsed_ms: u64::try_from(elapsed).unwrap_or(u64::MAX),
            event,
        }
    }
}
