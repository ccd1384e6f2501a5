//! What of a task definition its surroundings have to fit.

use ecs_pipeline_artifacts::task_definition::TaskDefinitionDocument;
use serde::Serialize;
use serde_json::Value;

/// What is known of an application's tasks.
#[derive(Debug, Clone, Serialize)]
#[non_exhaustive]
pub struct Task {
    /// The name under which revisions are counted.
    pub family: String,
    /// The name, with its path, of the role with which ECS starts the tasks.
    pub execution_role: Option<String>,
    /// The name, with its path, of the role that the containers have.
    pub task_role: Option<String>,
    /// What the containers' secrets come from: ARNs, or names of parameters.
    pub secrets: Vec<String>,
    /// Where the containers' output goes.
    pub log_groups: Vec<LogGroup>,
    /// RegisterTaskDefinition's input.
    #[serde(skip)]
    pub document: Value,
}

/// A CloudWatch log group that the `awslogs` driver writes to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct LogGroup {
    /// Its name.
    pub name: String,
    /// Whether the driver is to create it (`awslogs-create-group`).
    pub created_by_driver: bool,
}

impl Task {
    pub(super) fn read(name: &str, document: &TaskDefinitionDocument) -> Self {
        let value = document.clone().into_register_input();
        let role = |member: &str| {
            let arn = value.get(member)?.as_str()?;
            Some(role_name(arn).to_owned())
        };
        Self {
            family: document.family().unwrap_or(name).to_owned(),
            execution_role: role("executionRoleArn"),
            task_role: role("taskRoleArn"),
            secrets: secrets(&value),
            log_groups: log_groups(&value),
            document: value,
        }
    }
}

/// The name, with its path, that a role's ARN ends with.
fn role_name(arn: &str) -> &str {
    arn.split_once(":role/").map_or(arn, |(_, name)| name)
}

fn containers(document: &Value) -> impl Iterator<Item = &Value> {
    let containers = document.get("containerDefinitions");
    containers.and_then(Value::as_array).into_iter().flatten()
}

/// Secrets of the environment, of the log driver, and of private registries.
fn secrets(document: &Value) -> Vec<String> {
    let mut found = Vec::new();
    for container in containers(document) {
        let log = container.get("logConfiguration");
        let lists = [
            container.get("secrets"),
            log.and_then(|log| log.get("secretOptions")),
        ];
        let items = lists.into_iter().flatten().filter_map(Value::as_array);
        found.extend(items.flatten().filter_map(|item| item.get("valueFrom")));
        let credentials = container.get("repositoryCredentials");
        found.extend(credentials.and_then(|it| it.get("credentialsParameter")));
    }
    let mut texts: Vec<_> = found.into_iter().filter_map(Value::as_str).collect();
    texts.sort_unstable();
    texts.dedup();
    texts.into_iter().map(str::to_owned).collect()
}

fn log_groups(document: &Value) -> Vec<LogGroup> {
    let mut groups: Vec<LogGroup> = Vec::new();
    for container in containers(document) {
        let Some(options) = container.pointer("/logConfiguration/options").filter(|_| {
            container.pointer("/logConfiguration/logDriver") == Some(&"awslogs".into())
        }) else {
            continue;
        };
        let option = |name: &str| options.get(name).and_then(Value::as_str);
        let Some(name) = option("awslogs-group") else {
            continue;
        };
        let created = option("awslogs-create-group") == Some("true");
        match groups.iter_mut().find(|group| group.name == name) {
            Some(group) => group.created_by_driver |= created,
            None => groups.push(LogGroup {
                name: name.to_owned(),
                created_by_driver: created,
            }),
        }
    }
    groups
}
