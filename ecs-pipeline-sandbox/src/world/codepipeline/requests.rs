//! Starting, stopping and retrying executions.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::{Value, json};

use super::declaration::Declaration;
use super::execution::{Execution, Revision, SourceRevision, Start, Status, Trigger};
use super::input::{invalid, read, required};
use super::pipeline::Pipeline;
use super::{ApiError, CodePipeline, World, run};

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct StartInput {
    name: Option<String>,
    #[serde(default)]
    variables: Vec<Variable>,
    client_request_token: Option<String>,
    #[serde(default)]
    source_revisions: Vec<Override>,
}

#[derive(Deserialize)]
struct Variable {
    #[serde(default)]
    name: String,
    #[serde(default)]
    value: String,
}

/// An element of `sourceRevisions`.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Override {
    #[serde(default)]
    action_name: String,
    #[serde(default)]
    revision_type: String,
    #[serde(default)]
    revision_value: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct OfExecution {
    pipeline_name: Option<String>,
    pipeline_execution_id: Option<String>,
    #[serde(default)]
    abandon: bool,
    reason: Option<String>,
    stage_name: Option<String>,
    retry_mode: Option<String>,
}

/// The pipeline's variables that have a value without being given one.
pub(super) fn defaults(declaration: &Declaration) -> BTreeMap<String, String> {
    let variables = declaration.variables.iter();
    variables
        .filter_map(|variable| Some((variable.name.clone(), variable.default_value.clone()?)))
        .collect()
}

impl CodePipeline {
    /// The same token starts nothing anew.
    pub(super) fn start(&mut self, world: &mut World, input: &Value) -> Result<Value, ApiError> {
        let input: StartInput = read(input)?;
        let detail = format!("arn:aws:iam::{}:root", self.account);
        let pipeline = self.pipeline_mut(input.name, "name")?;
        let token = input.client_request_token;
        let mut executions = pipeline.executions.iter();
        let known = executions.find(|known| token.is_some() && known.start.token == token);
        if let Some(known) = known {
            return Ok(json!({"pipelineExecutionId": known.id}));
        }
        let start = Start {
            variables: variables(&pipeline.declaration, input.variables)?,
            revisions: revisions(&pipeline.declaration, input.source_revisions)?,
            token,
        };
        let kind = "StartPipelineExecution";
        let id = pipeline.begin(world, Trigger { kind, detail }, start);
        Ok(json!({"pipelineExecutionId": id}))
    }

    /// Without `abandon` the actions that go on are waited for, and no other one begins.
    pub(super) fn stop(&mut self, world: &World, input: &Value) -> Result<Value, ApiError> {
        let input: OfExecution = read(input)?;
        let pipeline = self.pipeline_mut(input.pipeline_name, "pipelineName")?;
        let execution = pipeline.execution_mut(input.pipeline_execution_id)?;
        match execution.status {
            Status::InProgress => {}
            Status::Stopping if input.abandon => {}
            Status::Stopping => {
                return Err(ApiError::client(
                    "DuplicatedStopRequestException",
                    "The pipeline execution is already in the Stopping state. If you already chose to stop \
                     and wait, you cannot make that request again",
                ));
            }
            over => {
                return Err(ApiError::client(
                    "PipelineExecutionNotStoppableException",
                    format!(
                        "The pipeline execution {} is {} and cannot be stopped",
                        execution.id,
                        over.name()
                    ),
                ));
            }
        }
        execution.stop_reason = input.reason;
        execution.end(world.now, Status::Stopping);
        if input.abandon {
            for run in &mut execution.runs {
                run.abandon(world.now);
            }
        }
        let waits = execution.waits;
        if waits || input.abandon {
            execution.end(world.now, Status::Stopped);
        }
        Ok(json!({"pipelineExecutionId": execution.id}))
    }

    pub(super) fn retry(&mut self, world: &World, input: &Value) -> Result<Value, ApiError> {
        let input: OfExecution = read(input)?;
        let name = required(input.stage_name, "stageName")?;
        let all = match required(input.retry_mode, "retryMode")?.as_str() {
            "ALL_ACTIONS" => true,
            "FAILED_ACTIONS" => false,
            other => return Err(invalid(format!("There is no retry mode {other}"))),
        };
        let pipeline = self.pipeline_mut(input.pipeline_name, "pipelineName")?;
        pipeline.stage(&name)?;
        let id = pipeline
            .execution_mut(input.pipeline_execution_id)?
            .id
            .clone();
        let mut newest = pipeline.executions.iter_mut().rev();
        let newest = newest.find(|execution| execution.has_entered(&name));
        let Some(execution) = newest.filter(|execution| execution.id == id) else {
            return Err(ApiError::client(
                "NotLatestPipelineExecutionException",
                format!("The pipeline execution {id} is not the latest one in the stage {name}"),
            ));
        };
        if execution.stage() != name
            || !matches!(execution.status, Status::Failed | Status::Stopped)
        {
            return Err(ApiError::client(
                "StageNotRetryableException",
                format!("The stage {name} has not failed in the pipeline execution {id}"),
            ));
        }
        for run in execution.runs.iter_mut().filter(|run| run.stage == name) {
            run.replaced |= all || run.status != run::Status::Succeeded;
        }
        execution.end(world.now, Status::InProgress);
        Ok(json!({"pipelineExecutionId": id}))
    }
}

