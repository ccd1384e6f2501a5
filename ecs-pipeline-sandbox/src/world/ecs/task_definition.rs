//! Task definitions: registered, described and deregistered, without losing a member.

use std::sync::Arc;

use serde::Deserialize;
use serde_json::{Map, Value, json};

use super::definition::Definition;
use super::input::{client, invalid, listed, page, read, without_nulls};
use super::tags::Tags;
use super::{ApiError, Ecs, Outside, Time, World, validate};

/// All revisions of a family; revision 1 comes first, and none is ever removed.
#[derive(Debug, Default)]
pub(super) struct Family {
    pub(super) revisions: Vec<Revision>,
}

/// A revision and what may change about it.
#[derive(Debug)]
pub(super) struct Revision {
    pub(super) definition: Arc<TaskDefinition>,
    pub(super) tags: Tags,
    deregistered_at: Option<Time>,
}

/// What was registered.
#[derive(Debug)]
pub(super) struct TaskDefinition {
    pub(super) arn: String,
    pub(super) revision: usize,
    pub(super) registered_at: Time,
    registered_by: String,
    /// The input as it came, without `tags`: members that nobody knows are in here too.
    pub(super) document: Map<String, Value>,
    /// The members that the sandbox acts on.
    pub(super) parsed: Definition,
}

impl TaskDefinition {
    /// `family:revision`.
    pub(super) fn name(&self) -> String {
        format!("{}:{}", self.parsed.family, self.revision)
    }
}

impl Revision {
    pub(super) fn is_active(&self) -> bool {
        self.deregistered_at.is_none()
    }

    /// The `taskDefinition` of an answer: the document with AWS's defaults and its own members.
    fn describe(&self) -> Value {
        let definition = &*self.definition;
        let mut shown = definition.document.clone();
        materialise(&definition.parsed, &mut shown);
        shown.insert("taskDefinitionArn".into(), json!(definition.arn));
        shown.insert("revision".into(), json!(definition.revision));
        let status = if self.is_active() {
            "ACTIVE"
        } else {
            "INACTIVE"
        };
        shown.insert("status".into(), json!(status));
        shown.insert(
            "requiresAttributes".into(),
            required_attributes(&definition.parsed),
        );
        shown.insert(
            "compatibilities".into(),
            json!(compatibilities(&definition.parsed)),
        );
        shown.insert(
            "registeredAt".into(),
            json!(definition.registered_at.epoch_seconds()),
        );
        shown.insert("registeredBy".into(), json!(definition.registered_by));
        if let Some(at) = self.deregistered_at {
            shown.insert("deregisteredAt".into(), json!(at.epoch_seconds()));
        }
        shown.into()
    }
}

/// Fills in what AWS fills in: defaults and empty lists.
fn materialise(definition: &Definition, shown: &mut Map<String, Value>) {
    for member in ["volumes", "placementConstraints"] {
        shown.entry(member).or_insert_with(|| json!([]));
    }
    let normalised = [
        (
            "cpu",
            definition.cpu.as_deref().and_then(validate::cpu_units),
        ),
        (
            "memory",
            definition.memory.as_deref().and_then(validate::memory_mib),
        ),
    ];
    for (member, value) in normalised {
        if let Some(value) = value {
            shown.insert(member.into(), json!(value.to_string()));
        }
    }
    let containers = shown
        .get_mut("containerDefinitions")
        .and_then(Value::as_array_mut);
    for container in containers.into_iter().flatten() {
        if let Some(container) = container.as_object_mut() {
            materialise_container(definition, container);
        }
    }
}

fn materialise_container(definition: &Definition, container: &mut Map<String, Value>) {
    container.entry("cpu").or_insert_with(|| json!(0));
    container.entry("essential").or_insert_with(|| json!(true));
    for member in [
        "portMappings",
        "environment",
        "mountPoints",
        "volumesFrom",
        "systemControls",
    ] {
        container.entry(member).or_insert_with(|| json!([]));
    }
    let mode = definition.network_mode.as_deref().unwrap_or("bridge");
    let mappings = container
        .get_mut("portMappings")
        .and_then(Value::as_array_mut);
    for mapping in mappings
        .into_iter()
        .flatten()
        .filter_map(Value::as_object_mut)
    {
        if let Some(port) = mapping.get("containerPort").cloned() {
            let host = if mode == "bridge" { json!(0) } else { port };
            mapping.entry("hostPort").or_insert(host);
        }
        mapping.entry("protocol").or_insert_with(|| json!("tcp"));
    }
    if let Some(check) = container
        .get_mut("healthCheck")
        .and_then(Value::as_object_mut)
    {
        for (member, default) in [("interval", 30), ("timeout", 5), ("retries", 3)] {
            check.entry(member).or_insert_with(|| json!(default));
        }
    }
}

