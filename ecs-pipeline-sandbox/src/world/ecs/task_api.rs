//! StopTask, ListTasks and DescribeTasks.

use serde::Deserialize;
use serde_json::{Value, json};

use super::definition::Definition;
use super::input::{invalid, last_part, listed, missing, page, read};
use super::task::{Stop, Task};
use super::{ApiError, Ecs, Outside, TaskId};

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct StopInput {
    cluster: Option<String>,
    task: String,
    reason: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct ListInput {
    cluster: Option<String>,
    service_name: Option<String>,
    family: Option<String>,
    desired_status: Option<String>,
    started_by: Option<String>,
    launch_type: Option<String>,
    container_instance: Option<String>,
    max_results: Option<usize>,
    next_token: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct DescribeInput {
    cluster: Option<String>,
    tasks: Vec<String>,
    #[serde(default)]
    include: Vec<String>,
}

impl Ecs {
    pub(super) fn stop_task(
        &mut self,
        out: &mut Outside<'_>,
        input: Value,
    ) -> Result<Value, ApiError> {
        let input: StopInput = read(&input)?;
        let cluster = self.cluster(input.cluster.as_deref())?.name.clone();
        let id = self
            .task(&cluster, &input.task)
            .ok_or_else(|| invalid("The referenced task was not found."))?
            .id
            .clone();
        let stop = Stop {
            code: "UserInitiated",
            reason: input
                .reason
                .unwrap_or_else(|| "Task stopped by user".into()),
        };
        self.end_task(out, &id, stop);
        Ok(json!({ "task": self.tasks[&id].describe(false) }))
    }

    pub(super) fn list_tasks(&self, input: Value) -> Result<Value, ApiError> {
        let input: ListInput = read(&input)?;
        let cluster = &self.cluster(input.cluster.as_deref())?.name;
        let group = match &input.service_name {
            None => None,
            Some(service) => {
                let key = self.active_service(cluster, service)?;
                Some(format!("service:{}", key.name))
            }
        };
        let running = match input.desired_status.as_deref().unwrap_or("RUNNING") {
            "RUNNING" => true,
            "STOPPED" => false,
            // ECS never sets a task's desired status to PENDING.
            _ => return Ok(listed("taskArns", Vec::new(), None)),
        };
        let is = |wanted: &Option<String>, is: &str| wanted.as_ref().is_none_or(|w| w == is);
        let arns: Vec<String> = self
            .tasks
            .values()
            .filter(|t| t.cluster == *cluster && t.is_live() == running)
            .filter(|t| is(&group, &t.group))
            .filter(|t| is(&input.family, &t.definition.parsed.family))
            .filter(|t| is(&input.launch_type, &t.launch_type))
            .filter(|t| {
                is(
                    &input.started_by,
                    t.started_by.as_deref().unwrap_or_default(),
                )
            })
            .filter(|t| {
                let wanted = input.container_instance.as_deref();
                wanted.is_none_or(|i| t.on_instance && last_part(i) == last_part(&t.instance_arn))
            })
            .map(|t| t.arn.clone())
            .collect();
        let (arns, next) = page(&arns, input.max_results, input.next_token.as_deref())?;
        Ok(listed("taskArns", arns, next))
    }

    pub(super) fn describe_tasks(&self, input: Value) -> Result<Value, ApiError> {
        let input: DescribeInput = read(&input)?;
        let cluster = self.cluster(input.cluster.as_deref())?;
        if input.tasks.is_empty() {
            return Err(invalid("Tasks cannot be empty."));
        }
        if input.tasks.len() > 100 {
            return Err(invalid("Tasks cannot have more than 100 elements."));
        }
        let with_tags = input.include.iter().any(|i| i == "TAGS");
        let (mut tasks, mut failures) = (Vec::new(), Vec::new());
        for named in &input.tasks {
            match self.task(&cluster.name, named) {
                Some(task) => tasks.push(task.describe(with_tags)),
                None => failures.push(missing(named)),
            }
        }
        Ok(json!({ "tasks": tasks, "failures": failures }))
    }

    fn task(&self, cluster: &str, named: &str) -> Option<&Task> {
        let id = TaskId(last_part(named).into());
        self.tasks.get(&id).filter(|t| t.cluster == cluster)
    }
}

/// What RunTask and CreateService refuse about launch type and networking.
pub(super) fn check_placement(
    definition: &Definition,
    launch_type: &str,
    has_network: bool,
) -> Result<(), ApiError> {
    let fargate = definition
        .requires_compatibilities
        .iter()
        .any(|c| c == "FARGATE");
    if launch_type == "FARGATE" && !fargate {
        return Err(invalid(
            "Task definition does not support launch_type FARGATE.",
        ));
    }
    if definition.is_awsvpc() && !has_network {
        return Err(invalid(
            "Network Configuration must be provided when networkMode 'awsvpc' is specified.",
        ));
    }
    if !definition.is_awsvpc() && has_network {
        return Err(invalid(
            "Network Configuration is not valid for the given networkMode of this task definition.",
        ));
    }
    Ok(())
}
