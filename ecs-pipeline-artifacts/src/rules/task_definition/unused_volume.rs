//! Volumes that nobody sees.

use super::*;

pub(crate) const RULE: Rule = Rule {
    id: "unused-volume",
    severity: Severity::Warning,
    summary: "a volume that no container mounts",
    explanation: "A volume is visible in a container only where a mount point says so; what the application \
                  writes in its place is lost with the container.",
    remedy: "Add a mount point to the container, or remove the volume.",
    reference: "https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_Volume.html",
    check: Check::TaskDefinition(check),
};

use std::collections::HashSet;

fn check(taskdef: &TaskDefinition<'_>, findings: &mut Findings<'_>) {
    let volumes = taskdef.task.parts.volumes;
    if volumes.is_empty() {
        return;
    }
    let containers = taskdef.containers.iter();
    let mounts = containers.flat_map(|container| container.parts.mount_points);
    let mounted: HashSet<_> = mounts
        .filter_map(|mount| mount.get("sourceVolume").and_then(Node::as_str))
        .collect();
    for volume in volumes {
        if let Some(node) = volume.get("name")
            && let Some(name) = node.literal()
            && !mounted.contains(name)
        {
            findings.value(node, format!("no container mounts the volume `{name}`"));
        }
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
                    r#"{"volumes": [{"name": "a"}, {"name": "${V}"}, {}], "containerDefinitions": [{"mountPoints": [{"sourceVolume": "a"}]}]}"#,
                    &[],
                ),
                (
                    r#"{"volumes": [{"name": "a"}, {"name": "b"}], "containerDefinitions": [{"mountPoints": [{"sourceVolume": "a"}]}]}"#,
                    &["volumes[1].name"],
                ),
            ],
        );
    }
}
