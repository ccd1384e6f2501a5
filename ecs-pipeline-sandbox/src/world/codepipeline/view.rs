//! Executions, stages and actions as requests show them.

use serde::Deserialize;
use serde_json::{Value, json};

use super::declaration::{Action, Stage};
use super::execution::{Execution, Status};
use super::input::{page, read};
use super::job::Job;
use super::pipeline::Pipeline;
use super::run::{self, Run};
use super::{ApiError, CodePipeline};

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Input {
    /// GetPipelineState's name of `pipelineName`.
    name: Option<String>,
    pipeline_name: Option<String>,
    pipeline_execution_id: Option<String>,
    filter: Option<Filter>,
    max_results: Option<usize>,
    next_token: Option<String>,
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Filter {
    pipeline_execution_id: Option<String>,
    latest_in_pipeline_execution: Option<Latest>,
    succeeded_in_stage: Option<SucceededIn>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Latest {
    pipeline_execution_id: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct SucceededIn {
    stage_name: Option<String>,
}

/// A page of a list.
pub(super) fn listed(member: &str, items: Vec<Value>, next: Option<String>) -> Value {
    let mut answer = json!({member: items});
    set(&mut answer, "nextToken", next.map(Value::from));
    answer
}

fn set(value: &mut Value, member: &str, given: Option<Value>) {
    if let Some(given) = given {
        value[member] = given;
    }
}

impl CodePipeline {
    pub(super) fn get_execution(&self, input: &Value) -> Result<Value, ApiError> {
        let input: Input = read(input)?;
        let pipeline = self.pipeline(input.pipeline_name, "pipelineName")?;
        let execution = pipeline.execution(input.pipeline_execution_id)?;
        let variables = execution.start.variables.iter();
        let mut shown = json!({
            "pipelineName": pipeline.declaration.name,
            "pipelineVersion": execution.version,
            "pipelineExecutionId": execution.id,
            "status": execution.status.name(),
            "artifactRevisions": execution.artifact_revisions(),
            "variables": variables
                .map(|(name, value)| json!({"name": name, "resolvedValue": value}))
                .collect::<Value>(),
            "trigger": execution.shown_trigger(),
            "executionMode": "SUPERSEDED",
            "executionType": "STANDARD",
        });
        set(
            &mut shown,
            "statusSummary",
            execution.stop_reason.clone().map(Value::from),
        );
        Ok(json!({"pipelineExecution": shown}))
    }

    /// The newest first.
    pub(super) fn list_executions(&self, input: &Value) -> Result<Value, ApiError> {
        let input: Input = read(input)?;
        let pipeline = self.pipeline(input.pipeline_name, "pipelineName")?;
        let filter = input.filter.unwrap_or_default();
        let stage = filter.succeeded_in_stage.and_then(|stage| stage.stage_name);
        let executions = pipeline.executions.iter().rev().filter(|execution| {
            stage
                .as_ref()
                .is_none_or(|name| execution.succeeded_in(name))
        });
        let summaries = executions.map(Execution::summary).collect();
        let (shown, next) = page(summaries, input.max_results, input.next_token.as_deref())?;
        Ok(listed("pipelineExecutionSummaries", shown, next))
    }

    /// The newest first.
    pub(super) fn list_action_executions(&self, input: &Value) -> Result<Value, ApiError> {
        let input: Input = read(input)?;
        let pipeline = self.pipeline(input.pipeline_name, "pipelineName")?;
        let filter = input.filter.unwrap_or_default();
        let latest = filter.latest_in_pipeline_execution;
        let only_latest = latest.is_some();
        let id = latest
            .and_then(|latest| latest.pipeline_execution_id)
            .or(filter.pipeline_execution_id);
        let executions: Vec<&Execution> = match id {
            Some(id) => vec![pipeline.execution(Some(id))?],
            None => pipeline.executions.iter().rev().collect(),
        };
        let runs = executions.into_iter().flat_map(|execution| {
            let runs = execution.runs.iter().rev();
            let wanted = runs.filter(|run| !(only_latest && run.replaced));
            wanted.map(|run| run.describe(execution))
        });
        let (shown, next) = page(
            runs.collect(),
            input.max_results,
            input.next_token.as_deref(),
        )?;
        Ok(listed("actionExecutionDetails", shown, next))
    }

    pub(super) fn get_state(&self, input: &Value) -> Result<Value, ApiError> {
        let input: Input = read(input)?;
        let pipeline = self.pipeline(input.name, "name")?;
        let stages = pipeline.declaration.stages.iter();
        Ok(json!({
            "pipelineName": pipeline.declaration.name,
            "pipelineVersion": pipeline.version(),
            "stageStates": stages
                .map(|stage| pipeline.stage_state(stage))
                .collect::<Value>(),
            "created": pipeline.created.epoch_seconds(),
            "updated": pipeline.updated.epoch_seconds(),
        }))
    }
}

impl Pipeline {
    fn stage_state(&self, stage: &Stage) -> Value {
        let newest = || self.executions.iter().rev();
        let actions = stage.actions.iter();
        let mut state = json!({
            "stageName": stage.name,
            "inboundExecutions": [],
            "inboundTransitionState": {"enabled": true},
            "actionStates": actions
                .map(|action| self.action_state(stage, action))
                .collect::<Value>(),
        });
        if let Some(inbound) = newest().find(|execution| execution.waits_for(&stage.name)) {
            let shown = json!({"pipelineExecutionId": inbound.id, "status": "InProgress"});
            state["inboundExecution"] = shown.clone();
            state["inboundExecutions"] = json!([shown]);
        }
        if let Some(latest) = newest().find(|execution| execution.has_entered(&stage.name)) {
            state["latestExecution"] = json!({
                "pipelineExecutionId": latest.id,
                "status": latest.status_in(&stage.name),
                "type": "STANDARD",
            });
        }
        state
    }

    fn action_state(&self, stage: &Stage, action: &Action) -> Value {
        let mut state = json!({"actionName": action.name});
        let mut executions = self.executions.iter().rev();
        let Some(run) = executions.find_map(|execution| execution.run_of(stage, action)) else {
            return state;
        };
        state["latestExecution"] = run.latest();
        if let Some(revision) = run
            .outputs
            .iter()
            .find_map(|output| output.revision.as_ref())
        {
            state["currentRevision"] = json!({
                "revisionId": revision,
                "revisionChangeId": revision,
                "created": run.updated.epoch_seconds(),
            });
        }
        state
    }
}

impl Execution {
    /// `status` of a stage that it has entered.
    fn status_in(&self, stage: &str) -> &'static str {
        match self.stage() == stage && !self.waits {
            true => self.status.name(),
            false => "Succeeded",
        }
    }

    fn succeeded_in(&self, stage: &str) -> bool {
        self.has_entered(stage) && self.status_in(stage) == "Succeeded"
    }

    fn shown_trigger(&self) -> Value {
        json!({"triggerType": self.trigger.kind, "triggerDetail": self.trigger.detail})
    }

    /// The source actions that ran, with the revision that each found.
    fn sources(&self) -> impl Iterator<Item = (&Run, &super::artifact::Artifact, &String)> {
        self.standing().flat_map(|run| {
            let outputs = run.outputs.iter();
            outputs.filter_map(move |output| Some((run, output, output.revision.as_ref()?)))
        })
    }

    fn artifact_revisions(&self) -> Value {
        let shown = self.sources().map(|(run, output, revision)| {
            let mut shown = json!({
                "name": output.name,
                "revisionId": revision,
                "created": run.updated.epoch_seconds(),
            });
            set(
                &mut shown,
                "revisionSummary",
                run.summary.clone().map(Value::from),
            );
            shown
        });
        shown.collect()
    }

    fn summary(&self) -> Value {
        let sources = self.sources().map(|(run, _, revision)| {
            let mut shown = json!({"actionName": run.order.action.name, "revisionId": revision});
            set(
                &mut shown,
                "revisionSummary",
                run.summary.clone().map(Value::from),
            );
            shown
        });
        let mut shown = json!({
            "pipelineExecutionId": self.id,
            "status": self.status.name(),
            "startTime": self.started.epoch_seconds(),
            "lastUpdateTime": self.updated.epoch_seconds(),
            "sourceRevisions": sources.collect::<Value>(),
            "trigger": self.shown_trigger(),
            "executionMode": "SUPERSEDED",
            "executionType": "STANDARD",
        });
        if matches!(self.status, Status::Stopped | Status::Stopping)
            && let Some(reason) = &self.stop_reason
        {
            shown["stopTrigger"] = json!({"reason": reason});
        }
        shown
    }
}

impl Run {
    /// `latestExecution` of an action's state.
    fn latest(&self) -> Value {
        let mut shown = json!({
            "actionExecutionId": self.order.id,
            "status": self.status.name(),
            "lastStatusChange": self.updated.epoch_seconds(),
        });
        set(&mut shown, "summary", self.summary.clone().map(Value::from));
        set(&mut shown, "externalExecutionId", self.external_id());
        set(
            &mut shown,
            "errorDetails",
            self.failure.as_ref().map(|failure| failure.describe()),
        );
        if let Some(Job::Approval(approval)) = &self.job
            && self.status == run::Status::InProgress
        {
            shown["token"] = json!(approval.token);
        }
        shown
    }

    /// An element of `actionExecutionDetails`.
    fn describe(&self, execution: &Execution) -> Value {
        let action = &self.order.action;
        let id = &action.action_type_id;
        let artifacts = |artifacts: &[super::artifact::Artifact]| -> Value {
            artifacts
                .iter()
                .map(super::artifact::Artifact::describe)
                .collect()
        };
        let mut input = json!({
            "actionTypeId": {
                "category": id.category, "owner": id.owner,
                "provider": id.provider, "version": id.version,
            },
            "configuration": action.configuration,
            "resolvedConfiguration": self.order.configuration,
            "inputArtifacts": artifacts(&self.order.inputs),
        });
        set(
            &mut input,
            "roleArn",
            action.role_arn.clone().map(Value::from),
        );
        set(&mut input, "region", action.region.clone().map(Value::from));
        set(
            &mut input,
            "namespace",
            action.namespace.clone().map(Value::from),
        );
        let mut result = json!({});
        set(&mut result, "externalExecutionId", self.external_id());
        set(
            &mut result,
            "externalExecutionSummary",
            self.summary.clone().map(Value::from),
        );
        set(
            &mut result,
            "errorDetails",
            self.failure.as_ref().map(|failure| failure.describe()),
        );
        json!({
            "pipelineExecutionId": execution.id,
            "actionExecutionId": self.order.id,
            "pipelineVersion": execution.version,
            "stageName": self.stage,
            "actionName": action.name,
            "startTime": self.started.epoch_seconds(),
            "lastUpdateTime": self.updated.epoch_seconds(),
            "status": self.status.name(),
            "input": input,
            "output": {
                "outputArtifacts": artifacts(&self.outputs),
                "executionResult": result,
                "outputVariables": self.variables,
            },
        })
    }

    fn external_id(&self) -> Option<Value> {
        let job = self.job.as_ref()?;
        job.external_id().map(Value::from)
    }
}
