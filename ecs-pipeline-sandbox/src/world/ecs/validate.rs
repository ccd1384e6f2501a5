//! What RegisterTaskDefinition refuses, and in which words.
//!
//! The wording is AWS's where it is publicly known; the first violation found is the one
//! reported, as AWS does.

use std::collections::BTreeSet;

use super::ApiError;
use super::definition::{Container, Definition};
use super::input::client;

/// The largest task definition, in bytes.
const MAX_BYTES: usize = 64 * 1024;

/// Host ports that the container instance itself uses.
const RESERVED_HOST_PORTS: [i64; 7] = [22, 2375, 2376, 51678, 51679, 51680, 0];

/// Checks a task definition whose JSON is `bytes` long.
pub(super) fn validate(definition: &Definition, bytes: usize) -> Result<(), ApiError> {
    check(bytes <= MAX_BYTES, || {
        format!("Actual length: '{bytes}'. Max allowed length is '{MAX_BYTES}' bytes.")
    })?;
    family(definition)?;
    containers(definition)?;
    for container in &definition.container_definitions {
        ports(definition, container)?;
        network_members(definition, container)?;
        health_check(container)?;
        logging(definition, container)?;
        variables(container)?;
        volumes_used(definition, container)?;
        dependencies(definition, container)?;
    }
    duplicate_ports(definition)?;
    dependency_cycles(definition)?;
    if definition
        .requires_compatibilities
        .iter()
        .any(|c| c == "FARGATE")
    {
        fargate(definition)?;
    }
    task_size(definition)
}

fn check(holds: bool, message: impl FnOnce() -> String) -> Result<(), ApiError> {
    if holds {
        Ok(())
    } else {
        Err(client(message()))
    }
}

fn is_name(name: &str) -> bool {
    (1..=255).contains(&name.len())
        && name
            .bytes()
            .all(|b| b.is_ascii_alphanumeric() || b == b'_' || b == b'-')
}

fn family(definition: &Definition) -> Result<(), ApiError> {
    check(!definition.family.is_empty(), || {
        "Family should not be null or empty.".into()
    })?;
    check(is_name(&definition.family), || {
        "Family contains invalid characters.".into()
    })?;
    let modes = ["bridge", "host", "awsvpc", "none"];
    check(
        definition
            .network_mode
            .as_deref()
            .is_none_or(|mode| modes.contains(&mode)),
        || format!("Invalid networkMode. Valid values are {modes:?}."),
    )
}

fn containers(definition: &Definition) -> Result<(), ApiError> {
    let all = &definition.container_definitions;
    check(!all.is_empty(), || "Container list cannot be empty.".into())?;
    check(all.len() <= 10, || {
        "The number of container definitions cannot be greater than 10.".into()
    })?;
    let mut names = BTreeSet::new();
    for container in all {
        check(!container.name.is_empty(), || {
            "Container.name should not be null or empty.".into()
        })?;
        check(is_name(&container.name), || {
            "Container.name contains invalid characters.".into()
        })?;
        check(names.insert(&container.name), || {
            format!(
                "The container name '{}' is used more than once. Container names must be unique in a task definition.",
                container.name
            )
        })?;
        image(container)?;
    }
    check(all.iter().any(Container::is_essential), || {
        "A task definition must have at least one essential container.".into()
    })
}

fn image(container: &Container) -> Result<(), ApiError> {
    let image = container.image.as_str();
    check(!image.is_empty(), || {
        "Container.image should not be null or empty.".into()
    })?;
    let (name, digest) = match image.split_once('@') {
        Some((name, digest)) => (name, Some(digest)),
        None => (image, None),
    };
    let plain = name
        .bytes()
        .all(|b| b.is_ascii_alphanumeric() || b"_-:./#".contains(&b));
    let whole = digest.is_none_or(|d| {
        d.strip_prefix("sha256:")
            .is_some_and(|hex| hex.len() == 64 && hex.bytes().all(|b| b.is_ascii_hexdigit()))
    });
    check(plain && whole && name.len() <= 255, || {
        "Container.image contains invalid characters.".into()
    })
}

