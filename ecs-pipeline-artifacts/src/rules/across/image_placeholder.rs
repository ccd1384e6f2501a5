//! A placeholder that nobody fills in.

use super::*;

pub(super) const RULE: Rule = Rule {
    id: "image-placeholder",
    severity: Severity::Error,
    summary: "the image of a container is a placeholder that no `ImageNContainerName` of the pipeline names",
    explanation: "The blue/green action replaces `<NAME>` in taskdef.json only where one of `Image1ContainerName` to `Image4ContainerName` is `NAME`. Otherwise ECS is given the placeholder itself for an image, and refuses it.",
    remedy: "Give the action `ImageNContainerName` and `ImageNArtifactName` for the placeholder, or correct its name.",
    reference: BLUE_GREEN,
    check: Check::Across(check),
};

fn check(set: &FileSet<'_>, findings: &mut Findings<'_>) {
    let actions: Vec<_> = set
        .pipeline_actions()
        .filter(|(_, action)| action.kind == DeployAction::CodeDeployToEcs)
        .collect();
    if actions.is_empty() {
        return;
    }
    let slots = || {
        actions
            .iter()
            .flat_map(|(file, action)| action.images().map(move |slot| (*file, slot)))
    };
    let named = || slots().filter_map(|(file, slot)| slot.container.map(|node| (file, node)));
    if named().any(|(_, node)| node.literal().is_none()) {
        return;
    }
    for (file, container) in set.containers() {
        let Some(image) = container.node.get("image") else {
            continue;
        };
        let Some(name) = placeholder(image) else {
            continue;
        };
        if named().any(|(_, node)| node.as_str() == Some(name)) || set.may_be_changed(file) {
            continue;
        }
        let related: Vec<_> = named()
            .take(4)
            .map(|(file, node)| findings.in_file(file.index).target(node))
            .collect();
        let mut findings = findings.in_file(file.index);
        let finding = findings.value(image, format!("no `ImageNContainerName` of the pipeline is `{name}`, so that `<{name}>` stays as it is"));
        finding.did_you_mean(crate::suggest::closest(
            name,
            named().take(4).filter_map(|(_, node)| node.as_str()),
        ));
        for target in related {
            finding.related(target, "this placeholder is filled in");
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::rules::across::tests::*;

    #[test]
    fn cases() {
        let (right, wrong) = (filling_in("IMAGE1_NAME"), filling_in("IMAGE_NAME"));
        let literal = with_image("shop:1");
        let open = with_image("${IMAGE}");
        let partly = with_image("<ACCOUNT>.dkr.ecr.eu-west-1.amazonaws.com/shop:1");

        sets(
            &super::RULE,
            &[
                (&[("taskdef.json", TASKDEF)], &[]),
                (&[("taskdef.json", TASKDEF), ("pipeline.json", &right)], &[]),
                (
                    &[("taskdef.json", &literal), ("pipeline.json", &right)],
                    &[],
                ),
                (&[("taskdef.json", &open), ("pipeline.json", &right)], &[]),
                (&[("taskdef.json", &partly), ("pipeline.json", &right)], &[]),
                (
                    &[("taskdef.json", TASKDEF), ("pipeline.json", &wrong)],
                    &[&format!(
                        "taskdef.json containerDefinitions[0].image ({FILLED_IN})"
                    )],
                ),
            ],
        );
    }
}
