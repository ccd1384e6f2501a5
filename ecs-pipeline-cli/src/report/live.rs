//! Live progress on a terminal: a line a step as it ends, and beneath them what goes on now.

use std::time::Duration;

use ecs_pipeline_core::event::{Event, EventKind, Outcome, Step};
use ecs_pipeline_core::model::{End, RevisionCounts, TargetCounts};
use indicatif::{MultiProgress, ProgressBar, ProgressStyle};

use super::Renderer;
use super::summary::Summary;
use super::text::{counts, duration, lines, role, target_counts};

pub(super) struct Live {
    bars: MultiProgress,
    /// The step that goes on, with a spinner.
    step: Option<ProgressBar>,
    /// The state of tasks and targets, a line each.
    below: Vec<ProgressBar>,
    detail: String,
    left: Option<Duration>,
    summary: Summary,
}

impl Live {
    pub(super) fn new() -> Self {
        Self {
            bars: MultiProgress::new(),
            step: None,
            below: Vec::new(),
            detail: String::new(),
            left: None,
            summary: Summary::default(),
        }
    }

    fn print(&self, line: &str) {
        // A terminal that has gone must not end a deployment.
        let _ = self.bars.println(line);
    }

    fn begin(&mut self, step: Step, detail: &str) {
        self.clear();
        let bar = self.bars.add(ProgressBar::new_spinner());
        if let Ok(style) =
            ProgressStyle::with_template("{spinner} {prefix:<9} {wide_msg} {elapsed:>4}")
        {
            bar.set_style(style);
        }
        bar.set_prefix(step.name());
        bar.set_message(detail.to_owned());
        bar.enable_steady_tick(Duration::from_millis(100));
        self.detail = detail.to_owned();
        self.step = Some(bar);
    }

    fn clear(&mut self) {
        for bar in self.below.drain(..) {
            bar.finish_and_clear();
            self.bars.remove(&bar);
        }
        if let Some(bar) = self.step.take() {
            bar.finish_and_clear();
            self.bars.remove(&bar);
        }
        self.left = None;
    }

    /// Replaces the lines beneath the spinner.
    fn show_below(&mut self, texts: Vec<String>) {
        while self.below.len() > texts.len() {
            if let Some(bar) = self.below.pop() {
                bar.finish_and_clear();
                self.bars.remove(&bar);
            }
        }
        while self.below.len() < texts.len() {
            let bar = self.bars.add(ProgressBar::new_spinner());
            if let Ok(style) = ProgressStyle::with_template("  {wide_msg}") {
                bar.set_style(style);
            }
            self.below.push(bar);
        }
        for (bar, text) in self.below.iter().zip(texts) {
            bar.set_message(text);
        }
    }

    fn progress(
        &mut self,
        revisions: &[RevisionCounts],
        targets: Option<TargetCounts>,
        left: Duration,
    ) {
        let mut texts: Vec<String> = revisions.iter().map(revision_bar).collect();
        if let Some(targets) = targets {
            texts.push(format!("targets  {}", target_counts(targets)));
        }
        self.show_below(texts);
        if let Some(bar) = &self.step {
            bar.set_message(format!("{} ({} left)", self.detail, duration(left)));
        }
    }
}

impl Renderer for Live {
    fn event(&mut self, event: &Event) {
        if !matches!(event.event, EventKind::RunFinished { .. }) {
            self.summary.add(&event.event);
        }
        match &event.event {
            EventKind::StepStarted { step, detail } => self.begin(*step, detail),
            EventKind::StepOutput { line, .. } => self.show_below(vec![format!("| {line}")]),
            EventKind::DeploymentProgress {
                revisions,
                targets,
                remaining_ms,
                ..
            } => self.progress(revisions, *targets, Duration::from_millis(*remaining_ms)),
            EventKind::StepFinished {
                step,
                outcome,
                detail,
                took_ms,
            } => {
                self.clear();
                let took = duration(Duration::from_millis(*took_ms));
                self.print(&format!(
                    "{} {:<9} {detail} ({took})",
                    mark(*outcome),
                    step.name()
                ));
            }
            EventKind::Waiting { .. } => {}
            EventKind::RunFinished { end, .. } => {
                self.clear();
                for line in self.summary.add(&event.event) {
                    self.print(&line);
                }
                for line in lines(&event.event) {
                    self.print(&format!("{} {:<9} {}", end_mark(*end), line.who, line.text));
                }
            }
            other => {
                for line in lines(other) {
                    self.print(format!("  {:<9} {}", line.who, line.text).trim_end());
                }
            }
        }
    }
}

fn mark(outcome: Outcome) -> char {
    match outcome {
        Outcome::Done => '✔',
        Outcome::Skipped => '-',
        Outcome::Left => '…',
        _ => '✘',
    }
}

fn end_mark(end: End) -> char {
    match end {
        End::Succeeded => '✔',
        End::StillRunning | End::Superseded => '…',
        _ => '✘',
    }
}

/// `new  web:2  ████████░░░░  2/3 running, 1 starting`.
fn revision_bar(revision: &RevisionCounts) -> String {
    const WIDTH: u32 = 20;
    let whole = revision
        .desired
        .max(revision.running + revision.pending)
        .max(1);
    let full = (revision.running * WIDTH / whole).min(WIDTH);
    let starting = (revision.pending * WIDTH).div_ceil(whole).min(WIDTH - full);
    let bar: String = (0..WIDTH)
        .map(|cell| match cell {
            cell if cell < full => '█',
            cell if cell < full + starting => '▒',
            _ => '░',
        })
        .collect();
    format!(
        "{}  {}  {bar}  {}",
        role(revision.role),
        revision.task_definition.short(),
        counts(revision)
    )
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use ecs_pipeline_core::model::RevisionRole;

    use super::*;

    #[test]
    fn a_bar_shows_running_and_starting_tasks() {
        let revision = RevisionCounts {
            task_definition: "arn:aws:ecs:us-east-1:1:task-definition/web:2"
                .parse()
                .unwrap(),
            role: RevisionRole::New,
            desired: 4,
            running: 2,
            pending: 1,
            failed: 0,
        };
        assert_eq!(
            revision_bar(&revision),
            "new  web:2  ██████████▒▒▒▒▒░░░░░  2/4 running, 1 starting"
        );
    }
}
