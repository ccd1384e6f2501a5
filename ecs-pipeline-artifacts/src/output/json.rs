//! JSON, for programs: `{"version": 1, "summary": …, "files": […], "findings": […]}`.
//!
//! The version grows when a member changes its meaning or goes away, not when one is added. Lines and
//! columns count from 1, columns in characters (Unicode code points); an end is exclusive. Offsets of
//! edits are bytes of the file after a byte order mark. A fix whose edits would show a secret has
//! `"edits": null`: `ecs-pipeline fix` makes it all the same.

use serde::Serialize;

use super::{Counts, Shown, documentation_url, help};
use crate::finding::{Finding, Place, Position, Severity};
use crate::validate::{Report, SourceFile};

/// The version of the document.
pub const VERSION: u32 = 1;

#[derive(Serialize)]
struct Document<'a> {
    version: u32,
    summary: Counts,
    files: Vec<File<'a>>,
    findings: Vec<Found<'a>>,
}

#[derive(Serialize)]
struct File<'a> {
    name: &'a str,
    kind: Option<&'static str>,
}

#[derive(Serialize)]
struct Found<'a> {
    rule: &'a str,
    severity: Severity,
    message: &'a str,
    #[serde(flatten)]
    place: At<'a>,
    related: Vec<Related<'a>>,
    help: &'a str,
    documentation: String,
    fix: Option<FixShown<'a>>,
}

#[derive(Serialize)]
struct At<'a> {
    file: &'a str,
    path: &'a str,
    start: Position,
    end: Position,
}

#[derive(Serialize)]
struct Related<'a> {
    message: &'a str,
    #[serde(flatten)]
    place: At<'a>,
}

#[derive(Serialize)]
struct FixShown<'a> {
    title: &'a str,
    edits: Option<Vec<Edit<'a>>>,
}

#[derive(Serialize)]
struct Edit<'a> {
    start: usize,
    end: usize,
    replacement: &'a str,
}

/// The findings as one JSON document.
#[must_use]
pub fn render(files: &[SourceFile], report: &Report) -> String {
    let shown = Shown::all(files);
    let kinds = report
        .kinds
        .iter()
        .map(|kind| kind.map(|kind| kind.title()));
    let document = Document {
        version: VERSION,
        summary: Counts::of(report),
        files: std::iter::zip(files, kinds)
            .map(|(file, kind)| File {
                name: file.name(),
                kind,
            })
            .collect(),
        findings: report
            .findings
            .iter()
            .map(|finding| found(&shown, finding))
            .collect(),
    };
    // Texts and numbers always have a JSON form.
    let mut text = serde_json::to_string_pretty(&document).unwrap_or_default();
    text.push('\n');
    text
}

fn found<'a>(shown: &[Shown<'a>], finding: &'a Finding) -> Found<'a> {
    let edits = |fix| -> Option<Vec<Edit<'a>>> {
        let edits = shown.get(finding.place.file)?.edits(fix)?.iter();
        let edits = edits.map(|edit| Edit {
            start: edit.span.start,
            end: edit.span.end,
            replacement: &edit.replacement,
        });
        Some(edits.collect())
    };
    Found {
        rule: finding.rule.id,
        severity: finding.severity(),
        message: &finding.message,
        place: at(shown, &finding.place),
        related: finding
            .related
            .iter()
            .map(|(place, message)| Related {
                message,
                place: at(shown, place),
            })
            .collect(),
        help: help(finding),
        documentation: documentation_url(finding.rule),
        fix: finding.fix.as_ref().map(|fix| FixShown {
            title: &fix.title,
            edits: edits(fix),
        }),
    }
}

fn at<'a>(shown: &[Shown<'a>], place: &'a Place) -> At<'a> {
    At {
        file: shown.get(place.file).map_or("", |shown| shown.file.name()),
        path: &place.path,
        start: place.start,
        end: place.end,
    }
}
