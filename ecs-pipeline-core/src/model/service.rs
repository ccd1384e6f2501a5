//! Names in ECS.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use super::InvalidName;

/// An ECS service: its cluster and its name.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct ServiceRef {
    /// The cluster's name or ARN.
    pub cluster: String,
    /// The service's name or ARN.
    pub service: String,
}

impl ServiceRef {
    /// A service by its cluster and name.
    pub fn new(cluster: impl Into<String>, service: impl Into<String>) -> Self {
        Self {
            cluster: cluster.into(),
            service: service.into(),
        }
    }
}

impl fmt::Display for ServiceRef {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.cluster, self.service)
    }
}

/// The ARN of a task definition's revision: `arn:aws:ecs:…:task-definition/FAMILY:REVISION`.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(try_from = "String", into = "String")]
pub struct TaskDefinitionArn(String);

impl TaskDefinitionArn {
    /// The whole ARN.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// `FAMILY:REVISION`: what people call it.
    #[must_use]
    pub fn short(&self) -> &str {
        self.0.rsplit_once('/').map_or(&self.0, |(_, short)| short)
    }

    /// The family.
    #[must_use]
    pub fn family(&self) -> &str {
        let short = self.short();
        short.rsplit_once(':').map_or(short, |(family, _)| family)
    }
}

impl FromStr for TaskDefinitionArn {
    type Err = InvalidName;

    fn from_str(text: &str) -> Result<Self, InvalidName> {
        let revision = text
            .starts_with("arn:")
            .then(|| text.split_once(":task-definition/"))
            .flatten()
            .and_then(|(_, short)| short.rsplit_once(':'));
        match revision {
            Some((family, number)) if !family.is_empty() && number.parse::<u64>().is_ok() => {
                Ok(Self(text.to_owned()))
            }
            _ => Err(InvalidName::new(
                "task definition ARN",
                text,
                "it must be arn:…:task-definition/FAMILY:REVISION",
            )),
        }
    }
}

impl TryFrom<String> for TaskDefinitionArn {
    type Error = InvalidName;

    fn try_from(text: String) -> Result<Self, InvalidName> {
        text.parse()
    }
}

impl From<TaskDefinitionArn> for String {
    fn from(arn: TaskDefinitionArn) -> Self {
        arn.0
    }
}

impl fmt::Display for TaskDefinitionArn {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// The id of a deployment: `ecs-svc/…` for ECS, `d-…` for CodeDeploy.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(transparent)]
pub struct DeploymentId(String);

impl DeploymentId {
    /// An id as AWS gave it.
    pub fn new(id: impl Into<String>) -> Self {
        Self(id.into())
    }

    /// The id as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for DeploymentId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;

    #[test]
    fn a_task_definition_arn_knows_its_family_and_revision() {
        let arn: TaskDefinitionArn = "arn:aws:ecs:eu-west-1:123456789012:task-definition/web:42"
            .parse()
            .unwrap();
        assert_eq!(arn.short(), "web:42");
        assert_eq!(arn.family(), "web");
        for text in [
            "web:42",
            "arn:aws:ecs:::task-definition/web",
            "arn:x:task-definition/:1",
        ] {
            assert!(text.parse::<TaskDefinitionArn>().is_err(), "{text}");
        }
    }
}
