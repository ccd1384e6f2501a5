//! What the events of a run came to, for the reports that are written at its end.

use std::collections::{BTreeMap, VecDeque};

use ecs_pipeline_core::diagnosis::Diagnosis;
use ecs_pipeline_core::event::{Event, EventKind, Outcome, Step};
use ecs_pipeline_core::model::{
    DeploymentId, End, GateState, RevisionCounts, ServiceRef, TargetCounts, TaskDefinitionArn,
    TrafficShare,
};

/// How many of the last lines of a step's tool are kept for the case that it fails.
const OUTPUT_KEPT: usize = 40;

/// What happened in a run.
#[derive(Debug)]
pub(super) struct Story {
    /// The command's name.
    pub(super) command: &'static str,
    pub(super) service: Option<ServiceRef>,
    pub(super) steps: Vec<StepTold>,
    pub(super) deployments: Vec<DeploymentTold>,
    pub(super) progress: Vec<Progress>,
    pub(super) readings: Vec<Reading>,
    pub(super) diagnosis: Option<Diagnosis>,
    pub(super) remarks: Vec<Remark>,
    /// Requests, those that failed, and answers by revision.
    pub(super) traffic: Option<(u64, u64, BTreeMap<String, u64>)>,
}

/// A step.
#[derive(Debug)]
pub(super) struct StepTold {
    pub(super) step: Step,
    /// What it was about to do.
    pub(super) about: String,
    /// How it ended, what came of it, and after how many milliseconds; `None` where the run ended first.
    pub(super) end: Option<(Outcome, String, u64)>,
    /// The last lines that its tool wrote.
    pub(super) output: VecDeque<String>,
    /// Why it failed.
    pub(super) diagnosis: Option<Diagnosis>,
}

/// A deployment that was followed.
#[derive(Debug)]
pub(super) struct DeploymentTold {
    pub(super) id: DeploymentId,
    pub(super) new: TaskDefinitionArn,
    pub(super) old: Option<TaskDefinitionArn>,
}

/// How a deployment stood.
#[derive(Debug)]
pub(super) struct Progress {
    /// Milliseconds since the run began.
    pub(super) at_ms: u64,
    pub(super) revisions: Vec<RevisionCounts>,
    pub(super) targets: Option<TargetCounts>,
    pub(super) stage: Option<String>,
    pub(super) traffic: Option<TrafficShare>,
}

/// What a gate said.
#[derive(Debug)]
pub(super) struct Reading {
    pub(super) at_ms: u64,
    pub(super) gate: String,
    pub(super) state: GateState,
    pub(super) detail: String,
    pub(super) passed: u32,
    pub(super) needed: u32,
}

/// Something that was said along the way.
#[derive(Debug)]
pub(super) struct Remark {
    pub(super) at_ms: u64,
    pub(super) from: Speaker,
    pub(super) text: String,
}

/// Who said it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Speaker {
    /// This tool, to be known.
    Note,
    /// This tool, of what may be wrong.
    Warning,
    /// The deployment's controller.
    Controller,
}

/// How a run ended.
#[derive(Debug)]
pub(super) struct Ending {
    pub(super) end: End,
    pub(super) exit_code: u8,
    pub(super) summary: String,
    pub(super) hint: Option<String>,
    /// Milliseconds since the run began.
    pub(super) took_ms: u64,
}

impl Ending {
    /// How the run ended, if this is its last event.
    pub(super) fn of(event: &Event) -> Option<Self> {
        let EventKind::RunFinished {
            end,
            exit_code,
            summary,
            hint,
        } = &event.event
        else {
            return None;
        };
        Some(Self {
            end: *end,
            exit_code: *exit_code,
            summary: summary.clone(),
            hint: hint.clone(),
            took_ms: event.elapsed_ms,
        })
    }
}

impl Story {
    pub(super) fn of(command: &'static str) -> Self {
        Self {
            command,
            service: None,
            steps: Vec::new(),
            deployments: Vec::new(),
            progress: Vec::new(),
            readings: Vec::new(),
            diagnosis: None,
            remarks: Vec::new(),
            traffic: None,
        }
    }

