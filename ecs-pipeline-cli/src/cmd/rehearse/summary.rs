//! What a rehearsal says of itself, besides what every run says.

use std::convert::Infallible;
use std::time::Duration;

use ecs_pipeline_sandbox::Sandbox;

use super::load::{Load, Sent};
use super::stage::Stage;
use crate::args::{RehearseArgs, Scenario};
use crate::context::Context;

pub(super) fn announce(context: &Context, args: &RehearseArgs, sandbox: &Sandbox) {
    context.note(format!(
        "this is a rehearsal in a sandbox at {}, not AWS; its time runs {} times as fast",
        sandbox.endpoint(),
        args.speed
    ));
    context.note(sandbox.runner());
    let simulated = match args.scenario {
        Scenario::Good => None,
        Scenario::Unhealthy => {
            Some("the load balancer's health checks of version 2 will be answered with 503")
        }
        Scenario::CrashLoop => {
            Some("every task of version 2 will be killed moments after it started")
        }
        Scenario::MissingImage => {
            Some("version 2's image will be gone from the registry when ECS wants to pull it")
        }
    };
    if let Some(simulated) = simulated {
        context.note(format!("simulated fault: {simulated}"));
    }
    context.note(
        "setting the stage: cluster, repository, load balancer, and a service with version 1",
    );
}

pub(super) fn staged(context: &Context, args: &RehearseArgs, stage: &Stage) {
    context.note(format!(
        "{} runs {}:{} behind {}; sending {} requests a second",
        stage.service, stage.family, stage.revision, stage.url, args.rate
    ));
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
