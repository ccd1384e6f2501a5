//! Where a build runs: the machine's size and the image.

use serde::{Deserialize, Serialize};

use crate::application::{Application, EcrRepository};
use crate::problem::Problems;

/// How large a build's machine is.
/// <https://docs.aws.amazon.com/codebuild/latest/userguide/build-env-ref-compute-types.html>
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, Default)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub enum Compute {
    /// `BUILD_GENERAL1_SMALL`.
    #[default]
    Small,
    /// `BUILD_GENERAL1_MEDIUM`.
    Medium,
    /// `BUILD_GENERAL1_LARGE`.
    Large,
    /// `BUILD_GENERAL1_XLARGE`.
    Xlarge,
    /// `BUILD_GENERAL1_2XLARGE`.
    #[serde(rename = "2xlarge")]
    Xlarge2,
}

impl Compute {
    /// What CodeBuild calls it.
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Small => "BUILD_GENERAL1_SMALL",
            Self::Medium => "BUILD_GENERAL1_MEDIUM",
            Self::Large => "BUILD_GENERAL1_LARGE",
            Self::Xlarge => "BUILD_GENERAL1_XLARGE",
            Self::Xlarge2 => "BUILD_GENERAL1_2XLARGE",
        }
    }

    /// <https://docs.aws.amazon.com/codebuild/latest/userguide/caching-local.html>
    pub(super) fn has_local_cache(self) -> bool {
        self != Self::Xlarge2
    }
}

/// The image that builds run in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct BuildImage {
    pub(super) name: String,
    /// Whether the build's machine is one of ARM, as the application's tasks are: Docker builds for the
    /// processor that it runs on.
    pub(super) is_arm: bool,
}

impl BuildImage {
    pub(super) fn of(chosen: Option<&str>, application: &Application) -> Self {
        let is_arm = application.task.is_arm();
        let default = match is_arm {
            true => "aws/codebuild/amazonlinux-aarch64-standard:3.0",
            false => "aws/codebuild/amazonlinux-x86_64-standard:5.0",
        };
        Self {
            name: chosen.unwrap_or(default).to_owned(),
            is_arm,
        }
    }

    /// Whether CodeBuild has it, and not a registry.
    pub(super) fn is_curated(&self) -> bool {
        self.name.starts_with("aws/codebuild/")
    }

    /// `REGION:ACCOUNT:repository/NAME`, if it lies in ECR: the build's role pulls it then.
    pub(super) fn repository(&self) -> Option<String> {
        let EcrRepository {
            account,
            region,
            name,
        } = EcrRepository::of_image(&self.name)?;
        Some(format!("{region}:{account}:repository/{name}"))
    }

    pub(super) fn check(&self, problems: &mut Problems) {
        const MEMBER: &str = "infra.pipeline.image";
        let name = &self.name;
        if name.is_empty() || name.contains(char::is_whitespace) {
            let message = format!("{name:?} is no image");
            problems.add(MEMBER, message, "write REPOSITORY:TAG");
        }
        let other = match self.is_arm {
            true => "x86_64",
            false => "aarch64",
        };
        if self.is_curated() && name.contains(other) {
            problems.add(
                MEMBER,
                format!("{name} is not for the processor of the task definition"),
                "leave it out, or change runtimePlatform.cpuArchitecture",
            );
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_image_of_ecr_has_a_repository() {
        for (name, expected) in [
            (
                "123456789012.dkr.ecr.eu-west-1.amazonaws.com/tools/build:3",
                Some("eu-west-1:123456789012:repository/tools/build"),
            ),
            (
                "123456789012.dkr.ecr.cn-north-1.amazonaws.com.cn/build@sha256:00",
                Some("cn-north-1:123456789012:repository/build"),
            ),
            ("public.ecr.aws/docker/library/docker:28", None),
            ("aws/codebuild/amazonlinux-x86_64-standard:5.0", None),
            ("docker:28", None),
        ] {
            let image = BuildImage {
                name: name.to_owned(),
                is_arm: false,
            };
            assert_eq!(image.repository().as_deref(), expected, "{name}");
        }
    }
}
