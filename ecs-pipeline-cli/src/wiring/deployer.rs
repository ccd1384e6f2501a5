//! Which deployer: the one that the service's deployment controller takes.

use std::path::Path;

use ecs_pipeline_artifacts::app_spec::AppSpec;
use ecs_pipeline_core::ErrorKind;
use ecs_pipeline_core::aws::codedeploy::{
    CodeDeployDeployer, CodeDeploySettings, RevisionStore, WhenBusy,
};
use ecs_pipeline_core::aws::ecs::{Controller, EcsDeployer};
use ecs_pipeline_core::model::ServiceRef;
use ecs_pipeline_core::provider::Deployer;

use super::{read, service_definition};
use crate::args::StrategyArgs;
use crate::config::{Config, StrategyName};
use crate::context::Context;
use crate::error::CliError;
use crate::report::is_interactive;

/// The strategy that the flag names, or the configuration.
pub(crate) fn strategy(config: Option<&Config>, args: &StrategyArgs) -> Option<StrategyName> {
    let configured = config.and_then(|config| config.deploy.as_ref()?.strategy);
    args.strategy.or(configured)
}

/// The deployer for a service. Where no strategy says it, the service is asked who controls its
/// deployments; a strategy that the service's controller does not have is refused by its plan.
pub(crate) async fn deployer(
    context: &Context,
    config: Option<&Config>,
    service: &ServiceRef,
    args: &StrategyArgs,
) -> Result<Box<dyn Deployer>, CliError> {
    let ecs = ecs_deployer(context).await;
    let by_code_deploy = match strategy(config, args) {
        Some(strategy) => strategy == StrategyName::Codedeploy,
        None => is_code_deploys(context, config, &ecs, service).await?,
    };
    if !by_code_deploy {
        return Ok(Box::new(ecs));
    }
    let settings = code_deploy_settings(config, args)?;
    let aws = context.aws().await;
    let deployer = CodeDeployDeployer::new(aws, settings)
        .with_load_balancing(aws)
        .with_logs(aws)
        .stopping_at(context.cancel().clone());
    Ok(Box::new(deployer))
}

/// Whether CodeDeploy controls a service: by its own word, or where it does not exist, by that of
/// the definition that it is to be created from.
async fn is_code_deploys(
    context: &Context,
    config: Option<&Config>,
    ecs: &EcsDeployer,
    service: &ServiceRef,
) -> Result<bool, CliError> {
    let error = match ecs.controller(service).await {
        Ok(controller) => return Ok(controller == Controller::CodeDeploy),
        Err(error) => error,
    };
    let definition = match config {
        Some(config) => service_definition(config, &context.variables)?,
        None => None,
    };
    match definition {
        Some(definition) if error.kind() == ErrorKind::NotFound => {
            Ok(definition["deploymentController"]["type"] == "CODE_DEPLOY")
        }
        _ => Err(CliError::Unchanged(error)),
    }
}

/// The deployer for services whose controller is ECS. On a terminal it also watches the targets,
/// which costs a call a look.
pub(crate) async fn ecs_deployer(context: &Context) -> EcsDeployer {
    let aws = context.aws().await;
    let deployer = EcsDeployer::new(aws).with_logs(aws);
    if is_interactive() || context.speed() != 1.0 {
        deployer.with_targets(aws)
    } else {
        deployer.with_load_balancing(aws)
    }
}

fn code_deploy_settings(
    config: Option<&Config>,
    args: &StrategyArgs,
) -> Result<CodeDeploySettings, CliError> {
    let mut settings = CodeDeploySettings::default();
    if args.supersede {
        settings.when_busy = WhenBusy::Supersede;
    } else if args.wait_for_previous {
        settings.when_busy = WhenBusy::Wait;
    }
    let Some((config, deploy)) = config.and_then(|config| Some((config, config.deploy.as_ref()?)))
    else {
        return Ok(settings);
    };
    let given = &deploy.codedeploy;
    settings.application.clone_from(&given.application);
    settings
        .deployment_group
        .clone_from(&given.deployment_group);
    settings
        .deployment_config
        .clone_from(&given.deployment_config);
    settings.description.clone_from(&given.description);
    settings.alarms.clone_from(&given.alarms);
    let auto_rollback = given.auto_rollback.as_ref();
    settings.auto_rollback = auto_rollback.map(|on| on.iter().copied().map(Into::into).collect());
    if let Some(path) = &given.appspec {
        settings.app_spec = Some(app_spec(&config.resolve(path))?);
    }
    if let Some(bucket) = &given.bucket {
        settings.revision = RevisionStore::S3 {
            bucket: bucket.clone(),
            prefix: given.prefix.clone().unwrap_or_default(),
        };
    }
    Ok(settings)
}

/// An AppSpec file.
pub(crate) fn app_spec(path: &Path) -> Result<AppSpec, CliError> {
    AppSpec::parse(read(path)?).map_err(|error| CliError::Usage {
        message: format!("{}: {error}", path.display()),
        hint: "`ecs-pipeline validate` shows what is wrong with it".to_owned(),
    })
}
