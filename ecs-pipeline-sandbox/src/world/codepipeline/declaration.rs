//! A pipeline's declaration, as CreatePipeline takes it and GetPipeline gives it back.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::{Value, json};

use super::ApiError;
use super::input::{read, without_nulls};

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Declaration {
    #[serde(default)]
    pub(super) name: String,
    pub(super) role_arn: Option<String>,
    pub(super) artifact_store: Option<ArtifactStore>,
    #[serde(default)]
    pub(super) stages: Vec<Stage>,
    execution_mode: Option<String>,
    #[serde(default)]
    pub(super) variables: Vec<Variable>,
}

#[derive(Debug, Deserialize)]
pub(super) struct ArtifactStore {
    #[serde(rename = "type", default)]
    pub(super) kind: String,
    /// The bucket.
    #[serde(default)]
    pub(super) location: String,
}

#[derive(Debug, Deserialize)]
pub(super) struct Stage {
    #[serde(default)]
    pub(super) name: String,
    #[serde(default)]
    pub(super) actions: Vec<Action>,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Action {
    #[serde(default)]
    pub(super) name: String,
    pub(super) action_type_id: ActionTypeId,
    #[serde(default = "first")]
    pub(super) run_order: u32,
    #[serde(default)]
    pub(super) configuration: BTreeMap<String, String>,
    #[serde(default)]
    pub(super) input_artifacts: Vec<ArtifactName>,
    #[serde(default)]
    pub(super) output_artifacts: Vec<ArtifactName>,
    pub(super) region: Option<String>,
    pub(super) role_arn: Option<String>,
    pub(super) namespace: Option<String>,
    pub(super) timeout_in_minutes: Option<u32>,
}

#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(default)]
pub(super) struct ActionTypeId {
    pub(super) category: String,
    pub(super) owner: String,
    pub(super) provider: String,
    pub(super) version: String,
}

#[derive(Debug, Clone, Deserialize)]
pub(super) struct ArtifactName {
    #[serde(default)]
    pub(super) name: String,
}

/// A variable of the pipeline, which an execution may be started with.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Variable {
    #[serde(default)]
    pub(super) name: String,
    pub(super) default_value: Option<String>,
}

/// `runOrder` where it is not given.
fn first() -> u32 {
    1
}

impl Declaration {
    /// Reads a declaration, and refuses by name what the sandbox does not carry out.
    pub(super) fn read(given: &Value) -> Result<Self, ApiError> {
        refuse_what_is_not_here(given)?;
        let declaration: Self = read(given)?;
        // What QUEUED and PARALLEL mean for executions that meet is not here.
        match declaration.execution_mode.as_deref() {
            None | Some("SUPERSEDED") => Ok(declaration),
            Some(mode) => Err(not_here(&format!("the execution mode {mode}"))),
        }
    }

    /// The bucket of the artifacts.
    pub(super) fn bucket(&self) -> &str {
        self.artifact_store
            .as_ref()
            .map_or("", |store| store.location.as_str())
    }

    /// Every action with its stage's place and the stage, in order.
    pub(super) fn actions(&self) -> impl Iterator<Item = (usize, &Stage, &Action)> {
        let stages = self.stages.iter().enumerate();
        stages.flat_map(|(at, stage)| stage.actions.iter().map(move |action| (at, stage, action)))
    }
}

impl Action {
    /// A member of the configuration as it was declared.
    pub(super) fn configured(&self, member: &str) -> Option<&str> {
        self.configuration.get(member).map(String::as_str)
    }
}

/// The declaration as GetPipeline shows it: with what AWS fills in.
pub(super) fn shown(given: &Value, version: u32) -> Value {
    let mut shown = without_nulls(given);
    shown["version"] = json!(version);
    fill(&mut shown, "executionMode", json!("SUPERSEDED"));
    fill(&mut shown, "pipelineType", json!("V1"));
    for stage in items(&mut shown, "stages") {
        for action in items(stage, "actions") {
            fill(action, "runOrder", json!(first()));
            fill(action, "configuration", json!({}));
            fill(action, "inputArtifacts", json!([]));
            fill(action, "outputArtifacts", json!([]));
        }
    }
    shown
}

fn items<'v>(value: &'v mut Value, member: &str) -> impl Iterator<Item = &'v mut Value> {
    let list = value.get_mut(member).and_then(Value::as_array_mut);
    list.into_iter().flatten()
}

fn fill(value: &mut Value, member: &str, default: Value) {
    if let Some(members) = value.as_object_mut() {
        members.entry(member).or_insert(default);
    }
}

/// Refuses what would change how a pipeline runs, and does not here.
fn refuse_what_is_not_here(given: &Value) -> Result<(), ApiError> {
    let list = |value: &Value, member: &str| -> Vec<Value> {
        let list = value.get(member).and_then(Value::as_array);
        list.cloned().unwrap_or_default()
    };
    refuse(given, &["artifactStores", "triggers"])?;
    for stage in list(given, "stages") {
        refuse(
            &stage,
            &["blockers", "onFailure", "onSuccess", "beforeEntry"],
        )?;
        for action in list(&stage, "actions") {
            refuse(
                &action,
                &["commands", "outputVariables", "environmentVariables"],
            )?;
        }
    }
    Ok(())
}

fn refuse(value: &Value, members: &[&str]) -> Result<(), ApiError> {
    let is_there = |member: &&&str| match value.get(**member) {
        None | Some(Value::Null) => false,
        Some(Value::Array(items)) => !items.is_empty(),
        Some(_) => true,
    };
    match members.iter().find(is_there) {
        None => Ok(()),
        Some(member) => Err(not_here(&format!("`{member}` of a pipeline"))),
    }
}

fn not_here(what: &str) -> ApiError {
    ApiError::not_implemented("CodePipeline", what)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;

    #[test]
    fn what_aws_fills_in_is_shown() {
        let given = json!({"name": "p", "stages": [{"name": "s", "actions": [
            {"name": "a", "runOrder": 2, "namespace": null}]}]});
        let shown = shown(&given, 3);
        assert_eq!(shown["version"], 3);
        assert_eq!(shown["executionMode"], "SUPERSEDED");
        let action = &shown["stages"][0]["actions"][0];
        assert_eq!(
            *action,
            json!({"name": "a", "runOrder": 2, "configuration": {},
                "inputArtifacts": [], "outputArtifacts": []})
        );
    }

    #[test]
    fn what_would_be_passed_over_is_refused_by_name() {
        for (given, named) in [
            (json!({"executionMode": "PARALLEL"}), "PARALLEL"),
            (
                json!({"artifactStores": {"us-east-1": {}}}),
                "artifactStores",
            ),
            (json!({"triggers": [{}]}), "triggers"),
            (
                json!({"stages": [{"onFailure": {"result": "ROLLBACK"}}]}),
                "onFailure",
            ),
            (
                json!({"stages": [{"actions": [{"commands": ["make"]}]}]}),
                "commands",
            ),
        ] {
            let error = Declaration::read(&given).unwrap_err();
            assert_eq!(error.status, 501, "{given}");
            assert!(error.message.contains(named), "{error}");
        }
        assert!(Declaration::read(&json!({"triggers": [], "executionMode": "SUPERSEDED"})).is_ok());
    }
}
