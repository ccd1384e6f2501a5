//! The `ecs-pipeline` command, built for the tests of this package.

use std::process::ExitCode;

fn main() -> ExitCode {
    ecs_pipeline_cli::main()
}
