//! `ecs-pipeline deploy`.

use ecs_pipeline_core::engine::Report;
use ecs_pipeline_core::model::{Change, PublishedImage, TaskDefinitionSource};
use ecs_pipeline_core::provider::Registry;

use crate::args::{DeployArgs, ServiceArgs, WaitArgs};
use crate::config::{Config, ConfigError};
use crate::context::Context;
use crate::error::CliError;
use crate::wiring;

pub(crate) async fn deploy(context: &Context, args: &DeployArgs) -> Result<Report, CliError> {
    if args.force_new_deployment {
        return redeploy(context, args).await;
    }
    let config = context.config()?;
    let image = pushed_image(context, &config, args.image.as_deref()).await?;
    deploy_image(context, &config, image, &args.service, &args.wait).await
}

/// Deploys what the service runs once more: a tag that names another image by now is resolved
/// anew by ECS.
async fn redeploy(context: &Context, args: &DeployArgs) -> Result<Report, CliError> {
    let config = context.config_unless_named(&args.service)?;
    let service = context.service(config.as_ref(), &args.service)?;
    let change = Change::new(service, TaskDefinitionSource::Current).forced();
    carry_out(context, config.as_ref(), &change, &args.wait).await
}

/// The image that the flag names, or the configuration's first tag, as the registry has it now.
async fn pushed_image(
    context: &Context,
    config: &Config,
    reference: Option<&str>,
) -> Result<PublishedImage, CliError> {
    let settings = wiring::registry_settings(context, config)?;
    let registry = wiring::registry(context, config).await?;
    let reference = match reference {
        Some(reference) => reference,
        None => settings.tags.first().map_or("latest", String::as_str),
    };
    Ok(registry.resolve(&settings.repository, reference).await?)
}

/// Deploys an image that is in the registry.
pub(crate) async fn deploy_image(
    context: &Context,
    config: &Config,
    image: PublishedImage,
    service: &ServiceArgs,
    wait: &WaitArgs,
) -> Result<Report, CliError> {
    let change = change(context, config, image, service)?;
    carry_out(context, Some(config), &change, wait).await
}

fn change(
    context: &Context,
    config: &Config,
    image: PublishedImage,
    service: &ServiceArgs,
) -> Result<Change, CliError> {
    let deploy = config.deploy.as_ref().ok_or_else(|| ConfigError::Lacks {
        path: context.global.config.clone(),
        member: "deploy",
    })?;
    let task_definition = match wiring::task_definition(config)? {
        Some(document) => TaskDefinitionSource::Document(document.into_register_input()),
        None => TaskDefinitionSource::Current,
    };
    let service = context.service(Some(config), service)?;
    Ok(Change::new(service, task_definition).with_image(&deploy.container, image))
}

async fn carry_out(
    context: &Context,
    config: Option<&Config>,
    change: &Change,
    wait: &WaitArgs,
) -> Result<Report, CliError> {
    let checks = wiring::checks(context, config, &change.service).await?;
    let deployer = wiring::deployer(context).await;
    let run = context.run_with(config, wait);
    Ok(run.deploy(&deployer, change, &checks).await)
}
