//! A member of the configuration that nobody knows.

use super::*;

pub(super) const RULE: Rule = Rule {
    id: "pipeline-unknown-configuration",
    severity: Severity::Warning,
    summary: "a deploy action is told something that the reference does not have",
    explanation: "CodePipeline knows a fixed set of members for each action.",
    remedy: "Correct the name.",
    reference: REFERENCE,
    check: Check::Pipeline(check),
};

fn check(root: &Node<'_>, findings: &mut Findings<'_>) {
    for action in deploy_actions(root) {
        let known = || configuration(action.kind).names();
        for member in action
            .configuration()
            .map(Node::members)
            .unwrap_or_default()
        {
            if !known().any(|name| name == member.name) {
                findings
                    .name(&member.node, format!("action `{}`: `{}` is no member of the configuration, as far as is known", action.name(), member.name))
                    .did_you_mean(crate::suggest::closest(&member.name, known()));
            }
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
                    "ECS",
                    "",
                    r#""ClusterName": "c", "ServiceName": "s", "FileName": "f", "DeploymentTimeout": "5""#,
                    &[],
                ),
                (
                    "ECS",
                    "",
                    r#""ClusterNam": "c", "Image1ArtifactName": "a""#,
                    &[
                        ".configuration.ClusterNam",
                        ".configuration.Image1ArtifactName",
                    ],
                ),
                (
                    "CodeDeployToECS",
                    "",
                    r#""Image4ContainerName": "c", "Image5ContainerName": "c""#,
                    &[".configuration.Image5ContainerName"],
                ),
            ],
        );
    }
}
