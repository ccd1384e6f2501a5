//! Rules for pipeline definitions: the actions that deploy to ECS.

use super::members::Shape;
use super::{Check, Findings, Rule};
use crate::finding::Severity;
use crate::pipeline::{Action, deploy_actions};
use crate::source::Node;
use crate::validate::DeployAction;

mod artifact_not_input;
mod configuration_missing;
mod deployment_timeout;
mod image_pair;
mod input_artifacts;
mod unknown_configuration;

pub(super) const RULES: &[&Rule] = &[
    &configuration_missing::RULE,
    &unknown_configuration::RULE,
    &input_artifacts::RULE,
    &artifact_not_input::RULE,
    &image_pair::RULE,
    &deployment_timeout::RULE,
];

const REFERENCE: &str =
    "https://docs.aws.amazon.com/codepipeline/latest/userguide/action-reference-ECSbluegreen.html";

const ECS: Shape = Shape {
    required: &["ClusterName", "ServiceName"],
    optional: &["FileName", "DeploymentTimeout"],
    any_case: false,
};
const CODE_DEPLOY_TO_ECS: Shape = Shape {
    required: &[
        "ApplicationName",
        "DeploymentGroupName",
        "TaskDefinitionTemplateArtifact",
        "AppSpecTemplateArtifact",
    ],
    optional: &[
        "TaskDefinitionTemplatePath",
        "AppSpecTemplatePath",
        "Image1ArtifactName",
        "Image1ContainerName",
        "Image2ArtifactName",
        "Image2ContainerName",
        "Image3ArtifactName",
        "Image3ContainerName",
        "Image4ArtifactName",
        "Image4ContainerName",
    ],
    any_case: false,
};

/// What an action must and may be told.
fn configuration(action: DeployAction) -> &'static Shape {
    match action {
        DeployAction::Ecs => &ECS,
        DeployAction::CodeDeployToEcs => &CODE_DEPLOY_TO_ECS,
    }
}

#[cfg(test)]
mod tests {
    use crate::rules::Rule;

    /// The provider of a deploy action, its input artifacts and its configuration, and the paths below
    /// the action at which something is found.
    type Case<'c> = (&'c str, &'c str, &'c str, &'c [&'c str]);

    /// As [`table`](crate::rules::tests::table), with pipelines of one deploy action.
    pub(super) fn table(rule: &Rule, cases: &[Case<'_>]) {
        for (provider, inputs, configuration, expected) in cases {
            let text = pipeline(provider, inputs, configuration);
            let paths = expected.iter();
            let paths: Vec<_> = paths
                .map(|path| format!("pipeline.stages[0].actions[0]{path}"))
                .collect();
            let paths: Vec<_> = paths.iter().map(String::as_str).collect();
            crate::rules::tests::table(rule, "pipeline.json", &[(&text, &paths)]);
        }
    }

    fn pipeline(provider: &str, inputs: &str, configuration: &str) -> String {
        format!(
            r#"{{"pipeline": {{"name": "p", "stages": [{{"name": "Deploy", "actions": [{{"name": "Deploy",
            "actionTypeId": {{"category": "Deploy", "owner": "AWS", "provider": "{provider}", "version": "1"}},
            "inputArtifacts": [{inputs}], "configuration": {{{configuration}}}}}]}}]}}}}"#
        )
    }
}
