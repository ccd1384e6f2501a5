//! What explains a failure: stopped tasks, their containers and last lines, targets, events.

use aws_sdk_ecs::types::{DesiredStatus, Task};

use super::EcsDeployer;
use super::describe::{all_target_groups, millis, shifts_traffic, snapshot};
use crate::error::ProviderError;
use crate::model::Deployment;
use crate::provider::{Evidence, StoppedContainer, StoppedTask};
use crate::rolling::{
    RolloutState, ServiceDeploymentStatus, failures, messages_since, sounds_like_a_problem,
};

/// How many stopped tasks are told, and how many of them with their last lines.
const TASKS: usize = 10;
#[cfg(feature = "aws-logs")]
const TASKS_WITH_LINES: usize = 2;
/// What one DescribeTasks takes.
const LISTED: i32 = 100;

impl EcsDeployer {
    pub(super) async fn collect_evidence(&self, ours: &Deployment) -> Evidence {
        let mut evidence = Evidence::default();
        self.read_service(ours, &mut evidence).await;
        match self.stopped_tasks(ours).await {
            Ok(tasks) => evidence.stopped_tasks = tasks,
            Err(error) => evidence.not_read.push(error.to_string()),
        }
        if !evidence.stopped_tasks.is_empty() {
            self.add_last_lines(ours, &mut evidence).await;
        }
        evidence
    }

    async fn read_service(&self, ours: &Deployment, evidence: &mut Evidence) {
        let service = match self.describe_service(&ours.service).await {
            Ok(Some(service)) => service,
            Ok(None) => return,
            Err(error) => return evidence.not_read.push(error.to_string()),
        };
        let mut view = snapshot(&service);
        let followed = self.followed(&ours.id);
        view.since = followed.since;
        let api = match followed.api {
            // A run that was taken up at the end has not read it.
            None if shifts_traffic(&service) => self
                .confirm(ours, view.since)
                .await
                .unwrap_or_else(|error| {
                    evidence.not_read.push(error.to_string());
                    None
                }),
            known => known,
        };
        evidence.messages = api.as_ref().map(failures).unwrap_or_default();
        evidence.controller = api
            // "Service deployment succeeded." explains nothing that failed afterwards.
            .filter(|api| api.status != ServiceDeploymentStatus::Successful)
            .and_then(|api| api.rollback_reason.or(api.status_reason))
            .or_else(|| {
                // No more does "ECS deployment … completed."
                view.deployment(&ours.id)
                    .filter(|one| one.rollout_state == Some(RolloutState::Failed))
                    .and_then(|one| one.rollout_state_reason.clone())
            });
        let said = messages_since(ours, &view)
            .into_iter()
            .map(|message| message.text)
            .filter(|text| sounds_like_a_problem(text));
        evidence.messages.extend(said);
        self.read_targets(&all_target_groups(&service), evidence)
            .await;
    }

    #[cfg(feature = "aws-elbv2")]
    pub(in crate::aws) async fn read_targets(&self, groups: &[String], evidence: &mut Evidence) {
        let Some(elbv2) = &self.elbv2 else {
            return;
        };
        for group in groups {
            match elbv2.targets(group).await {
                Ok(targets) => evidence.unhealthy_targets.extend(
                    targets
                        .into_iter()
                        .filter(|target| {
                            target.state == "unhealthy" || target.state == "unavailable"
                        })
                        .map(|target| crate::provider::UnhealthyTarget {
                            target: target.target,
                            reason: target.reason,
                            description: target.description,
                        }),
                ),
                Err(error) => evidence.not_read.push(error.to_string()),
            }
        }
    }

    #[cfg(not(feature = "aws-elbv2"))]
    pub(in crate::aws) async fn read_targets(&self, _groups: &[String], _evidence: &mut Evidence) {}