impl Pipeline {
    pub(super) fn execution(&self, id: Option<String>) -> Result<&Execution, ApiError> {
        let id = required(id, "pipelineExecutionId")?;
        let found = self.executions.iter().find(|execution| execution.id == id);
        found.ok_or_else(|| self.no_execution(&id))
    }

    fn execution_mut(&mut self, id: Option<String>) -> Result<&mut Execution, ApiError> {
        let id = required(id, "pipelineExecutionId")?;
        let missing = self.no_execution(&id);
        let mut executions = self.executions.iter_mut();
        executions
            .find(|execution| execution.id == id)
            .ok_or(missing)
    }

    fn no_execution(&self, id: &str) -> ApiError {
        ApiError::client(
            "PipelineExecutionNotFoundException",
            format!(
                "Pipeline '{}' does not have an execution with ID '{id}'",
                self.declaration.name
            ),
        )
    }

    /// The place of a stage by its name.
    fn stage(&self, name: &str) -> Result<usize, ApiError> {
        let mut stages = self.declaration.stages.iter();
        stages.position(|stage| stage.name == name).ok_or_else(|| {
            ApiError::client(
                "StageNotFoundException",
                format!(
                    "Pipeline '{}' does not have a stage '{name}'",
                    self.declaration.name
                ),
            )
        })
    }

    /// Refuses an action that the pipeline does not have.
    pub(super) fn check_action(&self, stage: &str, action: &str) -> Result<(), ApiError> {
        let at = self.stage(stage)?;
        let mut actions = self.declaration.actions();
        match actions.any(|(stage, _, known)| stage == at && known.name == action) {
            true => Ok(()),
            false => Err(ApiError::client(
                "ActionNotFoundException",
                format!("The stage '{stage}' does not have an action '{action}'"),
            )),
        }
    }
}

/// The pipeline's variables as the execution has them.
fn variables(
    declaration: &Declaration,
    given: Vec<Variable>,
) -> Result<BTreeMap<String, String>, ApiError> {
    let mut variables = defaults(declaration);
    for Variable { name, value } in given {
        if !declaration
            .variables
            .iter()
            .any(|declared| declared.name == name)
        {
            return Err(invalid(format!("The pipeline has no variable '{name}'")));
        }
        variables.insert(name, value);
    }
    let mut declared = declaration.variables.iter();
    match declared.find(|declared| !variables.contains_key(&declared.name)) {
        None => Ok(variables),
        Some(missing) => Err(invalid(format!(
            "The variable '{}' of the pipeline has no default value, and none was given",
            missing.name
        ))),
    }
}

fn revisions(
    declaration: &Declaration,
    given: Vec<Override>,
) -> Result<BTreeMap<String, SourceRevision>, ApiError> {
    let revisions = given.into_iter().map(|given| {
        let mut sources = declaration.actions().filter(|(stage, ..)| *stage == 0);
        let source = sources.find(|(_, _, action)| action.name == given.action_name);
        let Some((_, _, source)) = source else {
            return Err(invalid(format!(
                "The pipeline has no source action '{}'",
                given.action_name
            )));
        };
        let may_name_key = source.configured("AllowOverrideForS3ObjectKey") == Some("true");
        let kind = match given.revision_type.as_str() {
            "S3_OBJECT_VERSION_ID" => Revision::S3Version,
            "S3_OBJECT_KEY" if may_name_key => Revision::S3Key,
            "S3_OBJECT_KEY" => {
                return Err(invalid(format!(
                    "The source action '{}' does not have AllowOverrideForS3ObjectKey",
                    source.name
                )));
            }
            other => {
                return Err(invalid(format!(
                    "The source action '{}' takes no revision of the type {other}",
                    source.name
                )));
            }
        };
        let value = given.revision_value;
        Ok((source.name.clone(), SourceRevision { kind, value }))
    });
    revisions.collect()
}
