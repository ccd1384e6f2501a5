//! Tasks before and after a deployment.

use std::sync::Arc;
use std::time::Duration;

use super::{Played, Scene, service};
use crate::engine::Job;
use crate::event::{EventKind, Outcome, Step};
use crate::exit;
use crate::memory::{MemoryTaskRunner, Operation, Rollout};
use crate::model::End;
use crate::provider::TaskRequest;

const GOOD: Rollout = Rollout::Succeeds { looks: 1 };

fn job(runner: &Arc<MemoryTaskRunner>, command: &str) -> Job {
    let request = TaskRequest::new("migrate", service(), "web", vec![command.to_owned()]);
    Job::new(runner.clone(), request)
}

fn outcomes(played: &Played, wanted: Step) -> Vec<Outcome> {
    let finished = played.events.iter().filter_map(|event| match event.event {
        EventKind::StepFinished { step, outcome, .. } if step == wanted => Some(outcome),
        _ => None,
    });
    finished.collect()
}

#[tokio::test(start_paused = true)]
async fn tasks_run_before_and_after_and_what_they_write_is_told() {
    let runner = Arc::new(MemoryTaskRunner::new([]));
    let mut scene = Scene::of([GOOD]);
    scene.checks.before = vec![job(&runner, "migrate")];
    scene.checks.after = vec![job(&runner, "smoke")];
    let played = scene.play().await;
    assert_eq!(played.report.end, End::Succeeded, "{}", played.lines());
    assert_eq!(played.keeps_the_promises_of_the_stream(), Ok(()));
    let commands: Vec<String> = runner
        .started()
        .into_iter()
        .flat_map(|task| task.command)
        .collect();
    assert_eq!(commands, ["migrate", "smoke"]);
    assert!(played.lines().contains("migrate (simulated)"));
    assert!(
        played.report.summary.contains("its gate passed"),
        "{}",
        played.report.summary
    );
}

#[tokio::test(start_paused = true)]
async fn a_failed_migration_leaves_the_service_alone() {
    for (exit_code, words) in [(Some(3), "exited with 3"), (None, "never ran")] {
        let runner = Arc::new(MemoryTaskRunner::new([exit_code]));
        let mut scene = Scene::of([GOOD]);
        scene.checks.before = vec![job(&runner, "migrate"), job(&runner, "second")];
        let played = scene.play().await;
        assert_eq!(played.report.end, End::Failed);
        assert_eq!(played.report.exit_code, exit::FAILED);
        let summary = &played.report.summary;
        assert!(
            summary.contains(words) && summary.contains("was not touched"),
            "{summary}"
        );
        assert_eq!(played.calls(Operation::Start), 0);
        assert_eq!(runner.started().len(), 1, "the second one does not run");
        assert_eq!(outcomes(&played, Step::Before), [Outcome::Failed]);
    }
}

#[tokio::test(start_paused = true)]
async fn a_failed_smoke_test_brings_the_former_revision_back() {
    let runner = Arc::new(MemoryTaskRunner::new([Some(1)]));
    let mut scene = Scene::of([GOOD, GOOD]);
    scene.checks.after = vec![job(&runner, "smoke")];
    let played = scene.play().await;
    assert_eq!(played.report.end, End::RolledBack, "{}", played.lines());
    assert_eq!(played.running_short(), "web:1");
}

#[tokio::test(start_paused = true)]
async fn what_runs_already_is_judged_by_the_tasks_after_too() {
    for (exit_code, end) in [(Some(0), End::Succeeded), (Some(1), End::Failed)] {
        let runner = Arc::new(MemoryTaskRunner::new([exit_code]));
        let mut first = Scene::of([GOOD]).play().await.scene;
        first.checks.before = vec![job(&runner, "migrate")];
        first.checks.after = vec![job(&runner, "smoke")];
        let again = first.play().await;
        assert_eq!(again.report.end, end, "{}", again.lines());
        let ran: Vec<String> = runner
            .started()
            .into_iter()
            .map(|task| task.command.concat())
            .collect();
        assert_eq!(ran, ["smoke"], "a migration is for a new deployment");
        assert_eq!(again.calls(Operation::Start), 1);
    }
}

#[tokio::test(start_paused = true)]
async fn a_task_that_takes_too_long_is_stopped() {
    let runner = Arc::new(MemoryTaskRunner::new([]));
    let mut scene = Scene::of([GOOD]);
    scene.checks.before = vec![job(&runner, "sleep").within(Duration::from_secs(30))];
    let played = scene.play().await;
    assert_eq!(played.report.end, End::Failed);
    assert!(played.report.summary.contains("did not end within 30 s"));
    assert_eq!(runner.stopped(), 1);
}

#[tokio::test(start_paused = true)]
async fn a_cancelled_run_stops_its_task() {
    let runner = Arc::new(MemoryTaskRunner::new([]));
    let mut scene = Scene::of([GOOD]).cancel_after(10);
    scene.checks.before = vec![job(&runner, "sleep")];
    let played = scene.play().await;
    assert_eq!(runner.stopped(), 1);
    assert_eq!(played.calls(Operation::Start), 0);
    assert_eq!(outcomes(&played, Step::Before), [Outcome::Left]);
}
