//! `ecs-pipeline run`: build, push, deploy and gate.

use ecs_pipeline_core::engine::Report;

use super::build::{build_image, check_platform};
use super::deploy::deploy_image;
use super::push::push_image;
use crate::args::RunArgs;
use crate::context::Context;
use crate::error::CliError;
use crate::wiring;

pub(crate) async fn run(context: &Context, args: &RunArgs) -> Result<Report, CliError> {
    let config = context.config()?;
    // What can be refused now is refused now, not after ten minutes of building.
    wiring::registry_settings(context, &config)?;
    wiring::check_container(&config)?;
    check_platform(context, &config, &args.build)?;
    let service = context.service(Some(&config), &args.how.service)?;
    let deployer = wiring::deployer(context, Some(&config), &service, &args.how.strategy).await?;
    if wiring::service_definition(&config, &context.variables)?.is_none() {
        deployer.current(&service).await?;
    }

    let image = build_image(context, &config, &args.build).await?;
    let published = push_image(context, &config, &args.build.tags, &image).await?;
    deploy_image(context, &config, published, &args.how).await
}
