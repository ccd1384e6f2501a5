//! What a run tells, event by event.

use std::time::Duration;

use super::Scene;
use crate::engine::OnAbort;
use crate::memory::Rollout;
use crate::provider::GateReading;

async fn told(scene: Scene) -> String {
    scene.play().await.lines()
}

#[tokio::test(start_paused = true)]
async fn good() {
    let scene = Scene::of([]).gate([GateReading::not_yet("503"), GateReading::passing("200")]);
    insta::assert_snapshot!(told(scene).await);
}

#[tokio::test(start_paused = true)]
async fn rolled_back_by_the_controller() {
    let scene = Scene::of([Rollout::FailsAndRollsBack {
        looks: 1,
        rolling_back: 1,
    }]);
    insta::assert_snapshot!(told(scene).await);
}

#[tokio::test(start_paused = true)]
async fn gate_failed_and_rolled_back() {
    let scene = Scene::of([]).gate([GateReading::failing("answered by version 1")]);
    insta::assert_snapshot!(told(scene).await);
}

#[tokio::test(start_paused = true)]
async fn stuck() {
    let scene = Scene::of([Rollout::RollbackFails {
        looks: 1,
        rolling_back: 1,
    }]);
    insta::assert_snapshot!(told(scene).await);
}

#[tokio::test(start_paused = true)]
async fn superseded() {
    let scene = Scene::of([Rollout::Superseded { looks: 1 }]);
    insta::assert_snapshot!(told(scene).await);
}

#[tokio::test(start_paused = true)]
async fn timed_out() {
    let scene =
        Scene::of([Rollout::NeverEnds]).set(|settings| settings.limit = Duration::from_secs(45));
    insta::assert_snapshot!(told(scene).await);
}

#[tokio::test(start_paused = true)]
async fn cancelled() {
    for on_abort in [OnAbort::Detach, OnAbort::Rollback, OnAbort::Wait] {
        let scene = Scene::of([Rollout::Succeeds { looks: 3 }])
            .set(|settings| settings.on_abort = on_abort)
            .cancel_after(3);
        insta::assert_snapshot!(format!("cancelled_{on_abort:?}"), told(scene).await);
    }
}
