//! From the configuration to the core's providers.

mod application;
mod checks;
mod deployer;
mod doctor;

use std::path::Path;

use ecs_pipeline_artifacts::suggest::closest;
use ecs_pipeline_artifacts::task_definition::TaskDefinitionDocument;
use ecs_pipeline_core::aws::ecr::{CreateRepository, EcrRegistry};
use ecs_pipeline_core::docker::DockerBuilder;
use ecs_pipeline_core::model::Platform;
use ecs_pipeline_core::oci::OciPacker;
use ecs_pipeline_core::provider::ImageBuilder;
use serde_json::Value;

use crate::args::Builder;
use crate::config::{self, Config, ConfigError, Variables};
use crate::context::Context;
use crate::error::CliError;

pub(crate) use application::application;
pub(crate) use checks::{checks, gates};
pub(crate) use deployer::{app_spec, deployer, ecs_deployer, strategy};
pub(crate) use doctor::wanted;

/// What builds the image.
pub(crate) fn builder(config: &Config, chosen: Option<Builder>) -> Box<dyn ImageBuilder> {
    match chosen.unwrap_or(config.build.builder) {
        Builder::Docker => Box::<DockerBuilder>::default(),
        Builder::Pack => Box::new(OciPacker::new(pack_directory(config))),
    }
}

/// Where packed images are kept between `build` and `push`.
fn pack_directory(config: &Config) -> std::path::PathBuf {
    std::env::temp_dir().join(format!("ecs-pipeline-{}", config.application))
}

/// The `registry` part of the configuration.
pub(crate) fn registry_settings<'a>(
    context: &Context,
    config: &'a Config,
) -> Result<&'a config::Registry, CliError> {
    config.registry.as_ref().ok_or_else(|| {
        CliError::Config(ConfigError::Lacks {
            path: context.global.config.clone(),
            member: "registry",
        })
    })
}

/// The registry. An image that Docker built is pushed by Docker, and a packed one by this tool:
/// the registry sees which it is.
pub(crate) async fn registry(context: &Context, config: &Config) -> Result<EcrRegistry, CliError> {
    let settings = registry_settings(context, config)?;
    let mut registry = EcrRegistry::new(context.aws().await);
    if let Some(host) = &settings.host {
        registry = registry.with_host(host);
    }
    Ok(match &settings.create {
        Some(create) => registry.creating(CreateRepository {
            scan_on_push: create.scan_on_push,
            immutable_tags: create.immutable_tags,
        }),
        None => registry,
    })
}

/// The service definition file, where the configuration names one.
pub(crate) fn service_definition(
    config: &Config,
    variables: &Variables,
) -> Result<Option<Value>, CliError> {
    let Some(path) = config.deploy.as_ref().and_then(|d| d.create.as_ref()) else {
        return Ok(None);
    };
    let path = config.resolve(path);
    let definition = filled(&read(&path)?, variables).map_err(|message| CliError::Usage {
        message: format!("{}: {message}", path.display()),
        hint: "deploy.create names a file with CreateService's input".to_owned(),
    })?;
    Ok(Some(definition))
}

/// A JSON (or YAML) file with its `${…}` filled from the environment.
fn filled(text: &[u8], variables: &Variables) -> Result<Value, String> {
    let mut value: serde_yaml::Value =
        serde_yaml::from_slice(text).map_err(|error| error.to_string())?;
    variables.fill(&mut value)?;
    serde_json::to_value(value).map_err(|error| error.to_string())
}

fn read(path: &Path) -> Result<Vec<u8>, CliError> {
    std::fs::read(path).map_err(|source| CliError::Unreadable {
        path: path.to_owned(),
        source,
    })
}

/// The task definition file, where the configuration names one.
pub(crate) fn task_definition(config: &Config) -> Result<Option<TaskDefinitionDocument>, CliError> {
    let Some(path) = config
        .deploy
        .as_ref()
        .and_then(|d| d.task_definition.as_ref())
    else {
        return Ok(None);
    };
    let path = config.resolve(path);
    match TaskDefinitionDocument::parse(read(&path)?) {
        Ok(document) => Ok(Some(document)),
        Err(source) => Err(CliError::TaskDefinition { path, source }),
    }
}

/// Refuses a container that the task definition file does not have, before anything is built.
pub(crate) fn check_container(config: &Config) -> Result<(), CliError> {
    let (Some(document), Some(deploy)) = (task_definition(config)?, &config.deploy) else {
        return Ok(());
    };
    let names = document.container_names();
    if names.contains(&deploy.container.as_str()) {
        return Ok(());
    }
    Err(CliError::Refused {
        message: format!(
            "the task definition has no container {}: it has {}",
            deploy.container,
            names.join(", ")
        ),
        hint: closest(&deploy.container, names.iter().copied()).map_or_else(
            || "correct deploy.container".to_owned(),
            |name| format!("did you mean {name}?"),
        ),
    })
}

/// Refuses to build for another platform than the task definition file asks for.
pub(crate) fn check_platform(config: &Config, platform: Option<&Platform>) -> Result<(), CliError> {
    let (Some(document), Some(platform)) = (task_definition(config)?, platform) else {
        return Ok(());
    };
    let Some(wanted) = document.runtime_platform().image_platform() else {
        return Ok(());
    };
    let wanted: Platform = wanted.parse()?;
    if platform.runs_on(&wanted) {
        return Ok(());
    }
    Err(CliError::Refused {
        message: format!(
            "the image would be for {platform}, and the task definition's runtimePlatform asks for {wanted}"
        ),
        hint: format!("build with --platform {wanted}, or change runtimePlatform"),
    })
}
