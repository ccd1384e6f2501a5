//! Task definitions without loss: the document is the request's body, and what comes back is
//! compared with it.

use ecs_pipeline_artifacts::task_definition::{Loss, LossKind, losses};
use serde_json::Value;

use super::EcsDeployer;
use super::describe;
use super::raw::RawBodies;
use super::revision::same_revision;
use super::service_deployments::once;
use crate::error::{ErrorKind, ProviderError};
use crate::model::{Plan, PlannedRevision, Release, TaskDefinitionArn};

/// A registered task definition, as AWS wrote it.
#[derive(Debug, Clone)]
pub(in crate::aws) struct Described {
    /// Its ARN.
    pub(in crate::aws) arn: crate::model::TaskDefinitionArn,
    /// The whole answer: `{"taskDefinition": …, "tags": …}`.
    pub(in crate::aws) answer: Value,
}

/// What must not be deployed, and what is worth a warning. AWS writes some values in another form
/// than they were sent in, and not every such form is known here: only a member that is gone, or one
/// that says what runs, stops the deployment.
fn judge(losses: Vec<Loss>) -> (Vec<String>, Vec<String>) {
    const DECISIVE: [&str; 5] = ["image", "command", "entryPoint", "value", "valueFrom"];
    let mut lost = Vec::new();
    let mut warnings = Vec::new();
    for Loss { path, kind } in losses {
        let member = path.rsplit('.').next().unwrap_or(&path);
        let member = member.split('[').next().unwrap_or(member);
        match kind {
            LossKind::Default => {}
            LossKind::Changed if !DECISIVE.contains(&member) => {
                warnings.push(format!(
                    "AWS wrote {path} in another form than it was sent in"
                ));
            }
            _ => lost.push(path),
        }
    }
    (lost, warnings)
}

impl EcsDeployer {
    /// A revision by its ARN, or the latest ACTIVE one of a family.
    pub(in crate::aws) async fn describe_task_definition(
        &self,
        name: &str,
    ) -> Result<Described, ProviderError> {
        const OPERATION: &str = "ecs:DescribeTaskDefinition";
        let raw = RawBodies::default();
        let typed = self
            .client
            .describe_task_definition()
            .task_definition(name)
            .include(aws_sdk_ecs::types::TaskDefinitionField::Tags)
            .customize()
            .interceptor(raw.clone())
            .send()
            .await
            .map_err(|error| self.errors.map(OPERATION, name, error))?;
        let arn = typed
            .task_definition()
            .and_then(|found| found.task_definition_arn());
        Ok(Described {
            arn: describe::task_definition(arn, OPERATION, name)?,
            answer: raw.received().unwrap_or_default(),
        })
    }

    pub(super) async fn register_revision(&self, plan: &Plan) -> Result<Release, ProviderError> {
        match &plan.revision {
            PlannedRevision::Existing(arn) => Ok(Release {
                task_definition: arn.clone(),
                registered: false,
                warnings: Vec::new(),
            }),
            PlannedRevision::New(body) => self.register_body(body).await,
        }
    }

    async fn register_body(&self, body: &Value) -> Result<Release, ProviderError> {
        const OPERATION: &str = "ecs:RegisterTaskDefinition";
        let family = body
            .get("family")
            .and_then(Value::as_str)
            .unwrap_or_default();
        if let Some(arn) = self.registered_all_the_same(family, body).await? {
            return Ok(Release {
                task_definition: arn,
                registered: true,
                warnings: Vec::new(),
            });
        }
        let raw = RawBodies::sending(body);
        let typed = self
            .client
            .register_task_definition()
            .family(family)
            .customize()
            .interceptor(raw.clone())
            // The SDK would register a second time when an answer is lost.
            .config_override(once())
            .send()
            .await
            .map_err(|error| {
                let error = self.errors.map(OPERATION, family, error);
                if error.kind() != ErrorKind::Throttled && error.kind().is_transient() {
                    self.known().unsure.insert(family.to_owned());
                }
                error
            })?;
        let arn = typed
            .task_definition()
            .and_then(|found| found.task_definition_arn());
        let arn = describe::task_definition(arn, OPERATION, family)?;
        let (lost, changed) = judge(losses(body, &raw.received().unwrap_or_default()));
        if lost.is_empty() {
            return Ok(Release {
                task_definition: arn,
                registered: true,
                warnings: changed,
            });
        }
        Err(ProviderError::new(
            ErrorKind::Internal,
            OPERATION,
            arn.short(),
            format!("registered, but AWS did not keep as written: {}", lost.join(", ")),
        )
        .with_hint("take these members out if they are not meant, and see whether this endpoint knows them"))
    }

    /// What an earlier call has registered although its answer was lost.
    async fn registered_all_the_same(
        &self,
        family: &str,
        body: &Value,
    ) -> Result<Option<TaskDefinitionArn>, ProviderError> {
        if !self.known().unsure.contains(family) {
            return Ok(None);
        }
        let latest = match self.describe_task_definition(family).await {
            Ok(latest) => Some(latest),
            Err(error) if error.kind() == ErrorKind::NotFound => None,
            Err(error) => return Err(error),
        };
        self.known().unsure.remove(family);
        Ok(latest
            .filter(|latest| same_revision(body, &latest.answer))
            .map(|latest| latest.arn))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_is_gone_or_decides_what_runs_stops_a_deployment() {
        let table = [
            ("containerDefinitions[0].novelty", LossKind::Missing, true),
            (
                "containerDefinitions[0].privileged",
                LossKind::Default,
                false,
            ),
            ("containerDefinitions[0].image", LossKind::Changed, true),
            (
                "containerDefinitions[0].command[1]",
                LossKind::Changed,
                true,
            ),
            (
                "containerDefinitions[0].environment[2].value",
                LossKind::Changed,
                true,
            ),
            ("taskRoleArn", LossKind::Changed, false),
        ];
        for (path, kind, stops) in table {
            let (lost, _) = judge(vec![Loss {
                path: path.to_owned(),
                kind,
            }]);
            assert_eq!(!lost.is_empty(), stops, "{path}");
        }
    }
}
