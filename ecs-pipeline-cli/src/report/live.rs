//! Live progress on a terminal: a line a step as it ends, and beneath them what goes on now.

use std::collections::{BTreeMap, VecDeque};
use std::time::Duration;

use ecs_pipeline_core::event::{Event, EventKind, Outcome, Step};
use ecs_pipeline_core::model::{End, RevisionCounts, TargetCounts};
use indicatif::{MultiProgress, ProgressBar, ProgressState, ProgressStyle};
use tokio::time::Instant;

use super::Renderer;
use super::summary::Summary;
use super::text::{Line, counts, duration, ends_the_run, lines, role, shift, target_counts};
use super::wrap::{terminal_width, wrapped};

/// How many lines of a tool's output are kept for the case that it fails.
const OUTPUT_KEPT: usize = 20;

pub(super) struct Live {
    bars: MultiProgress,
    /// The step that goes on, with a spinner.
    step: Option<ProgressBar>,
    /// The state of tasks and targets, a line each.
    below: Vec<ProgressBar>,
    /// The last lines that the step's tool wrote.
    output: VecDeque<String>,
    /// What ECS said last: of several equal lines the counts say enough.
    last_message: Option<String>,
    /// Tasks and targets, as last seen.
    state: Vec<String>,
    /// The shares of traffic, as last counted.
    traffic: Vec<String>,
    /// Answers by revision at the last count.
    answered: BTreeMap<String, u64>,
    summary: Summary,
}

impl Live {
    pub(super) fn new() -> Self {
        Self {
            bars: MultiProgress::new(),
            step: None,
            below: Vec::new(),
            output: VecDeque::new(),
            last_message: None,
            state: Vec::new(),
            traffic: Vec::new(),
            answered: BTreeMap::new(),
            summary: Summary::default(),
        }
    }

    fn print(&self, mark: char, line: &Line, after: &str) {
        let who = format!("{mark} {:<9} ", line.who);
        let text = wrapped(&who, &format!("{}{after}", line.text), terminal_width());
        // A terminal that has gone must not end a deployment.
        let _ = self.bars.println(text.trim_end());
    }

    fn begin(&mut self, step: Step, detail: &str) {
        self.clear();
        let bar = self.bars.add(ProgressBar::new_spinner());
        bar.set_style(step_style(None));
        bar.set_prefix(step.name());
        bar.set_message(detail.to_owned());
        bar.enable_steady_tick(Duration::from_millis(100));
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
        self.output.clear();
        self.state.clear();
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
        shift: Option<String>,
        left: Duration,
    ) {
        let mut texts: Vec<String> = revisions.iter().map(revision_bar).collect();
        if let Some(targets) = targets {
            texts.push(format!("{:<9} {}", "targets", target_counts(targets)));
        }
        texts.extend(shift.map(|shift| format!("{:<9} {shift}", "stage")));
        self.state = texts;
        self.show_state();
        if let Some(bar) = &self.step {
            bar.set_style(step_style(Some(Instant::now() + left)));
        }
    }

    /// The traffic since the last count, by revision.
    fn traffic(&mut self, failed: u64, by_revision: &BTreeMap<String, u64>) {
        let since: Vec<(&String, u64)> = by_revision
            .iter()
            .map(|(revision, count)| {
                let before = self.answered.get(revision).copied().unwrap_or_default();
                (revision, count.saturating_sub(before))
            })
            .collect();
        self.traffic = vec![traffic_bar(&since, failed)];
        self.answered.clone_from(by_revision);
        if !self.state.is_empty() {
            self.show_state();
        }
    }

    fn show_state(&mut self) {
        self.show_below([self.state.clone(), self.traffic.clone()].concat());
    }

    fn output(&mut self, line: &str) {
        if self.output.len() == OUTPUT_KEPT {
            self.output.pop_front();
        }
        self.output.push_back(line.to_owned());
        self.show_below(vec![format!("{:<9} | {line}", "")]);
    }

    fn finished(&mut self, step: Step, outcome: Outcome, detail: &str, took: Duration) {
        let output = std::mem::take(&mut self.output);
        self.clear();
        let failed = outcome == Outcome::Failed;
        if failed && ends_the_run(step) {
            for line in output {
                self.print(' ', &Line::new(step.name(), format!("| {line}")), "");
            }
        }
        // Where the run ends with it, the last lines say why.
        let detail = if failed && ends_the_run(step) {
            "failed"
        } else {
            detail
        };
        let took = format!(" ({})", duration(took));
        self.print(mark(outcome), &Line::new(step.name(), detail), &took);
    }