fn ports(definition: &Definition, container: &Container) -> Result<(), ApiError> {
    let mode = definition.network_mode.as_deref().unwrap_or("bridge");
    check(mode != "none" || container.port_mappings.is_empty(), || {
        "Port mappings are not supported when networkMode=none.".into()
    })?;
    for mapping in &container.port_mappings {
        let Some(port) = mapping.container_port else {
            check(mapping.container_port_range.is_some(), || {
                "Port mapping must have either containerPort or containerPortRange.".into()
            })?;
            continue;
        };
        check((1..=65535).contains(&port), || {
            format!("Invalid containerPort: {port}. It must be between 1 and 65535.")
        })?;
        let protocol = mapping.protocol.as_deref().unwrap_or("tcp");
        check(matches!(protocol, "tcp" | "udp"), || {
            format!("Invalid protocol: {protocol}. Valid values are tcp and udp.")
        })?;
        let host = mapping.host_port.unwrap_or(0);
        if matches!(mode, "awsvpc" | "host") {
            check(host == 0 || host == port, || {
                format!(
                    "When networkMode={mode}, the host ports and container ports in port mappings must match."
                )
            })?;
        } else {
            check((0..=65535).contains(&host), || {
                format!("Invalid hostPort: {host}. It must be between 0 and 65535.")
            })?;
            check(host == 0 || !RESERVED_HOST_PORTS.contains(&host), || {
                format!("Invalid hostPort: {host}. The port is reserved.")
            })?;
        }
    }
    Ok(())
}

fn duplicate_ports(definition: &Definition) -> Result<(), ApiError> {
    let shared_network = matches!(definition.network_mode.as_deref(), Some("awsvpc" | "host"));
    let mut taken = BTreeSet::new();
    for container in &definition.container_definitions {
        for mapping in &container.port_mappings {
            let port = match shared_network {
                true => mapping.container_port,
                false => mapping.host_port.filter(|p| *p != 0),
            };
            let Some(port) = port else { continue };
            let protocol = mapping.protocol.as_deref().unwrap_or("tcp");
            check(taken.insert((port, protocol)), || {
                format!("Duplicate port mapping: port {port}/{protocol} is mapped more than once.")
            })?;
        }
    }
    Ok(())
}

fn network_members(definition: &Definition, container: &Container) -> Result<(), ApiError> {
    let mode = definition.network_mode.as_deref().unwrap_or("bridge");
    check(mode == "bridge" || container.links.is_empty(), || {
        format!("Links are not supported when networkMode={mode}.")
    })?;
    check(mode != "awsvpc" || container.hostname.is_none(), || {
        "hostname is not supported on container when networkMode=awsvpc.".into()
    })?;
    check(mode != "awsvpc" || container.extra_hosts.is_empty(), || {
        "Extra hosts are not supported when networkMode=awsvpc.".into()
    })
}

fn health_check(container: &Container) -> Result<(), ApiError> {
    let Some(check_of) = &container.health_check else {
        return Ok(());
    };
    let first = check_of.command.first().map(String::as_str);
    check(matches!(first, Some("CMD" | "CMD-SHELL")), || {
        "The health check command must start with CMD or CMD-SHELL.".into()
    })?;
    for (member, value, range) in [
        ("interval", check_of.interval, 5..=300),
        ("timeout", check_of.timeout, 2..=60),
        ("retries", check_of.retries, 1..=10),
        ("startPeriod", check_of.start_period, 0..=300),
    ] {
        check(value.is_none_or(|v| range.contains(&v)), || {
            format!(
                "The health check {member} must be between {} and {}.",
                range.start(),
                range.end()
            )
        })?;
    }
    Ok(())
}

