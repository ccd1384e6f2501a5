//! What a deployment needs to know about a task definition.

use serde_json::{Map, Value};

use super::TaskDefinitionDocument;

/// The machine that a task definition asks for.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct RuntimePlatform {
    /// `X86_64` or `ARM64`. AWS takes `X86_64` where nothing is said.
    pub cpu_architecture: String,
    /// `LINUX` or one of the `WINDOWS_…` families. AWS takes `LINUX` where nothing is said.
    pub operating_system_family: String,
    /// Whether the document names the architecture. Where it does not, Fargate takes `X86_64`, and on
    /// EC2 the task runs on whatever the instance is.
    pub declares_architecture: bool,
}

impl RuntimePlatform {
    /// The platform as image manifests write it, such as `linux/amd64`; `None` for an architecture
    /// that is not known here.
    pub fn image_platform(&self) -> Option<String> {
        let os = match self.operating_system_family.as_str() {
            "LINUX" => "linux",
            family if family.starts_with("WINDOWS") => "windows",
            _ => return None,
        };
        let architecture = match self.cpu_architecture.as_str() {
            "X86_64" => "amd64",
            "ARM64" => "arm64",
            _ => return None,
        };
        Some(format!("{os}/{architecture}"))
    }
}

/// Where a container's output goes, as far as it can be read back: the options of the `awslogs` driver.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct LogConfiguration {
    /// The log driver, such as `awslogs` or `awsfirelens`.
    pub driver: String,
    /// `awslogs-group`.
    pub group: Option<String>,
    /// `awslogs-stream-prefix`; the stream of a task is then `PREFIX/CONTAINER/TASK-ID`.
    pub stream_prefix: Option<String>,
    /// `awslogs-region`.
    pub region: Option<String>,
}

impl LogConfiguration {
    /// The log stream of a container of one task, where the stream's name can be foretold: with the
    /// `awslogs` driver and a stream prefix.
    ///
    /// ```
    /// # use ecs_pipeline_artifacts::task_definition::TaskDefinitionDocument;
    /// let taskdef = TaskDefinitionDocument::parse(r#"{"family": "f", "containerDefinitions": [{
    ///     "name": "web",
    ///     "logConfiguration": {"logDriver": "awslogs", "options": {"awslogs-stream-prefix": "ecs"}}
    /// }]}"#)?;
    /// let logs = taskdef.log_configuration("web").unwrap();
    /// assert_eq!(logs.stream("web", "0123abcd").as_deref(), Some("ecs/web/0123abcd"));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn stream(&self, container: &str, task_id: &str) -> Option<String> {
        let prefix = self
            .stream_prefix
            .as_ref()
            .filter(|_| self.driver == "awslogs")?;
        Some(format!("{prefix}/{container}/{task_id}"))
    }
}

impl TaskDefinitionDocument {
    /// The family, the name under which revisions are counted.
    pub fn family(&self) -> Option<&str> {
        self.root.get("family").and_then(Value::as_str)
    }

    /// The names of the containers, in file order. A container without a name is left out.
    pub fn container_names(&self) -> Vec<&str> {
        self.containers().filter_map(name_of).collect()
    }

    /// The image of a container; `None` if there is no such container, or it names no image.
    pub fn image_of(&self, container: &str) -> Option<&str> {
        self.container(container)?
            .get("image")
            .and_then(Value::as_str)
    }

