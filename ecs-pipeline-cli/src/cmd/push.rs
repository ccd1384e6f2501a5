//! `ecs-pipeline push`.

use ecs_pipeline_core::engine::Report;
use ecs_pipeline_core::model::{BuiltImage, PublishRequest, PublishedImage};

use super::build::{local_names, tags};
use crate::args::{PushArgs, TagArgs};
use crate::config::Config;
use crate::context::Context;
use crate::error::CliError;
use crate::wiring;

pub(crate) async fn push(context: &Context, args: &PushArgs) -> Result<Report, CliError> {
    let config = context.config()?;
    let builder = wiring::builder(&config, args.builder.builder);
    let name = local_names(&config, &args.tags)
        .into_iter()
        .next()
        .unwrap_or_else(|| config.application.clone());
    let image = builder.find(&name).await?;
    let published = push_image(context, &config, &args.tags, &image).await?;
    Ok(Report::done(format!("pushed {}", published.image)))
}

/// Pushes a built image under its tags.
pub(crate) async fn push_image(
    context: &Context,
    config: &Config,
    args: &TagArgs,
    image: &BuiltImage,
) -> Result<PublishedImage, CliError> {
    let settings = wiring::registry_settings(context, config)?;
    let registry = wiring::registry(context, config).await?;
    let request = PublishRequest {
        repository: settings.repository.clone(),
        tags: tags(config, args),
    };
    Ok(context.run().push(&registry, image, &request).await?)
}
