//! Deployments that shift traffic: stages, holds, gates on the way, and following a part of it.

use std::sync::Arc;
use std::time::Duration;

use super::{Played, Scene, service};
use crate::engine::{Checks, Gate, Run, Until};
use crate::event::{EventKind, Events, Outcome, Step};
use crate::exit;
use crate::memory::{MemoryGate, Operation, Rollout};
use crate::model::{ECS_STAGES, End};
use crate::provider::{Deployer, GateReading};

const SHIFTS: Rollout = Rollout::Shifts { held_at: None };
const HELD: Rollout = Rollout::Shifts {
    held_at: Some("POST_TEST_TRAFFIC_SHIFT"),
};

fn until(stage: &str) -> Option<Until> {
    Some(Until::Stage(stage.to_owned()))
}

fn stages(played: &Played) -> Vec<String> {
    let stages = played.events.iter().filter_map(|event| match &event.event {
        EventKind::DeploymentProgress { stage, .. } => stage.clone(),
        _ => None,
    });
    stages.collect()
}

#[tokio::test(start_paused = true)]
async fn every_stage_is_told_once() {
    let played = Scene::of([SHIFTS]).play().await;
    assert_eq!(played.report.end, End::Succeeded, "{}", played.lines());
    assert_eq!(stages(&played), ECS_STAGES);
}

#[tokio::test(start_paused = true)]
async fn it_is_followed_until_a_stage_and_no_further() {
    let scene = Scene::of([SHIFTS]).set(|settings| settings.until = until("bake_time"));
    let played = scene.play().await;
    assert_eq!(played.report.end, End::Reached, "{}", played.lines());
    assert_eq!(played.report.exit_code, exit::SUCCEEDED);
    assert_eq!(stages(&played).last().unwrap(), "BAKE_TIME");
    assert!(played.report.summary.contains("it has reached BAKE_TIME"));
    assert!(played.report.hint.unwrap().contains("status"));
    // The deployment goes on: nothing claims that the service runs the new revision.
    assert_eq!(
        played
            .scene
            .deployer
            .inner()
            .running(&service())
            .unwrap()
            .short(),
        "web:1"
    );
}

#[tokio::test(start_paused = true)]
async fn it_is_followed_until_the_traffic_has_moved() {
    let scene = Scene::of([SHIFTS]).set(|settings| settings.until = Some(Until::Traffic));
    let played = scene.play().await;
    assert_eq!(played.report.end, End::Reached, "{}", played.lines());
    assert_eq!(stages(&played).last().unwrap(), "PRODUCTION_TRAFFIC_SHIFT");
}

#[tokio::test(start_paused = true)]
async fn a_stage_that_does_not_exist_is_refused_before_anything_is_changed() {
    let scene = Scene::of([SHIFTS]).set(|settings| settings.until = until("AllowTraffic"));
    let played = scene.play().await;
    assert_eq!(played.report.end, End::Refused);
    assert!(played.report.summary.contains("PRODUCTION_TRAFFIC_SHIFT"));
    assert_eq!(played.calls(Operation::Register), 0);
}

#[tokio::test(start_paused = true)]
async fn what_ends_before_the_stage_has_its_own_end() {
    let scene = Scene::of([Rollout::FailsAndRollsBack {
        looks: 1,
        rolling_back: 1,
    }]);
    let scene = scene.set(|settings| settings.until = until("BAKE_TIME"));
    assert_eq!(scene.play().await.report.end, End::RolledBack);
}

#[tokio::test(start_paused = true)]
async fn a_failing_gate_rolls_back_while_the_traffic_shifts() {
    let mut scene = Scene::of([SHIFTS, Rollout::Succeeds { looks: 1 }]);
    let gate = Arc::new(MemoryGate::new(
        "alarm",
        [GateReading::failing("5xx in ALARM")],
    ));
    scene.checks = Checks::gates(vec![Gate::new(gate.clone()).during()]);
    let played = scene.play().await;
    assert_eq!(played.report.end, End::RolledBack, "{}", played.lines());
    assert!(played.report.summary.contains("5xx in ALARM"));
    // It is not read before the new revision gets traffic, and once is enough.
    assert_eq!(gate.taken(), 1);
    assert_eq!(stages(&played).last().unwrap(), "PRODUCTION_TRAFFIC_SHIFT");
    assert_eq!(played.running_short(), "web:1");
}

