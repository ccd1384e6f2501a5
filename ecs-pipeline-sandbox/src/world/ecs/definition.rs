//! A task definition's members, as far as the sandbox itself acts on them.
//!
//! The document that a client registered is kept whole elsewhere
//! ([`super::task_definition::TaskDefinition`]); this is only a reading of it.

use std::collections::BTreeMap;
use std::time::Duration;

use serde::Deserialize;

use crate::world::{ContainerSpec, HealthCheckSpec, PortSpec, TaskId};

/// `RegisterTaskDefinition`'s input.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(super) struct Definition {
    pub(super) family: String,
    pub(super) execution_role_arn: Option<String>,
    pub(super) network_mode: Option<String>,
    pub(super) requires_compatibilities: Vec<String>,
    pub(super) cpu: Option<String>,
    pub(super) memory: Option<String>,
    pub(super) pid_mode: Option<String>,
    pub(super) ipc_mode: Option<String>,
    pub(super) ephemeral_storage: Option<EphemeralStorage>,
    pub(super) runtime_platform: RuntimePlatform,
    pub(super) placement_constraints: Vec<serde_json::Value>,
    pub(super) volumes: Vec<Volume>,
    pub(super) container_definitions: Vec<Container>,
}

#[derive(Debug, Clone, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(super) struct EphemeralStorage {
    #[serde(rename = "sizeInGiB")]
    pub(super) size_in_gib: i64,
}

#[derive(Debug, Clone, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(super) struct RuntimePlatform {
    pub(super) cpu_architecture: Option<String>,
    pub(super) operating_system_family: Option<String>,
}

#[derive(Debug, Clone, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(super) struct Volume {
    pub(super) name: String,
    pub(super) host: Option<BTreeMap<String, serde_json::Value>>,
    pub(super) docker_volume_configuration: Option<serde_json::Value>,
}

/// An element of `containerDefinitions`.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(super) struct Container {
    pub(super) name: String,
    pub(super) image: String,
    /// `enabled`, which is the default, or `disabled`.
    pub(super) version_consistency: Option<String>,
    pub(super) cpu: i64,
    pub(super) memory: Option<i64>,
    pub(super) memory_reservation: Option<i64>,
    pub(super) essential: Option<bool>,
    pub(super) links: Vec<String>,
    pub(super) hostname: Option<String>,
    pub(super) privileged: bool,
    pub(super) extra_hosts: Vec<serde_json::Value>,
    pub(super) dns_servers: Vec<String>,
    pub(super) dns_search_domains: Vec<String>,
    pub(super) docker_security_options: Vec<String>,
    pub(super) disable_networking: Option<bool>,
    pub(super) port_mappings: Vec<PortMapping>,
    pub(super) entry_point: Option<Vec<String>>,
    pub(super) command: Option<Vec<String>>,
    pub(super) environment: Vec<KeyValue>,
    pub(super) secrets: Vec<Secret>,
    pub(super) mount_points: Vec<MountPoint>,
    pub(super) depends_on: Vec<Dependency>,
    pub(super) start_timeout: Option<i64>,
    pub(super) stop_timeout: Option<i64>,
    pub(super) health_check: Option<HealthCheck>,
    pub(super) log_configuration: Option<LogConfiguration>,
}

#[derive(Debug, Clone, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(super) struct PortMapping {
    pub(super) container_port: Option<i64>,
    pub(super) host_port: Option<i64>,
    pub(super) protocol: Option<String>,
    pub(super) container_port_range: Option<String>,
}

#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub(super) struct KeyValue {
    pub(super) name: String,
    pub(super) value: String,
}

#[derive(Debug, Clone, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(super) struct Secret {
    pub(super) name: String,
    /// A secret's or a parameter's ARN, or a parameter's name.
    pub(super) value_from: String,
}

#[derive(Debug, Clone, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(super) struct MountPoint {
    pub(super) source_volume: Option<String>,
}

#[derive(Debug, Clone, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(super) struct Dependency {
    pub(super) container_name: String,
    pub(super) condition: String,
}

#[derive(Debug, Clone, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(super) struct HealthCheck {
    pub(super) command: Vec<String>,
    pub(super) interval: Option<i64>,
    pub(super) timeout: Option<i64>,
    pub(super) retries: Option<i64>,
    pub(super) start_period: Option<i64>,
}

#[derive(Debug, Clone, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(super) struct LogConfiguration {
    pub(super) log_driver: String,
    pub(super) options: BTreeMap<String, String>,
    pub(super) secret_options: Vec<Secret>,
}

impl Definition {
    pub(super) fn is_awsvpc(&self) -> bool {
        self.network_mode.as_deref() == Some("awsvpc")
    }

