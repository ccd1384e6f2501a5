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
    /// Repositories of ECR that other containers' images are in.
    pub other_repositories: Vec<EcrRepository>,
    /// ARNs of objects in S3 that environment variables come from.
    pub environment_files: Vec<String>,
    /// Whether revisions get tags.
    pub has_tags: bool,
    /// Where the containers' output goes.
    pub log_groups: Vec<LogGroup>,
    /// RegisterTaskDefinition's input.
    #[serde(skip)]
    pub document: Value,
}

/// A repository, wherever it is.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[non_exhaustive]
pub struct EcrRepository {
    /// The account of its registry.
    pub account: String,
    /// The Region of its registry.
    pub region: String,
    /// Its name.
    pub name: String,
}

/// A CloudWatch log group that the `awslogs` driver writes to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct LogGroup {
    /// Its name.
    pub name: String,
    /// The Region that it is in, where the task definition says it.
    pub region: Option<String>,
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
            other_repositories: other_repositories(&value),
            environment_files: environment_files(&value),
            has_tags: value
                .get("tags")
                .and_then(Value::as_array)
                .is_some_and(|it| !it.is_empty()),
            log_groups: log_groups(&value),
            document: value,
        }
    }

    /// The account of its roles; none where they are placeholders, or there are none.
    #[must_use]
    pub fn account(&self) -> Option<String> {
        let roles = ["executionRoleArn", "taskRoleArn"].into_iter();
        let arns = roles.filter_map(|role| self.document.get(role)?.as_str());
        let mut accounts = arns.filter_map(|arn| arn.split(':').nth(4));
        let is_account = |it: &&str| it.len() == 12 && it.bytes().all(|byte| byte.is_ascii_digit());
        accounts.find(is_account).map(str::to_owned)
    }

    /// The Region of its log groups; none where that is a placeholder, or there are none.
    #[must_use]
    pub fn region(&self) -> Option<String> {
        let mut regions = self
            .log_groups
            .iter()
            .filter_map(|group| group.region.clone());
        regions.next()
    }

    /// Whether its containers have a network of their own on the instance: Docker's bridge, which is what
    /// a task has that says nothing else.
    #[must_use]
    pub fn is_bridged(&self) -> bool {
        let mode = self.text("networkMode");
        mode.is_none_or(|mode| mode == "bridge")
    }

    /// The instance's port for a container's; none where Docker takes one that is free.
    #[must_use]
    pub fn host_port(&self, container: &str, port: u16) -> Option<u16> {
        let mut containers = containers(&self.document);
        let container =
            containers.find(|it| it.get("name").and_then(Value::as_str) == Some(container));
        let mappings = container?.get("portMappings")?.as_array()?;
        let number = |mapping: &Value, key: &str| mapping.get(key).and_then(Value::as_u64);
        let mut mappings = mappings.iter();
        let mapping = mappings.find(|it| number(it, "containerPort") == Some(port.into()))?;
        let host = number(mapping, "hostPort").filter(|port| *port != 0);
        host.and_then(|port| port.try_into().ok())
    }

    /// Whether ECS starts it on Fargate: `requiresCompatibilities` says so, or says nothing, while the network
    /// mode is the one that Fargate has.
    #[must_use]
    pub fn fits_fargate(&self) -> bool {
        self.is_compatible_with("FARGATE") && self.text("networkMode") == Some("awsvpc")
    }

    /// Whether ECS starts it on instances: `requiresCompatibilities` says so, or says nothing.
    #[must_use]
    pub fn fits_ec2(&self) -> bool {
        self.is_compatible_with("EC2")
    }

    fn is_compatible_with(&self, launch_type: &str) -> bool {
        let required = self.document.get("requiresCompatibilities");
        let required = required
            .and_then(Value::as_array)
            .filter(|it| !it.is_empty());
        required.is_none_or(|list| list.contains(&launch_type.into()))
    }

    /// Whether it is for 64-bit ARM.
    #[must_use]
    pub fn is_arm(&self) -> bool {
        let architecture = self.document.pointer("/runtimePlatform/cpuArchitecture");
        architecture == Some(&"ARM64".into())
    }

    /// Whether it is for Windows.
    #[must_use]
    pub fn is_windows(&self) -> bool {
        let system = self
            .document
            .pointer("/runtimePlatform/operatingSystemFamily");
        let system = system.and_then(Value::as_str);
        system.is_some_and(|system| system.starts_with("WINDOWS"))
    }

    /// The images of its containers.
    pub(crate) fn images(&self) -> impl Iterator<Item = &str> {
        images(&self.document)
    }

    fn text(&self, member: &str) -> Option<&str> {
        self.document.get(member)?.as_str()
    }
}

/// No placeholder.
fn is_region(name: &&str) -> bool {
    let allowed = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-';
    name.contains('-') && name.bytes().all(allowed)
}

impl EcrRepository {
    /// That of an image, if it lies in ECR: `ACCOUNT.dkr.ecr.REGION.amazonaws.com/NAME:TAG`.
    pub(crate) fn of_image(image: &str) -> Option<Self> {
        let (host, path) = image.split_once('/')?;
        let (account, rest) = host.split_once(".dkr.ecr.")?;
        let (region, _) = rest.split_once('.')?;
        let name = path.split(['@', ':']).next()?;
        Some(Self {
            account: account.to_owned(),
            region: region.to_owned(),
            name: name.to_owned(),
        })
    }
}

/// The repositories of images that lie in ECR.
fn other_repositories(document: &Value) -> Vec<EcrRepository> {
    let mut repositories: Vec<_> = images(document)
        .filter_map(EcrRepository::of_image)
        .collect();
    repositories.sort_unstable();
    repositories.dedup();
    repositories
}

fn images(document: &Value) -> impl Iterator<Item = &str> {
    containers(document).filter_map(|it| it.get("image")?.as_str())
}

fn environment_files(document: &Value) -> Vec<String> {
    let files = containers(document).filter_map(|it| it.get("environmentFiles")?.as_array());
    let arns = files
        .flatten()
        .filter_map(|file| file.get("value")?.as_str());
    let mut arns: Vec<_> = arns.map(str::to_owned).collect();
    arns.sort_unstable();
    arns.dedup();
    arns
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
                region: option("awslogs-region")
                    .filter(is_region)
                    .map(str::to_owned),
                created_by_driver: created,
            }),
        }
    }
    groups
}
