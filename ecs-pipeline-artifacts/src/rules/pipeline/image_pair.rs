//! A half of what describes an image.

use super::*;

pub(super) const RULE: Rule = Rule {
    id: "pipeline-image-pair",
    severity: Severity::Warning,
    summary: "`Image1ContainerName` without `Image1ArtifactName`, or the reverse",
    explanation: "The action takes the image from imageDetail.json in the artifact, and puts it where the task definition has the placeholder of that name. With one of the two it can do neither.",
    remedy: "Give both, or neither.",
    reference: REFERENCE,
    check: Check::Pipeline(check),
};

fn check(root: &Node<'_>, findings: &mut Findings<'_>) {
    for action in deploy_actions(root) {
        for slot in action.images() {
            let (node, missing) = match (slot.container, slot.artifact) {
                (Some(node), None) => (node, "ArtifactName"),
                (None, Some(node)) => (node, "ContainerName"),
                _ => continue,
            };
            findings.name(
                node,
                format!(
                    "action `{}`: `Image{}{missing}` is missing beside it",
                    action.name(),
                    slot.number
                ),
            );
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::tests::table;

    #[test]
    fn cases() {
        table(
            &super::RULE,
            &[
                (
                    "CodeDeployToECS",
                    "",
                    r#""Image1ContainerName": "I", "Image1ArtifactName": "a""#,
                    &[],
                ),
                (
                    "CodeDeployToECS",
                    "",
                    r#""Image1ContainerName": "I", "Image2ArtifactName": "a""#,
                    &[
                        ".configuration.Image1ContainerName",
                        ".configuration.Image2ArtifactName",
                    ],
                ),
            ],
        );
    }
}
