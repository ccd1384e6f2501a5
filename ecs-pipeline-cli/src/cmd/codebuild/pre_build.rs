//! `ecs-pipeline codebuild pre-build`: what can be refused is refused before minutes of building.

use ecs_pipeline_core::docker::DockerCli;
use ecs_pipeline_core::engine::Report;

use super::files;
use crate::args::{BuildArgs, Builder, PreBuildArgs, StrategyArgs, TagArgs, Target};
use crate::cmd::build::check_platform;
use crate::cmd::tags::{LATEST, no_tag, tags};
use crate::config::Config;
use crate::context::Context;
use crate::error::CliError;
use crate::wiring;

pub(super) async fn pre_build(context: &Context, args: &PreBuildArgs) -> Result<Report, CliError> {
    let config = context.config()?;
    let target = super::target(&config, &args.target);
    let settings = wiring::registry_settings(context, &config)?;
    let tags = tags(context, &config, &TagArgs::default())?;
    if tags.iter().all(|tag| tag == LATEST) {
        return Err(no_tag());
    }
    context.note(format!("source: {}", context.variables.source()));
    context.note(format!("tags: {}", tags.join(", ")));
    check(context, &config, target, &tags[0]).await?;
    files::clear(&args.target.dir)?;

    let registry = wiring::registry(context, &config).await?;
    let repository = registry.ensure_repository(&settings.repository).await?;
    if config.build.builder == Builder::Docker {
        registry.log_docker_in(&repository).await?;
        context.note(format!("docker is logged in to {}", repository.host));
    }
    context.begin()?;
    let then = match target {
        Target::Deploy if super::is_held_back(context, &args.target) => {
            "post-build pushes it and does not deploy it: it is a pull request"
        }
        Target::Deploy => "post-build deploys",
        Target::Ecs => "post-build writes imagedefinitions.json for CodePipeline's ECS action",
        Target::CodedeployToEcs => {
            "post-build writes imageDetail.json, appspec.yaml and taskdef.json for CodePipeline's \
             CodeDeployToECS action"
        }
    };
    let host = &repository.host;
    Ok(Report::done(format!(
        "checked; the image goes to {host}/{}:{}, and {then}",
        settings.repository, tags[0]
    )))
}

/// Everything that later phases could fail for, as far as it can be known now; nothing is changed.
async fn check(
    context: &Context,
    config: &Config,
    target: Target,
    tag: &str,
) -> Result<(), CliError> {
    wiring::check_container(config)?;
    check_platform(context, config, &BuildArgs::default())?;
    if config.build.builder == Builder::Docker {
        DockerCli::default().engine_version().await?;
    }
    if let Some(codepipeline) = super::codepipeline(config, target) {
        // The registry's host is not known yet; no rule looks at it.
        let image = format!("registry.example/{}:{tag}", config.application);
        files::valid(context, config, &codepipeline, &image)?;
        return Ok(());
    }
    let service = context.service(Some(config), &crate::args::ServiceArgs::default())?;
    let strategy = StrategyArgs::default();
    let deployer = wiring::deployer(context, Some(config), &service, &strategy).await?;
    if wiring::service_definition(config, &context.variables)?.is_none() {
        deployer.current(&service).await?;
    }
    wiring::checks(context, Some(config), &service).await?;
    Ok(())
}
