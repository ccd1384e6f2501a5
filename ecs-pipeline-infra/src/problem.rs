//! What keeps templates from being made.

use std::fmt;

/// An option that AWS would not take, or that contradicts another one.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Problem {
    /// The member of `ecs-pipeline.yml`, such as `infra.network.cidr`.
    pub member: String,
    /// What is wrong with it.
    pub message: String,
    /// What to do about it.
    pub help: String,
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.member, self.message)
    }
}

/// Nothing was made, for these reasons; all of them, not only the first.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
#[error("{}", list(.problems))]
pub struct Refused {
    /// At least one.
    pub problems: Vec<Problem>,
}

fn list(problems: &[Problem]) -> String {
    let lines: Vec<_> = problems.iter().map(Problem::to_string).collect();
    lines.join("\n")
}

/// Takes what is wrong while options are looked at.
#[derive(Debug, Default)]
pub(crate) struct Problems(Vec<Problem>);

impl Problems {
    pub(crate) fn add(
        &mut self,
        member: impl Into<String>,
        message: impl Into<String>,
        help: impl Into<String>,
    ) {
        self.0.push(Problem {
            member: member.into(),
            message: message.into(),
            help: help.into(),
        });
    }

    pub(crate) fn none_or_refused(self) -> Result<(), Refused> {
        match self.0.is_empty() {
            true => Ok(()),
            false => Err(Refused { problems: self.0 }),
        }
    }
}
