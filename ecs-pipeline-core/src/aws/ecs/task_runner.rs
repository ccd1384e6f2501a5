//! One-off tasks: RunTask in the place of a service, DescribeTasks until they end.

use std::collections::HashMap;
use std::collections::hash_map::RandomState;
use std::hash::BuildHasher;
use std::sync::{Mutex, MutexGuard, PoisonError};

use async_trait::async_trait;
use aws_sdk_ecs::types::{
    CapacityProviderStrategyItem, ContainerOverride, Failure, KeyValuePair, LaunchType,
    NetworkConfiguration, Service, Task, TaskOverride,
};
use ecs_pipeline_artifacts::task_definition::TaskDefinitionDocument;

use super::EcsDeployer;
use crate::aws::AwsConfig;
use crate::error::{ErrorKind, ProviderError};
use crate::model::{ServiceRef, TaskDefinitionArn};
use crate::provider::{RunningTask, TaskObservation, TaskRequest, TaskRunner, TaskState};

const RUN: &str = "ecs:RunTask";
const DESCRIBE: &str = "ecs:DescribeTasks";
/// By which somebody who looks at the cluster knows whose tasks they are.
const STARTED_BY: &str = "ecs-pipeline";

/// Runs one-off tasks in the place of a service: its cluster, its network, its launch type or
/// capacity providers.
#[derive(Debug)]
pub struct EcsTaskRunner {
    ecs: EcsDeployer,
    known: Mutex<Known>,
}

/// What earlier calls showed.
#[derive(Debug, Default)]
struct Known {
    places: HashMap<ServiceRef, Place>,
    /// Tokens of requests whose answer did not come: the same token runs nothing a second time.
    unanswered: Vec<(TaskRequest, TaskDefinitionArn, String)>,
    #[cfg(feature = "aws-logs")]
    logs: HashMap<String, FollowedLog>,
}

/// A container's log, and how far it was read.
#[cfg(feature = "aws-logs")]
#[derive(Debug, Clone)]
struct FollowedLog {
    group: String,
    stream: String,
    read_to: Option<String>,
}

/// Where the tasks of a service run.
#[derive(Debug, Clone)]
struct Place {
    launch_type: Option<LaunchType>,
    capacity_providers: Vec<CapacityProviderStrategyItem>,
    platform_version: Option<String>,
    network: Option<NetworkConfiguration>,
}

impl Place {
    fn of(service: Service) -> Self {
        let capacity_providers = service.capacity_provider_strategy.unwrap_or_default();
        Self {
            // RunTask takes one or the other.
            launch_type: service
                .launch_type
                .filter(|_| capacity_providers.is_empty()),
            capacity_providers,
            platform_version: service.platform_version,
            network: service.network_configuration,
        }
    }
}

impl EcsTaskRunner {
    /// A runner that needs ECS permissions only (and `iam:PassRole` for the tasks' roles).
    #[must_use]
    pub fn new(config: &AwsConfig) -> Self {
        Self {
            ecs: EcsDeployer::new(config),
            known: Mutex::default(),
        }
    }

    /// Tells the lines that the container writes. Needs `logs:GetLogEvents`; costs a call a look.
    #[cfg(feature = "aws-logs")]
    #[must_use]
    pub fn with_logs(mut self, config: &AwsConfig) -> Self {
        self.ecs = self.ecs.with_logs(config);
        self
    }

