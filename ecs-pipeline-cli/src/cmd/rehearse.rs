//! `ecs-pipeline rehearse`: the real pipeline in a sandbox of its own, under traffic.

mod load;
mod stage;
mod summary;

use ecs_pipeline_core::aws::AwsConfig;
use ecs_pipeline_core::engine::Report;
use ecs_pipeline_core::exit;
use ecs_pipeline_core::model::End;
use ecs_pipeline_sandbox::Sandbox;
use ecs_pipeline_sandbox::faults::TaskFault;

use super::build::build_image;
use super::deploy::{How, deploy_image};
use super::push::push_image;
use super::sandbox::runner;
use crate::args::{
    BuildArgs, Builder, BuilderArgs, RehearseArgs, Scenario, ServiceArgs, StrategyArgs, TagArgs,
    Tasks,
};
use crate::config::Config;
use crate::context::Context;
use crate::error::CliError;
use load::Load;
use stage::Stage;

pub(crate) async fn rehearse(context: &Context, args: &RehearseArgs) -> Result<Report, CliError> {
    let sandbox = Sandbox::builder()
        .speed(args.speed)
        .runner(runner(args.tasks))
        .start()
        .await?;
    let rehearsed = rehearse_in(context, args, &sandbox).await;
    sandbox.stop().await;
    rehearsed
}

async fn rehearse_in(
    context: &Context,
    args: &RehearseArgs,
    sandbox: &Sandbox,
) -> Result<Report, CliError> {
    let builder = builder_for(args.tasks, sandbox);
    summary::announce(context, args, sandbox);

    let aws = stage::aws_of(sandbox).await;
    let stage = Stage::set(context, args, sandbox, &aws, builder).await?;
    summary::staged(context, args, &stage);

    let load = Load::start(stage.url.clone(), args.rate);
    let ended = tokio::select! {
        ended = deploy_version_2(context, args, sandbox, &aws, builder, &stage) => ended,
        never = summary::keep_telling(context, &load, sandbox) => match never {},
    };
    let sent = load.stop().await;
    summary::traffic(context, &sent, sandbox);
    summary::failures(context, &sent);
    Ok(with_traffic(ended?, &sent))
}

/// Without an engine nothing can be built as a Dockerfile says: the context is packed instead.
fn builder_for(tasks: Tasks, sandbox: &Sandbox) -> Builder {
    match tasks {
        Tasks::InProcess => Builder::Pack,
        Tasks::Docker => Builder::Docker,
        Tasks::Auto if sandbox.runs_containers() => Builder::Docker,
        Tasks::Auto => Builder::Pack,
    }
}

async fn deploy_version_2(
    context: &Context,
    args: &RehearseArgs,
    sandbox: &Sandbox,
    aws: &AwsConfig,
    builder: Builder,
    stage: &Stage,
) -> Result<Report, CliError> {
    let context = stage::context_for(context, args, aws, "rehearsal-2");
    let config = read(&context, args)?;
    if let Some(fault) = fault_of(args.scenario) {
        sandbox.faults().fail_tasks(&stage.next_revision(), fault);
    }
    let image = build_image(&context, &config, &build_args(builder)).await?;
    let tags = TagArgs::default();
    let published = push_image(&context, &config, &tags, &image).await?;
    let how = How {
        service: &ServiceArgs::default(),
        strategy: &StrategyArgs::default(),
        wait: &args.wait,
    };
    deploy_image(&context, &config, published, &how).await
}

fn build_args(builder: Builder) -> BuildArgs {
    BuildArgs {
        builder: BuilderArgs {
            builder: Some(builder),
        },
        ..BuildArgs::default()
    }
}

/// The application's own configuration, from its own directory.
fn read(context: &Context, args: &RehearseArgs) -> Result<Config, CliError> {
    let path = args.directory.join(&context.global.config);
    Ok(Config::read(&path, &context.variables)?)
}

fn fault_of(scenario: Scenario) -> Option<TaskFault> {
    match scenario {
        Scenario::Good => None,
        Scenario::Unhealthy => Some(TaskFault::Unhealthy),
        Scenario::CrashLoop => Some(TaskFault::CrashLoop),
        Scenario::MissingImage => Some(TaskFault::MissingImage),
    }
}

/// A rehearsal in which a request failed did not go well, whatever ECS says of it.
fn with_traffic(mut report: Report, sent: &load::Sent) -> Report {
    report.summary = format!(
        "{}; {} requests through the load balancer, {} failed",
        report.summary,
        sent.total(),
        sent.failed
    );
    if sent.failed > 0 && report.end == End::Succeeded {
        report.end = End::Failed;
        report.exit_code = exit::FAILED;
    }
    report
}
