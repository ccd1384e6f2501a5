//! What a rehearsal says of itself, besides what every run says.

use ecs_pipeline_sandbox::Sandbox;

use super::load::Sent;
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
        Scenario::Good => return,
        Scenario::Unhealthy => {
            "the load balancer's health checks of version 2 will be answered with 503"
        }
        Scenario::CrashLoop => "every task of version 2 will be killed moments after it started",
        Scenario::MissingImage => {
            "version 2's image will be gone from the registry when ECS wants to pull it"
        }
    };
    context.note(format!("simulated fault: {simulated}"));
}

pub(super) fn staged(context: &Context, stage: &Stage, sandbox: &Sandbox) {
    let _ = sandbox;
    context.note(format!(
        "{} runs {}:{} behind {}",
        stage.service, stage.family, stage.revision, stage.url
    ));
}

pub(super) fn traffic(context: &Context, sent: &Sent, sandbox: &Sandbox) {
    let by_revision: Vec<String> = sandbox
        .traffic()
        .task_definitions
        .iter()
        .map(|(revision, counts)| format!("{revision} answered {}", counts.requests))
        .collect();
    context.note(format!(
        "traffic: {} requests, {} failed; with the gates' own, {}",
        sent.total(),
        sent.failed,
        by_revision.join(", ")
    ));
    for (why, count) in &sent.failures {
        context.note(format!("traffic: {count} failed with {why}"));
    }
}
