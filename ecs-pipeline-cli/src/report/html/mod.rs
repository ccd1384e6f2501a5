//! A run as one page.
//!
//! Jenkins serves what a build keeps with `default-src 'none'; style-src 'self'`: neither scripts nor
//! styles within the page are let through. So the page is laid out by tables and coloured by attributes,
//! which no policy forbids, its picture is drawn the same way, and what is long unfolds by `<details>`.
//! It looks the same wherever it is opened. It is well-formed XML, too.

mod element;
mod timeline;

use std::time::Duration;

use ecs_pipeline_core::diagnosis::Diagnosis;
use ecs_pipeline_core::event::Outcome;
use ecs_pipeline_core::model::{End, GateState};

use self::element::{Cell, code_lines, coloured, section, small, table, text};
use super::short::short;
use super::story::{Ending, Progress, Speaker, StepTold, Story};
use super::text::{counts, duration, end_name, role, shift, target_counts};

const GREEN: &str = "#1a7f37";
const RED: &str = "#b42318";
const AMBER: &str = "#9a5b00";
const BLUE: &str = "#0b5cad";
const GREY: &str = "#57606a";

pub(super) fn render(story: &Story, end: &Ending) -> String {
    let parts = [
        banner(story, end),
        story.diagnosis.as_ref().map(why).unwrap_or_default(),
        facts(story, end),
        steps(story),
        deployment(story),
        gates(story),
        remarks(story),
        foot(story),
    ];
    let title = format!("{}: {}", title(story), end_name(end.end).to_lowercase());
    format!(
        "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\"/>\n\
         <meta name=\"viewport\" content=\"width=device-width\"/>\n<title>{}</title>\n</head>\n\
         <body bgcolor=\"#ffffff\" text=\"#1f2328\" link=\"{BLUE}\">\n<font face=\"sans-serif\">\n\
         <table align=\"center\" width=\"960\" border=\"0\" cellpadding=\"0\" cellspacing=\"0\"><tr><td>\n\
         {}</td></tr></table>\n</font>\n</body>\n</html>\n",
        text(&title),
        parts.concat()
    )
}

/// `deploy of main/web`.
fn title(story: &Story) -> String {
    match &story.service {
        Some(service) => format!("{} of {service}", story.command),
        None => story.command.to_owned(),
    }
}

fn colour_of_end(end: End) -> &'static str {
    match end {
        End::Succeeded | End::Reached => GREEN,
        End::RolledBack => AMBER,
        End::Superseded | End::StillRunning => BLUE,
        _ => RED,
    }
}

/// How it ended, in one line and one colour.
fn banner(story: &Story, end: &Ending) -> String {
    let colour = colour_of_end(end.end);
    format!(
        "<table width=\"100%\" border=\"0\" cellpadding=\"16\" cellspacing=\"0\" bgcolor=\"{colour}\"><tr><td>\
         <font color=\"#ffffff\">{}<br/><font size=\"6\"><b>{}</b></font><br/>{}</font>\
         </td></tr></table>\n",
        text(&title(story)),
        end_name(end.end),
        text(&short(&end.summary)),
    )
}

/// The cause, what to do about it, and what it was concluded from.
fn why(diagnosis: &Diagnosis) -> String {
    let fix = diagnosis.fix.as_ref();
    let fix = fix.map(|fix| format!("<p><b>What to do:</b> {}</p>\n", text(fix)));
    let evidence: Vec<String> = diagnosis.evidence.iter().map(|line| short(line)).collect();
    let inside = format!(
        "<p><font size=\"4\"><b>{}</b></font></p>\n{}{}",
        text(&short(&diagnosis.cause)),
        fix.unwrap_or_default(),
        code_lines(evidence.iter()),
    );
    section("Why it failed", &inside)
}

fn facts(story: &Story, end: &Ending) -> String {
    let mut rows = Vec::new();
    let mut fact = |name: &str, value: String| {
        rows.push(vec![Cell::head(name), Cell::text(&value)]);
    };
    let fix = story.diagnosis.as_ref().and_then(|it| it.fix.as_ref());
    if let Some(hint) = end.hint.as_ref().filter(|hint| Some(*hint) != fix) {
        fact("Next", hint.clone());
    }
    if let Some(service) = &story.service {
        fact("Service", service.to_string());
    }
    for deployment in &story.deployments {
        let old = deployment.old.as_ref().map_or("none", |old| old.short());
        let new = deployment.new.short();
        fact("Revision", revisions(end.end, old, new));
        fact("Deployment", deployment.id.to_string());
    }
    if let Some((requests, failed, by_revision)) = &story.traffic {
        let by = by_revision.iter();
        let by: Vec<String> = by
            .map(|(name, count)| format!("{name} answered {count}"))
            .collect();
        let by = by.join(", ");
        fact(
            "Traffic",
            format!("{requests} requests, {failed} failed ({by})"),
        );
    }
    fact("Took", duration(Duration::from_millis(end.took_ms)));
    fact("Exit code", end.exit_code.to_string());
    section("", &table(&[], &rows))
}