    /// The deployment's stopped tasks, the latest first. ListTasks cannot filter by service and
    /// by who started a task at once, so that is done here.
    pub(in crate::aws) async fn stopped_tasks(
        &self,
        ours: &Deployment,
    ) -> Result<Vec<StoppedTask>, ProviderError> {
        let listed = self
            .client
            .list_tasks()
            .cluster(&ours.service.cluster)
            .service_name(&ours.service.service)
            .desired_status(DesiredStatus::Stopped)
            .max_results(LISTED)
            .send()
            .await
            .map_err(|error| {
                self.errors
                    .map("ecs:ListTasks", ours.service.to_string(), error)
            })?;
        let arns = listed.task_arns.unwrap_or_default();
        if arns.is_empty() {
            return Ok(Vec::new());
        }
        let described = self
            .client
            .describe_tasks()
            .cluster(&ours.service.cluster)
            .set_tasks(Some(arns))
            .send()
            .await
            .map_err(|error| {
                self.errors
                    .map("ecs:DescribeTasks", ours.service.to_string(), error)
            })?;
        let mut tasks: Vec<Task> = described
            .tasks
            .unwrap_or_default()
            .into_iter()
            .filter(|task| task.started_by() == Some(ours.id.as_str()))
            .filter(|task| !was_well(task))
            .collect();
        tasks.sort_by_key(|task| std::cmp::Reverse(millis(task.stopped_at())));
        Ok(tasks.iter().take(TASKS).map(stopped_task).collect())
    }

    #[cfg(feature = "aws-logs")]
    pub(in crate::aws) async fn add_last_lines(&self, ours: &Deployment, evidence: &mut Evidence) {
        use std::collections::HashMap;

        use ecs_pipeline_artifacts::task_definition::TaskDefinitionDocument;

        let Some(logs) = &self.logs else {
            return;
        };
        let described = match self
            .describe_task_definition(ours.task_definition.as_str())
            .await
        {
            Ok(described) => described,
            Err(error) => return evidence.not_read.push(error.to_string()),
        };
        let Ok(document) = TaskDefinitionDocument::from_value(described.answer) else {
            return;
        };
        let mut failures: HashMap<String, ProviderError> = HashMap::new();
        for task in evidence.stopped_tasks.iter_mut().take(TASKS_WITH_LINES) {
            let id = task.id.clone();
            for container in task
                .containers
                .iter_mut()
                .filter(|one| one.exit_code.is_some())
            {
                let configuration = document.log_configuration(&container.name);
                let place = configuration.and_then(|configuration| {
                    let stream = configuration.stream(&container.name, &id)?;
                    Some((configuration.group?, stream))
                });
                let Some((group, stream)) = place else {
                    continue;
                };
                match logs.last_lines(&group, &stream).await {
                    Ok(lines) => container.last_lines = lines,
                    Err(error) => drop(failures.insert(group, error)),
                }
            }
        }
        evidence
            .not_read
            .extend(failures.into_values().map(|error| error.to_string()));
    }

    #[cfg(not(feature = "aws-logs"))]
    pub(in crate::aws) async fn add_last_lines(
        &self,
        _ours: &Deployment,
        _evidence: &mut Evidence,
    ) {
    }
}

/// Whether it was ended by somebody, or because its deployment was rolled back or scaled in.
fn was_well(task: &Task) -> bool {
    let by_somebody = task
        .stop_code()
        .is_some_and(|code| code.as_str() == "UserInitiated");
    let scaled_in = task
        .stopped_reason()
        .is_some_and(|reason| reason.starts_with("Scaling activity initiated by"));
    by_somebody || scaled_in
}

fn stopped_task(task: &Task) -> StoppedTask {
    let arn = task.task_arn().unwrap_or_default();
    StoppedTask {
        id: arn.rsplit_once('/').map_or(arn, |(_, id)| id).to_owned(),
        stop_code: task.stop_code().map(|code| code.as_str().to_owned()),
        stopped_reason: task.stopped_reason().map(str::to_owned),
        containers: task
            .containers()
            .iter()
            .map(|container| StoppedContainer {
                name: container.name().unwrap_or_default().to_owned(),
                exit_code: container.exit_code(),
                reason: container.reason().map(str::to_owned),
                last_lines: Vec::new(),
            })
            .collect(),
    }
}
