//! What is wrong in a file: where, why, and what to do.

use std::fmt;

use serde::Serialize;

pub use crate::source::{Position, TextEdit};

use crate::rules::Rule;

/// How bad a finding is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Severity {
    /// It works, and is probably not what was meant; or a member that nobody knows yet.
    Warning,
    /// AWS refuses the file, or the deployment cannot succeed with it.
    Error,
}

impl fmt::Display for Severity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Warning => "warning",
            Self::Error => "error",
        })
    }
}

/// One thing that is wrong. No text of it holds a value that may be secret.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Finding {
    /// The rule that found it.
    pub rule: &'static Rule,
    /// What is wrong, in one sentence without a full stop.
    pub message: String,
    /// Where.
    pub place: Place,
    /// Other places that it has to do with, each with what it says about them.
    pub related: Vec<(Place, String)>,
    /// What to do about this one, where the rule's general remedy can be made more exact:
    /// "did you mean `cpu`?".
    pub help: Option<String>,
    /// The mechanical fix, where there is one that is safe.
    pub fix: Option<Fix>,
}

impl Finding {
    /// How bad it is.
    #[must_use]
    pub fn severity(&self) -> Severity {
        self.rule.severity
    }
}

/// A place in one of the files.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Place {
    /// The file, as an index into what was given to [`validate`](crate::validate::validate).
    pub file: usize,
    /// The bytes of the text without byte order mark.
    pub span: std::ops::Range<usize>,
    /// Where the span begins.
    pub start: Position,
    /// Where it ends, exclusive.
    pub end: Position,
    /// The way to the value, such as `containerDefinitions[0].cpu`; empty for the whole document.
    pub path: String,
}

/// Edits that put a finding right, all of them together.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Fix {
    /// What it does, as an imperative: "remove `revision`".
    pub title: String,
    /// Edits of the finding's own file, in file order, that do not overlap.
    pub edits: Vec<TextEdit>,
}

/// Why a file cannot be read as what it should be.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Invalid {
    /// Everything in it that AWS would refuse, in file order.
    pub findings: Vec<Finding>,
}

impl fmt::Display for Invalid {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (at, finding) in self.findings.iter().enumerate() {
            let separator = if at == 0 { "" } else { "; " };
            let Position { line, column, .. } = finding.place.start;
            write!(
                f,
                "{separator}line {line}, column {column}: {}",
                finding.message
            )?;
        }
        Ok(())
    }
}

impl std::error::Error for Invalid {}
