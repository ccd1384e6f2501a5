//! How runs end, how long they wait, and how often they look.

use std::time::Duration;

use super::{Played, Scene, change_to, service};
use crate::ErrorKind;
use crate::engine::{OnAbort, OnTimeout, Run};
use crate::event::{EventKind, Events};
use crate::exit;
use crate::memory::{Fault, MemoryDeployer, Operation, Rollout};
use crate::model::End;
use crate::provider::{Deployer, GateReading};

const GOOD: Rollout = Rollout::Succeeds { looks: 2 };
const BREAKER: Rollout = Rollout::FailsAndRollsBack {
    looks: 2,
    rolling_back: 2,
};

async fn ends(scene: Scene, end: End, code: u8, running: &str) -> Played {
    let played = scene.play().await;
    let told = format!("{:?}\n{}", played.report, played.lines());
    assert_eq!(played.report.end, end, "{told}");
    assert_eq!(played.report.exit_code, code, "{told}");
    assert_eq!(played.running_short(), running, "{told}");
    assert_eq!(played.keeps_the_promises_of_the_stream(), Ok(()), "{told}");
    played
}

#[tokio::test(start_paused = true)]
async fn a_good_rollout_succeeds() {
    let played = ends(Scene::of([GOOD]), End::Succeeded, exit::SUCCEEDED, "web:2").await;
    // Looks at 0 s, 2 s and 5.2 s.
    assert_eq!(played.calls(Operation::Observe), 3);
    assert_eq!(played.took, Duration::from_millis(5200));
}

#[tokio::test(start_paused = true)]
async fn a_rollback_by_the_controller_is_no_success() {
    let scene = Scene::of([BREAKER]);
    let played = ends(scene, End::RolledBack, exit::ROLLED_BACK, "web:1").await;
    assert_eq!(played.calls(Operation::Rollback), 0);
    assert_eq!(played.calls(Operation::Evidence), 1);
    let diagnosis = played.report.diagnosis.unwrap();
    assert!(
        diagnosis.cause.contains("exited with code 1"),
        "{diagnosis:?}"
    );
}

#[tokio::test(start_paused = true)]
async fn what_the_controller_leaves_failed_is_rolled_back_by_the_run() {
    let scene = Scene::of([Rollout::Fails { looks: 1 }, GOOD]);
    let played = ends(scene, End::RolledBack, exit::ROLLED_BACK, "web:1").await;
    assert_eq!(played.calls(Operation::Rollback), 1);
}

#[tokio::test(start_paused = true)]
async fn a_failed_way_back_needs_a_person() {
    let scenes = [
        vec![Rollout::RollbackFails {
            looks: 1,
            rolling_back: 1,
        }],
        vec![Rollout::Fails { looks: 1 }, Rollout::Fails { looks: 1 }],
        vec![Rollout::Fails { looks: 1 }, Rollout::NeverEnds],
        vec![Rollout::ServiceDeleted { looks: 1 }],
    ];
    for rollouts in scenes {
        let played = ends(Scene::of(rollouts), End::Stuck, exit::STUCK, "web:1").await;
        assert!(played.report.hint.unwrap().contains("look at service"));
    }
    let denied = Fault::always(Operation::Rollback, ErrorKind::Denied);
    let scene = Scene::of([Rollout::Fails { looks: 1 }]).fault(denied);
    let played = ends(scene, End::Stuck, exit::STUCK, "web:1").await;
    assert_eq!(played.calls(Operation::Rollback), 1);
}

#[tokio::test(start_paused = true)]
async fn a_rollback_that_the_controller_undoes_is_no_rollback() {
    let scene = Scene::of([GOOD, BREAKER]).gate([GateReading::failing("wrong version")]);
    let played = ends(scene, End::Stuck, exit::STUCK, "web:2").await;
    assert!(
        played
            .report
            .summary
            .contains("itself rolled back to web:2")
    );
}

#[tokio::test(start_paused = true)]
async fn a_newer_deployment_is_left_alone() {
    let scene = Scene::of([Rollout::Superseded { looks: 1 }]);
    let played = ends(scene, End::Superseded, exit::SUPERSEDED, "web:3").await;
    assert_eq!(played.calls(Operation::Rollback), 0);
}

