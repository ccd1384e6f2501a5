//! A deploy action that lacks what it must be told.

use super::*;

pub(super) const RULE: Rule = Rule {
    id: "pipeline-configuration-missing",
    severity: Severity::Error,
    summary: "a deploy action lacks a required member of its configuration",
    explanation: "The rolling action needs the cluster and the service; the blue/green action needs the CodeDeploy application and deployment group, and the artifacts that hold the task definition and the AppSpec. CodePipeline refuses an action without them.",
    remedy: "Give the action the member.",
    reference: REFERENCE,
    check: Check::Pipeline(check),
};

fn check(root: &Node<'_>, findings: &mut Findings<'_>) {
    for action in deploy_actions(root) {
        for name in configuration(action.kind).required {
            if action.configured(name).is_none() {
                let at = action.configuration().unwrap_or(action.node);
                findings.value(
                    at,
                    format!("action `{}`: `{name}` is missing", action.name()),
                );
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
                ("ECS", "", r#""ClusterName": "c", "ServiceName": "s""#, &[]),
                ("CodeBuild", "", "", &[]),
                ("ECS", "", r#""ClusterName": "c""#, &[".configuration"]),
                (
                    "CodeDeployToECS",
                    "",
                    r#""ApplicationName": "a", "DeploymentGroupName": "d", "AppSpecTemplateArtifact": "b""#,
                    &[".configuration"],
                ),
            ],
        );
    }
}
