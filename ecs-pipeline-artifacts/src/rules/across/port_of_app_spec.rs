//! The AppSpec's port.

use super::*;

pub(super) const RULE: Rule = Rule {
    id: "app-spec-container-port",
    severity: Severity::Error,
    summary: "the container of the AppSpec does not map its `ContainerPort`",
    explanation: "CodeDeploy registers this port of the container with the target group. ECS refuses the task set where the container does not map it: `The container NAME did not have a container port PORT defined.`",
    remedy: "Use a `containerPort` of the container, or add it to the container's `portMappings`.",
    reference: "https://docs.aws.amazon.com/codedeploy/latest/userguide/reference-appspec-file-structure-resources.html",
    check: Check::Across(check),
};

fn check(set: &FileSet<'_>, findings: &mut Findings<'_>) {
    for (file, service) in set.services() {
        let Some(info) = service.get_any_case("loadbalancerinfo") else {
            continue;
        };
        let name = info.get_any_case("containername").and_then(Node::literal);
        let port = info
            .get_any_case("containerport")
            .and_then(|node| Some((node, node.as_i64()?)));
        let (Some(name), Some((node, port))) = (name, port) else {
            continue;
        };
        let own = || {
            set.containers()
                .filter(|(_, container)| container.name == Some(name))
        };
        let Some((taskdef, container)) = own().next() else {
            continue;
        };
        if own().any(|(_, container)| maps(container, port)) {
            continue;
        }
        let related = container.node.get("portMappings").unwrap_or(container.node);
        let related = findings.in_file(taskdef.index).target(related);
        let mut findings = findings.in_file(file.index);
        findings
            .value(node, format!("container `{name}` does not map port {port}"))
            .related(related, "the container's ports are these");
    }
}

/// Whether a container maps a port, or may.
fn maps(container: &Container<'_>, port: i64) -> bool {
    let mappings = container
        .node
        .get("portMappings")
        .map(Node::items)
        .unwrap_or_default();
    mappings.iter().any(|mapping| {
        match (
            mapping.get("containerPort"),
            mapping.get("containerPortRange"),
        ) {
            (Some(own), _) => own.as_i64().is_none_or(|own| own == port),
            (None, Some(range)) => in_range(range.as_str().unwrap_or_default(), port),
            (None, None) => false,
        }
    })
}

fn in_range(range: &str, port: i64) -> bool {
    let bounds = range
        .split_once('-')
        .and_then(|(low, high)| Some((low.parse().ok()?, high.parse().ok()?)));
    bounds.is_none_or(|(low, high): (i64, i64)| (low..=high).contains(&port))
}

#[cfg(test)]
mod tests {
    use crate::rules::across::tests::*;

    #[test]
    fn cases() {
        let spec = |port| appspec("web", port, "<TASK_DEFINITION>");
        let none = TASKDEF.replace("portMappings", "links");
        let open = TASKDEF.replace("80}", "\"${PORT}\"}");
        let other = TASKDEF.replace("80}", "81}");
        let path = "Resources[0].TargetService.Properties.LoadBalancerInfo.ContainerPort";
        let at = |related: &str| {
            format!("appspec.yaml {path} (taskdef.json containerDefinitions[0]{related})")
        };
        sets(
            &super::RULE,
            &[
                (
                    &[("taskdef.json", TASKDEF), ("appspec.yaml", &spec(80))],
                    &[],
                ),
                (
                    &[("taskdef.json", TASKDEF), ("appspec.yaml", &spec(8010))],
                    &[],
                ),
                (&[("taskdef.json", &open), ("appspec.yaml", &spec(81))], &[]),
                (
                    &[
                        ("taskdef.json", TASKDEF),
                        ("x-taskdef.json", &other),
                        ("appspec.yaml", &spec(81)),
                    ],
                    &[],
                ),
                (
                    &[("taskdef.json", TASKDEF), ("appspec.yaml", &spec(8011))],
                    &[&at(".portMappings")],
                ),
                (
                    &[("taskdef.json", &none), ("appspec.yaml", &spec(80))],
                    &[&at("")],
                ),
            ],
        );
    }
}
