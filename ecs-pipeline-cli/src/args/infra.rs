//! What a pipeline stands on: templates and policies.

use std::path::PathBuf;

use clap::{Args, Subcommand, ValueEnum};
use ecs_pipeline_infra::policy::Role;
use ecs_pipeline_infra::stack::Kind;

#[derive(Debug, Subcommand)]
pub(crate) enum InfraCommand {
    /// List the stacks in the order in which they are deployed, with what each creates.
    List,
    /// Print a stack's template.
    Show(InfraShowArgs),
    /// Write the templates and their parameter files, and print how to deploy them.
    Write(InfraWriteArgs),
}

#[derive(Debug, Clone, Args)]
pub(crate) struct InfraShowArgs {
    /// Which stack.
    #[arg(value_enum)]
    pub(crate) stack: StackKind,
    /// Print its parameter file instead.
    #[arg(long)]
    pub(crate) parameters: bool,
}

#[derive(Debug, Clone, Args)]
pub(crate) struct InfraWriteArgs {
    /// Where the files are written.
    #[arg(long, default_value = "infra")]
    pub(crate) dir: PathBuf,
    /// The revision that the service runs, for its parameter file: CloudFormation sends it along when
    /// anything of the service changes. Left out: the family's newest one.
    #[arg(long, value_name = "FAMILY:NUMBER")]
    pub(crate) revision: Option<String>,
    /// Overwrite files that are there and differ.
    #[arg(long)]
    pub(crate) force: bool,
    /// Only print what would change.
    #[arg(long, conflicts_with = "force")]
    pub(crate) diff: bool,
}

/// A stack.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum StackKind {
    Network,
    Registry,
    Cluster,
    Service,
    Codedeploy,
    Pipeline,
    Jenkins,
}

impl From<StackKind> for Kind {
    fn from(kind: StackKind) -> Self {
        match kind {
            StackKind::Network => Self::Network,
            StackKind::Registry => Self::Registry,
            StackKind::Cluster => Self::Cluster,
            StackKind::Service => Self::Service,
            StackKind::Codedeploy => Self::Codedeploy,
            StackKind::Pipeline => Self::Pipeline,
            StackKind::Jenkins => Self::Jenkins,
        }
    }
}

#[derive(Debug, Clone, Args)]
pub(crate) struct IamPolicyArgs {
    /// Whose policy.
    #[arg(long = "for", value_enum, value_name = "ROLE")]
    pub(crate) role: PolicyOf,
    /// The account; left out: that of the roles in the task definition.
    #[arg(long, env = "AWS_ACCOUNT_ID")]
    pub(crate) account: Option<String>,
    /// The Region; left out: AWS_REGION, AWS_DEFAULT_REGION, or that of the task definition's log
    /// group.
    #[arg(long)]
    pub(crate) region: Option<String>,
}

/// Whose policy.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum PolicyOf {
    /// The agent, or the user, with which a Jenkins job deploys.
    Jenkins,
    /// The service role of the CodeBuild project.
    Codebuild,
    /// The service role of CodeDeploy.
    Codedeploy,
    /// The service role of the CodePipeline pipeline.
    Codepipeline,
    /// The role with which ECS starts the tasks.
    TaskExecution,
    /// Each of them, by name.
    All,
}

impl PolicyOf {
    /// One role; none for all of them.
    pub(crate) fn one(self) -> Option<Role> {
        match self {
            Self::Jenkins => Some(Role::Jenkins),
            Self::Codebuild => Some(Role::Codebuild),
            Self::Codedeploy => Some(Role::Codedeploy),
            Self::Codepipeline => Some(Role::Codepipeline),
            Self::TaskExecution => Some(Role::TaskExecution),
            Self::All => None,
        }
    }
}