fn logging(definition: &Definition, container: &Container) -> Result<(), ApiError> {
    let Some(log) = &container.log_configuration else {
        return Ok(());
    };
    let drivers = [
        "json-file",
        "syslog",
        "journald",
        "gelf",
        "fluentd",
        "awslogs",
        "splunk",
        "awsfirelens",
    ];
    check(drivers.contains(&log.log_driver.as_str()), || {
        format!("Log driver '{}' is not valid.", log.log_driver)
    })?;
    if log.log_driver != "awslogs" {
        return Ok(());
    }
    let has = |option: &str| log.options.get(option).is_some_and(|v| !v.is_empty());
    check(has("awslogs-region") && has("awslogs-group"), || {
        "Log driver awslogs requires options: awslogs-region, awslogs-group".into()
    })?;
    let fargate = definition
        .requires_compatibilities
        .iter()
        .any(|c| c == "FARGATE");
    check(!fargate || has("awslogs-stream-prefix"), || {
        "Log driver awslogs requires the option awslogs-stream-prefix for tasks with the Fargate launch type.".into()
    })
}

fn variables(container: &Container) -> Result<(), ApiError> {
    let mut names = BTreeSet::new();
    for name in container.secrets.iter().map(|s| &s.name) {
        check(names.insert(name), || {
            format!(
                "The secret name must be unique and not shared with any new or existing environment variables set on the container, such as '{name}'."
            )
        })?;
    }
    for name in container.environment.iter().map(|e| &e.name) {
        check(!names.contains(name), || {
            format!(
                "The secret name must be unique and not shared with any new or existing environment variables set on the container, such as '{name}'."
            )
        })?;
    }
    Ok(())
}

fn volumes_used(definition: &Definition, container: &Container) -> Result<(), ApiError> {
    for source in container
        .mount_points
        .iter()
        .filter_map(|m| m.source_volume.as_ref())
    {
        check(definition.volumes.iter().any(|v| v.name == *source), || {
            format!("Unknown volume '{source}'.")
        })?;
    }
    Ok(())
}

fn dependencies(definition: &Definition, container: &Container) -> Result<(), ApiError> {
    for on in &container.depends_on {
        let target = definition.container(&on.container_name);
        let Some(target) = target.filter(|t| t.name != container.name) else {
            return Err(client(format!(
                "Container '{}' depends on '{}', which is not another container of the task definition.",
                container.name, on.container_name
            )));
        };
        match on.condition.as_str() {
            "START" => {}
            "COMPLETE" | "SUCCESS" => check(!target.is_essential(), || {
                "A dependency container with SUCCESS or COMPLETE condition cannot be an essential container".into()
            })?,
            "HEALTHY" => check(target.health_check.is_some(), || {
                format!(
                    "Container '{}' needs a health check, because '{}' depends on it being HEALTHY.",
                    target.name, container.name
                )
            })?,
            other => {
                return Err(client(format!("Invalid dependency condition '{other}'.")));
            }
        }
    }
    Ok(())
}

fn dependency_cycles(definition: &Definition) -> Result<(), ApiError> {
    let mut left: Vec<&Container> = definition.container_definitions.iter().collect();
    loop {
        let before = left.len();
        let names: BTreeSet<&str> = left.iter().map(|c| c.name.as_str()).collect();
        left.retain(|c| {
            c.depends_on
                .iter()
                .any(|d| names.contains(d.container_name.as_str()))
        });
        if left.is_empty() {
            return Ok(());
        }
        check(left.len() < before, || {
            "The container dependencies form a cycle.".into()
        })?;
    }
}

fn fargate(definition: &Definition) -> Result<(), ApiError> {
    check(definition.is_awsvpc(), || {
        "Fargate only supports network mode ‘awsvpc’.".into()
    })?;
    let (Some(cpu), Some(memory)) = (&definition.cpu, &definition.memory) else {
        let missing = if definition.cpu.is_none() {
            "cpu"
        } else {
            "memory"
        };
        return Err(client(format!(
            "Fargate requires that '{missing}' be defined at the task level."
        )));
    };
    let Some(sizes) = cpu_units(cpu).and_then(fargate_memory) else {
        return Err(client("Invalid 'cpu' setting for task."));
    };
    check(
        memory_mib(memory).is_some_and(|m| sizes.contains(&m)),
        || "No Fargate configuration exists for given values.".into(),
    )?;
    fargate_roles(definition)?;
    fargate_members(definition)
}

