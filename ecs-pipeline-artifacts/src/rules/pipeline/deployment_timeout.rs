//! A timeout that the action does not take.

use super::*;

pub(super) const RULE: Rule = Rule {
    id: "pipeline-deployment-timeout",
    severity: Severity::Error,
    summary: "`DeploymentTimeout` is not a number of minutes from 1 to 60",
    explanation: "The rolling action waits that many minutes for the deployment: a whole number from 1 to 60, written as a string, 60 where it is left out.",
    remedy: "Write a number from 1 to 60 in quotes.",
    reference: "https://docs.aws.amazon.com/codepipeline/latest/userguide/action-reference-ECS.html",
    check: Check::Pipeline(check),
};

fn check(root: &Node<'_>, findings: &mut Findings<'_>) {
    for action in deploy_actions(root).filter(|action| action.kind == DeployAction::Ecs) {
        let Some(node) = action.configured("DeploymentTimeout") else {
            continue;
        };
        let is_minutes = |text: &str| {
            text.parse()
                .is_ok_and(|minutes: u32| (1..=60).contains(&minutes))
        };
        if node.as_str().is_none() || node.literal().is_some_and(|text| !is_minutes(text)) {
            findings.value(
                node,
                "`DeploymentTimeout` is a number of minutes from 1 to 60, as a string",
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
                ("ECS", "", r#""DeploymentTimeout": "1""#, &[]),
                ("ECS", "", r#""DeploymentTimeout": "60""#, &[]),
                (
                    "ECS",
                    "",
                    r#""DeploymentTimeout": "61""#,
                    &[".configuration.DeploymentTimeout"],
                ),
                (
                    "ECS",
                    "",
                    r#""DeploymentTimeout": "0""#,
                    &[".configuration.DeploymentTimeout"],
                ),
                (
                    "ECS",
                    "",
                    r#""DeploymentTimeout": 15"#,
                    &[".configuration.DeploymentTimeout"],
                ),
                ("ECS", "", r##""DeploymentTimeout": "#{variables.T}""##, &[]),
                ("CodeDeployToECS", "", r#""DeploymentTimeout": "x""#, &[]),
            ],
        );
    }
}