    fn closing(&mut self, end: End, event: &EventKind) {
        self.clear();
        let table = self.summary.add(event);
        if table.is_empty() {
            let _ = self.bars.println("");
        }
        for row in table {
            let text = wrapped(&row.head, &row.text, terminal_width());
            let _ = self.bars.println(text.trim_end());
        }
        let mut mark = end_mark(end);
        for line in lines(event) {
            self.print(mark, &line, "");
            mark = ' ';
        }
    }
}

impl Renderer for Live {
    fn event(&mut self, event: &Event) {
        if !matches!(event.event, EventKind::RunFinished { .. }) {
            self.summary.add(&event.event);
        }
        match &event.event {
            EventKind::Traffic {
                failed,
                by_revision,
                ..
            } => self.traffic(*failed, by_revision),
            EventKind::StepStarted { step, detail } => self.begin(*step, detail),
            EventKind::DeploymentStarted {
                task_definition,
                last_good,
                ..
            } => {
                if let Some(bar) = &self.step {
                    let from = last_good
                        .as_ref()
                        .map(|from| format!("{} → ", from.short()));
                    let from = from.unwrap_or_default();
                    bar.set_message(format!("{from}{}", task_definition.short()));
                }
            }
            EventKind::StepOutput { line, .. } => self.output(line),
            EventKind::DeploymentProgress {
                revisions,
                targets,
                stage,
                traffic,
                remaining_ms,
                ..
            } => self.progress(
                revisions,
                *targets,
                shift(stage.as_deref(), *traffic),
                Duration::from_millis(*remaining_ms),
            ),
            EventKind::StepFinished {
                step,
                outcome,
                detail,
                took_ms,
            } => self.finished(*step, *outcome, detail, Duration::from_millis(*took_ms)),
            EventKind::Waiting { .. } => {}
            EventKind::ServiceMessage { .. } => {
                for line in lines(&event.event) {
                    if self.last_message.as_ref() != Some(&line.text) {
                        self.print(' ', &line, "");
                        self.last_message = Some(line.text);
                    }
                }
            }
            EventKind::RunFinished { end, .. } => self.closing(*end, &event.event),
            other => {
                for line in lines(other) {
                    self.print(' ', &line, "");
                }
            }
        }
    }
}

/// The line of a step: what it does, the time left before the limit, and the time it has taken.
fn step_style(deadline: Option<Instant>) -> ProgressStyle {
    let left = move |_: &ProgressState, out: &mut dyn std::fmt::Write| {
        if let Some(deadline) = deadline {
            let left = deadline.saturating_duration_since(Instant::now());
            let _ = write!(out, "{} left", coarse(left));
        }
    };
    ProgressStyle::with_template("{spinner} {prefix:<9} {wide_msg} {left:>13} {elapsed:>4}")
        .unwrap_or_else(|_| ProgressStyle::default_spinner())
        .with_key("left", left)
}

/// `14:05 min`, `9 s`.
fn coarse(time: Duration) -> String {
    match time.as_secs() {
        seconds @ 0..60 => format!("{seconds} s"),
        seconds => format!("{}:{:02} min", seconds / 60, seconds % 60),
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
        End::Succeeded | End::Reached => '✔',
        End::StillRunning | End::Superseded => '…',
        _ => '✘',
    }
}

/// `new       web:2  ████████░░░░  2/3 running, 1 starting`.
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
        "{:<9} {}  {bar}  {}",
        role(revision.role),
        end_of(revision.task_definition.short()),
        counts(revision)
    )
}

/// `traffic   web:1 67 %  web:2 33 %  0 failed`.
fn traffic_bar(answers: &[(&String, u64)], failed: u64) -> String {
    let all: u64 = answers.iter().map(|(_, count)| count).sum();
    let mut text = format!("{:<9} ", "traffic");
    for (revision, count) in answers {
        let share = (count * 100).checked_div(all).unwrap_or_default();
        text.push_str(&format!("{} {share} %  ", end_of(revision)));
    }
    text.push_str(&format!("{failed} failed"));
    text
}

/// As much of a revision's name as leaves room for its counts; its number comes last.
fn end_of(name: &str) -> String {
    const SHOWN: usize = 20;
    let length = name.chars().count();
    if length <= SHOWN {
        return name.to_owned();
    }
    let end: String = name.chars().skip(length - SHOWN + 1).collect();
    format!("…{end}")
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
            "new       web:2  ██████████▒▒▒▒▒░░░░░  2/4 running, 1 starting"
        );
    }

    #[test]
    fn a_long_name_keeps_its_end() {
        assert_eq!(end_of("web:2"), "web:2");
        let shown = end_of("payments-production-web:1234");
        assert_eq!(shown, "…production-web:1234");
    }
}
