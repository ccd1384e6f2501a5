//! The words for events, shared by the plain and the live output.

use std::time::Duration;

use ecs_pipeline_core::diagnosis::Diagnosis;
use ecs_pipeline_core::event::{EventKind, Outcome, Step};
use ecs_pipeline_core::model::{
    End, GateState, RevisionCounts, RevisionRole, TargetCounts, TrafficShare,
};

use super::short::short;

/// A line: who speaks, and what.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Line {
    pub(super) who: &'static str,
    pub(super) text: String,
}

impl Line {
    pub(super) fn new(who: &'static str, text: impl Into<String>) -> Self {
        Self {
            who,
            text: text.into(),
        }
    }
}

/// The lines that an event is told with.
pub(super) fn lines(event: &EventKind) -> Vec<Line> {
    match event {
        EventKind::StepStarted { step, detail } => vec![Line::new(step.name(), detail)],
        EventKind::StepOutput { step, line } => vec![Line::new(step.name(), format!("| {line}"))],
        EventKind::StepFinished {
            step,
            outcome,
            detail,
            took_ms,
        } => vec![finished(*step, *outcome, detail, *took_ms)],
        EventKind::DeploymentProgress {
            revisions,
            targets,
            stage,
            traffic,
            ..
        } => {
            let mut parts = progress(revisions, *targets);
            parts.extend(shift(stage.as_deref(), *traffic));
            vec![Line::new("deploy", parts.join("; "))]
        }
        EventKind::Held { stage, detail, .. } => vec![Line::new(
            "held",
            format!("at {stage}: {detail}; `ecs-pipeline continue` lets it go on"),
        )],
        EventKind::ServiceMessage { text } => vec![Line::new("ecs", short(text))],
        EventKind::GateRead {
            state,
            detail,
            passed,
            needed,
            ..
        } => vec![Line::new("gate", gate(*state, detail, *passed, *needed))],
        EventKind::Waiting {
            step,
            detail,
            remaining_ms,
        } => {
            let left = duration(Duration::from_millis(*remaining_ms));
            let text = format!("still waiting ({left} left): {detail}");
            vec![Line::new(step.name(), text)]
        }
        EventKind::Note { text } => vec![Line::new("note", text)],
        EventKind::Warning { text } => vec![Line::new("warning", text)],
        EventKind::Diagnosed { diagnosis } => diagnosed(diagnosis),
        EventKind::RunFinished {
            end,
            exit_code,
            summary,
            hint,
        } => closing(*end, *exit_code, summary, hint.as_deref()),
        // The step's own line says it.
        EventKind::RunStarted { .. }
        | EventKind::DeploymentStarted { .. }
        | EventKind::Traffic { .. } => Vec::new(),
        _ => Vec::new(),
    }
}

fn finished(step: Step, outcome: Outcome, detail: &str, took_ms: u64) -> Line {
    let took = duration(Duration::from_millis(took_ms));
    let how = match outcome {
        Outcome::Skipped => "skipped".to_owned(),
        Outcome::Failed if ends_the_run(step) => {
            return Line::new(step.name(), format!("FAILED after {took}"));
        }
        Outcome::Failed => format!("FAILED after {took}"),
        Outcome::Left => format!("left after {took}"),
        _ => format!("done in {took}"),
    };
    Line::new(step.name(), format!("{how}: {detail}"))
}

/// Whether the run ends at once when this step fails: the last lines say why, and once is enough.
pub(super) fn ends_the_run(step: Step) -> bool {
    matches!(
        step,
        Step::Build | Step::Push | Step::Check | Step::Register | Step::Before
    )
}

/// `web:2 2/3 running, 1 starting; web:1 3/3 running; targets: 3 healthy, 1 initial`.
fn progress(revisions: &[RevisionCounts], targets: Option<TargetCounts>) -> Vec<String> {
    let mut parts: Vec<String> = revisions
        .iter()
        .map(|revision| {
            format!(
                "{} {} {}",
                role(revision.role),
                revision.task_definition.short(),
                counts(revision)
            )
        })
        .collect();
    if let Some(targets) = targets {
        parts.push(format!("targets: {}", target_counts(targets)));
    }
    parts
}

