//! An image that goes nowhere.

use super::*;

pub(super) const RULE: Rule = Rule {
    id: "image-placeholder-unused",
    severity: Severity::Warning,
    summary: "the pipeline fills in a placeholder that no container has",
    explanation: "The blue/green action looks for `<NAME>` in taskdef.json. Where no image is that text, the new image is not deployed: the task definition keeps the one that it names.",
    remedy: "Write `<NAME>` as the `image` of the container that is to get it.",
    reference: BLUE_GREEN,
    check: Check::Across(check),
};

fn check(set: &FileSet<'_>, findings: &mut Findings<'_>) {
    if set.containers().next().is_none() {
        return;
    }
    for (file, action) in set.pipeline_actions() {
        for node in action.images().filter_map(|slot| slot.container) {
            let Some(name) = node.literal() else {
                continue;
            };
            let mut images = set
                .containers()
                .filter_map(|(_, container)| container.node.get("image"));
            let used = images.any(|image| {
                placeholder(image) == Some(name)
                    || (placeholder(image).is_none() && image.literal().is_none())
            });
            if !used
                && !set
                    .taskdefs()
                    .iter()
                    .any(|(taskdef, _)| set.may_be_changed(*taskdef))
            {
                findings.in_file(file.index).value(
                    node,
                    format!("no container of the task definition has the image `<{name}>`"),
                );
            }
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
                (&[("pipeline.json", &right)], &[]),
                (&[("taskdef.json", TASKDEF), ("pipeline.json", &right)], &[]),
                (&[("taskdef.json", &open), ("pipeline.json", &right)], &[]),
                (&[("taskdef.json", &partly), ("pipeline.json", &right)], &[]),
                (
                    &[("taskdef.json", &literal), ("pipeline.json", &right)],
                    &[FILLED_IN],
                ),
                (
                    &[("taskdef.json", TASKDEF), ("pipeline.json", &wrong)],
                    &[FILLED_IN],
                ),
            ],
        );
    }
}
