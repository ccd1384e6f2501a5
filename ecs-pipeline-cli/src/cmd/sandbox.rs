//! `ecs-pipeline sandbox`.

use ecs_pipeline_core::engine::Report;
use ecs_pipeline_sandbox::Sandbox;
use ecs_pipeline_sandbox::access::Policy;
use ecs_pipeline_sandbox::runner::RunnerChoice;

use crate::args::{OutputFormat, PolicyFile, SandboxArgs, Tasks};
use crate::context::Context;
use crate::error::CliError;
use crate::report::print_line;

pub(crate) async fn sandbox(context: &Context, args: &SandboxArgs) -> Result<Report, CliError> {
    let mut builder = Sandbox::builder()
        .port(args.port)
        .speed(args.speed)
        .region(&args.region)
        .runner(runner(args.tasks));
    for file in &args.policies {
        builder = builder.policy(file.principal, policy(file)?);
    }
    let sandbox = builder.start().await?;
    introduce(context, args, &sandbox);
    context.cancel().cancelled().await;
    sandbox.stop().await;
    Ok(Report::done(
        "the sandbox has stopped, and what it ran is gone",
    ))
}

fn policy(file: &PolicyFile) -> Result<Policy, CliError> {
    let PolicyFile { path, .. } = file;
    let text = std::fs::read_to_string(path).map_err(|source| CliError::File {
        path: path.clone(),
        done: "read",
        source,
    })?;
    text.parse::<Policy>().map_err(|error| CliError::Usage {
        message: format!("{}: {error}", path.display()),
        hint: "give an identity-based IAM policy, such as `ecs-pipeline iam-policy` prints for one role"
            .to_owned(),
    })
}

pub(crate) fn runner(tasks: Tasks) -> RunnerChoice {
    match tasks {
        Tasks::Auto => RunnerChoice::Auto,
        Tasks::Docker => RunnerChoice::Docker,
        Tasks::InProcess => RunnerChoice::InProcess,
    }
}

/// Says how to use it; as JSON, one object on one line.
fn introduce(context: &Context, args: &SandboxArgs, sandbox: &Sandbox) {
    let endpoint = sandbox.endpoint();
    let registry = sandbox.registry_host();
    if context.global.output == OutputFormat::Json {
        let ready = serde_json::json!({
            "type": "sandbox_ready",
            "endpoint": endpoint,
            "registry": registry,
            "region": args.region,
            "tasks": sandbox.runner(),
            "speed": args.speed,
        });
        print_line(&ready.to_string());
        return;
    }
    print_line(&format!(
        "The sandbox is ready. This is not AWS: {}.",
        sandbox.runner()
    ));
    print_line("");
    print_line(&format!("  export AWS_ENDPOINT_URL={endpoint}"));
    print_line(&format!("  export AWS_REGION={}", args.region));
    print_line("  export AWS_ACCESS_KEY_ID=sandbox AWS_SECRET_ACCESS_KEY=sandbox");
    print_line("");
    print_line(&format!(
        "  registry: {registry}   time: {} times real time",
        args.speed
    ));
    for file in &args.policies {
        let (principal, path) = (file.principal, file.path.display());
        print_line(&format!("  policy of {principal}: {path}"));
    }
    print_line("  Ctrl-C stops it.");
}