    /// Takes note of an event.
    pub(super) fn add(&mut self, event: &Event) {
        let at_ms = event.elapsed_ms;
        match &event.event {
            EventKind::RunStarted { service } => self.service.clone_from(service),
            EventKind::StepStarted { step, detail } => self.steps.push(StepTold {
                step: *step,
                about: detail.clone(),
                end: None,
                output: VecDeque::new(),
                diagnosis: None,
            }),
            EventKind::StepOutput { step, line } => {
                if let Some(told) = self.open(*step) {
                    told.wrote(line);
                }
            }
            EventKind::StepFinished {
                step,
                outcome,
                detail,
                took_ms,
            } => {
                if let Some(told) = self.open(*step) {
                    told.end = Some((*outcome, detail.clone(), *took_ms));
                }
            }
            EventKind::DeploymentStarted {
                service,
                deployment,
                task_definition,
                last_good,
                ..
            } => {
                self.service = Some(service.clone());
                self.deployments.push(DeploymentTold {
                    id: deployment.clone(),
                    new: task_definition.clone(),
                    old: last_good.clone(),
                });
            }
            EventKind::DeploymentProgress {
                revisions,
                targets,
                stage,
                traffic,
                ..
            } => self.progress.push(Progress {
                at_ms,
                revisions: revisions.clone(),
                targets: *targets,
                stage: stage.clone(),
                traffic: *traffic,
            }),
            EventKind::GateRead {
                gate,
                state,
                detail,
                passed,
                needed,
            } => self.readings.push(Reading {
                at_ms,
                gate: gate.clone(),
                state: *state,
                detail: detail.clone(),
                passed: *passed,
                needed: *needed,
            }),
            EventKind::Traffic {
                requests,
                failed,
                by_revision,
            } => self.traffic = Some((*requests, *failed, by_revision.clone())),
            EventKind::Diagnosed { diagnosis } => self.diagnosed(diagnosis),
            EventKind::Held { stage, detail, .. } => {
                self.remark(at_ms, Speaker::Note, &format!("held at {stage}: {detail}"));
            }
            EventKind::ServiceMessage { text } => self.remark(at_ms, Speaker::Controller, text),
            EventKind::Note { text } => self.remark(at_ms, Speaker::Note, text),
            EventKind::Warning { text } => self.remark(at_ms, Speaker::Warning, text),
            _ => {}
        }
    }

    /// The step of this name that goes on.
    fn open(&mut self, step: Step) -> Option<&mut StepTold> {
        let last = self.steps.last_mut();
        last.filter(|told| told.step == step && told.end.is_none())
    }

    /// It explains the step that goes on, or else the one that has just failed.
    fn diagnosed(&mut self, diagnosis: &Diagnosis) {
        if let Some(told) = self.steps.last_mut() {
            told.diagnosis = Some(diagnosis.clone());
        }
        self.diagnosis = Some(diagnosis.clone());
    }

    fn remark(&mut self, at_ms: u64, from: Speaker, text: &str) {
        self.remarks.push(Remark {
            at_ms,
            from,
            text: text.to_owned(),
        });
    }
}

impl StepTold {
    fn wrote(&mut self, line: &str) {
        if self.output.len() == OUTPUT_KEPT {
            self.output.pop_front();
        }
        self.output.push_back(uncoloured(line));
    }

    pub(super) fn took_ms(&self) -> u64 {
        self.end.as_ref().map_or(0, |(_, _, took_ms)| *took_ms)
    }
}

/// A line without the sequences by which terminals are told colours: `ESC [`, parameters, a letter.
fn uncoloured(line: &str) -> String {
    let mut text = String::with_capacity(line.len());
    let mut rest = line;
    while let Some((before, after)) = rest.split_once("\u{1b}[") {
        text.push_str(before);
        rest = after.trim_start_matches(|c: char| ('\u{20}'..='\u{3f}').contains(&c));
        let mut chars = rest.chars();
        if chars.next().is_some_and(|c| ('@'..='~').contains(&c)) {
            rest = chars.as_str();
        }
    }
    text.push_str(rest);
    text
}
