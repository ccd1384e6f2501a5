//! Findings as others read them: people at a terminal, editors, code scanning, CI servers.
//!
//! Each output is a function from the files and the [`Report`] to a text. None of them shows a secret:
//! values of environment variables, passwords in URLs and commands, labels and the like are `***`, and
//! a fix that would have to repeat one is not written out.
//!
//! ```
//! use ecs_pipeline_artifacts::output::json;
//! use ecs_pipeline_artifacts::validate::{Options, SourceFile, validate};
//!
//! let taskdef = r#"{"family": "shop", "revision": 7, "containerDefinitions": []}"#;
//! let files = [SourceFile::new("taskdef.json", taskdef)];
//! let report = validate(&files, &Options::default());
//! let document: serde_json::Value = serde_json::from_str(&json::render(&files, &report))?;
//! assert_eq!(document["findings"][0]["rule"], "read-only-member");
//! # Ok::<(), serde_json::Error>(())
//! ```

use std::cell::OnceCell;

use crate::finding::{Finding, Fix, Severity, TextEdit};
use crate::mask::Masked;
use crate::rules::Rule;
use crate::source::{Lines, Position};
use crate::validate::{Report, SourceFile};

pub mod json;
pub mod junit;
pub mod rules_page;
pub mod sarif;
#[cfg(feature = "text")]
pub mod text;
pub mod xml;

/// Where the page of the rules is.
const RULES_PAGE: &str = "https://github.com/ecs-pipeline/ecs-pipeline/blob/main/docs/rules.md";

/// Where a rule is explained.
#[must_use]
pub fn documentation_url(rule: &Rule) -> String {
    format!("{RULES_PAGE}#{}", rule.id)
}

/// How many findings there are of each kind.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, serde::Serialize)]
#[non_exhaustive]
pub struct Counts {
    /// Errors.
    pub errors: usize,
    /// Warnings.
    pub warnings: usize,
    /// Findings with a fix.
    pub fixable: usize,
    /// Files with findings.
    pub files: usize,
}

impl Counts {
    /// Counts the findings.
    #[must_use]
    pub fn of(report: &Report) -> Self {
        let findings = &report.findings;
        let errors = findings
            .iter()
            .filter(|f| f.severity() == Severity::Error)
            .count();
        let files: std::collections::BTreeSet<_> = findings.iter().map(|f| f.place.file).collect();
        Self {
            errors,
            warnings: findings.len() - errors,
            fixable: findings.iter().filter(|f| f.fix.is_some()).count(),
            files: files.len(),
        }
    }

    /// One line for people.
    #[must_use]
    pub fn summary(&self, files: usize) -> String {
        if self.errors + self.warnings == 0 {
            return format!("{}: nothing found", counted(files, "file"));
        }
        let kinds = [(self.errors, "error"), (self.warnings, "warning")];
        let kinds = kinds.into_iter().filter(|(count, _)| *count > 0);
        let kinds: Vec<_> = kinds.map(|(count, what)| counted(count, what)).collect();
        let mut line = format!("{} in {}", kinds.join(", "), counted(self.files, "file"));
        if self.fixable > 0 {
            line.push_str(&format!(
                "; {} can be fixed with `ecs-pipeline fix`",
                self.fixable
            ));
        }
        line
    }
}

fn counted(count: usize, what: &str) -> String {
    let plural = if count == 1 { "" } else { "s" };
    format!("{count} {what}{plural}")
}

/// A file as outputs look at it; what costs something is made when it is first asked for.
struct Shown<'f> {
    file: &'f SourceFile,
    masked: OnceCell<Masked>,
    lines: OnceCell<Lines<'f>>,
}

impl<'f> Shown<'f> {
    fn all(files: &'f [SourceFile]) -> Vec<Self> {
        let shown = files.iter().map(|file| Self {
            file,
            masked: OnceCell::new(),
            lines: OnceCell::new(),
        });
        shown.collect()
    }

    fn masked(&self) -> &Masked {
        self.masked.get_or_init(|| Masked::of(self.file))
    }

    fn position(&self, offset: usize) -> Position {
        let lines = self.lines.get_or_init(|| Lines::new(self.file.text()));
        lines.position(offset)
    }

    /// The edits of a fix, unless one of them would tell a secret.
    fn edits<'x>(&self, fix: &'x Fix) -> Option<&'x [TextEdit]> {
        let tells = |edit: &TextEdit| {
            self.masked().hides(&edit.span)
                || Masked::unparsed(&edit.replacement, self.file.format()).text()
                    != edit.replacement
        };
        (!fix.edits.iter().any(tells)).then_some(&fix.edits)
    }
}

/// What to do about a finding.
fn help(finding: &Finding) -> &str {
    finding.help.as_deref().unwrap_or(finding.rule.remedy)
}

#[cfg(test)]
pub(crate) mod tests;
