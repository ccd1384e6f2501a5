//! What the doctor found, for people.

use ecs_pipeline_artifacts::output::text::Style;
use ecs_pipeline_core::doctor::{Examination, Finding, Status};

/// One line for each check, with its fix below, and one that counts them.
pub(crate) fn lines(found: &Examination, style: Style) -> Vec<String> {
    let widths = found.findings.iter().map(|one| one.check.len());
    let width = widths.max().unwrap_or(0);
    let mut lines = vec![found.service.to_string()];
    for finding in &found.findings {
        lines.push(line(finding, width, style));
        let fix = finding.fix.as_ref();
        lines.extend(fix.map(|fix| format!("{:INDENT$}fix: {fix}", "")));
    }
    lines.push(String::new());
    lines.push(summary(found));
    lines
}

/// Where the fix stands: below the check's name.
const INDENT: usize = 15;

fn line(finding: &Finding, width: usize, style: Style) -> String {
    let (mark, colour) = match finding.status {
        Status::Ok => ("ok", "32"),
        Status::Warning => ("warning", "33"),
        Status::Problem => ("problem", "31"),
        _ => ("not checked", "36"),
    };
    let mark = match style {
        Style::Plain => format!("{mark:<11}"),
        Style::Colour => format!("\u{1b}[{colour}m{mark:<11}\u{1b}[0m"),
    };
    format!("  {mark}  {:<width$}  {}", finding.check, finding.message)
}

fn summary(found: &Examination) -> String {
    let counted = |count: usize, one: &str, many: &str| match count {
        0 => None,
        1 => Some(format!("1 {one}")),
        count => Some(format!("{count} {many}")),
    };
    let summary = &found.summary;
    let parts = [
        counted(summary.problems, "problem", "problems"),
        counted(summary.warnings, "warning", "warnings"),
        counted(summary.not_checked, "not checked", "not checked"),
        counted(summary.ok, "ok", "ok"),
    ];
    let parts: Vec<_> = parts.into_iter().flatten().collect();
    parts.join(", ")
}
