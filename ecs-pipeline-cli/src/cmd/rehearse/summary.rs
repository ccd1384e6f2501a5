//! What a rehearsal says of itself, besides what every run says.

use std::convert::Infallible;
use std::time::Duration;

use ecs_pipeline_sandbox::Sandbox;

use super::load::{Load, Sent};
use super::plan::Rehearsal;
use super::share::Shares;
use super::stage::Stage;
use crate::args::{RehearseArgs, Scenario};
use crate::context::Context;

pub(super) fn announce(context: &Context, rehearsal: &Rehearsal<'_>, sandbox: &Sandbox) {
    context.note(format!(
        "this is a rehearsal in a sandbox at {}, not AWS; its time runs {} times as fast{}",
        sandbox.endpoint(),
        rehearsal.speed,
        waits(rehearsal),
    ));
    context.note(sandbox.runner());
    if let Some(happens) = happens(rehearsal.scenario) {
        context.note(happens);
    }
    if rehearsal.ends_by_time_limit() {
        context.note(
            "CodeDeploy has no circuit breaker, and waits an hour for new tasks to become healthy: \
             the run's time limit (--timeout, --on-timeout rollback) brings the old version back",
        );
    }
    context.note(
        "setting the stage: cluster, repository, load balancer, and a service with version 1",
    );
}

/// What the speed makes of the time that is waited by design.
fn waits(rehearsal: &Rehearsal<'_>) -> String {
    if rehearsal.waits.is_zero() {
        return String::new();
    }
    let real = rehearsal.waits.div_f64(rehearsal.speed);
    format!(
        ", so that the {} that {} waits by design take {:.0} s",
        humantime::format_duration(rehearsal.waits),
        rehearsal.strategy_name(),
        real.as_secs_f64()
    )
}

fn happens(scenario: Scenario) -> Option<&'static str> {
    Some(match scenario {
        Scenario::Good => return None,
        Scenario::Unhealthy => {
            "simulated fault: the load balancer's health checks of version 2 will be answered with 503"
        }
        Scenario::CrashLoop => {
            "simulated fault: every task of version 2 will be killed moments after it started"
        }
        Scenario::MissingImage => {
            "simulated fault: version 2's image will be gone from the registry when ECS wants to pull it"
        }
        Scenario::Alarm => "half-way, a CloudWatch alarm of the service will go off",
        Scenario::Rollback => {
            "half-way, somebody will roll back by hand, as `ecs-pipeline rollback` does"
        }
        Scenario::RollbackAfter => {
            "when version 2 runs, it will be rolled back by hand, as `ecs-pipeline rollback` does"
        }
    })
}

pub(super) fn staged(context: &Context, args: &RehearseArgs, stage: &Stage) {
    context.note(format!(
        "{} runs {} behind {}; sending {} requests a second",
        stage.service,
        stage.old_revision(),
        stage.url,
        args.rate
    ));
}

/// What came of the weights.
pub(super) fn shares(context: &Context, shares: Option<&Shares>) {
    if let Some(shares) = shares {
        context.note(format!(
            "version 2's share of the requests, by its weight: {}",
            shares.told()
        ));
    }
}

/// Tells the traffic so far, twice a second, for as long as it is polled.
pub(super) async fn keep_telling(context: &Context, load: &Load, sandbox: &Sandbox) -> Infallible {
    loop {
        tokio::time::sleep(Duration::from_millis(500)).await;
        traffic(context, &load.so_far(), sandbox);
    }
}

pub(super) fn traffic(context: &Context, sent: &Sent, sandbox: &Sandbox) {
    let by_revision = sandbox
        .traffic()
        .task_definitions
        .into_iter()
        .map(|(revision, counts)| (revision, counts.requests))
        .collect();
    context.traffic(sent.total(), sent.failed, by_revision);
}

pub(super) fn failures(context: &Context, sent: &Sent) {
    for (why, count) in &sent.failures {
        context.note(format!("{count} requests failed: {why}"));
    }
}
