//! Watches a run: the events say what happens while it happens, the report says how it ended.
//! Everything is simulated, and the new version fails.

#![allow(clippy::print_stdout, reason = "an example talks to a person")]

use std::process::ExitCode;

use ecs_pipeline_core::ProviderError;
use ecs_pipeline_core::engine::{Checks, Run, Settings};
use ecs_pipeline_core::event::{EventKind, EventStream, Events};
use ecs_pipeline_core::memory::{MemoryDeployer, Rollout};
use ecs_pipeline_core::model::{Change, ServiceRef, TaskDefinitionSource};
use tokio_util::sync::CancellationToken;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<ExitCode, ProviderError> {
    let service = ServiceRef::new("main", "web");
    let breaker = Rollout::FailsAndRollsBack {
        looks: 1,
        rolling_back: 1,
    };
    let deployer = MemoryDeployer::new()
        .with_service(&service, "web")?
        .script([breaker]);
    let change = Change::new(service, TaskDefinitionSource::Current).forced();

    let (events, stream) = Events::channel();
    let watching = tokio::spawn(watch(stream));
    let run = Run::new(Settings::default(), events, CancellationToken::new());
    let report = run.deploy(&deployer, &change, &Checks::none()).await;
    run.finish(&report);
    // The stream ends when nobody can write into it any more.
    drop(run);
    watching.await.ok();

    println!("exit code {}: {}", report.exit_code, report.summary);
    Ok(ExitCode::SUCCESS)
}

async fn watch(mut stream: EventStream) {
    while let Some(event) = stream.next().await {
        let seconds = event.elapsed_ms / 1000;
        match event.event {
            EventKind::StepStarted { step, detail } => {
                println!("{seconds:>3} s  {}: {detail}", step.name());
            }
            EventKind::ServiceMessage { text } => println!("{seconds:>3} s    {text}"),
            EventKind::Diagnosed { diagnosis } => {
                println!("{seconds:>3} s    because {}", diagnosis.cause);
            }
            EventKind::StepFinished { step, detail, .. } => {
                println!("{seconds:>3} s  {} ended: {detail}", step.name());
            }
            _ => {}
        }
    }
}
