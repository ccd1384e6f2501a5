//! What only one's own instances can do.

use super::*;

pub(crate) const RULE: Rule = Rule {
    id: "fargate-unsupported",
    severity: Severity::Error,
    summary: "a member that Fargate does not take",
    explanation: "Fargate gives no access to the host. RegisterTaskDefinition refuses a task definition that \
                  requires FARGATE and has privileged, links, host paths, Docker volumes, devices, shared \
                  memory or swap settings, kernel capabilities other than SYS_PTRACE, GPUs, DNS \
                  settings, dockerSecurityOptions, extraHosts, hostname, disableNetworking, an ipcMode, a \
                  pidMode other than task, or placementConstraints. Empty lists and false, as consoles write \
                  them, do no harm.",
    remedy: "Remove it, or run the task on EC2.",
    reference: "https://docs.aws.amazon.com/AmazonECS/latest/developerguide/fargate-tasks-services.html",
    check: Check::TaskDefinition(check),
};

/// Members of a container definition.
const CONTAINER: [&str; 8] = [
    "privileged",
    "links",
    "dnsServers",
    "dnsSearchDomains",
    "dockerSecurityOptions",
    "extraHosts",
    "hostname",
    "disableNetworking",
];

/// Members of `linuxParameters`.
// Not `tmpfs`: the service model once said so of it, and no longer does.
const LINUX: [&str; 4] = ["devices", "sharedMemorySize", "maxSwap", "swappiness"];

fn check(taskdef: &TaskDefinition<'_>, findings: &mut Findings<'_>) {
    if !taskdef.task.fargate {
        return;
    }
    check_task(&taskdef.task, findings);
    for container in &taskdef.containers {
        for member in container.node.members() {
            if CONTAINER.contains(&member.name.as_ref()) && !says_nothing(&member.node) {
                report(container, &member.name, &member.node, findings);
            }
        }
        if let Some(linux) = container.parts.linux_parameters {
            check_linux(container, linux, findings);
        }
        for requirement in container.parts.resource_requirements {
            if let Some(node) = requirement.get("type")
                && node.as_str() == Some("GPU")
            {
                report(container, "GPU", node, findings);
            }
        }
    }
}

fn check_task(task: &Task<'_>, findings: &mut Findings<'_>) {
    if let Some(mode) = task.parts.pid_mode
        && mode.as_str() == Some("host")
    {
        findings.value(mode, "Fargate takes no pidMode other than `task`");
    }
    if let Some(mode) = task.parts.ipc_mode
        && mode.literal().is_some_and(|mode| !mode.is_empty())
    {
        findings.value(mode, "Fargate does not take `ipcMode`");
    }
    if let Some(first) = task.parts.placement_constraints.first() {
        findings.value(first, "Fargate does not take `placementConstraints`");
    }
    for volume in task.parts.volumes {
        if let Some(docker) = volume.present("dockerVolumeConfiguration") {
            findings.name(docker, "Fargate does not take `dockerVolumeConfiguration`");
        }
        let path = volume
            .get("host")
            .and_then(|host| host.present("sourcePath"));
        if let Some(path) = path.filter(|path| !says_nothing(path)) {
            findings.name(path, "Fargate has no host of which a path could be mounted");
        }
    }
}

fn check_linux(container: &Container<'_>, linux: &Node<'_>, findings: &mut Findings<'_>) {
    for member in linux.members() {
        if LINUX.contains(&member.name.as_ref()) && !says_nothing(&member.node) {
            report(container, &member.name, &member.node, findings);
        }
    }
    let added = linux
        .get("capabilities")
        .and_then(|capabilities| capabilities.get("add"));
    for capability in added.map(Node::items).unwrap_or_default() {
        if let Some(name) = capability
            .literal()
            .filter(|name| !matches!(*name, "" | "SYS_PTRACE"))
        {
            let message = format!(
                "{}: Fargate adds no capability other than `SYS_PTRACE`, so not `{name}`",
                container.title()
            );
            findings.value(capability, message);
        }
    }
}

fn report(container: &Container<'_>, what: &str, node: &Node<'_>, findings: &mut Findings<'_>) {
    let message = format!("{}: Fargate does not take `{what}`", container.title());
    findings.name(node, message);
}

/// As consoles and `describe-task-definition` fill in what nobody asked for.
fn says_nothing(node: &Node<'_>) -> bool {
    match node.kind() {
        "null" => true,
        "a boolean" => node.as_bool() == Some(false),
        "a number" => node.as_i64() == Some(0),
        "a string" => node.as_str() == Some(""),
        "a list" => node.items().is_empty(),
        _ => node.members().is_empty(),
    }
}

#[cfg(test)]
mod tests {
    use crate::rules::tests::table;

    #[test]
    fn cases() {
        table(
            &super::RULE,
            "taskdef.json",
            &[
                (
                    r#"{"requiresCompatibilities": ["FARGATE"], "pidMode": "task", "ipcMode": null, "placementConstraints": [], "volumes": [{"host": {}}, {"host": {"sourcePath": null}}, {"host": {"sourcePath": ""}}, {"efsVolumeConfiguration": {"fileSystemId": "fs-1"}}],
                        "containerDefinitions": [{"privileged": false, "links": [], "dnsServers": null, "hostname": null, "disableNetworking": false,
                            "linuxParameters": {"devices": [], "tmpfs": [], "sharedMemorySize": null, "maxSwap": 0, "initProcessEnabled": true, "capabilities": {"add": ["SYS_PTRACE"], "drop": ["ALL"]}}}]}"#,
                    &[],
                ),
                (
                    r#"{"requiresCompatibilities": ["EC2"], "pidMode": "host", "containerDefinitions": [{"privileged": true}]}"#,
                    &[],
                ),
                (
                    r#"{"requiresCompatibilities": ["FARGATE"], "pidMode": "host", "ipcMode": "host", "placementConstraints": [{"type": "memberOf"}],
                        "volumes": [{"dockerVolumeConfiguration": {}}, {"host": {"sourcePath": "/data"}}], "containerDefinitions": []}"#,
                    &[
                        "pidMode",
                        "ipcMode",
                        "placementConstraints[0]",
                        "volumes[0].dockerVolumeConfiguration",
                        "volumes[1].host.sourcePath",
                    ],
                ),
                (
                    r#"{"requiresCompatibilities": ["FARGATE"], "containerDefinitions": [{"privileged": true, "links": ["a"],
                        "linuxParameters": {"maxSwap": 1, "capabilities": {"add": ["NET_ADMIN"]}}, "resourceRequirements": [{"type": "GPU", "value": "1"}]}]}"#,
                    &[
                        "containerDefinitions[0].privileged",
                        "containerDefinitions[0].links",
                        "containerDefinitions[0].linuxParameters.maxSwap",
                        "containerDefinitions[0].linuxParameters.capabilities.add[0]",
                        "containerDefinitions[0].resourceRequirements[0].type",
                    ],
                ),
            ],
        );
    }
}