fn fargate_roles(definition: &Definition) -> Result<(), ApiError> {
    if definition.execution_role_arn.is_some() {
        return Ok(());
    }
    for container in &definition.container_definitions {
        check(!container.image.contains(".dkr.ecr."), || {
            "Fargate requires task definition to have execution role ARN to support ECR images."
                .into()
        })?;
        let log = container.log_configuration.as_ref();
        check(log.is_none_or(|l| l.log_driver != "awslogs"), || {
            "Fargate requires task definition to have execution role ARN to support log driver awslogs.".into()
        })?;
        let secrets =
            !container.secrets.is_empty() || log.is_some_and(|l| !l.secret_options.is_empty());
        check(!secrets, || {
            "When you are specifying container secrets, you must also specify a value for 'executionRoleArn'".into()
        })?;
    }
    Ok(())
}

fn fargate_members(definition: &Definition) -> Result<(), ApiError> {
    let unsupported =
        |member: &str| format!("Fargate compatible task definitions do not support {member}");
    check(definition.placement_constraints.is_empty(), || {
        unsupported("placement constraints")
    })?;
    check(definition.ipc_mode.is_none(), || unsupported("ipcMode"))?;
    check(definition.pid_mode.as_deref() != Some("host"), || {
        unsupported("pidMode host")
    })?;
    for volume in &definition.volumes {
        check(
            volume
                .host
                .as_ref()
                .is_none_or(|h| !h.contains_key("sourcePath"))
                && volume.docker_volume_configuration.is_none(),
            || unsupported("volumes with a sourcePath or a dockerVolumeConfiguration"),
        )?;
    }
    if let Some(storage) = &definition.ephemeral_storage {
        check((21..=200).contains(&storage.size_in_gib), || {
            "The ephemeral storage size must be between 21 and 200 GiB.".into()
        })?;
    }
    for c in &definition.container_definitions {
        for (member, used) in [
            ("privileged", c.privileged),
            ("disableNetworking", c.disable_networking.is_some()),
            ("dnsServers", !c.dns_servers.is_empty()),
            ("dnsSearchDomains", !c.dns_search_domains.is_empty()),
            (
                "dockerSecurityOptions",
                !c.docker_security_options.is_empty(),
            ),
        ] {
            check(!used, || unsupported(member))?;
        }
        for (member, value) in [
            ("startTimeout", c.start_timeout),
            ("stopTimeout", c.stop_timeout),
        ] {
            check(value.is_none_or(|v| (2..=120).contains(&v)), || {
                format!("The {member} of a container on Fargate must be between 2 and 120 seconds.")
            })?;
        }
        let driver = c.log_configuration.as_ref().map(|l| l.log_driver.as_str());
        check(
            driver.is_none_or(|d| matches!(d, "awslogs" | "splunk" | "awsfirelens")),
            || unsupported("log drivers other than awslogs, splunk and awsfirelens"),
        )?;
    }
    Ok(())
}

