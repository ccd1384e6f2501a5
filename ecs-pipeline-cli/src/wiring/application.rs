//! From the configuration to what templates and policies are made for.

use std::time::Duration;

use ecs_pipeline_core::aws::codedeploy::CodeDeploySettings;
use ecs_pipeline_core::model::ServiceRef;
use ecs_pipeline_infra::application::{Application, Strategy};
use serde_json::Value;

use super::{app_spec, check_container, service_definition, task_definition};
use crate::args::Global;
use crate::config::{Config, ConfigError, Deploy, StrategyName, Variables};
use crate::error::CliError;

/// The configuration, and the application that it is about.
pub(crate) fn application(global: &Global) -> Result<(Config, Application), CliError> {
    let variables = Variables::from_environment();
    let config = Config::read(&global.config, &variables)?;
    let lacks = |member| ConfigError::Lacks {
        path: global.config.clone(),
        member,
    };
    let deploy = config.deploy.as_ref().ok_or_else(|| lacks("deploy"))?;
    let document = task_definition(&config)?.ok_or_else(|| lacks("deploy.task-definition"))?;
    check_container(&config)?;
    let registry = config.registry.as_ref().ok_or_else(|| lacks("registry"))?;

    let mut application = Application::new(&config.application, &document);
    // It may be named by its ARN.
    let cluster = deploy
        .cluster
        .rsplit_once('/')
        .map_or(deploy.cluster.as_str(), |(_, name)| name);
    application.cluster = cluster.to_owned();
    application.service.clone_from(&deploy.service);
    application.container.clone_from(&deploy.container);
    let configured = config
        .codepipeline
        .as_ref()
        .and_then(|it| it.container_port);
    let ports = document.container_ports(&deploy.container);
    application.port = configured
        .or(ports.first().copied())
        .unwrap_or(application.port);
    application.repository.clone_from(&registry.repository);
    application.creates_repository = registry.create.is_some();
    let definition = service_definition(&config, &variables)?;
    application.creates_service = definition.is_some();
    let tags = definition
        .as_ref()
        .and_then(|it| it.get("tags")?.as_array());
    application.tags_service = tags.is_some_and(|tags| !tags.is_empty());
    application.deploy_minutes = deploy.timeout.map(minutes);
    application.infrastructure_role = definition.as_ref().and_then(infrastructure_role);
    if let Some(path) = &deploy.codedeploy.appspec {
        let hooks = app_spec(&config.resolve(path))?.hooks.into_iter();
        application.hooks = hooks.map(|hook| hook.function).collect();
    }
    if let Some(name) = &config.infra.service.load_balancer {
        application.load_balancer.clone_from(name);
    }
    application.runs_tasks = !config.before.is_empty() || !config.after.is_empty();
    application.strategy = strategy(deploy);
    let mut http = config.gates.iter().filter_map(|gate| gate.http.as_ref());
    application.finds_address = http.any(|gate| gate.url.is_none());
    let alarms = config.gates.iter().filter_map(|gate| gate.alarms.as_ref());
    application.alarm_gates = alarms.flat_map(|gate| gate.names.clone()).collect();
    Ok((config, application))
}

/// The name, with its path, of the role that the service's definition gives ECS to move traffic with.
fn infrastructure_role(definition: &Value) -> Option<String> {
    let arn = definition.pointer("/loadBalancers/0/advancedConfiguration/roleArn")?;
    let (_, name) = arn.as_str()?.split_once(":role/")?;
    Some(name.to_owned())
}

/// How a new revision takes over: as a service has it that nobody chose anything for, where nothing is
/// configured.
fn strategy(deploy: &Deploy) -> Strategy {
    let linear = deploy.linear.clone().unwrap_or_default();
    let canary = deploy.canary.clone().unwrap_or_default();
    let bake = minutes(deploy.bake.unwrap_or(Duration::from_secs(300)));
    match deploy.strategy.unwrap_or(StrategyName::Rolling) {
        StrategyName::Rolling => Strategy::Rolling,
        StrategyName::BlueGreen => Strategy::BlueGreen { bake },
        StrategyName::Linear => Strategy::Linear {
            percent: linear.percent,
            step: minutes(linear.step),
            bake,
        },
        StrategyName::Canary => Strategy::Canary {
            percent: canary.percent,
            step: minutes(canary.step),
            bake,
        },
        StrategyName::Codedeploy => code_deploy(deploy),
    }
}

fn code_deploy(deploy: &Deploy) -> Strategy {
    let given = &deploy.codedeploy;
    let service = ServiceRef::new(&deploy.cluster, &deploy.service);
    let mut settings = CodeDeploySettings::default();
    settings.application.clone_from(&given.application);
    settings
        .deployment_group
        .clone_from(&given.deployment_group);
    Strategy::Codedeploy {
        application: settings.application_of(&service),
        group: settings.group_of(&service),
        config: given
            .deployment_config
            .clone()
            .unwrap_or_else(|| "CodeDeployDefault.ECSAllAtOnce".to_owned()),
        bucket: given.bucket.clone(),
    }
}

fn minutes(time: Duration) -> u32 {
    u32::try_from(time.as_secs() / 60).unwrap_or(u32::MAX)
}
