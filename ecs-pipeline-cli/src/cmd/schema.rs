//! `ecs-pipeline schema`.

use ecs_pipeline_core::{doctor, event, exit};

use super::files::{self, STANDARD};
use crate::args::{SchemaArgs, SchemaOf};
use crate::config;
use crate::error::CliError;

pub(super) fn schema(args: &SchemaArgs) -> Result<u8, CliError> {
    let schema = match args.of {
        SchemaOf::Config => config::schema(),
        SchemaOf::Events => event::schema(),
        SchemaOf::Doctor => doctor::schema(),
    };
    files::write(STANDARD.as_ref(), &format!("{schema:#}\n"))?;
    Ok(exit::SUCCEEDED)
}