fn compatibilities(definition: &Definition) -> Vec<&'static str> {
    let mut all = vec!["EC2"];
    if definition
        .requires_compatibilities
        .iter()
        .any(|c| c == "FARGATE")
    {
        all.push("FARGATE");
    }
    all
}

fn required_attributes(definition: &Definition) -> Value {
    let mut names = vec!["com.amazonaws.ecs.capability.docker-remote-api.1.18"];
    if definition.is_awsvpc() {
        names.push("ecs.capability.task-eni");
    }
    let containers = &definition.container_definitions;
    if containers
        .iter()
        .any(|c| c.awslogs("awslogs-group").is_some())
    {
        names.push("com.amazonaws.ecs.capability.logging-driver.awslogs");
    }
    if containers.iter().any(|c| c.health_check.is_some()) {
        names.push("ecs.capability.container-health-check");
    }
    names
        .into_iter()
        .map(|name| json!({"name": name}))
        .collect()
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Named {
    task_definition: String,
    #[serde(default)]
    include: Vec<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct ListInput {
    family_prefix: Option<String>,
    status: Option<String>,
    sort: Option<String>,
    max_results: Option<usize>,
    next_token: Option<String>,
}

impl Ecs {
    pub(super) fn register_task_definition(
        &mut self,
        out: &mut Outside<'_>,
        input: Value,
    ) -> Result<Value, ApiError> {
        let parsed: Definition = read(&input)?;
        validate::validate(&parsed, input.to_string().len())?;
        let Value::Object(mut document) = without_nulls(&input) else {
            return Err(client("The request is not an object."));
        };
        let tags = document
            .remove("tags")
            .map(|tags| read::<Tags>(&tags))
            .transpose()?;
        let tags = tags.unwrap_or_default();
        tags.check()?;
        let family = self.families.entry(parsed.family.clone()).or_default();
        let revision = family.revisions.len() + 1;
        let account = &out.arns.place().account;
        family.revisions.push(Revision {
            definition: Arc::new(TaskDefinition {
                arn: out
                    .arns
                    .ecs(&format!("task-definition/{}:{revision}", parsed.family)),
                revision,
                registered_at: out.now,
                registered_by: format!("arn:aws:iam::{account}:user/sandbox"),
                document,
                parsed,
            }),
            tags: tags.clone(),
            deregistered_at: None,
        });
        let described = family.revisions[revision - 1].describe();
        Ok(with_tags(described, &tags, !tags.is_empty()))
    }

    pub(super) fn describe_task_definition(&self, input: Value) -> Result<Value, ApiError> {
        let input: Named = read(&input)?;
        let revision = self
            .revision(&input.task_definition)
            .ok_or_else(|| client("Unable to describe task definition."))?;
        let include = input.include.iter().any(|i| i == "TAGS");
        Ok(with_tags(revision.describe(), &revision.tags, include))
    }

    pub(super) fn deregister_task_definition(
        &mut self,
        out: &mut Outside<'_>,
        input: Value,
    ) -> Result<Value, ApiError> {
        let input: Named = read(&input)?;
        let named = input.task_definition.rsplit('/').next().unwrap_or_default();
        if !named.contains(':') {
            return Err(invalid("Invalid revision number. Number: null"));
        }
        let revision = self
            .revision_mut(&input.task_definition)
            .filter(|r| r.is_active())
            .ok_or_else(|| client("The specified task definition does not exist."))?;
        revision.deregistered_at = Some(out.now);
        Ok(json!({ "taskDefinition": revision.describe() }))
    }

    pub(super) fn list_task_definitions(&self, input: Value) -> Result<Value, ApiError> {
        let input: ListInput = read(&input)?;
        let active = input.status.as_deref().unwrap_or("ACTIVE") == "ACTIVE";
        let mut arns: Vec<String> = self
            .families
            .iter()
            .filter(|(name, _)| input.family_prefix.as_ref().is_none_or(|p| *name == p))
            .flat_map(|(_, family)| &family.revisions)
            .filter(|r| r.is_active() == active)
            .map(|r| r.definition.arn.clone())
            .collect();
        if input.sort.as_deref() == Some("DESC") {
            arns.reverse();
        }
        let (arns, next) = page(&arns, input.max_results, input.next_token.as_deref())?;
        Ok(listed("taskDefinitionArns", arns, next))
    }

    pub(super) fn list_task_definition_families(&self, input: Value) -> Result<Value, ApiError> {
        let input: ListInput = read(&input)?;
        let prefix = input.family_prefix.unwrap_or_default();
        let status = input.status.as_deref().unwrap_or("ALL");
        let names: Vec<String> = self
            .families
            .iter()
            .filter(|(name, _)| name.starts_with(&prefix))
            .filter(|(_, family)| {
                let active = family.revisions.iter().any(Revision::is_active);
                status == "ALL" || active == (status == "ACTIVE")
            })
            .map(|(name, _)| name.clone())
            .collect();
        let (names, next) = page(&names, input.max_results, input.next_token.as_deref())?;
        Ok(listed("families", names, next))
    }

    /// A task definition that may be used for new tasks: `family` means its newest active
    /// revision.
    pub(super) fn usable_definition(&self, named: &str) -> Result<Arc<TaskDefinition>, ApiError> {
        match self.revision(named) {
            None => Err(client("TaskDefinition not found.")),
            Some(r) if !r.is_active() => Err(client("TaskDefinition is inactive")),
            Some(r) => Ok(Arc::clone(&r.definition)),
        }
    }

    /// By ARN, `family:revision`, or `family` for the newest active revision.
    pub(super) fn revision(&self, named: &str) -> Option<&Revision> {
        let (family, index) = self.locate(named)?;
        self.families.get(&family)?.revisions.get(index)
    }

    pub(super) fn revision_mut(&mut self, named: &str) -> Option<&mut Revision> {
        let (family, index) = self.locate(named)?;
        self.families.get_mut(&family)?.revisions.get_mut(index)
    }

    fn locate(&self, named: &str) -> Option<(String, usize)> {
        let name = super::input::last_part(named);
        match name.split_once(':') {
            Some((family, revision)) => {
                let number: usize = revision.parse().ok()?;
                Some((family.into(), number.checked_sub(1)?))
            }
            None => {
                let revisions = &self.families.get(name)?.revisions;
                Some((
                    name.into(),
                    revisions.iter().rposition(Revision::is_active)?,
                ))
            }
        }
    }
}

/// What others ask of ECS.
impl World {
    /// A task definition's tags, where it has some.
    pub(in crate::world) fn tags_of_task_definition(&self, named: &str) -> Option<Value> {
        let tags = &self.ecs.revision(named)?.tags;
        (!tags.is_empty()).then(|| json!(tags))
    }

    /// `family:revision` of a task definition that is there.
    pub(crate) fn task_definition_named(&self, named: &str) -> Option<String> {
        let found = self.ecs.revision(named)?;
        Some(found.definition.name())
    }

    /// A task definition's task role and execution role, as it was registered with them.
    pub(crate) fn roles_of_task_definition(&self, named: &str) -> [Option<String>; 2] {
        let found = self.ecs.revision(named);
        ["taskRoleArn", "executionRoleArn"].map(|member| {
            let role = found?.definition.document.get(member)?.as_str()?;
            Some(role.to_owned())
        })
    }
}

fn with_tags(described: Value, tags: &Tags, include: bool) -> Value {
    match include {
        true => json!({ "taskDefinition": described, "tags": tags }),
        false => json!({ "taskDefinition": described }),
    }
}

#[cfg(test)]
impl TaskDefinition {
    pub(super) fn for_tests(document: Value) -> Self {
        let parsed = serde_json::from_value(document.clone()).unwrap_or_default();
        let Value::Object(document) = document else {
            unreachable!("a task definition is an object")
        };
        Self {
            arn: "arn".into(),
            revision: 1,
            registered_at: Time::default(),
            registered_by: String::new(),
            document,
            parsed,
        }
    }
}
