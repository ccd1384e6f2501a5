//! From the configuration to the core's providers.

use std::sync::Arc;
use std::time::Duration;

use ecs_pipeline_artifacts::suggest::closest;
use ecs_pipeline_artifacts::task_definition::TaskDefinitionDocument;
use ecs_pipeline_core::aws::ecr::{CreateRepository, EcrRegistry};
use ecs_pipeline_core::aws::ecs::TargetHealthGate;
use ecs_pipeline_core::aws::ecs::{EcsDeployer, ServiceStableGate};
use ecs_pipeline_core::docker::DockerBuilder;
use ecs_pipeline_core::engine::{Checks, Gate};
use ecs_pipeline_core::gate::HttpGate;
use ecs_pipeline_core::model::{Platform, ServiceRef};
use ecs_pipeline_core::oci::OciPacker;
use ecs_pipeline_core::provider::{HealthGate, ImageBuilder};

use crate::args::Builder;
use crate::config::{self, Config, ConfigError, GateConfig, PlainGate};
use crate::context::Context;
use crate::error::CliError;
use crate::report::is_interactive;

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

/// The deployer. On a terminal it also watches the targets, which costs a call a look.
pub(crate) async fn deployer(context: &Context) -> EcsDeployer {
    let aws = context.aws().await;
    let deployer = EcsDeployer::new(aws).with_logs(aws);
    if is_interactive() || context.speed() != 1.0 {
        deployer.with_targets(aws)
    } else {
        deployer.with_load_balancing(aws)
    }
}

/// What the configuration has judge a deployment.
pub(crate) async fn checks(
    context: &Context,
    config: Option<&Config>,
    service: &ServiceRef,
) -> Result<Checks, CliError> {
    match config {
        Some(config) => Ok(Checks::gates(gates(context, config, service).await?)),
        None => Ok(Checks::none()),
    }
}

/// The configured gates, in order.
pub(crate) async fn gates(
    context: &Context,
    config: &Config,
    service: &ServiceRef,
) -> Result<Vec<Gate>, CliError> {
    let mut gates = Vec::with_capacity(config.gates.len());
    for gate in &config.gates {
        gates.push(one_gate(context, gate, service).await?);
    }
    Ok(gates)
}

async fn one_gate(
    context: &Context,
    config: &GateConfig,
    service: &ServiceRef,
) -> Result<Gate, CliError> {
    let aws = context.aws().await;
    let (gate, timing): (Arc<dyn HealthGate>, _) = if let Some(http) = &config.http {
        let timing = PlainGate {
            successes: http.successes,
            interval: http.interval,
            timeout: http.timeout,
        };
        (Arc::new(http_gate(context, http, service).await?), timing)
    } else if let Some(timing) = &config.target_health {
        let gate = TargetHealthGate::new(aws, service.clone());
        (Arc::new(gate), timing.clone())
    } else {
        let gate = ServiceStableGate::new(aws, service.clone());
        (
            Arc::new(gate),
            config.service_stable.clone().unwrap_or_default(),
        )
    };
    let mut gate = Gate::new(gate);
    gate.successes = timing.successes.unwrap_or(gate.successes);
    gate.limit = timing.timeout.unwrap_or(gate.limit);
    let interval = timing
        .interval
        .unwrap_or(gate.interval)
        .div_f64(context.speed());
    gate.interval = interval.max(Duration::from_millis(50));
    Ok(gate)
}

/// Without a URL, the service's own load balancer is asked.
async fn http_gate(
    context: &Context,
    config: &config::HttpGate,
    service: &ServiceRef,
) -> Result<HttpGate, CliError> {
    let path = config.path.as_deref().unwrap_or("/");
    let url = match &config.url {
        Some(url) => format!(
            "{}{}",
            url.trim_end_matches('/'),
            config.path.as_deref().unwrap_or_default()
        ),
        None => {
            let targets = TargetHealthGate::new(context.aws().await, service.clone());
            let url = targets.load_balancer_url().await?;
            format!(
                "{}/{}",
                url.trim_end_matches('/'),
                path.trim_start_matches('/')
            )
        }
    };
    let mut gate = HttpGate::new(&url)?;
    if let Some(status) = &config.status {
        gate = gate.expect_status(status)?;
    }
    if let Some(body) = &config.body {
        gate = gate.expect_body(body)?;
    }
    Ok(gate)
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
    let text = std::fs::read(&path).map_err(|source| CliError::Unreadable {
        path: path.clone(),
        source,
    })?;
    match TaskDefinitionDocument::parse(text) {
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
