//! Requests that steer deployments, or list them.

use serde::Deserialize;
use serde_json::{Value, json};

use super::deployment::{Deployment, Fault};
use super::hook::Verdict;
use super::input::{Kind, only_page, read};
use super::lifecycle::Step;
use super::settings::RollbackEvent;
use super::{ApiError, CodeDeploy, Surroundings};

/// BatchGetDeployments takes so many.
const MOST_AT_ONCE: usize = 25;

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Input {
    deployment_id: Option<String>,
    #[serde(default)]
    deployment_ids: Vec<String>,
    auto_rollback_enabled: Option<bool>,
    deployment_wait_type: Option<String>,
    lifecycle_event_hook_execution_id: Option<String>,
    status: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct ListInput {
    application_name: Option<String>,
    deployment_group_name: Option<String>,
    #[serde(default)]
    include_only_statuses: Vec<String>,
    create_time_range: Option<TimeRange>,
    next_token: Option<String>,
}

#[derive(Deserialize)]
struct TimeRange {
    start: Option<f64>,
    end: Option<f64>,
}

/// A deployment's id, which every request about one must have.
pub(super) fn id(given: Option<String>) -> Result<String, ApiError> {
    let id = given.filter(|id| !id.is_empty()).ok_or_else(|| {
        ApiError::client(
            "DeploymentIdRequiredException",
            "The deployment ID was not specified",
        )
    })?;
    let well_formed = id
        .strip_prefix("d-")
        .is_some_and(|rest| !rest.is_empty() && rest.bytes().all(|b| b.is_ascii_alphanumeric()));
    match well_formed {
        true => Ok(id),
        false => Err(ApiError::client(
            "InvalidDeploymentIdException",
            format!("The deployment ID {id} has an invalid format"),
        )),
    }
}

impl CodeDeploy {
    pub(super) fn get_deployment(&self, input: &Value) -> Result<Value, ApiError> {
        let input: Input = read(input)?;
        let deployment = self.deployment(&id(input.deployment_id)?)?;
        Ok(json!({"deploymentInfo": deployment.describe()}))
    }

    /// Ids that nobody knows are left out of the answer.
    pub(super) fn batch_get_deployments(&self, input: &Value) -> Result<Value, ApiError> {
        let input: Input = read(input)?;
        if input.deployment_ids.is_empty() {
            id(None)?;
        }
        if input.deployment_ids.len() > MOST_AT_ONCE {
            return Err(ApiError::client(
                "BatchLimitExceededException",
                format!("At most {MOST_AT_ONCE} deployment IDs can be specified"),
            ));
        }
        let mut shown = Vec::new();
        for given in input.deployment_ids {
            shown.extend(self.find(&id(Some(given))?).map(Deployment::describe));
        }
        Ok(json!({"deploymentsInfo": shown}))
    }

    pub(super) fn list_deployments(&self, input: &Value) -> Result<Value, ApiError> {
        let input: ListInput = read(input)?;
        only_page(input.next_token.as_deref())?;
        let of = self.listed_group(&input)?;
        let in_time = |d: &Deployment| {
            let at = d.created_at.epoch_seconds();
            input.create_time_range.as_ref().is_none_or(|range| {
                range.start.is_none_or(|start| at >= start) && range.end.is_none_or(|end| at <= end)
            })
        };
        let wanted = |d: &Deployment| {
            let statuses = &input.include_only_statuses;
            statuses.is_empty() || statuses.iter().any(|s| s == d.status.name())
        };
        let ids: Vec<&String> = self
            .deployments
            .iter()
            .rev()
            .filter(|d| of.as_ref().is_none_or(|(a, g)| d.belongs_to(a, g)))
            .filter(|d| in_time(d) && wanted(d))
            .map(|d| &d.id)
            .collect();
        Ok(json!({"deployments": ids}))
    }

    /// Both names or none.
    fn listed_group(&self, input: &ListInput) -> Result<Option<(String, String)>, ApiError> {
        if input.application_name.is_none() && input.deployment_group_name.is_none() {
            return Ok(None);
        }
        let application = Kind::Application.name(input.application_name.clone())?;
        self.application(&application)?;
        let group = Kind::Group.name(input.deployment_group_name.clone())?;
        self.group(&application, &group)?;
        Ok(Some((application, group)))
    }

    pub(super) fn stop_deployment(
        &mut self,
        around: &mut Surroundings<'_>,
        input: &Value,
    ) -> Result<Value, ApiError> {
        let input: Input = read(input)?;
        let id = id(input.deployment_id)?;
        let deployment = self.deployment_mut(&id)?;
        if deployment.status.is_final() {
            return Err(completed(&id));
        }
        deployment.stop(
            around.now,
            Fault::new(
                "MANUAL_STOP",
                format!("Deployment {id} was stopped on request"),
            ),
            RollbackEvent::StopOnRequest,
            input.auto_rollback_enabled,
        );
        Ok(json!({
            "status": "Succeeded",
            "statusMessage": format!("Deployment {id} is stopped"),
        }))
    }

    pub(super) fn continue_deployment(&mut self, input: &Value) -> Result<Value, ApiError> {
        let input: Input = read(input)?;
        let id = id(input.deployment_id)?;
        let wait = match input.deployment_wait_type.as_deref() {
            None | Some("READY_WAIT") => Step::WaitForGo,
            Some("TERMINATION_WAIT") => Step::WaitAndTerminate,
            Some(other) => {
                return Err(ApiError::client(
                    "InvalidDeploymentWaitTypeException",
                    format!("The wait type {other} is not valid"),
                ));
            }
        };
        let deployment = self.deployment_mut(&id)?;
        if deployment.status.is_final() {
            return Err(completed(&id));
        }
        if deployment.steps.first() != Some(&wait) {
            return Err(ApiError::client(
                "DeploymentIsNotInReadyStateException",
                format!("Deployment {id} does not wait, and cannot be continued"),
            ));
        }
        deployment.continued = true;
        Ok(json!({}))
    }

    pub(super) fn put_hook_status(&mut self, input: &Value) -> Result<Value, ApiError> {
        let input: Input = read(input)?;
        let deployment = self.deployment_mut(&id(input.deployment_id)?)?;
        let given = input.status.unwrap_or_default();
        let verdict = Verdict::of_status(&given).ok_or_else(|| {
            ApiError::client(
                "InvalidLifecycleEventHookExecutionStatusException",
                format!("The status '{given}' is neither Succeeded nor Failed"),
            )
        })?;
        let execution = input.lifecycle_event_hook_execution_id.unwrap_or_default();
        if deployment.past_hooks.contains(&execution) {
            return Err(ApiError::client(
                "LifecycleEventAlreadyCompletedException",
                "The lifecycle event has been completed already",
            ));
        }
        let hook = deployment.hook.as_mut();
        let Some(hook) = hook.filter(|hook| hook.execution == execution) else {
            return Err(ApiError::client(
                "InvalidLifecycleEventHookExecutionIdException",
                format!("There is no lifecycle event hook execution '{execution}'"),
            ));
        };
        hook.verdict = Some(verdict);
        Ok(json!({"lifecycleEventHookExecutionId": execution}))
    }
}

fn completed(id: &str) -> ApiError {
    ApiError::client(
        "DeploymentAlreadyCompletedException",
        format!("Deployment {id} has already completed"),
    )
}
