//! Approval/AWS/Manual: somebody says whether the pipeline goes on.

use serde::Deserialize;
use serde_json::{Value, json};

use super::failure::Failure;
use super::input::{invalid, read, required};
use super::job::{Job, Product, Progress};
use super::{ApiError, CodePipeline, World};

#[derive(Debug)]
pub(super) struct Approval {
    pub(super) token: String,
    /// What was decided, and the words for it.
    verdict: Option<(bool, String)>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Input {
    pipeline_name: Option<String>,
    stage_name: Option<String>,
    action_name: Option<String>,
    result: Option<Verdict>,
    token: Option<String>,
}

#[derive(Deserialize)]
struct Verdict {
    #[serde(default)]
    summary: String,
    #[serde(default)]
    status: String,
}

impl Approval {
    pub(super) fn begin(world: &mut World) -> Self {
        Self {
            token: world.ids.uuid(),
            verdict: None,
        }
    }

    pub(super) fn look(&self) -> Progress {
        match &self.verdict {
            None => Progress::Waiting,
            Some((true, summary)) => Progress::Done(Product {
                summary: Some(summary.clone()),
                ..Product::default()
            }),
            Some((false, summary)) => {
                Progress::Failed(Failure::job(format!("Rejected: {summary}")))
            }
        }
    }
}

impl CodePipeline {
    pub(super) fn put_approval_result(
        &mut self,
        world: &World,
        input: &Value,
    ) -> Result<Value, ApiError> {
        let input: Input = read(input)?;
        let result = required(input.result, "result")?;
        let approved = match result.status.as_str() {
            "Approved" => true,
            "Rejected" => false,
            other => {
                return Err(invalid(format!(
                    "The status of an approval is Approved or Rejected, and not '{other}'"
                )));
            }
        };
        let token = required(input.token, "token")?;
        let (stage, action) = (
            required(input.stage_name, "stageName")?,
            required(input.action_name, "actionName")?,
        );
        let pipeline = self.pipeline_mut(input.pipeline_name, "pipelineName")?;
        pipeline.check_action(&stage, &action)?;
        let mut runs = pipeline.executions.iter_mut().flat_map(|e| &mut e.runs);
        let run = runs.find(|run| matches!(&run.job, Some(Job::Approval(a)) if a.token == token));
        let run = run.filter(|run| run.stage == stage && run.order.action.name == action);
        let run = run.ok_or_else(|| {
            ApiError::client(
                "InvalidApprovalTokenException",
                "The approval token does not belong to this action",
            )
        })?;
        match &mut run.job {
            Some(Job::Approval(approval)) if run.status.is_open() && approval.verdict.is_none() => {
                approval.verdict = Some((approved, result.summary));
            }
            _ => {
                return Err(ApiError::client(
                    "ApprovalAlreadyCompletedException",
                    "The approval action has already been approved or rejected",
                ));
            }
        }
        Ok(json!({"approvedAt": world.now.epoch_seconds()}))
    }
}
