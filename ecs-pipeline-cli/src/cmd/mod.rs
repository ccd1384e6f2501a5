//! The commands, one file each.

mod build;
mod deploy;
mod gate;
mod push;
mod rehearse;
mod rollback;
mod run;
mod sandbox;
mod status;

use ecs_pipeline_core::engine::Report;

use crate::args::Command;
use crate::context::Context;
use crate::error::CliError;

pub(crate) async fn run(context: &Context, command: Command) -> Result<Report, CliError> {
    match command {
        Command::Build(args) => build::build(context, &args).await,
        Command::Push(args) => push::push(context, &args).await,
        Command::Deploy(args) => deploy::deploy(context, &args).await,
        Command::Gate(args) => gate::gate(context, &args).await,
        Command::Status(args) => status::status(context, &args).await,
        Command::Rollback(args) => rollback::rollback(context, &args).await,
        Command::Run(args) => run::run(context, &args).await,
        Command::Sandbox(args) => sandbox::sandbox(context, &args).await,
        Command::Rehearse(args) => rehearse::rehearse(context, &args).await,
    }
}
