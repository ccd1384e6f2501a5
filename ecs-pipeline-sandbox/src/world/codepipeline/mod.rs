//! CodePipeline: pipelines from a zip in S3 to a service, with the actions that a container deployment needs.
//!
//! An execution goes through its stages one after the other ([`execution`]); what an action does, it does to
//! other services, as CodePipeline itself: it reads and writes objects of S3, starts builds outside, updates
//! services of ECS and creates deployments of CodeDeploy ([`job`]).

mod action_type;
mod approval;
mod artifact;
mod blue_green;
mod build;
mod declaration;
mod ecs;
mod execution;
mod failure;
mod input;
mod job;
mod pipeline;
mod requests;
mod role;
mod run;
mod source;
mod structure;
mod variables;
mod view;

#[cfg(test)]
mod actions;
#[cfg(test)]
mod roles;
#[cfg(test)]
mod scenarios;
#[cfg(test)]
mod stage;
#[cfg(test)]
mod structures;

use std::collections::BTreeMap;

use serde_json::Value;

use super::{ApiError, Effect, Place, Time, World};
use crate::builds::BuildAnswer;

use job::Job;
use pipeline::Pipeline;

/// All CodePipeline state.
#[derive(Debug, Default)]
pub(super) struct CodePipeline {
    account: String,
    /// By name.
    pipelines: BTreeMap<String, Pipeline>,
}

impl World {
    pub(super) fn call_codepipeline(
        &mut self,
        operation: &str,
        input: &Value,
    ) -> Result<Value, ApiError> {
        self.with_codepipeline(|codepipeline, world| codepipeline.call(world, operation, input))
    }

    /// Moves every execution as far as it can be moved now; whether one moved.
    pub(super) fn advance_pipelines(&mut self) -> bool {
        self.with_codepipeline(|codepipeline, world| {
            let mut moved = false;
            for pipeline in codepipeline.pipelines.values_mut() {
                moved |= pipeline.advance(world);
            }
            moved
        })
    }

    /// CodePipeline beside the rest of the world, so that both can be changed.
    fn with_codepipeline<T>(&mut self, work: impl FnOnce(&mut CodePipeline, &mut Self) -> T) -> T {
        let mut codepipeline = std::mem::take(&mut self.codepipeline);
        let done = work(&mut codepipeline, self);
        self.codepipeline = codepipeline;
        done
    }
}

impl CodePipeline {
    pub(super) fn new(place: &Place) -> Self {
        Self {
            account: place.account.clone(),
            pipelines: BTreeMap::new(),
        }
    }

    fn call(
        &mut self,
        world: &mut World,
        operation: &str,
        input: &Value,
    ) -> Result<Value, ApiError> {
        match operation {
            "CreatePipeline" => self.create(world, input),
            "GetPipeline" => self.get(world, input),
            "UpdatePipeline" => self.update(world, input),
            "DeletePipeline" => self.delete(input),
            "ListPipelines" => self.list(input),
            "StartPipelineExecution" => self.start(world, input),
            "StopPipelineExecution" => self.stop(world, input),
            "RetryStageExecution" => self.retry(world, input),
            "PutApprovalResult" => self.put_approval_result(world, input),
            "GetPipelineExecution" => self.get_execution(input),
            "ListPipelineExecutions" => self.list_executions(input),
            "ListActionExecutions" => self.list_action_executions(input),
            "GetPipelineState" => self.get_state(input),
            other => Err(ApiError::not_implemented("CodePipeline", other)),
        }
    }

    /// When an action has taken too long.
    pub(super) fn next_wakeup(&self) -> Option<Time> {
        let pipelines = self.pipelines.values();
        let executions = pipelines.flat_map(|pipeline| &pipeline.executions);
        executions
            .filter_map(|execution| execution.next_wakeup())
            .min()
    }

    /// Hands a build's answer to the action that asked for it; one that nobody waits for any more is dropped.
    pub(super) fn build_answered(&mut self, id: &str, answer: &Option<BuildAnswer>) {
        let pipelines = self.pipelines.values_mut();
        let executions = pipelines.flat_map(|pipeline| &mut pipeline.executions);
        let mut runs = executions.flat_map(|execution| &mut execution.runs);
        runs.any(|run| match &mut run.job {
            Some(Job::Build(build)) => build.answered(id, answer),
            _ => false,
        });
    }
}
