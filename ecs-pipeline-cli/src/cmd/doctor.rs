//! `ecs-pipeline doctor`.

use ecs_pipeline_core::aws::doctor::Doctor;
use ecs_pipeline_core::doctor::examine;
use ecs_pipeline_core::exit;

use super::validate::style;
use crate::args::{DoctorArgs, OutputFormat};
use crate::context::Context;
use crate::error::{CliError, internal};
use crate::report::{examination, print_line};
use crate::wiring;

/// Reads, judges, and prints. Returns the exit code.
pub(super) async fn doctor(context: &Context, args: &DoctorArgs) -> Result<u8, CliError> {
    let config = context.config_unless_named(&args.service)?;
    let service = context.service(config.as_ref(), &args.service)?;
    let config = config.as_ref();
    let wanted = wiring::wanted(config, &context.variables, service, args.strategy)?;
    let facts = Doctor::new(context.aws().await).read(&wanted).await?;
    let found = examine(&wanted, &facts);
    match context.global.output {
        OutputFormat::Text => examination::lines(&found, style(true))
            .iter()
            .for_each(|line| print_line(line)),
        OutputFormat::Json => {
            let json = serde_json::to_string_pretty(&found);
            print_line(&json.map_err(|error| internal("doctor", error))?);
        }
    }
    Ok(match found.fails(args.strict) {
        true => exit::FAILED,
        false => exit::SUCCEEDED,
    })
}
