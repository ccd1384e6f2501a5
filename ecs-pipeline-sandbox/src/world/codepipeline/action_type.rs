//! The action types that are here: how each may be declared
//! (<https://docs.aws.amazon.com/codepipeline/latest/userguide/action-reference.html>).

use std::ops::RangeInclusive;
use std::time::Duration;

use super::declaration::ActionTypeId;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    S3Source,
    CodeBuild,
    Ecs,
    CodeDeployToEcs,
    Approval,
}

#[derive(Debug)]
pub(super) struct ActionType {
    pub(super) kind: Kind,
    categories: &'static [&'static str],
    provider: &'static str,
    pub(super) inputs: RangeInclusive<usize>,
    pub(super) outputs: RangeInclusive<usize>,
    /// Members of the configuration.
    pub(super) required: &'static [&'static str],
    pub(super) optional: &'static [&'static str],
    /// How long an action may take at most, unless it is told less.
    pub(super) timeout: Duration,
}

const HOUR: u64 = 60 * 60;

const TYPES: [ActionType; 5] = [
    ActionType {
        kind: Kind::S3Source,
        categories: &["Source"],
        provider: "S3",
        inputs: 0..=0,
        outputs: 1..=1,
        required: &["S3Bucket", "S3ObjectKey"],
        optional: &["PollForSourceChanges", "AllowOverrideForS3ObjectKey"],
        timeout: Duration::from_secs(HOUR),
    },
    ActionType {
        kind: Kind::CodeBuild,
        categories: &["Build", "Test"],
        provider: "CodeBuild",
        inputs: 1..=5,
        outputs: 0..=5,
        required: &["ProjectName"],
        optional: &[
            "PrimarySource",
            "EnvironmentVariables",
            "BatchEnabled",
            "CombineArtifacts",
        ],
        timeout: Duration::from_secs(8 * HOUR),
    },
    ActionType {
        kind: Kind::Ecs,
        categories: &["Deploy"],
        provider: "ECS",
        inputs: 1..=1,
        outputs: 0..=0,
        required: &["ClusterName", "ServiceName"],
        optional: &["FileName", "DeploymentTimeout"],
        timeout: Duration::from_secs(HOUR),
    },
    ActionType {
        kind: Kind::CodeDeployToEcs,
        categories: &["Deploy"],
        provider: "CodeDeployToECS",
        inputs: 1..=5,
        outputs: 0..=0,
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
        timeout: Duration::from_secs(5 * 24 * HOUR),
    },
    ActionType {
        kind: Kind::Approval,
        categories: &["Approval"],
        provider: "Manual",
        inputs: 0..=0,
        outputs: 0..=0,
        required: &[],
        optional: &["CustomData", "ExternalEntityLink", "NotificationArn"],
        timeout: Duration::from_secs(7 * 24 * HOUR),
    },
];

impl ActionType {
    /// The type with this id; `None` where nobody knows it, or only AWS does.
    pub(super) fn of(id: &ActionTypeId) -> Option<&'static Self> {
        let mut types = TYPES.iter();
        let ours = id.owner == "AWS" && id.version == "1";
        types.find(|known| {
            ours && known.provider == id.provider && known.categories.contains(&&*id.category)
        })
    }

    pub(super) fn knows(&self, member: &str) -> bool {
        self.required.contains(&member) || self.optional.contains(&member)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_type_is_all_four_of_its_names() {
        let id = |category: &str, owner: &str, provider: &str, version: &str| {
            let [category, owner, provider, version] =
                [category, owner, provider, version].map(str::to_owned);
            ActionTypeId {
                category,
                owner,
                provider,
                version,
            }
        };
        let kind = |id: ActionTypeId| ActionType::of(&id).map(|known| known.kind);
        assert_eq!(kind(id("Source", "AWS", "S3", "1")), Some(Kind::S3Source));
        assert_eq!(
            kind(id("Test", "AWS", "CodeBuild", "1")),
            Some(Kind::CodeBuild)
        );
        for other in [
            id("Deploy", "AWS", "S3", "1"),
            id("Source", "AWS", "CodeCommit", "1"),
            id("Deploy", "AWS", "ECS", "2"),
            id("Build", "Custom", "CodeBuild", "1"),
        ] {
            assert_eq!(kind(other), None);
        }
    }
}