fn revisions(end: End, old: &str, new: &str) -> String {
    match end {
        End::Succeeded | End::Reached => format!("{old} → {new}"),
        End::RolledBack => format!("{old} → {new} → {old}"),
        _ => format!("{old} → {new} (did not succeed)"),
    }
}

fn steps(story: &Story) -> String {
    if story.steps.is_empty() {
        return String::new();
    }
    let rows: Vec<Vec<Cell>> = story.steps.iter().map(step).collect();
    section("Steps", &table(&["Step", "", "Time", ""], &rows))
}

fn step(told: &StepTold) -> Vec<Cell> {
    let (mark, colour, detail) = match &told.end {
        Some((Outcome::Done, detail, _)) => ("ok", GREEN, detail),
        Some((Outcome::Skipped, detail, _)) => ("skipped", GREY, detail),
        Some((Outcome::Left, detail, _)) => ("left", BLUE, detail),
        Some((_, detail, _)) => ("FAILED", RED, detail),
        None => ("unfinished", RED, &told.about),
    };
    let mut inside = text(&short(detail));
    if matches!(&told.end, Some((Outcome::Failed, ..)) | None) && !told.output.is_empty() {
        inside.push_str(&code_lines(told.output.iter()));
    }
    vec![
        Cell::text(told.step.name()),
        Cell::markup(coloured(colour, mark)),
        Cell::number(&duration(Duration::from_millis(told.took_ms()))),
        Cell::markup(inside),
    ]
}

/// How tasks, targets and traffic went, as a picture and in numbers.
fn deployment(story: &Story) -> String {
    if story.progress.is_empty() {
        return String::new();
    }
    let rows: Vec<Vec<Cell>> = story.progress.iter().map(progress).collect();
    let columns = ["At", "Tasks", "Targets", "Traffic"];
    let inside = format!(
        "{}<details><summary>In numbers</summary>\n{}</details>\n",
        timeline::draw(&story.progress),
        table(&columns, &rows)
    );
    section("The deployment", &inside)
}

fn progress(seen: &Progress) -> Vec<Cell> {
    let tasks = seen.revisions.iter().map(|revision| {
        let name = revision.task_definition.short();
        let line = format!("{} {name}: {}", role(revision.role), counts(revision));
        text(&line)
    });
    let tasks: Vec<String> = tasks.collect();
    let targets = seen.targets.map(target_counts).unwrap_or_default();
    let traffic = shift(seen.stage.as_deref(), seen.traffic).unwrap_or_default();
    vec![
        Cell::number(&duration(Duration::from_millis(seen.at_ms))),
        Cell::markup(tasks.join("<br/>")),
        Cell::text(&targets),
        Cell::text(&traffic),
    ]
}

fn gates(story: &Story) -> String {
    if story.readings.is_empty() {
        return String::new();
    }
    let rows: Vec<Vec<Cell>> = story
        .readings
        .iter()
        .map(|reading| {
            let (mark, colour) = match reading.state {
                GateState::Passing => ("passed", GREEN),
                GateState::Failing => ("FAILED", RED),
                _ => ("not yet", GREY),
            };
            let in_a_row = format!("{} of {}", reading.passed, reading.needed);
            vec![
                Cell::number(&duration(Duration::from_millis(reading.at_ms))),
                Cell::text(&reading.gate),
                Cell::markup(coloured(colour, mark)),
                Cell::text(&in_a_row),
                Cell::text(&reading.detail),
            ]
        })
        .collect();
    section("Gates", &table(&["At", "Gate", "", "In a row", ""], &rows))
}

/// Warnings and notes, and, folded, the controller's own account.
fn remarks(story: &Story) -> String {
    let of = |wanted: fn(Speaker) -> bool| -> Vec<Vec<Cell>> {
        let remarks = story.remarks.iter().filter(|remark| wanted(remark.from));
        let row = remarks.map(|remark| {
            let said = text(&short(&remark.text));
            let said = match remark.from {
                Speaker::Warning => format!("{} {said}", coloured(AMBER, "warning")),
                _ => said,
            };
            let at = duration(Duration::from_millis(remark.at_ms));
            vec![Cell::number(&at), Cell::markup(said)]
        });
        row.collect()
    };
    let notes = of(|from| from != Speaker::Controller);
    let account = of(|from| from == Speaker::Controller);
    let mut inside = String::new();
    if !notes.is_empty() {
        inside.push_str(&section("Notes", &table(&[], &notes)));
    }
    if !account.is_empty() {
        inside.push_str(&format!(
            "<details><summary>What the service said ({})</summary>\n{}</details>\n",
            account.len(),
            table(&[], &account)
        ));
    }
    inside
}

fn foot(story: &Story) -> String {
    let told = format!(
        "ecs-pipeline {} · times count from the beginning of the run · {}.jsonl has every event, names in full",
        env!("CARGO_PKG_VERSION"),
        story.command
    );
    format!("<p>{}</p>\n", small(&text(&told)))
}
