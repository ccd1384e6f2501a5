//! `ecs-pipeline codebuild`: one command for each phase of a build specification.
//!
//! The phases are processes of their own; what one passes on to the next is in the run's state.

mod exports;
mod files;
mod post_build;
mod pre_build;

use ecs_pipeline_core::engine::Report;

use crate::args::{Action, CodebuildCommand, Target, TargetArgs};
use crate::cmd::build;
use crate::config::{Codepipeline, Config};
use crate::context::Context;
use crate::error::CliError;

pub(super) async fn codebuild(
    context: &Context,
    phase: &CodebuildCommand,
) -> Result<Report, CliError> {
    match phase {
        CodebuildCommand::PreBuild(args) => pre_build::pre_build(context, args).await,
        CodebuildCommand::Build(args) => build::build(context, args).await,
        CodebuildCommand::PostBuild(args) => post_build::post_build(context, args).await,
    }
}

/// What the build is for: the flag's word, or the action that the configuration names, or else a
/// deployment by this tool.
fn target(config: &Config, args: &TargetArgs) -> Target {
    let configured = config.codepipeline.as_ref();
    let configured = configured.map(|codepipeline| match codepipeline.action {
        Action::Ecs => Target::Ecs,
        Action::CodedeployToEcs => Target::CodedeployToEcs,
    });
    args.target.or(configured).unwrap_or(Target::Deploy)
}

/// What CodePipeline's action is told, where one deploys.
fn codepipeline(config: &Config, target: Target) -> Option<Codepipeline> {
    let action = match target {
        Target::Ecs => Action::Ecs,
        Target::CodedeployToEcs => Action::CodedeployToEcs,
        Target::Deploy => return None,
    };
    let configured = config.codepipeline.clone();
    let mut codepipeline = configured.unwrap_or_else(|| Codepipeline::of(action));
    codepipeline.action = action;
    Some(codepipeline)
}

/// Whether the build is of a pull request, which nobody has let pass yet. A fork's branch may be called
/// main.
fn is_held_back(context: &Context, args: &TargetArgs) -> bool {
    context.variables.source().pull_request.is_some() && !args.pull_requests
}