fn task_size(definition: &Definition) -> Result<(), ApiError> {
    let cpu = definition
        .cpu
        .as_deref()
        .map(|c| cpu_units(c).filter(|units| (128..=196_608).contains(units)));
    if let Some(None) = cpu {
        return Err(client("Invalid 'cpu' setting for task."));
    }
    let memory = match &definition.memory {
        None => None,
        Some(text) => {
            Some(memory_mib(text).ok_or_else(|| client("Invalid 'memory' setting for task."))?)
        }
    };
    let all = &definition.container_definitions;
    for c in all {
        check(
            memory.is_some() || c.memory.is_some() || c.memory_reservation.is_some(),
            || {
                format!(
                    "Invalid setting for container '{}'. At least one of 'memory' or 'memoryReservation' must be specified.",
                    c.name
                )
            },
        )?;
        check(
            c.memory.is_none_or(|m| m >= 6) && c.memory_reservation.is_none_or(|m| m >= 6),
            || {
                format!(
                    "Invalid setting for container '{}'. 'memory' must be at least 6 MiB.",
                    c.name
                )
            },
        )?;
        check(
            c.memory
                .zip(c.memory_reservation)
                .is_none_or(|(hard, soft)| hard >= soft),
            || {
                format!(
                    "Invalid setting for container '{}'. 'memoryReservation' must not be greater than 'memory'.",
                    c.name
                )
            },
        )?;
        check(c.cpu >= 0, || {
            format!(
                "Invalid setting for container '{}'. 'cpu' must not be negative.",
                c.name
            )
        })?;
    }
    if let Some(Some(task)) = cpu {
        check(all.iter().map(|c| c.cpu).sum::<i64>() <= task, || {
            "The sum of all container 'cpu' values cannot be greater than the value of the task 'cpu'.".into()
        })?;
    }
    if let Some(task) = memory {
        for c in all {
            check(c.memory.is_none_or(|m| m <= task), || {
                format!(
                    "Invalid setting for container '{}'. 'memory' cannot be greater than the value of the task 'memory'.",
                    c.name
                )
            })?;
        }
        check(
            all.iter().filter_map(|c| c.memory_reservation).sum::<i64>() <= task,
            || {
                "The sum of all container 'memoryReservation' values cannot be greater than the value of the task 'memory'.".into()
            },
        )?;
    }
    Ok(())
}

/// `"1024"` or `"1 vCPU"` in CPU units.
pub(super) fn cpu_units(text: &str) -> Option<i64> {
    scaled(text, "vcpu", 1024.0)
}

/// `"2048"` or `"2 GB"` in MiB.
pub(super) fn memory_mib(text: &str) -> Option<i64> {
    scaled(text, "gb", 1024.0)
}

fn scaled(text: &str, unit: &str, factor: f64) -> Option<i64> {
    let text = text.trim().to_ascii_lowercase();
    match text.strip_suffix(unit) {
        None => text.parse().ok(),
        Some(number) => {
            let units = number.trim().parse::<f64>().ok()? * factor;
            (units.fract() == 0.0 && units.abs() < 1e9).then_some(units as i64)
        }
    }
}