#[tokio::test(start_paused = true)]
async fn a_deployment_that_supersedes_while_gates_are_read_is_noticed() {
    let scene = Scene::of([GOOD]).gate([
        GateReading::not_yet("warming up"),
        GateReading::not_yet("warming up"),
        GateReading::passing("200"),
    ]);
    let deployer = scene.deployer.inner();
    let (events, _stream) = Events::channel();
    let run = Run::new(scene.settings.clone(), events, Default::default());
    let image = scene.publish(&run).await.unwrap();
    let change = change_to(image.clone());
    let somebody_else = async {
        tokio::time::sleep(Duration::from_secs(6)).await;
        let mut other = change_to(image);
        other.force_new_deployment = true;
        let plan = deployer.plan(&other).await.unwrap();
        let release = deployer.register(&plan).await.unwrap();
        deployer.start(&plan, &release).await.unwrap();
    };
    let (report, ()) = tokio::join!(run.deploy(deployer, &change, &scene.checks), somebody_else);
    assert_eq!(report.end, End::Superseded);
}

#[tokio::test(start_paused = true)]
async fn without_a_former_revision_there_is_no_way_back() {
    let deployer = MemoryDeployer::new()
        .with_unproven_service(&service(), "web")
        .unwrap()
        .script([Rollout::Fails { looks: 1 }]);
    let played = Scene::on(deployer).play().await;
    assert_eq!(played.report.end, End::Failed);
    assert_eq!(played.report.exit_code, exit::FAILED);
    assert_eq!(played.keeps_the_promises_of_the_stream(), Ok(()));
}

#[tokio::test(start_paused = true)]
async fn passing_faults_of_a_change_are_ridden_out() {
    for operation in [Operation::Register, Operation::Start] {
        for kind in [ErrorKind::Throttled, ErrorKind::Unavailable] {
            let fault = Fault {
                calls: 2,
                ..Fault::nth(operation, 1, kind)
            };
            let scene = Scene::of([GOOD]).fault(fault);
            let played = ends(scene, End::Succeeded, exit::SUCCEEDED, "web:2").await;
            assert_eq!(played.calls(operation), 3);
            assert_eq!(played.warnings(), 2);
        }
    }
}

#[tokio::test(start_paused = true)]
async fn errors_before_a_change_are_told_by_their_kind() {
    let table = [
        (
            Operation::Build,
            ErrorKind::Failed,
            End::Failed,
            exit::FAILED,
        ),
        (
            Operation::Publish,
            ErrorKind::Unauthenticated,
            End::Failed,
            exit::ACCESS,
        ),
        (
            Operation::Plan,
            ErrorKind::NotFound,
            End::Refused,
            exit::REFUSED,
        ),
        (
            Operation::Register,
            ErrorKind::Invalid,
            End::Refused,
            exit::REFUSED,
        ),
        (
            Operation::Start,
            ErrorKind::Conflict,
            End::Refused,
            exit::REFUSED,
        ),
        (
            Operation::Start,
            ErrorKind::Unavailable,
            End::Failed,
            exit::UNAVAILABLE,
        ),
        (
            Operation::Register,
            ErrorKind::Internal,
            End::Failed,
            exit::INTERNAL,
        ),
    ];
    for (operation, kind, end, code) in table {
        let scene = Scene::of([]).fault(Fault::always(operation, kind));
        let played = ends(scene, end, code, "web:1").await;
        assert_eq!(played.calls(Operation::Rollback), 0);
        assert!(played.report.deployment.is_none());
    }
}

#[tokio::test(start_paused = true)]
async fn a_start_whose_answer_was_lost_is_taken_up() {
    let lost = Fault::nth(Operation::Start, 1, ErrorKind::Unavailable).after_effect();
    let scene = Scene::of([GOOD]).fault(lost);
    let played = ends(scene, End::Succeeded, exit::SUCCEEDED, "web:2").await;
    assert_eq!(played.calls(Operation::Start), 1);

    let scene = Scene::of([Rollout::Fails { looks: 1 }, GOOD]).fault(lost);
    ends(scene, End::RolledBack, exit::ROLLED_BACK, "web:1").await;
}

