//! Deployment targets: a deployment to ECS has one, the service.

use serde::Deserialize;
use serde_json::{Value, json};

use super::deployment::{Deployment, Side};
use super::input::{only_page, read};
use super::requests::id;
use super::{ApiError, CodeDeploy, World};
use crate::world::ecs::task_sets::TaskSet;

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Input {
    deployment_id: Option<String>,
    target_id: Option<String>,
    #[serde(default)]
    target_ids: Vec<String>,
    next_token: Option<String>,
}

impl Deployment {
    /// `CLUSTER:SERVICE`.
    fn target_id(&self) -> String {
        let service = &self.order.settings.service;
        format!("{}:{}", service.cluster(), service.service())
    }

    fn describe_target(&self, world: &World) -> Value {
        let service = &self.order.settings.service;
        let sets = self.task_sets(world).unwrap_or_default();
        let sides = [
            ("Blue", &self.blue, 100_u32.saturating_sub(self.percent)),
            ("Green", &self.green, self.percent),
        ];
        let shown = sides.into_iter().filter_map(|(label, side, weight)| {
            let side = side.as_ref()?;
            let set = sets.iter().find(|set| set.id == side.task_set)?;
            Some(describe_task_set(label, side, set, weight))
        });
        let events = self.events.iter().map(|event| event.describe());
        let arn = world.arns.ecs(&format!(
            "service/{}/{}",
            service.cluster(),
            service.service()
        ));
        json!({
            "deploymentTargetType": "ECSTarget",
            "ecsTarget": {
                "deploymentId": self.id,
                "targetId": self.target_id(),
                "targetArn": arn,
                "lastUpdatedAt": self.updated_at.epoch_seconds(),
                "lifecycleEvents": events.collect::<Value>(),
                "status": self.target_status(),
                "taskSetsInfo": shown.collect::<Value>(),
            },
        })
    }
}

/// `identifer` is how the service model spells it.
fn describe_task_set(label: &str, side: &Side, set: &TaskSet, weight: u32) -> Value {
    let group = side.target_group.rsplit('/').nth(1).unwrap_or_default();
    json!({
        "identifer": set.id,
        "desiredCount": set.desired,
        "pendingCount": set.pending,
        "runningCount": set.running,
        "status": set.status,
        "trafficWeight": f64::from(weight),
        "targetGroup": {"name": group},
        "taskSetLabel": label,
    })
}

impl CodeDeploy {
    pub(super) fn list_targets(&self, input: &Value) -> Result<Value, ApiError> {
        let input: Input = read(input)?;
        only_page(input.next_token.as_deref())?;
        let deployment = self.deployment(&id(input.deployment_id)?)?;
        Ok(json!({"targetIds": [deployment.target_id()]}))
    }
}

impl World {
    pub(super) fn get_deployment_target(&self, input: &Value) -> Result<Value, ApiError> {
        let input: Input = read(input)?;
        let deployment = self.codedeploy.deployment(&id(input.deployment_id)?)?;
        let target = input.target_id.ok_or_else(required)?;
        check(deployment, &target)?;
        Ok(json!({"deploymentTarget": deployment.describe_target(self)}))
    }

    pub(super) fn batch_get_deployment_targets(&self, input: &Value) -> Result<Value, ApiError> {
        let input: Input = read(input)?;
        let deployment = self.codedeploy.deployment(&id(input.deployment_id)?)?;
        if input.target_ids.is_empty() {
            return Err(required());
        }
        for target in &input.target_ids {
            check(deployment, target)?;
        }
        Ok(json!({"deploymentTargets": [deployment.describe_target(self)]}))
    }
}

fn required() -> ApiError {
    ApiError::client(
        "DeploymentTargetIdRequiredException",
        "The deployment target ID was not specified",
    )
}

fn check(deployment: &Deployment, target: &str) -> Result<(), ApiError> {
    match deployment.target_id() == target {
        true => Ok(()),
        false => Err(ApiError::client(
            "DeploymentTargetDoesNotExistException",
            format!(
                "Deployment {} has no target with the ID {target}",
                deployment.id
            ),
        )),
    }
}
