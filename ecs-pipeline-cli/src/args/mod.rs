//! The command line: what all of it consists of. Each module has the arguments of some commands.

mod codebuild;
mod deploy;
mod doctor;
mod files;
mod global;
mod image;
mod infra;
mod rehearse;
mod values;

use clap::{Parser, Subcommand};

pub(crate) use codebuild::{CodebuildCommand, PostBuildArgs, PreBuildArgs, Target, TargetArgs};
pub(crate) use deploy::{
    ContinueArgs, DeployArgs, HowArgs, OnAbort, OnTimeout, RollbackArgs, RunArgs, ServiceArgs,
    StrategyArgs, WaitArgs,
};
pub(crate) use doctor::DoctorArgs;
pub(crate) use files::{
    Action, FileArgs, FixArgs, Format, OutArgs, RenderArgs, SchemaArgs, SchemaOf, TaskdefCommand,
    TaskdefConvertArgs, TaskdefSetArgs, ValidateArgs,
};
pub(crate) use global::{Global, OutputFormat, Progress};
pub(crate) use image::{BuildArgs, Builder, BuilderArgs, PushArgs, TagArgs};
pub(crate) use infra::{IamPolicyArgs, InfraCommand, InfraShowArgs, InfraWriteArgs};
pub(crate) use rehearse::{PolicyFile, RehearseArgs, SandboxArgs, Scenario, Tasks};

/// From a Dockerfile to a healthy Amazon ECS service, and back when the new version is not healthy.
#[derive(Debug, Parser)]
#[command(name = "ecs-pipeline", version, after_long_help = exit_codes(), max_term_width = 100)]
pub(crate) struct Cli {
    #[command(flatten)]
    pub(crate) global: Global,
    #[command(subcommand)]
    pub(crate) command: Command,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    #[command(flatten)]
    Pipeline(PipelineCommand),
    #[command(flatten)]
    Look(LookCommand),
    #[command(flatten)]
    Files(FileCommand),
}

/// Commands that do something outside of this directory, and tell it as events.
#[derive(Debug, Subcommand)]
pub(crate) enum PipelineCommand {
    /// Build the image.
    Build(BuildArgs),
    /// Push the built image to the registry.
    Push(PushArgs),
    /// Deploy a pushed image, follow that deployment to its end, and read the gates.
    Deploy(DeployArgs),
    /// Read the health gates; nothing is changed.
    Gate(ServiceArgs),
    /// Show what the service runs and how its deployments stand.
    Status(ServiceArgs),
    /// Bring back what the service ran before.
    Rollback(RollbackArgs),
    /// Let a deployment go on that is held at a stage, and follow it to its end.
    Continue(ContinueArgs),
    /// Build, push, deploy and gate.
    Run(RunArgs),
    /// The phases of a CodeBuild build specification.
    #[command(subcommand)]
    Codebuild(CodebuildCommand),
    /// Serve a sandbox that speaks the AWS protocols on 127.0.0.1, until stopped.
    Sandbox(SandboxArgs),
    /// Run the pipeline in a sandbox of its own, with traffic through the load balancer.
    Rehearse(RehearseArgs),
}

impl PipelineCommand {
    /// Its name on the command line, with - between its words.
    pub(crate) fn name(&self) -> &'static str {
        match self {
            Self::Build(_) => "build",
            Self::Push(_) => "push",
            Self::Deploy(_) => "deploy",
            Self::Gate(_) => "gate",
            Self::Status(_) => "status",
            Self::Rollback(_) => "rollback",
            Self::Continue(_) => "continue",
            Self::Codebuild(CodebuildCommand::PreBuild(_)) => "codebuild-pre-build",
            Self::Codebuild(CodebuildCommand::Build(_)) => "codebuild-build",
            Self::Codebuild(CodebuildCommand::PostBuild(_)) => "codebuild-post-build",
            Self::Run(_) => "run",
            Self::Sandbox(_) => "sandbox",
            Self::Rehearse(_) => "rehearse",
        }
    }

    /// How its arguments name the service that it is about, where it is about one.
    pub(crate) fn service(&self) -> Option<&ServiceArgs> {
        match self {
            Self::Deploy(args) => Some(&args.how.service),
            Self::Gate(args) | Self::Status(args) => Some(args),
            Self::Rollback(args) => Some(&args.service),
            Self::Continue(args) => Some(&args.service),
            Self::Run(args) => Some(&args.how.service),
            Self::Codebuild(CodebuildCommand::PostBuild(args)) => Some(&args.how.service),
            Self::Build(_)
            | Self::Push(_)
            | Self::Codebuild(_)
            | Self::Sandbox(_)
            | Self::Rehearse(_) => None,
        }
    }
}

/// Commands that look at what is there, change nothing, and print what they found.
#[derive(Debug, Subcommand)]
pub(crate) enum LookCommand {
    /// Say what will not work, before a first deployment does; nothing is changed.
    Doctor(DoctorArgs),
}

/// Commands that read and write files, and nothing else.
#[derive(Debug, Subcommand)]
pub(crate) enum FileCommand {
    /// Look for what is wrong in task definitions, AppSpecs, build specifications and image files.
    Validate(ValidateArgs),
    /// Put right what can be put right without harm.
    Fix(FixArgs),
    /// Change a task definition, or bring one into the form that AWS takes.
    #[command(subcommand)]
    Taskdef(TaskdefCommand),
    /// Write the files that CodePipeline's deploy action reads.
    Render(RenderArgs),
    /// CloudFormation templates for everything that the pipelines stand on.
    #[command(subcommand)]
    Infra(InfraCommand),
    /// Print the least policy that a role needs for this configuration.
    IamPolicy(IamPolicyArgs),
    /// Print a JSON Schema.
    Schema(SchemaArgs),
}

/// The table of exit codes for `--help`.
fn exit_codes() -> String {
    let mut text = String::from("Exit codes:\n");
    for (code, name, meaning) in ecs_pipeline_core::exit::TABLE {
        text.push_str(&format!("  {code:>2}  {name:<13} {meaning}\n"));
    }
    text
}
