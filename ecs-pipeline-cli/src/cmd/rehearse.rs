//! `ecs-pipeline rehearse`: the real pipeline in a sandbox of its own, under traffic.

mod ending;
mod happening;
mod load;
mod matrix;
mod one;
mod plan;
mod promise;
mod share;
mod stage;
mod summary;
mod table;
mod verdict;

use ecs_pipeline_core::engine::Report;

use crate::args::{BuildArgs, Builder, BuilderArgs, RehearseArgs};
use crate::config::Config;
use crate::context::Context;
use crate::error::CliError;
use plan::Rehearsal;

pub(crate) async fn rehearse(context: &Context, args: &RehearseArgs) -> Result<Report, CliError> {
    if args.matrix {
        return matrix::rehearse_all(context, args).await;
    }
    let rehearsal = Rehearsal::plan(context, args)?;
    let rehearsed = one::rehearse(context, &rehearsal).await?;
    Ok(rehearsed.report)
}

fn build_args(builder: Builder) -> BuildArgs {
    BuildArgs {
        builder: BuilderArgs {
            builder: Some(builder),
        },
        ..BuildArgs::default()
    }
}

/// The application's own configuration, from its own directory.
fn read(context: &Context, args: &RehearseArgs) -> Result<Config, CliError> {
    let path = args.directory.join(&context.global.config);
    let mut config = Config::read(&path, &context.variables)?;
    if let Some(deploy) = &mut config.deploy {
        // The bucket is not in the sandbox: the AppSpec is sent along.
        deploy.codedeploy.bucket = None;
        // What a deployment comes to is seen at its end only.
        deploy.until = None;
    }
    Ok(config)
}
