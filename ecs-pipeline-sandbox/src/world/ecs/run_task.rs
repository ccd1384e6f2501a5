//! RunTask: tasks that belong to no service, such as a migration before a deployment.

use std::time::Duration;

use serde::Deserialize;
use serde_json::{Value, json};

use super::definition::{Definition, KeyValue};
use super::input::{client, invalid, read, without_nulls};
use super::tags::Tags;
use super::task::Birth;
use super::task_api::check_placement;
use super::{ApiError, Ecs, Outside, TaskId, Time};
use crate::world::ContainerSpec;

/// How long a client token is remembered at most
/// (<https://docs.aws.amazon.com/AmazonECS/latest/APIReference/ECS_Idempotency.html>).
const TOKEN_LIFETIME: Duration = Duration::from_secs(24 * 60 * 60);

const LONGEST_TOKEN: usize = 64;

const LONGEST_STARTED_BY: usize = 128;

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct RunInput {
    cluster: Option<String>,
    task_definition: String,
    count: Option<u32>,
    group: Option<String>,
    launch_type: Option<String>,
    #[serde(default)]
    capacity_provider_strategy: Vec<CapacityProvider>,
    started_by: Option<String>,
    network_configuration: Option<Value>,
    overrides: Option<Value>,
    client_token: Option<String>,
    #[serde(default)]
    tags: Tags,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct CapacityProvider {
    capacity_provider: String,
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct Overrides {
    container_overrides: Vec<ContainerOverride>,
}

#[derive(Deserialize)]
struct ContainerOverride {
    name: String,
    command: Option<Vec<String>>,
    #[serde(default)]
    environment: Vec<KeyValue>,
}

/// A request that had a client token, and the tasks that it started.
#[derive(Debug)]
pub(super) struct Remembered {
    at: Time,
    request: Value,
    tasks: Vec<TaskId>,
}

impl RunInput {
    fn check(&self) -> Result<(), ApiError> {
        self.tags.check()?;
        if !(1..=10).contains(&self.count.unwrap_or(1)) {
            return Err(invalid("Count must be between 1 and 10."));
        }
        if self.launch_type.is_some() && !self.capacity_provider_strategy.is_empty() {
            return Err(invalid(
                "Specifying both a launch type and capacity provider strategy is not supported. \
                 Remove one and try again.",
            ));
        }
        let started_by = self.started_by.as_deref().unwrap_or_default();
        if started_by.chars().count() > LONGEST_STARTED_BY {
            return Err(invalid(format!(
                "startedBy cannot be longer than {LONGEST_STARTED_BY} characters."
            )));
        }
        let token = self.client_token.as_deref().unwrap_or("-");
        let sound = (1..=LONGEST_TOKEN).contains(&token.len())
            && token.bytes().all(|byte| byte.is_ascii_graphic());
        if !sound {
            return Err(invalid("The provided clientToken is not valid."));
        }
        Ok(())
    }

    fn launch_type(&self) -> &str {
        let fargate = |provider: &CapacityProvider| {
            let name = &provider.capacity_provider;
            name.starts_with("FARGATE")
        };
        match &self.launch_type {
            Some(given) => given,
            None if self.capacity_provider_strategy.iter().any(fargate) => "FARGATE",
            None => "EC2",
        }
    }
}

impl Ecs {
    pub(super) fn run_task(
        &mut self,
        out: &mut Outside<'_>,
        request: Value,
    ) -> Result<Value, ApiError> {
        let input: RunInput = read(&request)?;
        input.check()?;
        let cluster = self.cluster(input.cluster.as_deref())?.name.clone();
        let key = input.client_token.as_ref();
        let key = key.map(|token| (cluster.clone(), token.clone()));
        let request = without_nulls(&request);
        self.forget_tokens(out.now);
        if let Some(remembered) = key.as_ref().and_then(|key| self.run_tokens.get(key)) {
            return self.run_again(remembered, &request);
        }
        let tasks = self.start_on_their_own(out, cluster, input)?;
        let answer = self.started(&tasks);
        if let Some(key) = key {
            let remembered = Remembered {
                at: out.now,
                request,
                tasks,
            };
            self.run_tokens.insert(key, remembered);
        }
        Ok(answer)
    }

    fn start_on_their_own(
        &mut self,
        out: &mut Outside<'_>,
        cluster: String,
        input: RunInput,
    ) -> Result<Vec<TaskId>, ApiError> {
        let definition = self.usable_definition(&input.task_definition)?;
        let launch_type = input.launch_type().to_owned();
        let has_network = input.network_configuration.is_some();
        check_placement(&definition.parsed, &launch_type, has_network)?;
        let overrides = input
            .overrides
            .unwrap_or_else(|| json!({"containerOverrides": []}));
        let specs = overridden(&definition.parsed, read(&overrides)?)?;
        let family = &definition.parsed.family;
        let group = input.group.unwrap_or_else(|| format!("family:{family}"));
        let births = (0..input.count.unwrap_or(1)).map(|_| Birth {
            cluster: cluster.clone(),
            definition: definition.clone(),
            launch_type: launch_type.clone(),
            group: group.clone(),
            started_by: input.started_by.clone(),
            owner: None,
            overrides: overrides.clone(),
            specs: specs.clone(),
            tags: input.tags.clone(),
        });
        Ok(births.map(|birth| self.create_task(out, birth)).collect())
    }

    /// A token is remembered for a day, and no longer than its tasks can be seen.
    fn forget_tokens(&mut self, now: Time) {
        let tasks = &self.tasks;
        self.run_tokens.retain(|_, remembered| {
            let seen = remembered.tasks.iter().any(|id| tasks.contains_key(id));
            seen && now.since(remembered.at) < TOKEN_LIFETIME
        });
    }

    /// The same request once more starts nothing, and another one with its token is refused.
    fn run_again(&self, remembered: &Remembered, request: &Value) -> Result<Value, ApiError> {
        if remembered.request == *request {
            return Ok(self.started(&remembered.tasks));
        }
        Err(ApiError::client(
            "ConflictException",
            "The provided clientToken is already in use with a different RunTask request.",
        ))
    }

    fn started(&self, ids: &[TaskId]) -> Value {
        let tasks = ids.iter().filter_map(|id| self.tasks.get(id));
        let tasks: Vec<Value> = tasks.map(|task| task.describe(true)).collect();
        json!({ "tasks": tasks, "failures": [] })
    }
}

fn overridden(
    definition: &Definition,
    overrides: Overrides,
) -> Result<Vec<ContainerSpec>, ApiError> {
    let mut specs = definition.container_specs();
    for change in overrides.container_overrides {
        let Some(spec) = specs.iter_mut().find(|s| s.name == change.name) else {
            return Err(client(format!(
                "Override for container named {} is not a container in the TaskDefinition.",
                change.name
            )));
        };
        if change.command.is_some() {
            spec.command = change.command;
        }
        let variables = change.environment.into_iter().map(|e| (e.name, e.value));
        spec.environment.extend(variables);
    }
    Ok(specs)
}

#[cfg(test)]
mod tests {
    use super::super::script::{Fate, Manner, Play};
    use super::*;

    fn play() -> Play<()> {
        let mut play = Play::new((), |_, _| Manner {
            slow: 1,
            fate: Fate::Exits(10),
        });
        play.register();
        play
    }

    fn run(token: &str) -> Value {
        json!({"cluster": "c", "taskDefinition": "web", "clientToken": token})
    }

    fn arns(answer: &Value) -> Vec<&str> {
        let tasks = answer["tasks"].as_array().unwrap().iter();
        tasks.map(|t| t["taskArn"].as_str().unwrap()).collect()
    }

    #[test]
    fn a_request_sent_twice_runs_once() {
        let mut play = play();
        let first = play.ecs("RunTask", run("t"));
        play.pass(5);
        let again = play.ecs("RunTask", run("t"));
        assert_eq!(arns(&again), arns(&first));
        assert_eq!(again["tasks"][0]["lastStatus"], "RUNNING", "as it is now");
        let other = play.ecs("RunTask", run("u"));
        assert_ne!(arns(&other), arns(&first));
        let mut changed = run("t");
        changed["count"] = json!(2);
        let error = play.try_ecs("RunTask", changed).unwrap_err();
        assert_eq!(error.code, "ConflictException");
        // The tasks are stopped, and shown for an hour more.
        play.pass(3700);
        let late = play.ecs("RunTask", run("t"));
        assert_ne!(arns(&late), arns(&first));
    }

    #[test]
    fn what_cannot_be_run_is_refused() {
        let mut play = play();
        let table = [
            json!({"count": 0}),
            json!({"count": 11}),
            json!({"clientToken": ""}),
            json!({"clientToken": "a b"}),
            json!({"clientToken": "a".repeat(65)}),
            json!({"startedBy": "a".repeat(129)}),
            json!({"launchType": "EC2", "capacityProviderStrategy": [{"capacityProvider": "FARGATE"}]}),
            json!({"capacityProviderStrategy": [{"capacityProvider": "FARGATE_SPOT"}]}),
            json!({"networkConfiguration": {}}),
        ];
        for more in table {
            let mut input = json!({"cluster": "c", "taskDefinition": "web"});
            for (name, value) in more.as_object().unwrap() {
                input[name] = value.clone();
            }
            let error = play.try_ecs("RunTask", input).unwrap_err();
            assert_eq!(error.code, "InvalidParameterException", "{more}");
        }
        let unknown = json!({"cluster": "c", "taskDefinition": "web",
            "overrides": {"containerOverrides": [{"name": "none"}]}});
        assert!(play.try_ecs("RunTask", unknown).is_err());
        let all = play.ecs("ListTasks", json!({"cluster": "c"}));
        assert_eq!(all["taskArns"], json!([]));
    }
}
