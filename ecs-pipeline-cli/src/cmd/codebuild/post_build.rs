//! `ecs-pipeline codebuild post-build`: pushes, and then hands over to CodePipeline, or deploys.

use ecs_pipeline_core::engine::Report;
use ecs_pipeline_core::model::{BuiltImage, End, PublishedImage};

use super::exports::Exports;
use super::files;
use crate::args::{PostBuildArgs, TagArgs};
use crate::cmd::deploy::deploy_image;
use crate::cmd::push::push_image;
use crate::config::Config;
use crate::context::Context;
use crate::error::CliError;
use crate::wiring;

/// CodeBuild runs the post_build phase also after a failed build, and says so by this.
/// (CodeBuild user guide, "Build phase transitions" and "Environment variables in build environments".)
const SUCCEEDING: &str = "CODEBUILD_BUILD_SUCCEEDING";

pub(super) async fn post_build(
    context: &Context,
    args: &PostBuildArgs,
) -> Result<Report, CliError> {
    if context.variables.get(SUCCEEDING) == Some("0") {
        return Ok(Report::done(
            "the build has failed already: nothing was pushed, written or deployed",
        ));
    }
    let config = context.config()?;
    let target = super::target(&config, &args.target);
    let image = built(context, &config).await?;
    let published = push_image(context, &config, &TagArgs::default(), &image).await?;
    let mut exports = Exports::of(&published);
    let report = match super::codepipeline(&config, target) {
        Some(codepipeline) => {
            let image = published.image.to_string();
            let rendered = files::valid(context, &config, &codepipeline, &image)?;
            files::hand_over(context, &config, args, &rendered).await?
        }
        None => deploy(context, &config, args, published).await?,
    };
    // After a failure the service runs another revision than the one that was registered.
    let deployed = report
        .release
        .as_ref()
        .filter(|_| report.end == End::Succeeded);
    exports.revision(deployed);
    exports.write(context, &args.target.dir)?;
    Ok(report)
}

/// The image that the build phase of this run built.
async fn built(context: &Context, config: &Config) -> Result<BuiltImage, CliError> {
    let name = context
        .done_so_far()?
        .built
        .remove(&config.application)
        .ok_or_else(|| CliError::Refused {
            message: "this run has built no image".to_owned(),
            hint: "call `ecs-pipeline codebuild build` in the build phase, in the same directory"
                .to_owned(),
        })?;
    Ok(wiring::builder(config, None).find(&name).await?)
}

/// Deploys from the build itself. CodePipeline's own action waits up to an hour for a deployment that has
/// failed already.
async fn deploy(
    context: &Context,
    config: &Config,
    args: &PostBuildArgs,
    image: PublishedImage,
) -> Result<Report, CliError> {
    // A build specification that lists artifacts fails without any.
    let detail = files::detail(&image);
    let written = files::hand_over(context, config, args, &detail).await?;
    if super::is_held_back(context, &args.target) {
        let why = "a pull request is not deployed (--pull-requests does)";
        return Ok(Report::done(format!("{}; {why}", written.summary)));
    }
    deploy_image(context, config, image, &args.how).await
}
