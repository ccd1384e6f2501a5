//! CodeBuild's phases.

use std::path::PathBuf;

use clap::{Args, Subcommand, ValueEnum};

use super::{BuildArgs, HowArgs};

/// One command for each phase; what one passes on to the next is in .ecs-pipeline/state.json, or where
/// --state says.
#[derive(Debug, Subcommand)]
pub(crate) enum CodebuildCommand {
    /// Check everything that later phases need, and log Docker in to ECR.
    PreBuild(PreBuildArgs),
    /// Build the image, tagged by branch, commit and build number.
    Build(BuildArgs),
    /// Push the image, and write the files for CodePipeline's deploy action, or deploy. After a
    /// failed build (CODEBUILD_BUILD_SUCCEEDING is 0) do nothing but say so.
    PostBuild(PostBuildArgs),
}

/// Who deploys what the build made.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Target {
    /// CodePipeline's ECS action, from imagedefinitions.json.
    Ecs,
    /// CodePipeline's CodeDeployToECS action, from imageDetail.json, appspec.yaml and taskdef.json.
    CodedeployToEcs,
    /// The post-build phase itself.
    Deploy,
}

#[derive(Debug, Clone, Args)]
pub(crate) struct TargetArgs {
    /// Who deploys; without it, the action under codepipeline: in the configuration, or else the
    /// post-build phase.
    #[arg(long, value_enum, env = "ECS_PIPELINE_TARGET")]
    pub(crate) target: Option<Target>,
    /// Where the files are written; exports.sh is beside it.
    #[arg(long, default_value = ".ecs-pipeline/artifacts")]
    pub(crate) dir: PathBuf,
    /// Deploy pull requests, too: whoever may open one then decides what the service runs.
    #[arg(long)]
    pub(crate) pull_requests: bool,
}

#[derive(Debug, Clone, Args)]
pub(crate) struct PreBuildArgs {
    #[command(flatten)]
    pub(crate) target: TargetArgs,
}

#[derive(Debug, Clone, Args)]
pub(crate) struct PostBuildArgs {
    #[command(flatten)]
    pub(crate) target: TargetArgs,
    /// Also pack the files as a zip into this S3 bucket, for a pipeline whose source is S3.
    #[arg(long, value_name = "BUCKET")]
    pub(crate) artifacts_bucket: Option<String>,
    /// The zip's key in the bucket; without it, APPLICATION.zip.
    #[arg(long, value_name = "KEY", requires = "artifacts_bucket")]
    pub(crate) artifacts_key: Option<String>,
    #[command(flatten)]
    pub(crate) how: HowArgs,
}
