//! `ecs-pipeline rollback`.

mod this_run;

use ecs_pipeline_core::engine::Report;

use crate::args::{RollbackArgs, StrategyArgs};
use crate::context::Context;
use crate::error::CliError;
use crate::wiring;

pub(crate) async fn rollback(context: &Context, args: &RollbackArgs) -> Result<Report, CliError> {
    if args.this_run {
        return this_run::undo(context, args).await;
    }
    let config = context.config_unless_named(&args.service)?;
    let service = context.service(config.as_ref(), &args.service)?;
    let config = config.as_ref();
    let deployer = wiring::deployer(context, config, &service, &StrategyArgs::default()).await?;
    let ecs = wiring::ecs_deployer(context).await;
    let mut deployment = deployer.current(&service).await?;
    if let Some(revision) = &args.to {
        deployment.last_good = Some(ecs.find_revision(revision).await?);
    }
    if deployment.last_good.is_none() {
        let why = match ecs.last_good_of(&service).await {
            Ok(_) => String::new(),
            Err(error) => format!("; its history could not be read: {error}"),
        };
        return Err(CliError::Refused {
            message: format!(
                "{service}: no former completed deployment is known to go back to{why}"
            ),
            hint: "name the revision with --to FAMILY:REVISION".to_owned(),
        });
    }
    let run = context.run_with(config, &args.wait);
    Ok(run.roll_back(deployer.as_ref(), &deployment).await)
}
