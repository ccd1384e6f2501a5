//! `ecs-pipeline rollback --this-run`: undoes what this run of the pipeline deployed.

use ecs_pipeline_core::engine::Report;
use ecs_pipeline_core::model::{Deployment, End};

use crate::args::{RollbackArgs, StrategyArgs};
use crate::config::{Config, StrategyName};
use crate::context::Context;
use crate::error::CliError;
use crate::state::Deployed;
use crate::wiring;

/// Undoes every deployment of this run, or of the service that the flags name, the latest first.
pub(super) async fn undo(context: &Context, args: &RollbackArgs) -> Result<Report, CliError> {
    let Some(file) = context.state() else {
        return Err(CliError::Usage {
            message: "--this-run needs the file that the run's commands kept".to_owned(),
            hint: "name it with --state or ECS_PIPELINE_STATE, for this command and those before"
                .to_owned(),
        });
    };
    if let Some(other) = file.other_run()? {
        context.warn(format!(
            "the state is that of another run, {other}: what that deployed is left as it is"
        ));
    }
    let deployments = file.read()?.deployments;
    let mut reports = Vec::new();
    for deployed in deployments.iter().rev().filter(|one| is_named(one, args)) {
        let undone = undo_one(context, args, deployed).await;
        let report = undone.unwrap_or_else(CliError::into_report);
        if report.end == End::Succeeded {
            context.keep(|state| state.ended(&deployed.service, End::RolledBack))?;
        }
        reports.push(report);
    }
    Ok(altogether(reports))
}

fn is_named(deployed: &Deployed, args: &RollbackArgs) -> bool {
    let is =
        |named: &Option<String>, name: &str| named.as_deref().is_none_or(|named| named == name);
    let service = &deployed.service;
    is(&args.service.cluster, &service.cluster) && is(&args.service.service, &service.service)
}

/// One report of all: where one is not well, it ends as that one did.
fn altogether(reports: Vec<Report>) -> Report {
    let summaries: Vec<String> = reports
        .iter()
        .map(|report| report.summary.clone())
        .collect();
    let worst = reports.into_iter().max_by_key(|report| report.exit_code);
    match worst {
        None => Report::done("this run deployed nothing: there is nothing to undo"),
        Some(mut worst) => {
            worst.summary = summaries.join("; ");
            worst
        }
    }
}

/// The deployer looks before it acts: what has gone back already, or was replaced by somebody else, is
/// left as it is.
async fn undo_one(
    context: &Context,
    args: &RollbackArgs,
    deployed: &Deployed,
) -> Result<Report, CliError> {
    let nothing = |why: String| Ok(Report::done(format!("{why}: there is nothing to undo")));
    let (service, what) = (&deployed.service, deployed.task_definition.short());
    if let Some(why) = nothing_left(deployed) {
        return nothing(why);
    }
    if deployed.last_good.is_none() {
        return Err(CliError::Refused {
            message: format!(
                "{what} is the first that {service} ran: there is nothing to go back to"
            ),
            hint: "`ecs-pipeline status` shows how it stands".to_owned(),
        });
    }
    let config = context
        .config()
        .ok()
        .filter(|config| is_of(config, deployed));
    let strategy = StrategyArgs {
        strategy: controller(deployed),
        ..StrategyArgs::default()
    };
    let deployer = wiring::deployer(context, config.as_ref(), service, &strategy).await?;
    let current = deployer.current(service).await?;
    let Some(deployment) = still_ours(deployed, &current) else {
        let runs = current.task_definition.short();
        return nothing(format!("{service} runs {runs} by {}", current.id));
    };
    let run = context.run_with(config.as_ref(), &args.wait);
    let report = run.roll_back(deployer.as_ref(), &deployment).await;
    match report.end {
        End::Superseded => nothing(report.summary),
        _ => Ok(report),
    }
}

/// Whether the configuration is that of the deployment's service: one run may deploy several.
fn is_of(config: &Config, deployed: &Deployed) -> bool {
    let deploy = config.deploy.as_ref();
    deploy.is_some_and(|deploy| {
        deploy.cluster == deployed.service.cluster && deploy.service == deployed.service.service
    })
}

/// Who deployed: CodeDeploy's ids are `d-…`, those of ECS `ecs-svc/…`. The configuration may say otherwise
/// than a flag did.
fn controller(deployed: &Deployed) -> Option<StrategyName> {
    let id = deployed.id.as_ref()?;
    match id.as_str().starts_with("d-") {
        true => Some(StrategyName::Codedeploy),
        false => Some(StrategyName::Rolling),
    }
}

/// The deployment to go back behind; none where the service is somebody else's by now, or the request never
/// arrived.
fn still_ours(deployed: &Deployed, current: &Deployment) -> Option<Deployment> {
    let runs_ours = current.task_definition == deployed.task_definition;
    let id = match &deployed.id {
        Some(id) if runs_ours && is_of_ecs(id.as_str()) && current.id != *id => return None,
        Some(id) => id,
        None if runs_ours => &current.id,
        None => return None,
    };
    let (service, revision) = (&deployed.service, &deployed.task_definition);
    let mut deployment = Deployment::new(service.clone(), id.clone(), revision.clone());
    deployment.last_good.clone_from(&deployed.last_good);
    Some(deployment)
}

fn is_of_ecs(id: &str) -> bool {
    id.starts_with("ecs-svc/")
}

/// Why a deployment that ended like this has left nothing behind.
fn nothing_left(deployed: &Deployed) -> Option<String> {
    let what = deployed.task_definition.short();
    match deployed.end? {
        End::RolledBack => Some(format!("{what} was rolled back already")),
        End::Superseded => Some(format!("a newer deployment took the place of {what}")),
        End::Refused => Some(format!("{what} was refused")),
        // Everything else, also an end of a later version, the deployer looks at.
        _ => None,
    }
}
