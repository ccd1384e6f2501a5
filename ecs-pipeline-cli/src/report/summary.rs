//! The table at the end of a run: each step with its time, the revisions, the traffic.

use std::collections::BTreeMap;
use std::time::Duration;

use ecs_pipeline_core::event::{EventKind, Outcome, Step};
use ecs_pipeline_core::model::{End, TaskDefinitionArn};

use super::text::duration;

/// What the events of a run came to.
#[derive(Debug, Default)]
pub(super) struct Summary {
    steps: Vec<(Step, Outcome, u64, String)>,
    revision: Option<(TaskDefinitionArn, Option<TaskDefinitionArn>)>,
    traffic: Option<(u64, u64, BTreeMap<String, u64>)>,
}

/// A row of the table.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Row {
    /// Its columns but the last.
    pub(super) head: String,
    /// The last one, which may be long.
    pub(super) text: String,
}

impl Row {
    fn new(head: impl Into<String>, text: impl Into<String>) -> Self {
        Self {
            head: head.into(),
            text: text.into(),
        }
    }
}

impl Summary {
    /// Takes note of an event; at the last one, gives the table. A run of fewer than two
    /// steps needs no table.
    pub(super) fn add(&mut self, event: &EventKind) -> Vec<Row> {
        match event {
            EventKind::StepFinished {
                step,
                outcome,
                detail,
                took_ms,
            } => self.steps.push((*step, *outcome, *took_ms, detail.clone())),
            EventKind::DeploymentStarted {
                task_definition,
                last_good,
                ..
            } => self.revision = Some((task_definition.clone(), last_good.clone())),
            EventKind::Traffic {
                requests,
                failed,
                by_revision,
            } => self.traffic = Some((*requests, *failed, by_revision.clone())),
            EventKind::RunFinished { end, .. } if self.steps.len() > 1 => return self.rows(*end),
            _ => {}
        }
        Vec::new()
    }

    fn rows(&self, end: End) -> Vec<Row> {
        let mut rows = vec![Row::new("", "")];
        for (step, outcome, took_ms, detail) in &self.steps {
            let took = duration(Duration::from_millis(*took_ms));
            let mark = mark(*outcome);
            let head = format!("  {:<9} {took:>12}  {mark:<8} ", step.name());
            rows.push(Row::new(head, detail));
        }
        if let Some((new, old)) = &self.revision {
            let head = format!("  {:<9} ", "revision");
            rows.push(Row::new(head, revisions(end, new, old.as_ref())));
        }
        if let Some((requests, failed, by_revision)) = &self.traffic {
            let by: Vec<String> = by_revision
                .iter()
                .map(|(revision, count)| format!("{revision} answered {count}"))
                .collect();
            let head = format!("  {:<9} ", "traffic");
            let told = by.join(", ");
            rows.push(Row::new(
                head,
                format!("{requests} requests, {failed} failed ({told})"),
            ));
        }
        rows.push(Row::new("", ""));
        rows
    }
}

fn mark(outcome: Outcome) -> &'static str {
    match outcome {
        Outcome::Done => "ok",
        Outcome::Skipped => "skipped",
        Outcome::Left => "left",
        _ => "FAILED",
    }
}

fn revisions(end: End, new: &TaskDefinitionArn, old: Option<&TaskDefinitionArn>) -> String {
    let old = old.map_or("none", TaskDefinitionArn::short);
    let new = new.short();
    match end {
        End::Succeeded | End::Reached => format!("{old} -> {new}"),
        End::RolledBack => format!("{old} -> {new} -> {old}"),
        _ => format!("{old} -> {new} (did not succeed)"),
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;

    fn finished(step: Step, outcome: Outcome, detail: &str) -> EventKind {
        EventKind::StepFinished {
            step,
            outcome,
            detail: detail.to_owned(),
            took_ms: 1234,
        }
    }

    fn revision(number: u32) -> TaskDefinitionArn {
        format!("arn:aws:ecs:us-east-1:123456789012:task-definition/web:{number}")
            .parse()
            .unwrap()
    }

    #[test]
    fn the_table_has_steps_revisions_and_traffic() {
        let mut summary = Summary::default();
        let events = [
            finished(Step::Build, Outcome::Done, "built"),
            finished(Step::Deploy, Outcome::Failed, "rolled back by ECS"),
            EventKind::DeploymentStarted {
                service: ecs_pipeline_core::model::ServiceRef::new("c", "web"),
                deployment: ecs_pipeline_core::model::DeploymentId::new("ecs-svc/1"),
                task_definition: revision(2),
                last_good: Some(revision(1)),
                resumed: false,
            },
            EventKind::Traffic {
                requests: 10,
                failed: 0,
                by_revision: BTreeMap::from([("web:1".to_owned(), 10)]),
            },
        ];
        for event in &events {
            assert!(summary.add(event).is_empty());
        }
        let rows = summary.add(&EventKind::RunFinished {
            end: End::RolledBack,
            exit_code: 4,
            summary: String::new(),
            hint: None,
        });
        let lines: Vec<String> = rows
            .into_iter()
            .map(|row| format!("{}{}", row.head, row.text))
            .collect();
        assert_eq!(
            lines,
            [
                "",
                "  build            1.2 s  ok       built",
                "  deploy           1.2 s  FAILED   rolled back by ECS",
                "  revision  web:1 -> web:2 -> web:1",
                "  traffic   10 requests, 0 failed (web:1 answered 10)",
                "",
            ]
        );
    }

    #[test]
    fn a_single_step_needs_no_table() {
        let mut summary = Summary::default();
        summary.add(&finished(Step::Build, Outcome::Done, "built"));
        let last = EventKind::RunFinished {
            end: End::Succeeded,
            exit_code: 0,
            summary: String::new(),
            hint: None,
        };
        assert!(summary.add(&last).is_empty());
    }
}
