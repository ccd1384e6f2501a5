//! What a volume is.

use super::*;

pub(crate) const RULE: Rule = Rule {
    id: "volume-configuration",
    severity: Severity::Error,
    summary: "a volume of two kinds, or two volumes that are configured at launch",
    explanation: "A volume is a bind mount, a Docker volume, a file system of EFS, FSx or S3, or configured \
                  at launch: one of them. Only one volume of a task definition can be configured at launch.",
    remedy: "Keep one of the configurations, and make two volumes of it if both are meant.",
    reference: "https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_Volume.html",
    check: Check::TaskDefinition(check),
};

const KINDS: [&str; 5] = [
    "host",
    "dockerVolumeConfiguration",
    "efsVolumeConfiguration",
    "s3filesVolumeConfiguration",
    "fsxWindowsFileServerVolumeConfiguration",
];

fn check(taskdef: &TaskDefinition<'_>, findings: &mut Findings<'_>) {
    let mut at_launch: Option<&Node<'_>> = None;
    for volume in taskdef.task.parts.volumes {
        let launch = volume.get("configuredAtLaunch");
        let launch = launch.filter(|launch| launch.as_bool() == Some(true));
        if let (Some(node), Some(first)) = (launch, at_launch) {
            let target = findings.target(first);
            findings
                .name(node, "only one volume can be configured at launch")
                .related(target, "the first");
        }
        at_launch = at_launch.or(launch);
        check_kinds(volume, launch, findings);
    }
}

fn check_kinds(volume: &Node<'_>, launch: Option<&Node<'_>>, findings: &mut Findings<'_>) {
    // An empty `host` stands beside the others in what consoles write.
    let members = volume.members().iter();
    let mut kinds = members
        .filter(|member| KINDS.contains(&member.name.as_ref()) && says_something(&member.node));
    let Some(first) = kinds.next() else { return };
    let name = volume
        .get("name")
        .and_then(Node::as_str)
        .unwrap_or_default();
    let target = findings.target(&first.node);
    if let Some(launch) = launch {
        let message = format!(
            "volume `{name}` is configured at launch and has `{}`",
            first.name
        );
        findings
            .name(launch, message)
            .related(target.clone(), "the other");
    }
    for other in kinds {
        let message = format!("volume `{name}` has `{}` and `{}`", first.name, other.name);
        findings
            .name(&other.node, message)
            .related(target.clone(), "the first");
    }
}

fn says_something(kind: &Node<'_>) -> bool {
    kind.members().iter().any(|member| !member.node.is_null())
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
                    r#"{"containerDefinitions": [], "volumes": [{"host": {}, "efsVolumeConfiguration": {"fileSystemId": "fs-1"}},
                        {"host": {"sourcePath": null}, "dockerVolumeConfiguration": {"scope": "task"}, "efsVolumeConfiguration": null}, {"configuredAtLaunch": true, "host": {}}, {"configuredAtLaunch": false}]}"#,
                    &[],
                ),
                (
                    r#"{"containerDefinitions": [], "volumes": [{"host": {"sourcePath": "/a"}, "efsVolumeConfiguration": {"fileSystemId": "fs-1"}},
                        {"configuredAtLaunch": true}, {"configuredAtLaunch": true}, {"configuredAtLaunch": true, "host": {"sourcePath": "/a"}}]}"#,
                    &[
                        "volumes[0].efsVolumeConfiguration",
                        "volumes[2].configuredAtLaunch",
                        "volumes[3].configuredAtLaunch",
                        "volumes[3].configuredAtLaunch",
                    ],
                ),
            ],
        );
    }
}
