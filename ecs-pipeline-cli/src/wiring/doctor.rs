//! What the doctor is to look for: the configuration, as far as there is one.

use ecs_pipeline_core::doctor::{File, Strategy, Wanted};
use ecs_pipeline_core::model::ServiceRef;

use super::{read, service_definition};
use crate::config::{Config, StrategyName, Variables};
use crate::error::CliError;

/// What the configuration asks for. `strategy` takes the place of its own.
pub(crate) fn wanted(
    config: Option<&Config>,
    variables: &Variables,
    service: ServiceRef,
    strategy: Option<StrategyName>,
) -> Result<Wanted, CliError> {
    let mut wanted = Wanted::of(service);
    wanted.strategy = strategy.map(Into::into);
    let Some(config) = config else {
        return Ok(wanted);
    };
    if let Some(registry) = &config.registry {
        wanted.repository = Some(registry.repository.clone());
        wanted.registry_host.clone_from(&registry.host);
        wanted.creates_repository = registry.create.is_some();
        wanted.fixed_tags = config.fixed_tags.clone();
    }
    let platform = config.build.platform.as_ref();
    wanted.platform = platform.and_then(|platform| platform.parse().ok());
    let alarms = config.gates.iter().filter_map(|gate| gate.alarms.as_ref());
    wanted.alarms = alarms.flat_map(|alarms| alarms.names.clone()).collect();
    let Some(deploy) = &config.deploy else {
        return Ok(wanted);
    };
    wanted.container = Some(deploy.container.clone());
    wanted.strategy = strategy.or(deploy.strategy).map(Into::into);
    wanted.service_definition = service_definition(config, variables)?;
    if let Some(path) = &deploy.task_definition {
        let resolved = config.resolve(path);
        wanted.task_definition = Some(File {
            name: path.display().to_string(),
            text: read(&resolved)?,
        });
    }
    let code_deploy = &deploy.codedeploy;
    wanted.application.clone_from(&code_deploy.application);
    wanted
        .deployment_group
        .clone_from(&code_deploy.deployment_group);
    wanted
        .deployment_config
        .clone_from(&code_deploy.deployment_config);
    let own_alarms = code_deploy.alarms.iter().flatten().cloned();
    wanted.alarms.extend(own_alarms);
    Ok(wanted)
}

impl From<StrategyName> for Strategy {
    fn from(name: StrategyName) -> Self {
        match name {
            StrategyName::Rolling => Self::Rolling,
            StrategyName::BlueGreen => Self::BlueGreen,
            StrategyName::Linear => Self::Linear,
            StrategyName::Canary => Self::Canary,
            StrategyName::Codedeploy => Self::CodeDeploy,
        }
    }
}