/// A rolling update of the simulation has no task of the new revision before it completes.
#[tokio::test(start_paused = true)]
async fn before_a_new_task_runs_there_is_nothing_to_judge() {
    let mut scene = Scene::of([Rollout::Succeeds { looks: 3 }]);
    let gate = Arc::new(MemoryGate::new("alarm", [GateReading::passing("OK")]));
    scene.checks = Checks::gates(vec![Gate::new(gate.clone()).during()]);
    assert_eq!(scene.play().await.report.end, End::Succeeded);
    assert_eq!(gate.taken(), 1, "once, at the end");
}

#[tokio::test(start_paused = true)]
async fn only_what_is_held_is_let_go_on() {
    let played = Scene::of([SHIFTS]).set(|settings| settings.until = until("BAKE_TIME"));
    let played = played.play().await;
    let deployment = played.report.deployment.unwrap();
    let run = Run::new(
        played.scene.settings.clone(),
        Events::discard(),
        Default::default(),
    );
    let deployer = &played.scene.deployer;
    let report = run.proceed(deployer, deployment, &Checks::none()).await;
    assert_eq!(report.end, End::Refused, "{}", report.summary);
    assert_eq!(deployer.calls(Operation::Proceed), 0);
}

#[tokio::test(start_paused = true)]
async fn a_gate_that_is_not_yet_well_waits_for_the_end() {
    let mut scene = Scene::of([SHIFTS]);
    let readings = [
        GateReading::not_yet("warming up"),
        GateReading::passing("ok"),
    ];
    let gate = Arc::new(MemoryGate::new("probe", readings));
    scene.checks = Checks::gates(vec![Gate::new(gate).during()]);
    assert_eq!(scene.play().await.report.end, End::Succeeded);
}

#[tokio::test(start_paused = true)]
async fn a_hold_is_told_once_and_waits_for_somebody() {
    let scene = Scene::of([HELD]).set(|settings| settings.limit = Duration::from_secs(600));
    let played = scene.play().await;
    assert_eq!(played.report.end, End::StillRunning, "{}", played.lines());
    let holds = played.count(|event| matches!(event, EventKind::Held { .. }));
    assert_eq!(holds, 1);

    let deployment = played.report.deployment.unwrap();
    let deployer = &played.scene.deployer;
    let (events, mut stream) = Events::channel();
    let run = Run::new(played.scene.settings.clone(), events, Default::default());
    let report = run
        .proceed(deployer, deployment.clone(), &Checks::none())
        .await;
    assert_eq!(report.end, End::Succeeded, "{}", report.summary);
    drop(run);
    let mut deployed = false;
    while let Some(event) = stream.try_next() {
        deployed |= matches!(
            event.event,
            EventKind::StepFinished {
                step: Step::Deploy,
                outcome: Outcome::Done,
                ..
            }
        );
    }
    assert!(deployed);
    assert!(
        deployer.proceed(&deployment).await.is_err(),
        "it is not held any more"
    );
}

#[tokio::test(start_paused = true)]
async fn what_was_reached_is_judged_by_the_gates_that_are_read_during_it() {
    for (during, end) in [(true, End::RolledBack), (false, End::Reached)] {
        let mut scene = Scene::of([SHIFTS, Rollout::Succeeds { looks: 1 }])
            .gate([GateReading::not_yet("503")])
            .set(|settings| settings.until = until("BAKE_TIME"));
        scene.checks.gates[0].during = during;
        let played = scene.play().await;
        assert_eq!(played.report.end, end, "{}", played.lines());
        let left_out = played.count(|event| matches!(event, EventKind::Note { .. }));
        assert_eq!(left_out, usize::from(!during));
    }
}
