//! Where volumes are mounted.

use super::*;

pub(crate) const RULE: Rule = Rule {
    id: "mount-path",
    severity: Severity::Warning,
    summary: "a mount point without a path, or two with one path",
    explanation: "A mount point says at which containerPath the volume is seen. Docker refuses to start a container with two mounts at one path: `Duplicate mount point`.",
    remedy: "Give each mount point a containerPath of its own.",
    reference: "https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_MountPoint.html",
    check: Check::TaskDefinition(check),
};

fn check(taskdef: &TaskDefinition<'_>, findings: &mut Findings<'_>) {
    for container in &taskdef.containers {
        let mounts = container.parts.mount_points;
        for mount in mounts {
            if matches!(mount.value, Value::Object(_)) && mount.get("containerPath").is_none() {
                let message = format!(
                    "{}: the mount point has no containerPath",
                    container.title()
                );
                findings.value(mount, message);
            }
        }
        for (mount, first) in repeated(mounts, |mount| {
            mount.get("containerPath").and_then(Node::literal)
        }) {
            if let Some((node, first)) = mount.get("containerPath").zip(first.get("containerPath"))
            {
                let target = findings.target(first);
                let message = format!(
                    "{}: something is mounted at this path already",
                    container.title()
                );
                findings.value(node, message).related(target, "the first");
            }
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
                    r#"{"containerDefinitions": [{"mountPoints": [{"containerPath": "/a"}, {"containerPath": "/b"}, {"containerPath": null}]}, {"mountPoints": [{"containerPath": "/a"}]}]}"#,
                    &[],
                ),
                (
                    r#"{"containerDefinitions": [{"mountPoints": [{"containerPath": "/a"}, {"containerPath": "/a"}, {"sourceVolume": "v"}]}]}"#,
                    &[
                        "containerDefinitions[0].mountPoints[1].containerPath",
                        "containerDefinitions[0].mountPoints[2]",
                    ],
                ),
            ],
        );
    }
}