    fn known(&self) -> MutexGuard<'_, Known> {
        self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }

    async fn place(&self, service: &ServiceRef) -> Result<Place, ProviderError> {
        if let Some(place) = self.known().places.get(service) {
            return Ok(place.clone());
        }
        let place = Place::of(self.ecs.active_service(service).await?);
        let mut known = self.known();
        known.places.insert(service.clone(), place.clone());
        Ok(place)
    }

    /// The revision's document, which must have the task's container.
    async fn definition(
        &self,
        task: &TaskRequest,
        revision: &TaskDefinitionArn,
    ) -> Result<TaskDefinitionDocument, ProviderError> {
        let described = self.ecs.describe_task_definition(revision.as_str()).await?;
        let document = TaskDefinitionDocument::from_value(described.answer).map_err(|error| {
            ProviderError::new(
                ErrorKind::Internal,
                "ecs:DescribeTaskDefinition",
                revision.short(),
                "the answer is no task definition",
            )
            .with_source(error)
        })?;
        let names = document.container_names();
        if names.contains(&task.container.as_str()) {
            return Ok(document);
        }
        let message = format!(
            "{} has no container `{}` for task {}",
            revision.short(),
            task.container,
            task.name
        );
        Err(
            ProviderError::new(ErrorKind::Invalid, RUN, revision.short(), message)
                .with_hint(format!("its containers are: {}", names.join(", "))),
        )
    }

    async fn run(
        &self,
        task: &TaskRequest,
        revision: &TaskDefinitionArn,
        place: Place,
    ) -> Result<String, ProviderError> {
        let target = format!("{} in {}", task.name, task.service.cluster);
        let providers = Some(place.capacity_providers).filter(|list| !list.is_empty());
        let token = self.token(task, revision);
        let answer = self
            .ecs
            .client
            .run_task()
            .cluster(&task.service.cluster)
            .task_definition(revision.as_str())
            .count(1)
            .set_launch_type(place.launch_type)
            .set_capacity_provider_strategy(providers)
            .set_platform_version(place.platform_version)
            .set_network_configuration(place.network)
            .set_overrides(overrides(task))
            .started_by(STARTED_BY)
            .client_token(&token)
            .send()
            .await
            .map_err(|error| self.ecs.errors.map(RUN, target.clone(), error));
        let lost = answer
            .as_ref()
            .is_err_and(|error| error.kind().is_transient());
        if !lost {
            self.known().unanswered.retain(|(_, _, of)| *of != token);
        }
        let answer = answer?;
        let arn = answer
            .tasks()
            .first()
            .and_then(|task| task.task_arn().map(str::to_owned));
        arn.ok_or_else(|| not_run(&target, answer.failures()))
    }

    /// The token of this request: the same until it is answered.
    fn token(&self, task: &TaskRequest, revision: &TaskDefinitionArn) -> String {
        let mut known = self.known();
        let earlier = known
            .unanswered
            .iter()
            .find(|(request, of, _)| request == task && of == revision);
        if let Some((_, _, token)) = earlier {
            return token.clone();
        }
        let token = random_token();
        let entry = (task.clone(), revision.clone(), token.clone());
        known.unanswered.push(entry);
        token
    }
}

#[async_trait]
impl TaskRunner for EcsTaskRunner {
    async fn start(
        &self,
        task: &TaskRequest,
        revision: &TaskDefinitionArn,
    ) -> Result<RunningTask, ProviderError> {
        let place = self.place(&task.service).await?;
        let document = self.definition(task, revision).await?;
        let arn = self.run(task, revision, place).await?;
        let running = RunningTask::new(
            &task.service.cluster,
            arn,
            &task.container,
            revision.clone(),
        );
        self.follow_log(&running, &document);
        Ok(running)
    }

    async fn observe(&self, task: &RunningTask) -> Result<TaskObservation, ProviderError> {
        let answer = self
            .ecs
            .client
            .describe_tasks()
            .cluster(&task.cluster)
            .tasks(&task.arn)
            .send()
            .await
            .map_err(|error| self.ecs.errors.map(DESCRIBE, task.id(), error))?;
        let described = answer.tasks().first().ok_or_else(|| not_seen(task))?;
        let state = state_of(described, &task.container);
        let lines = match state {
            TaskState::Starting => Vec::new(),
            _ => self.new_lines(task).await,
        };
        Ok(TaskObservation::new(state, lines))
    }

    async fn stop(&self, task: &RunningTask, reason: &str) -> Result<(), ProviderError> {
        self.ecs
            .client
            .stop_task()
            .cluster(&task.cluster)
            .task(&task.arn)
            .reason(reason)
            .send()
            .await
            .map_err(|error| self.ecs.errors.map("ecs:StopTask", task.id(), error))?;
        Ok(())
    }
}

#[cfg(feature = "aws-logs")]
impl EcsTaskRunner {
    fn follow_log(&self, task: &RunningTask, document: &TaskDefinitionDocument) {
        let place = document
            .log_configuration(&task.container)
            .and_then(|log| Some((log.stream(&task.container, task.id())?, log.group?)));
        if let Some((stream, group)) = place {
            let log = FollowedLog {
                group,
                stream,
                read_to: None,
            };
            self.known().logs.insert(task.arn.clone(), log);
        }
    }

