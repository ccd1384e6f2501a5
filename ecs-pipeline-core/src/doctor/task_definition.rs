//! The task definition that is looked at: the configured file, or else what the service runs.

use ecs_pipeline_artifacts::finding::Severity;
use ecs_pipeline_artifacts::task_definition::TaskDefinitionDocument;
use ecs_pipeline_artifacts::validate::{Options, SourceFile, validate};
use serde_json::Value;

use super::Finding;
use super::wanted::File;
use crate::model::Platform;

const CHECK: &str = "task-definition";

/// A task definition, and where it is from.
#[derive(Debug, Clone, PartialEq)]
pub struct TaskDefinition {
    /// The file's name, or `FAMILY:REVISION`.
    pub origin: String,
    document: TaskDefinitionDocument,
    value: Value,
}

/// Where a container's lines go with the driver `awslogs`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct LogsTo {
    pub(crate) container: String,
    pub(crate) group: String,
    pub(crate) region: Option<String>,
    pub(crate) creates: bool,
}

impl TaskDefinition {
    /// A task definition from its JSON.
    #[must_use]
    pub fn new(origin: impl Into<String>, document: TaskDefinitionDocument) -> Self {
        Self {
            origin: origin.into(),
            value: document.clone().into_register_input(),
            document,
        }
    }

    /// A file's, where it can be read as one.
    #[must_use]
    pub fn of_file(file: &File) -> Option<Self> {
        let document = TaskDefinitionDocument::parse(&file.text).ok()?;
        Some(Self::new(&file.name, document))
    }

    pub(crate) fn container_names(&self) -> Vec<&str> {
        self.document.container_names()
    }

    pub(crate) fn ports_of(&self, container: &str) -> Vec<u16> {
        self.document.container_ports(container)
    }

    pub(crate) fn image_of(&self, container: &str) -> Option<&str> {
        self.document.image_of(container)
    }

    /// `bridge` where nothing is said, as AWS has it on Linux.
    pub(crate) fn network_mode(&self) -> &str {
        self.document.network_mode().unwrap_or("bridge")
    }

    pub(crate) fn platform(&self) -> Option<Platform> {
        let platform = self.document.runtime_platform().image_platform()?;
        platform.parse().ok()
    }

    pub(crate) fn execution_role(&self) -> Option<&str> {
        self.text("executionRoleArn")
    }

    pub(crate) fn task_role(&self) -> Option<&str> {
        self.text("taskRoleArn")
    }

    /// Whether the requirements that it names leave Fargate out.
    pub(crate) fn rules_out_fargate(&self) -> bool {
        let required = list(&self.value, "requiresCompatibilities");
        let named: Vec<_> = required.iter().filter_map(Value::as_str).collect();
        self.network_mode() != "awsvpc" || (!named.is_empty() && !named.contains(&"FARGATE"))
    }

    /// Ports of the host that a task takes for itself: two tasks cannot have one instance.
    pub(crate) fn host_ports(&self) -> Vec<u64> {
        let in_host = self.network_mode() == "host";
        if self.network_mode() == "awsvpc" {
            return Vec::new();
        }
        let mappings = self.containers().iter();
        let mappings = mappings.flat_map(|container| list(container, "portMappings"));
        let taken = |mapping: &Value| match mapping["hostPort"].as_u64() {
            Some(port) if port > 0 => Some(port),
            _ if in_host => mapping["containerPort"].as_u64(),
            _ => None,
        };
        mappings.filter_map(taken).collect()
    }

    /// All ports that containers listen on.
    pub(crate) fn container_ports(&self) -> Vec<u16> {
        let names = self.container_names().into_iter();
        names.flat_map(|name| self.ports_of(name)).collect()
    }

    pub(crate) fn logs(&self) -> Vec<LogsTo> {
        let logs = self.containers().iter().filter_map(|container| {
            let configuration = container.get("logConfiguration")?;
            let option = |name: &str| configuration["options"][name].as_str();
            (configuration["logDriver"] == "awslogs").then_some(())?;
            Some(LogsTo {
                container: container["name"].as_str().unwrap_or_default().to_owned(),
                group: option("awslogs-group")?.to_owned(),
                region: option("awslogs-region").map(str::to_owned),
                creates: option("awslogs-create-group") == Some("true"),
            })
        });
        logs.collect()
    }

    /// What makes an execution role necessary everywhere, in the task definition's own words.
    pub(crate) fn needs_secrets(&self) -> bool {
        self.containers().iter().any(|container| {
            !list(container, "secrets").is_empty()
                || !list(&container["logConfiguration"], "secretOptions").is_empty()
                || container.get("repositoryCredentials").is_some()
        })
    }

