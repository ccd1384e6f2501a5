//! The `ecs-pipeline` command.

use std::process::ExitCode;

fn main() -> ExitCode {
    ecs_pipeline_cli::main()
}
