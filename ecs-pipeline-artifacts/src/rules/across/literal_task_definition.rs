//! A task definition that the action does not put there.

use super::*;

pub(super) const RULE: Rule = Rule {
    id: "app-spec-task-definition",
    severity: Severity::Error,
    summary: "the AppSpec names a task definition where the blue/green action needs `<TASK_DEFINITION>`",
    explanation: "The action registers taskdef.json, and puts the new revision where the AppSpec has `<TASK_DEFINITION>`. Anything else is deployed as it stands: the old revision, or nothing that exists.",
    remedy: "Write `TaskDefinition: <TASK_DEFINITION>`.",
    reference: BLUE_GREEN,
    check: Check::Across(check),
};

fn check(set: &FileSet<'_>, findings: &mut Findings<'_>) {
    let Some(known) = set.is_blue_green() else {
        return;
    };
    for (file, service) in set.services() {
        let Some(node) = service
            .get_any_case("taskdefinition")
            .filter(|node| node.as_str().is_some())
        else {
            continue;
        };
        let open = node.literal().is_none() && placeholder(node).is_none();
        // Otherwise `aws deploy` may be what reads the file, and needs an ARN; or nothing reads it.
        let read = known == Known::Surely
            || (is_handed_over(set, file.name) && !set.has_image_definitions());
        if placeholder(node) != Some("TASK_DEFINITION")
            && !open
            && read
            && !set.may_be_changed(file)
        {
            findings
                .in_file(file.index)
                .value(
                    node,
                    "the blue/green action needs the text `<TASK_DEFINITION>` here",
                )
                .fix(
                    "write `<TASK_DEFINITION>`",
                    [super::super::Change::Replace(
                        node.id,
                        "\"<TASK_DEFINITION>\"".to_owned(),
                    )],
                );
        }
    }
}

/// Whether a build hands this AppSpec over together with a task definition.
fn is_handed_over(set: &FileSet<'_>, name: &str) -> bool {
    let name = name.rsplit('/').next().unwrap_or(name);
    let names = |pattern: &str, name: &str| pattern.rsplit('/').next() == Some(name);
    set.build_specs().iter().any(|(_, spec)| {
        spec.artifacts().any(|artifact| {
            let mut patterns = artifact::patterns(artifact, "files");
            patterns.any(|pattern| names(pattern, name))
                && artifact::patterns(artifact, "files")
                    .any(|pattern| names(pattern, "taskdef.json"))
        })
    })
}

#[cfg(test)]
mod tests {
    use crate::rules::across::tests::*;

    #[test]
    fn cases() {
        let right = appspec("web", 80, "<TASK_DEFINITION>");
        let arn = appspec(
            "web",
            80,
            "arn:aws:ecs:eu-west-1:123456789012:task-definition/shop:7",
        );
        let other = appspec("web", 80, "<TASKDEF>");
        let rolling = buildspec(
            &["printf x > imagedefinitions.json"],
            "{files: [appspec.yaml, taskdef.json, imagedefinitions.json]}",
        );
        let open = appspec("web", 80, "${TASKDEF}");
        let hands = buildspec(&["make"], "{files: [appspec.yaml, taskdef.json]}");
        let sed = buildspec(
            &["sed -i s/a/b/ appspec.yaml"],
            "{files: [appspec.yaml, taskdef.json]}",
        );
        let path = "appspec.yaml Resources[0].TargetService.Properties.TaskDefinition";
        sets(
            &super::RULE,
            &[
                (&[("appspec.yaml", &right), ("buildspec.yml", &hands)], &[]),
                (&[("appspec.yaml", &arn)], &[]),
                (&[("appspec.yaml", &arn), ("buildspec.yml", &rolling)], &[]),
                (&[("appspec.yaml", &open), ("buildspec.yml", &hands)], &[]),
                (&[("appspec.yaml", &arn), ("buildspec.yml", &sed)], &[]),
                (
                    &[("appspec.yaml", &arn), ("buildspec.yml", &hands)],
                    &[path],
                ),
                (
                    &[("appspec.yaml", &other), ("buildspec.yml", &hands)],
                    &[path],
                ),
            ],
        );
        let blue_green = crate::validate::Options {
            action: Some(crate::validate::DeployAction::CodeDeployToEcs),
        };
        assert_eq!(
            found(&super::RULE, &blue_green, &[("appspec.yaml", &arn)]),
            [path]
        );
        let rolling = crate::validate::Options {
            action: Some(crate::validate::DeployAction::Ecs),
        };
        assert_eq!(
            found(
                &super::RULE,
                &rolling,
                &[("appspec.yaml", &arn), ("buildspec.yml", &hands)]
            ),
            [""; 0]
        );
    }
}
