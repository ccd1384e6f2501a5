//! A policy in IAM's own form.

use std::collections::BTreeMap;

use serde::Serialize;

/// An identity-based policy; serialised, it is what IAM takes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "PascalCase")]
#[non_exhaustive]
pub struct Policy {
    /// The version of the policy language: always 2012-10-17.
    pub version: &'static str,
    /// What is allowed.
    #[serde(rename = "Statement")]
    pub statements: Vec<Statement>,
}

impl Policy {
    pub(super) fn new(statements: Vec<Statement>) -> Self {
        Self {
            version: "2012-10-17",
            statements,
        }
    }
}

/// A statement that allows something. There are none that deny: what is not allowed is denied.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "PascalCase")]
#[non_exhaustive]
pub struct Statement {
    /// What it is for; unique in a policy.
    pub sid: &'static str,
    /// Always `Allow`.
    pub effect: &'static str,
    /// What may be called, such as `ecs:UpdateService`.
    #[serde(rename = "Action")]
    pub actions: Vec<&'static str>,
    /// ARNs; `*` alone where AWS knows no ARN for the actions.
    #[serde(rename = "Resource")]
    pub resources: Vec<String>,
    /// By operator, then by key.
    #[serde(rename = "Condition", skip_serializing_if = "BTreeMap::is_empty")]
    pub conditions: BTreeMap<&'static str, BTreeMap<&'static str, Vec<String>>>,
}

impl Statement {
    pub(super) fn new(
        sid: &'static str,
        actions: impl IntoIterator<Item = &'static str>,
        resources: impl IntoIterator<Item = String>,
    ) -> Self {
        Self {
            sid,
            effect: "Allow",
            actions: actions.into_iter().collect(),
            resources: resources.into_iter().collect(),
            conditions: BTreeMap::new(),
        }
    }

    /// For actions that AWS knows no ARN for.
    pub(super) fn anywhere(
        sid: &'static str,
        actions: impl IntoIterator<Item = &'static str>,
    ) -> Self {
        Self::new(sid, actions, ["*".to_owned()])
    }

    /// Only where the request's `key` is one of `values`, by an operator such as `StringEquals`.
    pub(super) fn when(
        mut self,
        operator: &'static str,
        key: &'static str,
        values: impl IntoIterator<Item = String>,
    ) -> Self {
        let keys = self.conditions.entry(operator).or_default();
        keys.entry(key).or_default().extend(values);
        self
    }
}
