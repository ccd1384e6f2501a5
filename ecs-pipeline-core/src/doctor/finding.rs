//! What a check came to.

use serde::Serialize;

use super::Fact;
use crate::model::ServiceRef;

/// How a check came out.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Status {
    /// Nothing stands in the way.
    Ok,
    /// It could not be looked at.
    NotChecked,
    /// A deployment can succeed, and something about it is not as one would want it.
    Warning,
    /// A deployment cannot succeed.
    Problem,
}

/// What one check says.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[non_exhaustive]
pub struct Finding {
    /// The check's name, such as `target-group`. A name never changes its meaning.
    pub check: &'static str,
    /// How it came out.
    pub status: Status,
    /// What was seen, in one sentence.
    pub message: String,
    /// What to do about it.
    pub fix: Option<String>,
}

impl Finding {
    pub(super) fn ok(check: &'static str, message: impl Into<String>) -> Self {
        Self {
            check,
            status: Status::Ok,
            message: message.into(),
            fix: None,
        }
    }

    pub(super) fn warning(
        check: &'static str,
        message: impl Into<String>,
        fix: impl Into<String>,
    ) -> Self {
        Self {
            check,
            status: Status::Warning,
            message: message.into(),
            fix: Some(fix.into()),
        }
    }

    pub(super) fn problem(
        check: &'static str,
        message: impl Into<String>,
        fix: impl Into<String>,
    ) -> Self {
        Self {
            check,
            status: Status::Problem,
            message: message.into(),
            fix: Some(fix.into()),
        }
    }
}

/// What is known of a fact, or the finding that says why it is not.
pub(super) fn known<'f, T>(
    fact: &'f Fact<T>,
    check: &'static str,
    absent: impl FnOnce() -> Finding,
) -> Result<&'f T, Finding> {
    let unseen = |message: String, fix: Option<String>| Finding {
        check,
        status: Status::NotChecked,
        message,
        fix,
    };
    match fact {
        Fact::Known(known) => Ok(known),
        Fact::Absent => Err(absent()),
        Fact::Denied { action, allow } => {
            Err(unseen(format!("needs {action}"), Some(allow.clone())))
        }
        Fact::Unreadable { why } => Err(unseen(why.clone(), None)),
    }
}

/// All that the checks of a service came to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[non_exhaustive]
pub struct Examination {
    /// The form of this document. It grows when a member changes its meaning or goes away.
    pub version: u32,
    /// The service that was looked at.
    pub service: ServiceRef,
    /// How often each came out.
    pub summary: Summary,
    /// In the order in which a deployment would meet them.
    pub findings: Vec<Finding>,
}

/// How many checks came out in which way.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[non_exhaustive]
pub struct Summary {
    /// Nothing stands in the way.
    pub ok: usize,
    /// A deployment can succeed all the same.
    pub warnings: usize,
    /// A deployment cannot succeed.
    pub problems: usize,
    /// Not looked at.
    pub not_checked: usize,
}

/// The version of the JSON document.
const VERSION: u32 = 1;

impl Examination {
    pub(super) fn new(service: ServiceRef, findings: Vec<Finding>) -> Self {
        let count = |status| findings.iter().filter(|one| one.status == status).count();
        let summary = Summary {
            ok: count(Status::Ok),
            warnings: count(Status::Warning),
            problems: count(Status::Problem),
            not_checked: count(Status::NotChecked),
        };
        Self {
            version: VERSION,
            service,
            summary,
            findings,
        }
    }

    /// Whether something will not work; where `strict`, a warning is enough.
    #[must_use]
    pub fn fails(&self, strict: bool) -> bool {
        self.summary.problems > 0 || (strict && self.summary.warnings > 0)
    }
}

/// The JSON Schema of an [`Examination`].
#[cfg(feature = "schema")]
#[must_use]
pub fn schema() -> serde_json::Value {
    let settings = schemars::generate::SchemaSettings::draft2020_12().for_serialize();
    let mut schema = settings
        .into_generator()
        .into_root_schema_for::<Examination>();
    schema.insert("title".to_owned(), "ecs-pipeline doctor".into());
    schema.to_value()
}