    /// The longest time that a container's own health check gives it to start, in seconds.
    pub(crate) fn start_period(&self) -> u64 {
        let periods = self.containers().iter();
        let periods = periods.filter_map(|one| one["healthCheck"]["startPeriod"].as_u64());
        periods.max().unwrap_or(0)
    }

    fn containers(&self) -> &[Value] {
        list(&self.value, "containerDefinitions")
    }

    fn text(&self, member: &str) -> Option<&str> {
        self.value[member].as_str().filter(|text| !text.is_empty())
    }
}

fn list<'v>(object: &'v Value, member: &str) -> &'v [Value] {
    object[member].as_array().map_or(&[], Vec::as_slice)
}

/// What `ecs-pipeline validate` finds in the file, in one line: that AWS refuses it, or that a
/// placeholder is left that no run of this tool fills in. `container` gets its image from the run.
pub(super) fn file(file: &File, container: Option<&str>) -> Finding {
    let text = with_image(&file.text, container).unwrap_or_else(|| file.text.clone());
    let source = SourceFile::new(&file.name, text);
    let report = validate(&[source], &Options::default());
    let counts = |one: &&ecs_pipeline_artifacts::finding::Finding| {
        one.severity() == Severity::Error || one.rule.id == "placeholder-left"
    };
    let found: Vec<_> = report.findings.iter().filter(counts).collect();
    let Some(first) = found.first() else {
        return Finding::ok(CHECK, format!("{} can be registered", file.name));
    };
    let more = match found.len() {
        1 => String::new(),
        many => format!(" (and {} more)", many - 1),
    };
    Finding::problem(
        CHECK,
        format!("{}: {}{more}", file.name, first.message),
        format!(
            "correct it; `ecs-pipeline validate {}` shows where",
            file.name
        ),
    )
}

/// The file as it is when the container has its image.
fn with_image(text: &[u8], container: Option<&str>) -> Option<Vec<u8>> {
    let mut document = TaskDefinitionDocument::parse(text).ok()?;
    document.set_image(container?, "image:1").ok()?;
    Some(document.to_json_string().into_bytes())
}

#[cfg(test)]
pub(super) mod tests {
    #![allow(clippy::unwrap_used)]

    use serde_json::json;

    use super::super::Status;
    use super::*;

    pub(in crate::doctor) fn definition(value: Value) -> TaskDefinition {
        TaskDefinition::new("web:1", TaskDefinitionDocument::from_value(value).unwrap())
    }

    #[test]
    fn a_file_that_aws_refuses_is_a_problem() {
        let whole = json!({"family": "web", "containerDefinitions": [
            {"name": "app", "image": "to be replaced", "memory": 128}]});
        let mut placeholder = whole.clone();
        placeholder["taskRoleArn"] = json!("arn:aws:iam::<ACCOUNT_ID>:role/x");
        let mut refused = whole.clone();
        refused["networkMode"] = json!("vpc");
        for (value, status, words) in [
            (whole, Status::Ok, "taskdef.json can be registered"),
            (placeholder, Status::Problem, "<ACCOUNT_ID>"),
            (refused, Status::Problem, "vpc"),
            (json!({}), Status::Problem, "taskdef.json"),
        ] {
            let name = "taskdef.json".to_owned();
            let text = value.to_string().into_bytes();
            let found = file(&File { name, text }, Some("app"));
            assert_eq!(found.status, status, "{found:?}");
            assert!(found.message.contains(words), "{found:?}");
        }
    }

    #[test]
    fn ports_of_the_host_are_those_that_two_tasks_cannot_share() {
        let with = |mode: &str, mapping: Value| {
            definition(
                json!({"family": "web", "networkMode": mode, "containerDefinitions": [
                {"name": "app", "portMappings": [mapping]}]}),
            )
            .host_ports()
        };
        for (mode, mapping, ports) in [
            (
                "bridge",
                json!({"containerPort": 80, "hostPort": 80}),
                vec![80],
            ),
            (
                "bridge",
                json!({"containerPort": 80, "hostPort": 0}),
                vec![],
            ),
            ("bridge", json!({"containerPort": 80}), vec![]),
            ("host", json!({"containerPort": 80}), vec![80]),
            (
                "awsvpc",
                json!({"containerPort": 80, "hostPort": 80}),
                vec![],
            ),
        ] {
            assert_eq!(with(mode, mapping.clone()), ports, "{mode} {mapping}");
        }
    }
}
