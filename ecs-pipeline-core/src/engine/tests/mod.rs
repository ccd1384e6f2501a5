//! The engine in virtual time, on providers that simulate: each end, each event, each look.

#![allow(clippy::unwrap_used, clippy::expect_used)]

mod ends;
mod failure_points;
mod jobs;
mod shift;
mod stream;

use std::sync::Arc;
use std::time::Duration;

use tokio_util::sync::CancellationToken;

use super::{Checks, Gate, Report, Run, Settings};
use crate::event::{Event, EventKind, Events, Step};
use crate::memory::{
    Fault, Faulty, MemoryBuilder, MemoryDeployer, MemoryGate, MemoryRegistry, Operation, Rollout,
};
use crate::model::{
    BuildRequest, Change, PublishRequest, PublishedImage, ServiceRef, TaskDefinitionArn,
    TaskDefinitionSource,
};
use crate::provider::GateReading;

/// A pipeline on simulated providers, and what happens to it.
#[derive(Debug)]
struct Scene {
    builder: Faulty<MemoryBuilder>,
    registry: Faulty<MemoryRegistry>,
    deployer: Faulty<MemoryDeployer>,
    settings: Settings,
    checks: Checks,
    cancel_after: Option<Duration>,
}

/// What came of a scene.
struct Played {
    scene: Scene,
    report: Report,
    events: Vec<Event>,
    took: Duration,
}

fn service() -> ServiceRef {
    ServiceRef::new("main", "web")
}

impl Scene {
    /// The next deployments go like this; without any, they succeed.
    fn of(rollouts: impl IntoIterator<Item = Rollout>) -> Self {
        let deployer = MemoryDeployer::new()
            .with_service(&service(), "web")
            .unwrap();
        Self::on(deployer.script(rollouts.into_iter().collect::<Vec<_>>()))
    }

    fn on(deployer: MemoryDeployer) -> Self {
        Self {
            builder: Faulty::new(MemoryBuilder::new()),
            registry: Faulty::new(MemoryRegistry::new().with_repository("web")),
            deployer: Faulty::new(deployer),
            settings: Settings::default(),
            checks: Checks::none(),
            cancel_after: None,
        }
    }

    fn fault(mut self, fault: Fault) -> Self {
        self.builder = self.builder.with(fault);
        self.registry = self.registry.with(fault);
        self.deployer = self.deployer.with(fault);
        self
    }

    fn set(mut self, change: impl FnOnce(&mut Settings)) -> Self {
        change(&mut self.settings);
        self
    }

    fn gate(mut self, readings: impl IntoIterator<Item = GateReading>) -> Self {
        let gate = MemoryGate::new("probe", readings);
        self.checks.gates.push(Gate::new(Arc::new(gate)));
        self
    }

    fn cancel_after(mut self, seconds: u64) -> Self {
        self.cancel_after = Some(Duration::from_secs(seconds));
        self
    }

    /// Runs build, push and deploy, as a user of the library does.
    async fn play(self) -> Played {
        let (events, mut stream) = Events::channel();
        let cancel = CancellationToken::new();
        if let Some(after) = self.cancel_after {
            let cancel = cancel.clone();
            tokio::spawn(async move {
                tokio::time::sleep(after).await;
                cancel.cancel();
            });
        }
        let began = tokio::time::Instant::now();
        let run = Run::new(self.settings.clone(), events, cancel);
        let report = match self.publish(&run).await {
            Ok(image) => {
                let change = change_to(image);
                run.deploy(&self.deployer, &change, &self.checks).await
            }
            Err(error) => Report::of_error(&error, "nothing was changed"),
        };
        run.finish(&report);
        let took = began.elapsed();
        drop(run);
        let mut events = Vec::new();
        while let Some(event) = stream.try_next() {
            events.push(event);
        }
        Played {
            scene: self,
            report,
            events,
            took,
        }
    }

    async fn publish(&self, run: &Run) -> Result<PublishedImage, crate::ProviderError> {
        let build = BuildRequest {
            name: "web:2".to_owned(),
            ..BuildRequest::default()
        };
        let push = PublishRequest {
            repository: "web".to_owned(),
            tags: vec!["2".to_owned()],
        };
        let built = run.build(&self.builder, &build).await?;
        run.push(&self.registry, &built, &push).await
    }
}

impl Played {
    fn running(&self) -> Option<TaskDefinitionArn> {
        self.scene.deployer.inner().running(&service())
    }

    fn running_short(&self) -> String {
        let running = self.running().unwrap();
        running.short().to_owned()
    }

    fn calls(&self, operation: Operation) -> u32 {
        self.scene.deployer.calls(operation)
    }

    /// The events as they are written with `--output json`.
    fn lines(&self) -> String {
        self.events
            .iter()
            .map(|event| serde_json::to_string(event).unwrap() + "\n")
            .collect()
    }

    fn count(&self, wanted: impl Fn(&EventKind) -> bool) -> usize {
        self.events
            .iter()
            .filter(|event| wanted(&event.event))
            .count()
    }

    fn warnings(&self) -> usize {
        self.count(|event| matches!(event, EventKind::Warning { .. }))
    }

    /// What the documentation of the events promises of every run.
    fn keeps_the_promises_of_the_stream(&self) -> Result<(), String> {
        let mut open: Option<Step> = None;
        for (place, event) in self.events.iter().enumerate() {
            if event.seq != place as u64 {
                return Err(format!("event {place} has number {}", event.seq));
            }
            match (&event.event, open) {
                (EventKind::StepStarted { step, .. }, None) => open = Some(*step),
                (EventKind::StepFinished { step, .. }, Some(begun)) if *step == begun => {
                    open = None;
                }
                (EventKind::StepStarted { .. } | EventKind::StepFinished { .. }, _) => {
                    return Err(format!("{event:?} while {open:?} is open"));
                }
                (EventKind::StepOutput { step, .. }, open) if open != Some(*step) => {
                    return Err(format!("{event:?} while {open:?} is open"));
                }
                _ => {}
            }
        }
        let ends = self.count(|event| matches!(event, EventKind::RunFinished { .. }));
        let last = self.events.last().map(|event| &event.event);
        match (open, ends, last) {
            (None, 1, Some(EventKind::RunFinished { .. })) => Ok(()),
            _ => Err(format!("open: {open:?}, ends: {ends}, last: {last:?}")),
        }
    }
}

fn change_to(image: PublishedImage) -> Change {
    Change::new(service(), TaskDefinitionSource::Current).with_image("web", image)
}
