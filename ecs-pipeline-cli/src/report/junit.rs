//! A run as test results, for Jenkins' `junit` step and CodeBuild's report groups.
//!
//! One suite, a case a step, and a last one for the run: a version that was rolled back is red even
//! where every step did what it is for. Names stay the same from build to build, so that a CI server
//! tells since when a case fails.

use std::collections::HashMap;

use ecs_pipeline_artifacts::output::xml::escaped;
use ecs_pipeline_core::diagnosis::Diagnosis;
use ecs_pipeline_core::event::{Outcome, Step};
use ecs_pipeline_core::exit;
use ecs_pipeline_core::model::End;

use super::story::{Ending, StepTold, Story};

/// How many lines of evidence a case shows.
const EVIDENCE_SHOWN: usize = 50;

/// A test case.
struct Case {
    name: String,
    took_ms: u64,
    verdict: Verdict,
}

enum Verdict {
    Passed,
    /// Why.
    Skipped(String),
    /// What the new version, or the run, did wrong.
    Failure(Fault),
    /// It was not judged, and is no success.
    Error(Fault),
}

struct Fault {
    kind: &'static str,
    message: String,
    text: String,
}

pub(super) fn render(story: &Story, end: &Ending) -> String {
    let mut names = HashMap::new();
    let mut cases: Vec<Case> = story
        .steps
        .iter()
        .map(|told| Case {
            name: unique(&mut names, name(told)),
            took_ms: told.took_ms(),
            verdict: of_step(told),
        })
        .collect();
    let in_steps: u64 = cases.iter().map(|case| case.took_ms).sum();
    cases.push(Case {
        name: "run".to_owned(),
        // CI servers add up the cases: this one has what no step took.
        took_ms: end.took_ms.saturating_sub(in_steps),
        verdict: of_run(story, end),
    });
    document(story, end, &cases)
}

/// A gate is told apart from others by what it reads.
fn name(told: &StepTold) -> String {
    match told.step {
        Step::Gate if !told.about.is_empty() => format!("gate: {}", told.about),
        step => step.name().to_owned(),
    }
}

/// The second of a name is `name (2)`.
fn unique(names: &mut HashMap<String, usize>, name: String) -> String {
    let count = names.entry(name.clone()).or_default();
    *count += 1;
    match count {
        1 => name,
        count => format!("{name} ({count})"),
    }
}

fn of_step(told: &StepTold) -> Verdict {
    match &told.end {
        Some((Outcome::Done, ..)) => Verdict::Passed,
        Some((Outcome::Skipped, detail, _)) => Verdict::Skipped(detail.clone()),
        Some((Outcome::Left, detail, _)) => {
            Verdict::Skipped(format!("left before its end: {detail}"))
        }
        Some((_, detail, _)) => Verdict::Failure(Fault {
            kind: "failed",
            message: detail.clone(),
            text: explained(detail, told),
        }),
        None => Verdict::Error(Fault {
            kind: "unfinished",
            message: "the run ended before this step did".to_owned(),
            text: explained(&told.about, told),
        }),
    }
}

fn explained(first: &str, told: &StepTold) -> String {
    let mut lines = vec![first.to_owned()];
    lines.extend(told.diagnosis.iter().flat_map(why));
    if !told.output.is_empty() {
        lines.push(format!("the last lines of {}:", told.step.name()));
        lines.extend(told.output.iter().cloned());
    }
    lines.join("\n")
}

fn why(diagnosis: &Diagnosis) -> Vec<String> {
    let mut lines = vec![format!("cause: {}", diagnosis.cause)];
    lines.extend(diagnosis.fix.iter().map(|fix| format!("fix: {fix}")));
    let shown = diagnosis.evidence.iter().take(EVIDENCE_SHOWN);
    lines.extend(shown.map(|line| format!("- {line}")));
    let more = diagnosis.evidence.len().saturating_sub(EVIDENCE_SHOWN);
    if more > 0 {
        lines.push(format!("- and {more} more"));
    }
    lines
}

fn of_run(story: &Story, end: &Ending) -> Verdict {
    if end.exit_code == exit::SUCCEEDED {
        return Verdict::Passed;
    }
    let named = exit::TABLE.iter().find(|(code, ..)| *code == end.exit_code);
    let mut lines = vec![end.summary.clone()];
    lines.extend(story.diagnosis.iter().flat_map(why));
    lines.extend(end.hint.iter().map(|hint| format!("hint: {hint}")));
    lines.push(format!("exit code {}", end.exit_code));
    let fault = Fault {
        kind: named.map_or("failed", |(_, name, _)| name),
        message: end.summary.clone(),
        text: lines.join("\n"),
    };
    match end.end {
        End::StillRunning | End::Superseded => Verdict::Error(fault),
        _ => Verdict::Failure(fault),
    }
}

fn document(story: &Story, end: &Ending, cases: &[Case]) -> String {
    let count = |of: fn(&Verdict) -> bool| cases.iter().filter(|case| of(&case.verdict)).count();
    let totals = format!(
        "name=\"ecs-pipeline {}\" tests=\"{}\" failures=\"{}\" errors=\"{}\"",
        escaped(story.command),
        cases.len(),
        count(|verdict| matches!(verdict, Verdict::Failure(_))),
        count(|verdict| matches!(verdict, Verdict::Error(_))),
    );
    let skipped = count(|verdict| matches!(verdict, Verdict::Skipped(_)));
    let time = seconds(end.took_ms);
    let mut text = format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites {totals} time=\"{time}\">\n  \
         <testsuite {totals} skipped=\"{skipped}\" time=\"{time}\">\n"
    );
    text.push_str(&properties(story, end));
    for case in cases {
        text.push_str(&case.element(story.command));
    }
    text.push_str("  </testsuite>\n</testsuites>\n");
    text
}

fn properties(story: &Story, end: &Ending) -> String {
    let mut properties = vec![("exit-code", end.exit_code.to_string())];
    properties.extend(story.service.iter().map(|it| ("service", it.to_string())));
    for deployment in &story.deployments {
        properties.push(("deployment", deployment.id.to_string()));
        properties.push(("revision", deployment.new.short().to_owned()));
    }
    let properties: String = properties
        .into_iter()
        .map(|(name, value)| {
            let value = escaped(&value);
            format!("      <property name=\"{name}\" value=\"{value}\"/>\n")
        })
        .collect();
    format!("    <properties>\n{properties}    </properties>\n")
}

impl Case {
    fn element(&self, command: &str) -> String {
        let inside = match &self.verdict {
            Verdict::Passed => String::new(),
            Verdict::Skipped(why) => format!("<skipped message=\"{}\"/>", escaped(why)),
            Verdict::Failure(fault) => fault.element("failure"),
            Verdict::Error(fault) => fault.element("error"),
        };
        format!(
            "    <testcase name=\"{}\" classname=\"ecs-pipeline.{}\" time=\"{}\">{inside}</testcase>\n",
            escaped(&self.name),
            escaped(command),
            seconds(self.took_ms)
        )
    }
}

impl Fault {
    fn element(&self, name: &str) -> String {
        format!(
            "<{name} type=\"{}\" message=\"{}\">{}</{name}>",
            escaped(self.kind),
            escaped(&self.message),
            escaped(&self.text)
        )
    }
}

/// `12.345`.
fn seconds(milliseconds: u64) -> String {
    format!("{}.{:03}", milliseconds / 1000, milliseconds % 1000)
}