#[tokio::test(start_paused = true)]
async fn a_start_of_which_nothing_is_known_does_not_pass_for_unchanged() {
    let lost = Fault::nth(Operation::Start, 1, ErrorKind::Unavailable).after_effect();
    let blind = Fault::always(Operation::Current, ErrorKind::Unavailable);
    let scene = Scene::of([]).fault(lost).fault(blind);
    let played = ends(scene, End::StillRunning, exit::STILL_RUNNING, "web:1").await;
    assert!(played.report.summary.contains("could not be read"));
}

#[tokio::test(start_paused = true)]
async fn when_time_is_up_the_deployment_goes_on() {
    let scene = Scene::of([Rollout::NeverEnds]).set(|settings| {
        settings.limit = Duration::from_secs(60);
        settings.heartbeat = Duration::from_secs(10);
    });
    let played = ends(scene, End::StillRunning, exit::STILL_RUNNING, "web:1").await;
    assert_eq!(played.took, Duration::from_secs(60));
    // At 0, 2, 5.2, 10.3, 18.5, 31.6 and 51.6 s, and once more when time is up.
    assert_eq!(played.calls(Operation::Observe), 8);
    let beats: Vec<u64> = played
        .events
        .iter()
        .filter(|event| matches!(event.event, EventKind::Waiting { .. }))
        .map(|event| event.elapsed_ms / 1000)
        .collect();
    assert_eq!(beats, [10, 20, 30, 40, 50]);
}

#[tokio::test(start_paused = true)]
async fn an_end_that_comes_with_the_limit_is_seen() {
    let scene = Scene::of([Rollout::Succeeds { looks: 2 }])
        .set(|settings| settings.limit = Duration::from_secs(4));
    let played = ends(scene, End::Succeeded, exit::SUCCEEDED, "web:2").await;
    assert_eq!(played.took, Duration::from_secs(4));
}

#[tokio::test(start_paused = true)]
async fn when_time_is_up_a_rollback_can_be_asked_for() {
    let scene = Scene::of([Rollout::NeverEnds, GOOD]).set(|settings| {
        settings.limit = Duration::from_secs(60);
        settings.on_timeout = OnTimeout::Rollback;
    });
    let played = ends(scene, End::RolledBack, exit::ROLLED_BACK, "web:1").await;
    // The tasks of the former revision all run: looks near the end, at 1.5 s and 3.3 s.
    assert_eq!(played.took, Duration::from_millis(63_300));
}

#[tokio::test(start_paused = true)]
async fn a_cancelled_deployment_is_left_rolled_back_or_waited_for() {
    let table = [
        (
            OnAbort::Detach,
            End::StillRunning,
            exit::STILL_RUNNING,
            "web:1",
        ),
        (
            OnAbort::Rollback,
            End::RolledBack,
            exit::ROLLED_BACK,
            "web:1",
        ),
        (OnAbort::Wait, End::Succeeded, exit::SUCCEEDED, "web:2"),
    ];
    for (on_abort, end, code, running) in table {
        let scene = Scene::of([Rollout::Succeeds { looks: 4 }, GOOD])
            .set(|settings| settings.on_abort = on_abort)
            .cancel_after(3);
        let played = ends(scene, end, code, running).await;
        if on_abort == OnAbort::Detach {
            assert_eq!(played.took, Duration::from_secs(3));
            assert!(played.report.hint.unwrap().contains("take it up"));
        }
    }
}

#[tokio::test(start_paused = true)]
async fn cancelled_gates_are_left_rolled_back_or_read_on() {
    let table = [
        (OnAbort::Detach, End::StillRunning, "web:2"),
        (OnAbort::Rollback, End::RolledBack, "web:1"),
        (OnAbort::Wait, End::Succeeded, "web:2"),
    ];
    for (on_abort, end, running) in table {
        let slow = std::iter::repeat_n(GateReading::not_yet("warming up"), 5);
        let scene = Scene::of([GOOD])
            .gate(slow.chain([GateReading::passing("200")]))
            .set(|settings| settings.on_abort = on_abort)
            .cancel_after(8);
        ends(scene, end, exit::of_end(end), running).await;
    }
}

