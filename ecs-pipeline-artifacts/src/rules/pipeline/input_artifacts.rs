//! Too many or too few input artifacts.

use super::*;

pub(super) const RULE: Rule = Rule {
    id: "pipeline-input-artifacts",
    severity: Severity::Error,
    summary: "a deploy action has more or fewer input artifacts than it takes",
    explanation: "The rolling action takes exactly one input artifact, the blue/green action one to five.",
    remedy: "Name the artifacts that the action reads from, and no more.",
    reference: REFERENCE,
    check: Check::Pipeline(check),
};

fn check(root: &Node<'_>, findings: &mut Findings<'_>) {
    for action in deploy_actions(root) {
        let (most, takes) = match action.kind {
            DeployAction::Ecs => (1, "exactly one input artifact"),
            DeployAction::CodeDeployToEcs => (5, "one to five input artifacts"),
        };
        let count = action.inputs().len();
        if !(1..=most).contains(&count) {
            let at = action.node.get("inputArtifacts").unwrap_or(action.node);
            findings.value(
                at,
                format!("action `{}` takes {takes}, and has {count}", action.name()),
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
                ("ECS", r#"{"name": "a"}"#, "", &[]),
                (
                    "ECS",
                    r#"{"name": "a"}, {"name": "b"}"#,
                    "",
                    &[".inputArtifacts"],
                ),
                ("ECS", "", "", &[".inputArtifacts"]),
                ("CodeDeployToECS", "{}, {}, {}, {}, {}", "", &[]),
                (
                    "CodeDeployToECS",
                    "{}, {}, {}, {}, {}, {}",
                    "",
                    &[".inputArtifacts"],
                ),
            ],
        );
    }
}
