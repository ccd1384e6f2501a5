//! One rehearsal, in a sandbox of its own.

use std::time::Duration;

use ecs_pipeline_core::aws::AwsConfig;
use ecs_pipeline_core::engine::Report;
use ecs_pipeline_core::model::End;
use ecs_pipeline_sandbox::Sandbox;
use ecs_pipeline_sandbox::faults::TaskFault;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

use super::happening::{self, Happened};
use super::load::Load;
use super::plan::Rehearsal;
use super::promise::Promise;
use super::share::{Sampler, Tally};
use super::stage::{self, Stage};
use super::verdict::Seen;
use super::{build_args, ending, read, summary};
use crate::args::{Builder, HowArgs, Scenario, ServiceArgs, TagArgs, Tasks};
use crate::cmd::build::build_image;
use crate::cmd::deploy::deploy_image;
use crate::cmd::push::push_image;
use crate::cmd::sandbox::runner;
use crate::config::Config;
use crate::context::Context;
use crate::error::CliError;

/// What came of a rehearsal.
#[derive(Debug)]
pub(super) struct Rehearsed {
    pub(super) report: Report,
    pub(super) seen: Seen,
    /// Of real time.
    pub(super) took: Duration,
}

/// Everything that a deployment of version 2 has around it.
#[derive(Debug)]
pub(super) struct Play<'a> {
    /// In which the sandbox is AWS.
    pub(super) context: &'a Context,
    pub(super) aws: &'a AwsConfig,
    pub(super) config: &'a Config,
    pub(super) rehearsal: &'a Rehearsal<'a>,
    pub(super) sandbox: &'a Sandbox,
    pub(super) stage: &'a Stage,
}

pub(super) async fn rehearse(
    context: &Context,
    rehearsal: &Rehearsal<'_>,
) -> Result<Rehearsed, CliError> {
    let sandbox = Sandbox::builder()
        .speed(rehearsal.speed)
        .runner(runner(rehearsal.args.tasks))
        .start()
        .await?;
    let rehearsed = rehearse_in(context, rehearsal, &sandbox).await;
    sandbox.stop().await;
    rehearsed
}

async fn rehearse_in(
    context: &Context,
    rehearsal: &Rehearsal<'_>,
    sandbox: &Sandbox,
) -> Result<Rehearsed, CliError> {
    let began = Instant::now();
    let builder = builder_for(rehearsal.args.tasks, sandbox);
    summary::announce(context, rehearsal, sandbox);

    let aws = stage::aws_of(sandbox).await;
    let stage = Stage::set(context, rehearsal, sandbox, &aws, builder).await?;
    summary::staged(context, rehearsal.args, &stage);
    let within = stage::context_for(context, rehearsal, &aws, "rehearsal-2");
    let play = Play {
        context: &within,
        aws: &aws,
        config: &read(&within, rehearsal.args)?,
        rehearsal,
        sandbox,
        stage: &stage,
    };

    let load = Load::start(stage.url.clone(), rehearsal.args.rate);
    let sampler = Sampler::new(sandbox, &stage);
    let mut tally = Tally::default();
    let ended = tokio::select! {
        ended = play.perform(builder) => ended,
        never = summary::keep_telling(context, &load, sandbox) => match never {},
        never = sampler.keep_looking(&mut tally) => match never {},
    };
    let sent = load.stop().await;
    summary::traffic(context, &sent, sandbox);
    summary::failures(context, &sent);
    let (report, happened) = ended?;
    let seen = Seen {
        sent,
        shares: tally.shares(),
        happened,
        runs: ending::runs_at_the_end(sandbox, &stage).await?,
        promised: promised(rehearsal.scenario, &stage),
    };
    summary::shares(context, seen.shares.as_ref());
    Ok(Rehearsed {
        report: seen.judge(report),
        seen,
        took: began.elapsed(),
    })
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

/// The revision that is to run at the end.
fn promised(scenario: Scenario, stage: &Stage) -> String {
    match Promise::of(scenario).new_version {
        true => stage.new_revision(),
        false => stage.old_revision(),
    }
}

impl Play<'_> {
    /// Deploys version 2, and has happen what the scenario says.
    async fn perform(&self, builder: Builder) -> Result<(Report, Happened), CliError> {
        let over = CancellationToken::new();
        let deployed = async {
            let ended = self.deploy_version_2(builder).await;
            over.cancel();
            ended
        };
        let (ended, happened) = tokio::join!(deployed, happening::half_way(self, &over));
        let mut report = ended?;
        if self.rehearsal.scenario == Scenario::RollbackAfter && report.end == End::Succeeded {
            report = happening::roll_back(self, self.context).await?;
        }
        Ok((report, happened))
    }

    async fn deploy_version_2(&self, builder: Builder) -> Result<Report, CliError> {
        if let Some(fault) = fault_of(self.rehearsal.scenario) {
            let revision = self.stage.new_revision();
            self.sandbox.faults().fail_tasks(&revision, fault);
        }
        let (context, config) = (self.context, self.config);
        let image = build_image(context, config, &build_args(builder)).await?;
        let published = push_image(context, config, &TagArgs::default(), &image).await?;
        let how = HowArgs {
            service: ServiceArgs::default(),
            strategy: self.rehearsal.strategy_args(),
            wait: self.rehearsal.wait_args(),
        };
        deploy_image(context, config, published, &how).await
    }

    /// The same context for somebody of whom nothing is told.
    pub(super) fn backstage(&self) -> Context {
        let variables = self.context.variables.clone();
        let (aws, speed) = (self.aws.clone(), self.rehearsal.speed);
        self.context.within(aws, speed, variables).backstage()
    }
}

fn fault_of(scenario: Scenario) -> Option<TaskFault> {
    match scenario {
        Scenario::Unhealthy => Some(TaskFault::Unhealthy),
        Scenario::CrashLoop => Some(TaskFault::CrashLoop),
        Scenario::MissingImage => Some(TaskFault::MissingImage),
        Scenario::Good | Scenario::Alarm | Scenario::Rollback | Scenario::RollbackAfter => None,
    }
}