/// The memory sizes, in MiB, that Fargate has for so many CPU units.
fn fargate_memory(cpu: i64) -> Option<Vec<i64>> {
    let steps = |from: i64, to: i64, step: usize| (from..=to).step_by(step).collect();
    Some(match cpu {
        256 => vec![512, 1024, 2048],
        512 => steps(1024, 4096, 1024),
        1024 => steps(2048, 8192, 1024),
        2048 => steps(4096, 16384, 1024),
        4096 => steps(8192, 30720, 1024),
        8192 => steps(16384, 61440, 4096),
        16384 => steps(32768, 122_880, 8192),
        32768 => vec![61440, 122_880, 249_856],
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used)]

    use serde_json::{Value, json};

    use super::*;

    /// A good definition, what to change about it, and the refusal.
    type Case = (Value, Vec<(String, Value)>, &'static str);

    fn fargate_app() -> Value {
        json!({
            "family": "web",
            "networkMode": "awsvpc",
            "requiresCompatibilities": ["FARGATE"],
            "cpu": "256",
            "memory": "512",
            "containerDefinitions": [{
                "name": "app", "image": "repo/app:1",
                "portMappings": [{"containerPort": 80}],
            }],
        })
    }

    fn bridge_app() -> Value {
        json!({
            "family": "web",
            "containerDefinitions": [{
                "name": "app", "image": "repo/app:1", "memory": 128,
                "portMappings": [{"containerPort": 80, "hostPort": 0}],
            }],
        })
    }

    fn verdict(mut base: Value, edits: &[(&str, Value)]) -> Result<(), String> {
        for (pointer, value) in edits {
            let (parent, member) = pointer.rsplit_once('/').unwrap();
            let parent = base.pointer_mut(parent).expect(pointer);
            match value {
                Value::Null => {
                    parent.as_object_mut().unwrap().remove(member);
                }
                value => match parent {
                    Value::Array(items) => items.push(value.clone()),
                    parent => parent[member] = value.clone(),
                },
            }
        }
        let bytes = base.to_string().len();
        let definition: Definition = serde_json::from_value(base).unwrap();
        validate(&definition, bytes).map_err(|e| {
            assert_eq!(e.code, "ClientException");
            e.message
        })
    }

    #[test]
    fn good_definitions_are_accepted() {
        verdict(fargate_app(), &[]).unwrap();
        verdict(bridge_app(), &[]).unwrap();
        let sizes = [
            ("1 vCPU", "2GB"),
            (".25 vcpu", "1 GB"),
            ("32768", "249856"),
            ("16384", "122880"),
        ];
        for (cpu, memory) in sizes {
            verdict(
                fargate_app(),
                &[("/cpu", json!(cpu)), ("/memory", json!(memory))],
            )
            .expect(cpu);
        }
        let digest = format!("repo/app@sha256:{}", "a".repeat(64));
        verdict(
            bridge_app(),
            &[("/containerDefinitions/0/image", json!(digest))],
        )
        .unwrap();
    }

    #[test]
    fn what_aws_refuses_is_refused_in_its_words() {
        let c = "/containerDefinitions/0";
        let at = |member: &str| format!("{c}/{member}");
        let sidecar = |extra: Value| {
            let mut sidecar = json!({"name": "side", "image": "side", "memory": 64});
            sidecar
                .as_object_mut()
                .unwrap()
                .extend(extra.as_object().unwrap().clone());
            sidecar
        };
        let logs = |options: Value| json!({"logDriver": "awslogs", "options": options});
        let cases: Vec<Case> = vec![
            (
                fargate_app(),
                vec![("/family".into(), json!("web app"))],
                "Family contains invalid characters.",
            ),
            (
                fargate_app(),
                vec![("/containerDefinitions".into(), json!([]))],
                "Container list cannot be empty.",
            ),
            (
                fargate_app(),
                vec![(at("name"), json!("a/b"))],
                "Container.name contains invalid characters.",
            ),
            (
                fargate_app(),
                vec![(at("name"), Value::Null)],
                "Container.name should not be null or empty.",
            ),
            (
                fargate_app(),
                vec![(at("image"), Value::Null)],
                "Container.image should not be null or empty.",
            ),
            (
                fargate_app(),
                vec![(at("essential"), json!(false))],
                "at least one essential container",
            ),
            (
                fargate_app(),
                vec![(at("portMappings/0/hostPort"), json!(8080))],
                "When networkMode=awsvpc, the host ports and container ports in port mappings must match.",
            ),
            (
                fargate_app(),
                vec![("/networkMode".into(), Value::Null)],
                "Fargate only supports network mode ‘awsvpc’.",
            ),
            (
                fargate_app(),
                vec![("/cpu".into(), Value::Null)],
                "Fargate requires that 'cpu' be defined at the task level.",
            ),
            (
                fargate_app(),
                vec![("/memory".into(), Value::Null)],
                "Fargate requires that 'memory' be defined at the task level.",
            ),
            (
                fargate_app(),
                vec![("/cpu".into(), json!("300"))],
                "Invalid 'cpu' setting for task.",
            ),
            (
                fargate_app(),
                vec![("/memory".into(), json!("4096"))],
                "No Fargate configuration exists for given values.",
            ),
            (
                fargate_app(),
                vec![(at("image"), json!("1.dkr.ecr.us-east-1.amazonaws.com/a:1"))],
                "to support ECR images.",
            ),
            (
                fargate_app(),
                vec![(
                    at("logConfiguration"),
                    logs(
                        json!({"awslogs-region": "r", "awslogs-group": "g", "awslogs-stream-prefix": "p"}),
                    ),
                )],
                "to support log driver awslogs.",
            ),
            (
                fargate_app(),
                vec![(at("secrets"), json!([{"name": "A", "valueFrom": "b"}]))],
                "you must also specify a value for 'executionRoleArn'",
            ),
            (
                fargate_app(),
                vec![(at("privileged"), json!(true))],
                "do not support privileged",
            ),
            (
                fargate_app(),
                vec![("/ephemeralStorage".into(), json!({"sizeInGiB": 20}))],
                "between 21 and 200",
            ),
            (
                fargate_app(),
                vec![(
                    "/containerDefinitions/1".into(),
                    sidecar(json!({"portMappings": [{"containerPort": 80}]})),
                )],
                "Duplicate port mapping",
            ),
            (
                fargate_app(),
                vec![(at("hostname"), json!("h"))],
                "hostname is not supported on container when networkMode=awsvpc.",
            ),
            (
                fargate_app(),
                vec![(at("cpu"), json!(512))],
                "The sum of all container 'cpu' values cannot be greater than the value of the task 'cpu'.",
            ),
            (
                bridge_app(),
                vec![(at("memory"), Value::Null)],
                "Invalid setting for container 'app'. At least one of 'memory' or 'memoryReservation' must be specified.",
            ),
            (
                bridge_app(),
                vec![(at("logConfiguration"), logs(json!({})))],
                "Log driver awslogs requires options: awslogs-region, awslogs-group",
            ),
            (
                bridge_app(),
                vec![(at("logConfiguration"), json!({"logDriver": "paper"}))],
                "Log driver 'paper' is not valid.",
            ),
            (
                bridge_app(),
                vec![(at("healthCheck"), json!({"command": ["curl"]}))],
                "must start with CMD or CMD-SHELL",
            ),
            (
                bridge_app(),
                vec![(
                    at("healthCheck"),
                    json!({"command": ["CMD", "x"], "interval": 1}),
                )],
                "interval must be between 5 and 300",
            ),
            (
                bridge_app(),
                vec![(
                    at("dependsOn"),
                    json!([{"containerName": "nobody", "condition": "START"}]),
                )],
                "depends on 'nobody'",
            ),
            (
                bridge_app(),
                vec![(
                    "/containerDefinitions/1".into(),
                    sidecar(
                        json!({"dependsOn": [{"containerName": "app", "condition": "SUCCESS"}]}),
                    ),
                )],
                "cannot be an essential container",
            ),
            (
                bridge_app(),
                vec![(
                    "/containerDefinitions/1".into(),
                    sidecar(
                        json!({"dependsOn": [{"containerName": "app", "condition": "HEALTHY"}]}),
                    ),
                )],
                "needs a health check",
            ),
            (
                bridge_app(),
                vec![
                    (
                        at("dependsOn"),
                        json!([{"containerName": "side", "condition": "START"}]),
                    ),
                    (
                        "/containerDefinitions/1".into(),
                        sidecar(
                            json!({"dependsOn": [{"containerName": "app", "condition": "START"}]}),
                        ),
                    ),
                ],
                "form a cycle",
            ),
            (
                bridge_app(),
                vec![(
                    "/containerDefinitions/1".into(),
                    sidecar(json!({"name": "app"})),
                )],
                "must be unique",
            ),
            (
                bridge_app(),
                vec![(
                    at("mountPoints"),
                    json!([{"sourceVolume": "v", "containerPath": "/v"}]),
                )],
                "Unknown volume 'v'.",
            ),
            (
                bridge_app(),
                vec![(at("portMappings/0/hostPort"), json!(2375))],
                "The port is reserved.",
            ),
            (
                bridge_app(),
                vec![(at("memory"), json!(4))],
                "at least 6 MiB",
            ),
        ];
        for (base, edits, message) in cases {
            let edits: Vec<_> = edits.iter().map(|(p, v)| (p.as_str(), v.clone())).collect();
            let refused = verdict(base, &edits).expect_err(message);
            assert!(
                refused.contains(message),
                "{refused:?} instead of {message:?}"
            );
        }
    }

    #[test]
    fn a_definition_over_64_kib_is_refused() {
        let long = "x".repeat(70_000);
        let refused = verdict(
            bridge_app(),
            &[("/containerDefinitions/0/command", json!([long]))],
        )
        .unwrap_err();
        assert!(
            refused.ends_with("Max allowed length is '65536' bytes."),
            "{refused}"
        );
    }
}
