//! `ecs-pipeline deploy`.

use ecs_pipeline_core::engine::Report;
use ecs_pipeline_core::model::{Change, PublishedImage, TaskDefinitionSource};
use ecs_pipeline_core::provider::Registry;

use super::tags::no_tag;
use crate::args::{DeployArgs, HowArgs};
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
    deploy_image(context, &config, image, &args.how).await
}

/// Deploys what the service runs once more: a tag that names another image by now is resolved
/// anew by ECS.
async fn redeploy(context: &Context, args: &DeployArgs) -> Result<Report, CliError> {
    let config = context.config_unless_named(&args.how.service)?;
    let service = context.service(config.as_ref(), &args.how.service)?;
    let mut change = Change::new(service, TaskDefinitionSource::Current).forced();
    let deploy = config.as_ref().and_then(|config| config.deploy.as_ref());
    if let Some(name) = wiring::strategy(config.as_ref(), &args.how.strategy) {
        let deploy = deploy.ok_or_else(|| CliError::Usage {
            message: "--strategy needs the configuration that says how".to_owned(),
            hint: "write it into deploy: of an ecs-pipeline.yml, or leave --strategy out"
                .to_owned(),
        })?;
        change = deploy.by_strategy(change, name);
    }
    carry_out(context, config.as_ref(), &change, &args.how).await
}

/// The image that the flag names, or the one that this run pushed, or the configuration's first tag, as
/// the registry has it now.
async fn pushed_image(
    context: &Context,
    config: &Config,
    reference: Option<&str>,
) -> Result<PublishedImage, CliError> {
    let settings = wiring::registry_settings(context, config)?;
    let pushed = context.done_so_far()?.images.remove(&config.application);
    let pushed = pushed.filter(|pushed| pushed.image.repository() == settings.repository);
    if let (None, Some(pushed)) = (reference, pushed) {
        return Ok(pushed);
    }
    let configured = settings.tags.first().cloned();
    let own = || context.variables.source().tag();
    let reference = reference.map(str::to_owned).or(configured).or_else(own);
    let reference = reference.ok_or_else(no_tag)?;
    let registry = wiring::registry(context, config).await?;
    Ok(registry.resolve(&settings.repository, &reference).await?)
}

/// Deploys an image that is in the registry.
pub(crate) async fn deploy_image(
    context: &Context,
    config: &Config,
    image: PublishedImage,
    how: &HowArgs,
) -> Result<Report, CliError> {
    let change = change(context, config, image, how)?;
    carry_out(context, Some(config), &change, how).await
}

fn change(
    context: &Context,
    config: &Config,
    image: PublishedImage,
    how: &HowArgs,
) -> Result<Change, CliError> {
    let deploy = config.deploy.as_ref().ok_or_else(|| ConfigError::Lacks {
        path: context.global.config.clone(),
        member: "deploy",
    })?;
    let task_definition = match wiring::task_definition(config)? {
        Some(document) => TaskDefinitionSource::Document(document.into_register_input()),
        None => TaskDefinitionSource::Current,
    };
    let service = context.service(Some(config), &how.service)?;
    let mut change = Change::new(service, task_definition).with_image(&deploy.container, image);
    if let Some(name) = wiring::strategy(Some(config), &how.strategy) {
        change = deploy.by_strategy(change, name);
    }
    if let Some(definition) = wiring::service_definition(config, &context.variables)? {
        change = change.or_create(definition);
    }
    Ok(change)
}

async fn carry_out(
    context: &Context,
    config: Option<&Config>,
    change: &Change,
    how: &HowArgs,
) -> Result<Report, CliError> {
    let checks = wiring::checks(context, config, &change.service).await?;
    let deployer = wiring::deployer(context, config, &change.service, &how.strategy).await?;
    let run = context.run_with(config, &how.wait);
    Ok(run.deploy(deployer.as_ref(), change, &checks).await)
}