    /// What the container wrote since the last look. A log that cannot be read, or is not there
    /// yet, costs no verdict; that it may not be read is said, and not tried again.
    async fn new_lines(&self, task: &RunningTask) -> Vec<String> {
        let followed = self.known().logs.get(&task.arn).cloned();
        let (Some(reader), Some(followed)) = (&self.ecs.logs, followed) else {
            return Vec::new();
        };
        let read = reader
            .lines_after(
                &followed.group,
                &followed.stream,
                followed.read_to.as_deref(),
            )
            .await;
        match read {
            Ok((lines, read_to)) => {
                let log = FollowedLog {
                    read_to,
                    ..followed
                };
                self.known().logs.insert(task.arn.clone(), log);
                lines
            }
            Err(error) if error.kind() == ErrorKind::Denied => {
                self.known().logs.remove(&task.arn);
                vec![format!("its output may not be read: {error}")]
            }
            Err(error) => {
                tracing::debug!(%error, "a task's log was not read");
                Vec::new()
            }
        }
    }
}

#[cfg(not(feature = "aws-logs"))]
impl EcsTaskRunner {
    fn follow_log(&self, _task: &RunningTask, _document: &TaskDefinitionDocument) {}

    async fn new_lines(&self, _task: &RunningTask) -> Vec<String> {
        Vec::new()
    }
}

fn overrides(task: &TaskRequest) -> Option<TaskOverride> {
    if task.command.is_empty() && task.environment.is_empty() {
        return None;
    }
    let environment = task
        .environment
        .iter()
        .map(|(name, value)| KeyValuePair::builder().name(name).value(value).build())
        .collect::<Vec<_>>();
    let container = ContainerOverride::builder()
        .name(&task.container)
        .set_command(Some(task.command.clone()).filter(|command| !command.is_empty()))
        .set_environment(Some(environment).filter(|list| !list.is_empty()))
        .build();
    Some(
        TaskOverride::builder()
            .container_overrides(container)
            .build(),
    )
}

/// 128 random bits in hexadecimal. A hasher of the standard library is keyed at random.
fn random_token() -> String {
    let half = || RandomState::new().hash_one(STARTED_BY);
    format!("{:016x}{:016x}", half(), half())
}

/// RunTask answers 200 and says in `failures` that it ran nothing.
fn not_run(target: &str, failures: &[Failure]) -> ProviderError {
    let reason = failures
        .iter()
        .find_map(|failure| failure.reason())
        .unwrap_or("RunTask ran nothing and gave no reason");
    let detail = failures.iter().find_map(|failure| failure.detail());
    let message = match detail {
        Some(detail) => format!("{reason}: {detail}"),
        None => reason.to_owned(),
    };
    let (kind, hint) = match reason {
        room if room.starts_with("RESOURCE:") || room.contains("apacity is unavailable") => (
            ErrorKind::Unavailable,
            "there is no room for it now: add capacity, or try again later",
        ),
        "AGENT" => (
            ErrorKind::Unavailable,
            "the agent of the container instance is not connected",
        ),
        "MISSING" | "INACTIVE" => (
            ErrorKind::NotFound,
            "the cluster has no container instance that could run it",
        ),
        _ => (
            ErrorKind::Invalid,
            "see that the cluster's instances have what the task definition asks for",
        ),
    };
    ProviderError::new(kind, RUN, target, message).with_hint(hint)
}

/// DescribeTasks lags behind RunTask, and forgets a stopped task after about an hour.
fn not_seen(task: &RunningTask) -> ProviderError {
    ProviderError::new(
        ErrorKind::Unavailable,
        DESCRIBE,
        task.id(),
        "ECS does not show the task",
    )
}

fn state_of(task: &Task, container: &str) -> TaskState {
    match task.last_status().unwrap_or_default() {
        "STOPPED" => stopped(task, container),
        "PROVISIONING" | "PENDING" | "ACTIVATING" | "" => TaskState::Starting,
        _ => TaskState::Running,
    }
}

fn stopped(task: &Task, container: &str) -> TaskState {
    let container = task
        .containers()
        .iter()
        .find(|one| one.name() == Some(container));
    let reasons = [
        task.stopped_reason(),
        container.and_then(|container| container.reason()),
    ];
    let reasons: Vec<&str> = reasons
        .into_iter()
        .flatten()
        .filter(|reason| !reason.is_empty())
        .collect();
    TaskState::Stopped {
        exit_code: container.and_then(|container| container.exit_code()),
        reason: match reasons.as_slice() {
            [] => "ECS gives no reason".to_owned(),
            said => said.join(": "),
        },
    }
}

#[cfg(all(test, feature = "aws-ecr", feature = "aws-logs"))]
#[path = "task_runner_tests.rs"]
mod tests;