/// `PRODUCTION_TRAFFIC_SHIFT, 10 % of the traffic to the new revision`.
pub(crate) fn shift(stage: Option<&str>, traffic: Option<TrafficShare>) -> Option<String> {
    let share = traffic.map(|share| {
        let mut text = format!("{} % of the traffic to the new revision", share.production);
        if let Some(test) = share.test {
            text.push_str(&format!(", {test} % of test traffic"));
        }
        text
    });
    let parts: Vec<String> = stage.map(str::to_owned).into_iter().chain(share).collect();
    (!parts.is_empty()).then(|| parts.join(", "))
}

pub(super) fn role(role: RevisionRole) -> &'static str {
    match role {
        RevisionRole::New => "new",
        RevisionRole::Old => "old",
    }
}

pub(super) fn counts(revision: &RevisionCounts) -> String {
    let mut text = format!("{}/{} running", revision.running, revision.desired);
    if revision.role == RevisionRole::Old {
        text = format!("{} running", revision.running);
    }
    if revision.pending > 0 {
        text.push_str(&format!(", {} starting", revision.pending));
    }
    if revision.failed > 0 {
        text.push_str(&format!(", {} failed", revision.failed));
    }
    text
}

pub(super) fn target_counts(targets: TargetCounts) -> String {
    let mut parts = vec![format!("{} healthy", targets.healthy)];
    for (count, what) in [
        (targets.initial, "initial"),
        (targets.unhealthy, "unhealthy"),
        (targets.draining, "draining"),
    ] {
        if count > 0 {
            parts.push(format!("{count} {what}"));
        }
    }
    parts.join(", ")
}

fn gate(state: GateState, detail: &str, passed: u32, needed: u32) -> String {
    match state {
        GateState::Passing if needed > 1 => format!("passed {passed} of {needed}: {detail}"),
        GateState::Passing => format!("passed: {detail}"),
        GateState::Failing => format!("failed: {detail}"),
        _ => format!("not yet: {detail}"),
    }
}

/// How many lines of evidence are shown; the JSON output has them all.
const EVIDENCE_SHOWN: usize = 12;

fn diagnosed(diagnosis: &Diagnosis) -> Vec<Line> {
    let mut lines = vec![Line::new("why", short(&diagnosis.cause))];
    let shown = diagnosis.evidence.iter().take(EVIDENCE_SHOWN);
    lines.extend(shown.map(|line| Line::new("", format!("- {}", short(line)))));
    let more = diagnosis.evidence.len().saturating_sub(EVIDENCE_SHOWN);
    if more > 0 {
        lines.push(Line::new("", format!("- and {more} more")));
    }
    lines
}

fn closing(end: End, exit_code: u8, summary: &str, hint: Option<&str>) -> Vec<Line> {
    let mut lines = vec![Line::new(end_name(end), summary)];
    if let Some(hint) = hint {
        lines.push(Line::new("hint", hint));
    }
    if exit_code != 0 {
        lines.push(Line::new("exit", format!("code {exit_code}")));
    }
    lines
}

pub(super) fn end_name(end: End) -> &'static str {
    match end {
        End::Succeeded => "SUCCEEDED",
        End::RolledBack => "ROLLED BACK",
        End::Failed => "FAILED",
        End::Stuck => "STUCK",
        End::Superseded => "SUPERSEDED",
        End::StillRunning => "STILL RUNNING",
        End::Reached => "REACHED",
        End::Refused => "REFUSED",
        _ => "ENDED",
    }
}

/// `0.4 s`, `12.3 s`, `2 min 05 s`.
pub(crate) fn duration(time: Duration) -> String {
    let seconds = time.as_secs();
    if seconds < 60 {
        return format!("{:.1} s", time.as_secs_f64());
    }
    format!("{} min {:02} s", seconds / 60, seconds % 60)
}
