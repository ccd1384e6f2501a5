//! Rules for pipeline definitions: the actions that deploy to ECS.

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

/// What an action must be told.
fn required(action: DeployAction) -> &'static [&'static str] {
    match action {
        DeployAction::Ecs => &["ClusterName", "ServiceName"],
        DeployAction::CodeDeployToEcs => &[
            "ApplicationName",
            "DeploymentGroupName",
            "TaskDefinitionTemplateArtifact",
            "AppSpecTemplateArtifact",
        ],
    }
}

/// What an action may be told.
fn optional(action: DeployAction) -> &'static [&'static str] {
    match action {
        DeployAction::Ecs => &["FileName", "DeploymentTimeout"],
        DeployAction::CodeDeployToEcs => &[
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
    }
}

#[cfg(test)]
mod tests {
    /// A pipeline with one deploy action of this provider, input artifacts and configuration.
    pub(super) fn pipeline(provider: &str, inputs: &str, configuration: &str) -> String {
        format!(
            r#"{{"pipeline": {{"name": "p", "stages": [{{"name": "Deploy", "actions": [{{"name": "Deploy",
            "actionTypeId": {{"category": "Deploy", "owner": "AWS", "provider": "{provider}", "version": "1"}},
            "inputArtifacts": [{inputs}], "configuration": {{{configuration}}}}}]}}]}}}}"#
        )
    }

    pub(super) const DEPLOY: &str = "pipeline.stages[0].actions[0]";
}
