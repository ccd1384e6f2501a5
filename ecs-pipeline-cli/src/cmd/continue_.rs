//! `ecs-pipeline continue`.

use ecs_pipeline_core::engine::Report;

use crate::args::{ContinueArgs, StrategyArgs};
use crate::context::Context;
use crate::error::CliError;
use crate::wiring;

pub(crate) async fn proceed(context: &Context, args: &ContinueArgs) -> Result<Report, CliError> {
    let config = context.config_unless_named(&args.service)?;
    let config = config.as_ref();
    let service = context.service(config, &args.service)?;
    let deployer = wiring::deployer(context, config, &service, &StrategyArgs::default()).await?;
    let deployment = deployer.current(&service).await?;
    let checks = wiring::checks(context, config, &service).await?;
    let run = context.run_with(config, &args.wait);
    Ok(run.proceed(deployer.as_ref(), deployment, &checks).await)
}
