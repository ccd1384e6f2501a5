//! What each role may do, and nothing beside it.

use std::collections::BTreeMap;

use serde::Serialize;

use crate::application::Application;
use crate::scope::Scope;

/// Whose policy it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
#[non_exhaustive]
pub enum Role {
    /// The agent, or the user, with which a Jenkins job deploys.
    Jenkins,
    /// The service role of a CodeBuild project.
    Codebuild,
    /// The service role of CodeDeploy.
    Codedeploy,
    /// The service role of a CodePipeline pipeline.
    Codepipeline,
    /// The role with which ECS starts tasks.
    TaskExecution,
}

impl Role {
    /// The least that it needs for this application.
    #[must_use]
    pub fn policy(self, _application: &Application, _scope: &Scope) -> Policy {
        Policy {
            version: "2012-10-17",
            statements: Vec::new(),
        }
    }

    /// The statements of its policy as YAML for a template, names and all being the template's parameters:
    /// a list that begins in the first column.
    #[allow(dead_code, reason = "templates that use it are being written")]
    pub(crate) fn statements_of_stack(self, _application: &Application) -> String {
        String::new()
    }
}

/// An identity-based policy, in IAM's own form when serialised.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "PascalCase")]
#[non_exhaustive]
pub struct Policy {
    /// The policy language's version: always 2012-10-17.
    version: &'static str,
    /// What is allowed.
    #[serde(rename = "Statement")]
    pub statements: Vec<Statement>,
}

/// A statement that allows something. There are none that deny.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "PascalCase")]
#[non_exhaustive]
pub struct Statement {
    /// What it is for, in one word.
    pub sid: &'static str,
    effect: &'static str,
    /// What may be called, such as `ecs:UpdateService`.
    #[serde(rename = "Action")]
    pub actions: Vec<&'static str>,
    /// ARNs; `*` alone where the actions take no ARN.
    #[serde(rename = "Resource")]
    pub resources: Vec<String>,
    /// By operator, then by key.
    #[serde(rename = "Condition", skip_serializing_if = "BTreeMap::is_empty")]
    pub conditions: BTreeMap<&'static str, BTreeMap<&'static str, String>>,
}
