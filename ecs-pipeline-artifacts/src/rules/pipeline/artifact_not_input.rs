//! An artifact that the action does not get.

use super::*;

pub(super) const RULE: Rule = Rule {
    id: "pipeline-artifact-not-input",
    severity: Severity::Error,
    summary: "the configuration names an artifact that is none of the action's input artifacts",
    explanation: "The action reads only from its input artifacts: `Exception while trying to read the task definition artifact file from: …`.",
    remedy: "Add the artifact to the action's `inputArtifacts`, or correct its name.",
    reference: REFERENCE,
    check: Check::Pipeline(check),
};

fn check(root: &Node<'_>, findings: &mut Findings<'_>) {
    for action in deploy_actions(root).filter(|action| action.kind == DeployAction::CodeDeployToEcs)
    {
        let templates = ["TaskDefinitionTemplateArtifact", "AppSpecTemplateArtifact"];
        let templates = templates
            .into_iter()
            .filter_map(|name| action.configured(name));
        for artifact in templates.chain(action.images().filter_map(|slot| slot.artifact)) {
            not_input(&action, artifact, findings);
        }
    }
}

fn not_input(action: &Action<'_>, artifact: &Node<'_>, findings: &mut Findings<'_>) {
    let Some(name) = artifact.literal() else {
        return;
    };
    let inputs = || {
        action
            .inputs()
            .iter()
            .filter_map(|input| input.get("name")?.as_str())
    };
    if !inputs().any(|input| input == name) {
        findings
            .value(
                artifact,
                format!("action `{}` has no input artifact `{name}`", action.name()),
            )
            .did_you_mean(crate::suggest::closest(name, inputs()));
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
                    r#"{"name": "Build"}"#,
                    r#""AppSpecTemplateArtifact": "Build""#,
                    &[],
                ),
                (
                    "CodeDeployToECS",
                    r#"{"name": "Build"}"#,
                    r#""AppSpecTemplateArtifact": "Source", "Image1ArtifactName": "Biuld""#,
                    &[
                        ".configuration.AppSpecTemplateArtifact",
                        ".configuration.Image1ArtifactName",
                    ],
                ),
            ],
        );
    }
}
