//! `ecs-pipeline push`.

use ecs_pipeline_core::engine::Report;
use ecs_pipeline_core::model::{BuiltImage, PublishRequest, PublishedImage};

use super::tags::{local_names, tags};
use crate::args::{PushArgs, TagArgs};
use crate::config::Config;
use crate::context::Context;
use crate::error::CliError;
use crate::wiring;

pub(crate) async fn push(context: &Context, args: &PushArgs) -> Result<Report, CliError> {
    let config = context.config()?;
    let builder = wiring::builder(&config, args.builder.builder);
    let built = context.done_so_far()?.built.remove(&config.application);
    let names = local_names(context, &config, &args.tags)?;
    let name = built
        .filter(|_| args.tags.tags.is_empty())
        .or(names.into_iter().next());
    let name = name.unwrap_or_else(|| config.application.clone());
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
        tags: tags(context, config, args)?,
    };
    let published = context.run().push(&registry, image, &request).await?;
    context.keep(|state| {
        let application = config.application.clone();
        state.images.insert(application, published.clone());
    })?;
    Ok(published)
}