#[tokio::test(start_paused = true)]
async fn cancelled_before_a_change_nothing_is_started() {
    let scene = Scene::of([]).cancel_after(0);
    let (events, _stream) = Events::channel();
    let cancel = tokio_util::sync::CancellationToken::new();
    let run = Run::new(scene.settings.clone(), events, cancel.clone());
    let image = scene.publish(&run).await.unwrap();
    cancel.cancel();
    let report = run
        .deploy(&scene.deployer, &change_to(image), &scene.checks)
        .await;
    assert_eq!(report.end, End::Failed);
    assert_eq!(scene.deployer.calls(Operation::Start), 0);
}

#[tokio::test(start_paused = true)]
async fn a_gate_must_pass_so_often_in_a_row() {
    let mut scene = Scene::of([GOOD]).gate([
        GateReading::passing("200"),
        GateReading::not_yet("503"),
        GateReading::passing("200"),
    ]);
    scene.checks.gates[0].successes = 2;
    let played = ends(scene, End::Succeeded, exit::SUCCEEDED, "web:2").await;
    // Three intervals of 2 s after the rollout's 5.2 s.
    assert_eq!(played.took, Duration::from_millis(11_200));
}

#[tokio::test(start_paused = true)]
async fn a_gate_that_fails_or_never_passes_rolls_back() {
    let failing = Scene::of([GOOD]).gate([GateReading::failing("wrong version")]);
    let played = ends(failing, End::RolledBack, exit::ROLLED_BACK, "web:1").await;
    assert!(played.report.summary.contains("wrong version"));

    let never = Scene::of([GOOD]).gate([GateReading::not_yet("503")]);
    let played = ends(never, End::RolledBack, exit::ROLLED_BACK, "web:1").await;
    assert!(played.report.summary.contains("not within 120 s: 503"));
}

#[tokio::test(start_paused = true)]
async fn passing_faults_of_a_look_are_tolerated() {
    let fault = Fault {
        calls: 3,
        ..Fault::nth(Operation::Observe, 2, ErrorKind::Unavailable)
    };
    let scene = Scene::of([GOOD]).fault(fault);
    let played = ends(scene, End::Succeeded, exit::SUCCEEDED, "web:2").await;
    assert_eq!(played.warnings(), 3);
}

#[tokio::test(start_paused = true)]
async fn a_deployment_that_cannot_be_seen_is_still_running() {
    let blind = Fault::always(Operation::Observe, ErrorKind::Throttled);
    let scene = Scene::of([GOOD]).fault(blind);
    let played = ends(scene, End::StillRunning, exit::STILL_RUNNING, "web:1").await;
    assert_eq!(played.calls(Operation::Observe), 10);

    let denied = Fault::nth(Operation::Observe, 2, ErrorKind::Denied);
    let scene = Scene::of([GOOD]).fault(denied);
    let played = ends(scene, End::StillRunning, exit::STILL_RUNNING, "web:1").await;
    assert_eq!(played.calls(Operation::Observe), 2);
}

#[tokio::test(start_paused = true)]
async fn a_second_run_takes_up_or_finds_done_what_the_first_left() {
    let scene = Scene::of([Rollout::Succeeds { looks: 6 }]).cancel_after(3);
    let played = ends(scene, End::StillRunning, exit::STILL_RUNNING, "web:1").await;

    let mut scene = played.scene;
    scene.cancel_after = None;
    let played = ends(scene, End::Succeeded, exit::SUCCEEDED, "web:2").await;
    assert_eq!(played.calls(Operation::Start), 1);
    assert_eq!(played.calls(Operation::Register), 1);

    let played = ends(played.scene, End::Succeeded, exit::SUCCEEDED, "web:2").await;
    assert_eq!(played.calls(Operation::Start), 1);
    assert!(played.report.summary.contains("already"));
}

#[tokio::test(start_paused = true)]
async fn a_rollback_by_hand_that_works_is_a_success() {
    let played = Scene::of([GOOD, GOOD]).play().await;
    let deployment = played.report.deployment.clone().unwrap();
    let run = Run::new(
        played.scene.settings.clone(),
        Events::discard(),
        Default::default(),
    );
    let report = run.roll_back(&played.scene.deployer, &deployment).await;
    assert_eq!((report.end, report.exit_code), (End::Succeeded, 0));
    assert_eq!(played.running_short(), "web:1");
}
