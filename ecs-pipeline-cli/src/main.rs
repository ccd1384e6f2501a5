//! The `ecs-pipeline` command.

fn main() {}
