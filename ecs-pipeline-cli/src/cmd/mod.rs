//! The commands, one file each.

mod build;
mod codebuild;
mod continue_;
mod deploy;
mod doctor;
mod files;
mod fix;
mod gate;
mod hand_over;
mod iam_policy;
mod infra;
mod push;
mod rehearse;
mod render;
mod rollback;
mod run;
mod sandbox;
mod schema;
mod status;
mod tags;
mod taskdef;
mod validate;

use ecs_pipeline_core::engine::Report;

use crate::args::{FileCommand, Global, LookCommand, PipelineCommand, TaskdefCommand};
use crate::context::Context;
use crate::error::CliError;

pub(crate) async fn run(context: &Context, command: PipelineCommand) -> Result<Report, CliError> {
    match command {
        PipelineCommand::Build(args) => build::build(context, &args).await,
        PipelineCommand::Push(args) => push::push(context, &args).await,
        PipelineCommand::Deploy(args) => deploy::deploy(context, &args).await,
        PipelineCommand::Gate(args) => gate::gate(context, &args).await,
        PipelineCommand::Status(args) => status::status(context, &args).await,
        PipelineCommand::Rollback(args) => rollback::rollback(context, &args).await,
        PipelineCommand::Continue(args) => continue_::proceed(context, &args).await,
        PipelineCommand::Codebuild(phase) => codebuild::codebuild(context, &phase).await,
        PipelineCommand::Run(args) => run::run(context, &args).await,
        PipelineCommand::Sandbox(args) => sandbox::sandbox(context, &args).await,
        PipelineCommand::Rehearse(args) => rehearse::rehearse(context, &args).await,
    }
}

/// Commands that look have their own output on standard output, and no events. Returns the exit code.
pub(crate) async fn look(context: &Context, command: LookCommand) -> Result<u8, CliError> {
    match command {
        LookCommand::Doctor(args) => doctor::doctor(context, &args).await,
    }
}

/// Commands that read and write files have their own output on standard output, and no events.
/// Returns the exit code.
pub(crate) fn run_on_files(global: &Global, command: FileCommand) -> Result<u8, CliError> {
    match command {
        FileCommand::Validate(args) => validate::validate(global, &args),
        FileCommand::Fix(args) => fix::fix(global, &args),
        FileCommand::Taskdef(TaskdefCommand::Set(args)) => taskdef::set(&args),
        FileCommand::Taskdef(TaskdefCommand::Convert(args)) => taskdef::convert(&args),
        FileCommand::Render(args) => render::render(global, &args),
        FileCommand::Infra(command) => infra::infra(global, &command),
        FileCommand::IamPolicy(args) => iam_policy::iam_policy(global, &args),
        FileCommand::Schema(args) => schema::schema(&args),
    }
}
