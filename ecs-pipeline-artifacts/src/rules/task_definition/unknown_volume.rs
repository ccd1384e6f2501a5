//! Mounts of volumes.

use super::*;

pub(crate) const RULE: Rule = Rule {
    id: "unknown-volume",
    severity: Severity::Error,
    summary: "a mount of a volume that is not there",
    explanation: "sourceVolume is the name of one of the task definition's volumes. AWS refuses a task \
                  definition that mounts any other.",
    remedy: "Write the name of one of the volumes, or add it to volumes.",
    reference: "https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_MountPoint.html",
    check: Check::TaskDefinition(check),
};

fn check(taskdef: &TaskDefinition<'_>, findings: &mut Findings<'_>) {
    let mut containers = taskdef.containers.iter();
    if containers.all(|container| container.parts.mount_points.is_empty()) {
        return;
    }
    let names = Names::of(taskdef.task.parts.volumes.iter());
    for container in &taskdef.containers {
        for mount in container.parts.mount_points {
            if let Some(node) = mount.get("sourceVolume")
                && let Some(name) = node.literal()
                && !name.is_empty()
                && names.lack(name)
            {
                let message = format!(
                    "{} mounts the volume `{name}`, and there is no such volume",
                    container.title()
                );
                findings
                    .value(node, message)
                    .did_you_mean(names.closest(name));
            }
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use crate::rules::tests::table;

    #[test]
    fn cases() {
        table(
            &super::RULE,
            "taskdef.json",
            &[
                (
                    r#"{"volumes": [{"name": "data"}], "containerDefinitions": [{"mountPoints": [{"sourceVolume": "data"}, {"sourceVolume": null}, {"sourceVolume": "<V>"}]}, {"mountPoints": []}]}"#,
                    &[],
                ),
                (
                    r#"{"volumes": [{"name": "${V}"}], "containerDefinitions": [{"mountPoints": [{"sourceVolume": "data"}]}]}"#,
                    &[],
                ),
                (
                    r#"{"containerDefinitions": [{"mountPoints": [{"sourceVolume": "data"}]}], "volumes": []}"#,
                    &["containerDefinitions[0].mountPoints[0].sourceVolume"],
                ),
            ],
        );
    }

    #[test]
    fn many_unknown_ones_take_little_time() {
        let volumes = (0..5_000).map(|n| format!(r#"{{"name": "volume-{n}"}}"#));
        let mounts = (0..5_000).map(|n| format!(r#"{{"sourceVolume": "valume-{n}"}}"#));
        let text = format!(
            r#"{{"volumes": [{}], "containerDefinitions": [{{"mountPoints": [{}]}}]}}"#,
            volumes.collect::<Vec<_>>().join(","),
            mounts.collect::<Vec<_>>().join(",")
        );
        let found = crate::rules::tests::lines(&super::RULE, "taskdef.json", text);
        assert_eq!(found.len(), 200);
    }

    #[test]
    fn the_one_that_was_meant_is_named() {
        let text = r#"{"volumes": [{"name": "data"}], "containerDefinitions": [{"mountPoints": [{"sourceVolume": "dtaa"}]}]}"#;
        let file = crate::validate::SourceFile::new("taskdef.json", text);
        let report = crate::validate::validate(&[file], &Default::default());
        let found = report
            .findings
            .iter()
            .find(|found| found.rule == &super::RULE);
        assert_eq!(found.unwrap().help.as_deref(), Some("did you mean `data`?"));
    }
}