    /// The architecture and operating system that the tasks need, with AWS's defaults where the
    /// document says nothing.
    ///
    /// ```
    /// # use ecs_pipeline_artifacts::task_definition::TaskDefinitionDocument;
    /// let taskdef = TaskDefinitionDocument::parse(r#"{"family": "shop", "runtimePlatform": {"cpuArchitecture": "ARM64"}}"#)?;
    /// assert_eq!(taskdef.runtime_platform().image_platform().as_deref(), Some("linux/arm64"));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn runtime_platform(&self) -> RuntimePlatform {
        let member = |name: &str| self.root.get("runtimePlatform")?.get(name)?.as_str();
        RuntimePlatform {
            cpu_architecture: member("cpuArchitecture").unwrap_or("X86_64").to_owned(),
            operating_system_family: member("operatingSystemFamily")
                .unwrap_or("LINUX")
                .to_owned(),
            declares_architecture: member("cpuArchitecture").is_some(),
        }
    }

    /// Whether `requiresCompatibilities` lists `FARGATE`.
    pub fn requires_fargate(&self) -> bool {
        list(&self.root, "requiresCompatibilities").any(|item| item.as_str() == Some("FARGATE"))
    }

    /// The network mode; `None` where AWS decides (`bridge` on Linux).
    pub fn network_mode(&self) -> Option<&str> {
        self.root.get("networkMode").and_then(Value::as_str)
    }

    /// The container ports that a container maps, in file order. Ranges (`containerPortRange`) are left out.
    pub fn container_ports(&self, container: &str) -> Vec<u16> {
        let mappings = self
            .container(container)
            .into_iter()
            .flat_map(|container| list(container, "portMappings"));
        mappings
            .filter_map(|mapping| mapping.get("containerPort")?.as_u64())
            .filter_map(|port| u16::try_from(port).ok())
            .collect()
    }

    /// Where a container's output goes; `None` without a `logConfiguration`.
    pub fn log_configuration(&self, container: &str) -> Option<LogConfiguration> {
        let configuration = self.container(container)?.get("logConfiguration")?;
        let option = |name: &str| {
            Some(
                configuration
                    .get("options")?
                    .get(name)?
                    .as_str()?
                    .to_owned(),
            )
        };
        Some(LogConfiguration {
            driver: configuration.get("logDriver")?.as_str()?.to_owned(),
            group: option("awslogs-group"),
            stream_prefix: option("awslogs-stream-prefix"),
            region: option("awslogs-region"),
        })
    }

    /// The tags as key and value, in file order. A tag without a value has the empty one, as in AWS.
    pub fn tags(&self) -> Vec<(&str, &str)> {
        list(&self.root, "tags")
            .filter_map(|tag| {
                Some((
                    tag.get("key")?.as_str()?,
                    tag.get("value").and_then(Value::as_str).unwrap_or_default(),
                ))
            })
            .collect()
    }

    fn containers(&self) -> impl Iterator<Item = &Map<String, Value>> {
        list(&self.root, "containerDefinitions").filter_map(Value::as_object)
    }

    fn container(&self, name: &str) -> Option<&Map<String, Value>> {
        self.containers()
            .find(|container| name_of(container) == Some(name))
    }
}

/// The items of a list member; none where it is absent, null or not a list.
fn list<'v>(
    object: &'v Map<String, Value>,
    member: &str,
) -> impl Iterator<Item = &'v Value> + use<'v> {
    object
        .get(member)
        .and_then(Value::as_array)
        .into_iter()
        .flatten()
}

pub(super) fn name_of(container: &Map<String, Value>) -> Option<&str> {
    container.get("name").and_then(Value::as_str)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used)]

    use serde_json::json;

    use super::*;

    fn document(value: Value) -> TaskDefinitionDocument {
        TaskDefinitionDocument::from_value(value).unwrap()
    }

    #[test]
    fn reads_what_a_deployment_needs() {
        let taskdef = document(json!({
            "family": "shop", "networkMode": "awsvpc", "requiresCompatibilities": ["EC2", "FARGATE"],
            "tags": [{"key": "team", "value": "blue"}, {"key": "bare"}],
            "containerDefinitions": [
                {"name": "web", "image": "shop:1",
                 "portMappings": [{"containerPort": 8080, "hostPort": 0}, {"containerPortRange": "1-2"}],
                 "logConfiguration": {"logDriver": "awslogs", "options": {
                    "awslogs-group": "/ecs/shop", "awslogs-region": "eu-west-1", "awslogs-stream-prefix": "web"}}},
                {"name": "sidecar", "portMappings": null}
            ]
        }));
        assert_eq!(taskdef.family(), Some("shop"));
        assert_eq!(taskdef.container_names(), ["web", "sidecar"]);
        assert_eq!(taskdef.image_of("web"), Some("shop:1"));
        assert_eq!(
            (taskdef.image_of("sidecar"), taskdef.image_of("nobody")),
            (None, None)
        );
        assert_eq!(taskdef.container_ports("web"), [8080]);
        assert_eq!(taskdef.container_ports("sidecar"), [0u16; 0]);
        assert!(taskdef.requires_fargate());
        assert_eq!(taskdef.network_mode(), Some("awsvpc"));
        assert_eq!(taskdef.tags(), [("team", "blue"), ("bare", "")]);
        let logs = taskdef.log_configuration("web").unwrap();
        assert_eq!(logs.group.as_deref(), Some("/ecs/shop"));
        assert_eq!(logs.stream("web", "0123").as_deref(), Some("web/web/0123"));
        assert_eq!(taskdef.log_configuration("sidecar"), None);
    }

    #[test]
    fn platforms_follow_the_document_or_the_default() {
        for (platform, expected, declared) in [
            (json!(null), Some("linux/amd64"), false),
            (json!({}), Some("linux/amd64"), false),
            (
                json!({"cpuArchitecture": "ARM64"}),
                Some("linux/arm64"),
                true,
            ),
            (
                json!({"cpuArchitecture": "X86_64", "operatingSystemFamily": "WINDOWS_SERVER_2022_CORE"}),
                Some("windows/amd64"),
                true,
            ),
            (json!({"cpuArchitecture": "RISCV64"}), None, true),
        ] {
            let found =
                document(json!({"family": "f", "runtimePlatform": platform})).runtime_platform();
            assert_eq!(found.image_platform().as_deref(), expected);
            assert_eq!(found.declares_architecture, declared);
        }
    }
}
