//! `ecs-pipeline rollback`.

use ecs_pipeline_core::engine::Report;
use ecs_pipeline_core::provider::Deployer;

use crate::args::RollbackArgs;
use crate::context::Context;
use crate::error::CliError;
use crate::wiring;

pub(crate) async fn rollback(context: &Context, args: &RollbackArgs) -> Result<Report, CliError> {
    let config = context.config_unless_named(&args.service)?;
    let service = context.service(config.as_ref(), &args.service)?;
    let deployer = wiring::deployer(context).await;
    let mut deployment = deployer.current(&service).await?;
    if let Some(revision) = &args.to {
        deployment.last_good = Some(deployer.find_revision(revision).await?);
    }
    if deployment.last_good.is_none() {
        let why = match deployer.last_good_of(&service).await {
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
    let run = context.run_with(config.as_ref(), &args.wait);
    Ok(run.roll_back(&deployer, &deployment).await)
}
