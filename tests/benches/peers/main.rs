//! Ours beside the others: `ecs-pipeline deploy`, fabfuel's `ecs deploy`, and a script of AWS CLI
//! commands deploy to the sandbox in turn, and what each took is printed. It judges nothing.
//!
//! `cargo bench -p ecs-pipeline-tests --profile dev -- --help` tells the options.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::print_stdout,
    clippy::disallowed_methods,
    reason = "a program for people at a terminal: it has nobody to hand an error to, and measures real time"
)]

mod launch;
mod options;
mod peers;
mod stage;
mod table;

use std::process::ExitCode;
use std::time::Duration;

use ecs_pipeline_sandbox::faults::TaskFault;
use ecs_pipeline_tests::say;

use options::Options;
use peers::{Peer, Request};
use stage::{Expected, Stage};
use table::Run;

/// What is deployed, and what comes of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Scenario {
    /// The rollout is started, and nobody waits for it.
    NoWait,
    /// The new revision is well.
    Good,
    /// Every task of the new revision crashes, and the circuit breaker rolls back.
    CrashLoop,
    /// The new revision's health checks fail, and the circuit breaker rolls back.
    Unhealthy,
}

impl Scenario {
    const ALL: [Self; 4] = [Self::NoWait, Self::Good, Self::CrashLoop, Self::Unhealthy];

    fn name(self) -> &'static str {
        match self {
            Self::NoWait => "no-wait",
            Self::Good => "good",
            Self::CrashLoop => "crash-loop",
            Self::Unhealthy => "unhealthy",
        }
    }

    fn fault(self) -> Option<TaskFault> {
        match self {
            Self::NoWait | Self::Good => None,
            Self::CrashLoop => Some(TaskFault::CrashLoop),
            Self::Unhealthy => Some(TaskFault::Unhealthy),
        }
    }

    fn expected(self) -> Expected {
        match self.fault() {
            None => Expected::New,
            Some(_) => Expected::Former,
        }
    }

    /// How fast the sandbox's time passes. What waits must see real time: a client's pace knows no
    /// other.
    fn speed(self) -> f64 {
        match self {
            Self::NoWait => 60.0,
            _ => 1.0,
        }
    }
}

fn main() -> ExitCode {
    let mut arguments = std::env::args().skip(1).peekable();
    if arguments.next_if(|first| first == launch::FLAG).is_some() {
        return launch::launch(arguments);
    }
    let options = match Options::parse(arguments) {
        Ok(options) => options,
        Err(message) => {
            say(message);
            return ExitCode::from(2);
        }
    };
    let runtime = tokio::runtime::Runtime::new().expect("a runtime");
    runtime.block_on(compare(&options));
    ExitCode::SUCCESS
}

async fn compare(options: &Options) {
    let peers = Peer::present();
    table::print_machine(&peers, options);
    for &scenario in &options.scenarios {
        let runs = repeat(options, scenario, &peers).await;
        table::print(scenario, &peers, &runs);
    }
}

/// Every peer in turn, again and again. Each deploys to a new sandbox of its own: ecs-deploy
/// deregisters what it takes for the former revision, and would meet that again.
async fn repeat(options: &Options, scenario: Scenario, peers: &[Peer]) -> Vec<Run> {
    let mut runs = Vec::new();
    for number in 0..options.repetitions {
        let stages = peers.iter().map(|_| Stage::set(scenario.speed()));
        let stages = all_of(stages).await;
        for (&peer, stage) in peers.iter().zip(&stages) {
            let run = one(options, scenario, peer, stage, number).await;
            let (scenario, peer) = (scenario.name(), peer.name());
            say(format!("{scenario}, {peer}: {}", run.summary()));
            runs.push(run);
        }
    }
    runs
}

/// Waits for all of them at once: setting a stage takes half a minute of the sandbox's time.
async fn all_of<F>(futures: impl Iterator<Item = F>) -> Vec<F::Output>
where
    F: Future + Send + 'static,
    F::Output: Send,
{
    let tasks: Vec<_> = futures.map(tokio::spawn).collect();
    let mut done = Vec::with_capacity(tasks.len());
    for task in tasks {
        done.push(task.await.expect("the stage is set"));
    }
    done
}

async fn one(options: &Options, scenario: Scenario, peer: Peer, stage: &Stage, number: u32) -> Run {
    // A client that looks every 15 s meets the end of a rollout at any moment of its interval, if
    // the rollouts are not all equally long.
    let drain = options.drain + Duration::from_secs(4) * number;
    stage.set_drain(drain).await;
    let image = peer.prepare(stage, &options.binary).await;
    if let Some(fault) = scenario.fault() {
        stage.fail_next_revision(fault);
    }
    let request = Request {
        image: &image,
        wait: scenario != Scenario::NoWait,
        binary: &options.binary,
    };
    let calls = stage.calls();
    let end = stage.watch(scenario.expected()).await;
    let used = launch::measure(peer.command(stage, &request)).await;
    let calls = stage.calls_since(&calls);
    let ended = end.await;
    stage.settle().await;
    Run::new(peer, scenario, used, calls, ended)
}