    pub(super) fn container(&self, name: &str) -> Option<&Container> {
        self.container_definitions.iter().find(|c| c.name == name)
    }

    /// Host ports that only one task per instance can have.
    pub(super) fn fixed_host_ports(&self) -> Vec<u16> {
        if self.is_awsvpc() {
            return Vec::new();
        }
        self.container_definitions
            .iter()
            .flat_map(|c| &c.port_mappings)
            .filter_map(|m| self.host_port(m))
            .collect()
    }

    /// The fixed host port of a mapping, where it has one.
    fn host_port(&self, mapping: &PortMapping) -> Option<u16> {
        match self.network_mode.as_deref() {
            Some("awsvpc" | "none") => None,
            Some("host") => mapping.container_port.and_then(port),
            _ => mapping.host_port.and_then(port),
        }
    }

    /// How long its containers may take to stop.
    pub(super) fn stop_timeout(&self) -> Duration {
        self.container_definitions
            .iter()
            .map(|c| c.stop_timeout.unwrap_or(30))
            .max()
            .map_or(Duration::from_secs(30), seconds)
    }

    /// What a runner must know of the containers, in the order in which they start. Secrets are
    /// not among the variables: the sandbox has no store to take their values from.
    pub(super) fn container_specs(&self) -> Vec<ContainerSpec> {
        self.in_start_order()
            .into_iter()
            .map(|c| ContainerSpec {
                name: c.name.clone(),
                image: c.image.clone(),
                entry_point: c.entry_point.clone(),
                command: c.command.clone(),
                environment: c
                    .environment
                    .iter()
                    .map(|e| (e.name.clone(), e.value.clone()))
                    .collect(),
                ports: self.port_specs(c),
                health_check: c.health_check.as_ref().map(HealthCheck::spec),
            })
            .collect()
    }

    fn port_specs(&self, container: &Container) -> Vec<PortSpec> {
        container
            .port_mappings
            .iter()
            .filter(|m| m.protocol.as_deref().unwrap_or("tcp") == "tcp")
            .filter_map(|m| {
                Some(PortSpec {
                    container_port: m.container_port.and_then(port)?,
                    host_port: self.host_port(m),
                })
            })
            .collect()
    }

    /// Containers after those they depend on; otherwise as written.
    fn in_start_order(&self) -> Vec<&Container> {
        let mut waiting: Vec<&Container> = self.container_definitions.iter().collect();
        let mut ordered: Vec<&Container> = Vec::with_capacity(waiting.len());
        while !waiting.is_empty() {
            let ready = waiting.iter().position(|c| {
                c.depends_on
                    .iter()
                    .all(|d| ordered.iter().any(|o| o.name == d.container_name))
            });
            // Registration refuses cycles, so that one is always ready.
            ordered.push(waiting.remove(ready.unwrap_or(0)));
        }
        ordered
    }
}

impl Container {
    pub(super) fn is_essential(&self) -> bool {
        self.essential.unwrap_or(true)
    }

    /// Whether its tag is resolved once for each service revision.
    pub(super) fn is_consistent(&self) -> bool {
        self.version_consistency.as_deref() != Some("disabled")
    }

    pub(super) fn maps_port(&self, container_port: u16) -> bool {
        self.port_mappings
            .iter()
            .any(|m| m.container_port == Some(i64::from(container_port)))
    }

    /// An option of the `awslogs` driver; `None` with any other driver.
    pub(super) fn awslogs(&self, option: &str) -> Option<&str> {
        let log = self.log_configuration.as_ref()?;
        (log.log_driver == "awslogs").then(|| log.options.get(option).map(String::as_str))?
    }

    /// The log group and the stream of a task's container with the `awslogs` driver.
    pub(super) fn log_stream(&self, task: &TaskId) -> Option<(String, String)> {
        let group = self.awslogs("awslogs-group")?.to_owned();
        let stream = match self.awslogs("awslogs-stream-prefix") {
            Some(prefix) => format!("{prefix}/{}/{}", self.name, task.0),
            None => format!("{}/{}", self.name, task.0),
        };
        Some((group, stream))
    }
}

impl HealthCheck {
    fn spec(&self) -> HealthCheckSpec {
        HealthCheckSpec {
            command: self.command.clone(),
            interval: seconds(self.interval.unwrap_or(30)),
            timeout: seconds(self.timeout.unwrap_or(5)),
            retries: u32::try_from(self.retries.unwrap_or(3)).unwrap_or(3),
            start_period: seconds(self.start_period.unwrap_or(0)),
        }
    }
}

fn port(n: i64) -> Option<u16> {
    u16::try_from(n).ok().filter(|n| *n > 0)
}

fn seconds(n: i64) -> Duration {
    Duration::from_secs(u64::try_from(n).unwrap_or(0))
}
