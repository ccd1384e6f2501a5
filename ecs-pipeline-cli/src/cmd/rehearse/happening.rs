//! What happens during a rehearsal besides the deployment.

use std::time::Duration;

use ecs_pipeline_core::engine::Report;
use ecs_pipeline_core::model::End;
use ecs_pipeline_sandbox::Sandbox;
use tokio_util::sync::CancellationToken;

use super::one::Play;
use super::stage::{Stage, set_alarm_off};
use crate::args::Scenario;
use crate::context::Context;
use crate::error::CliError;
use crate::wiring;

/// How many requests the new version has answered when half of the way is behind it.
const HALF_WAY: u64 = 20;

/// What became of what the scenario has happen half-way.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Happened {
    /// It has nothing happen.
    Nothing,
    AsWanted,
    /// The deployment was over before.
    TooLate,
    /// It did not work, for this reason.
    Failed(String),
}

/// Has it happen, unless the deployment is over before.
pub(super) async fn half_way(play: &Play<'_>, over: &CancellationToken) -> Happened {
    if !matches!(
        play.rehearsal.scenario,
        Scenario::Alarm | Scenario::Rollback
    ) {
        return Happened::Nothing;
    }
    tokio::select! {
        () = is_half_way(play.sandbox, play.stage) => {}
        () = over.cancelled() => return Happened::TooLate,
    }
    let happened = match play.rehearsal.scenario {
        Scenario::Alarm => alarm(play),
        _ => roll_back_meanwhile(play).await,
    };
    match happened {
        Ok(happened) => happened,
        Err(error) => Happened::Failed(error.into_report().summary),
    }
}

async fn is_half_way(sandbox: &Sandbox, stage: &Stage) {
    let new = stage.new_revision();
    loop {
        let traffic = sandbox.traffic();
        let counts = traffic.task_definitions.get(&new);
        if counts.is_some_and(|counts| counts.requests >= HALF_WAY) {
            return;
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

fn alarm(play: &Play<'_>) -> Result<Happened, CliError> {
    play.context
        .note("version 2 has answered its first requests: the service's alarm goes off");
    set_alarm_off(play.sandbox)?;
    Ok(Happened::AsWanted)
}

/// Somebody else's `ecs-pipeline rollback`, of which the run is not told.
async fn roll_back_meanwhile(play: &Play<'_>) -> Result<Happened, CliError> {
    play.context
        .note("version 2 has answered its first requests: somebody rolls it back by hand");
    let report = roll_back(play, &play.backstage()).await?;
    Ok(match report.end {
        End::Succeeded => Happened::AsWanted,
        _ => Happened::Failed(report.summary),
    })
}

/// What `ecs-pipeline rollback` does.
pub(super) async fn roll_back(play: &Play<'_>, context: &Context) -> Result<Report, CliError> {
    let rehearsal = play.rehearsal;
    let config = Some(play.config);
    let service = &play.stage.service;
    let strategy = rehearsal.strategy_args();
    let deployer = wiring::deployer(context, config, service, &strategy).await?;
    let mut deployment = deployer.current(service).await?;
    if deployment.last_good.is_none() {
        // The first deployment of a CodeDeploy group has no former one: it takes `--to`.
        let ecs = wiring::ecs_deployer(context).await;
        let former = ecs.find_revision(&play.stage.old_revision()).await?;
        deployment.last_good = Some(former);
    }
    let run = context.run_with(config, &rehearsal.wait_args());
    Ok(run.roll_back(deployer.as_ref(), &deployment).await)
}
