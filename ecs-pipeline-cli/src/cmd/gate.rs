//! `ecs-pipeline gate`.

use ecs_pipeline_core::engine::Report;

use crate::args::ServiceArgs;
use crate::context::Context;
use crate::error::CliError;
use crate::wiring;

pub(crate) async fn gate(context: &Context, args: &ServiceArgs) -> Result<Report, CliError> {
    let config = context.config()?;
    let service = context.service(Some(&config), args)?;
    let gates = wiring::gates(context, &config, &service).await?;
    if gates.is_empty() {
        return Err(CliError::Refused {
            message: format!("{} has no gates", context.global.config.display()),
            hint: "add gates: with at least one of service-stable, target-health, http".to_owned(),
        });
    }
    Ok(context.run().gates_alone(&service, &gates).await)
}
