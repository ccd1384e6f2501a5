//! Whatever call fails however, and however the rollout and the rollback go: a run never lies.

use std::time::Duration;

use proptest::prelude::*;

use super::{Played, Scene, service};
use crate::ErrorKind;
use crate::engine::{OnAbort, OnTimeout};
use crate::exit;
use crate::memory::{Fault, MemoryDeployer, Operation, Rollout};
use crate::model::End;
use crate::provider::{Deployer, GateReading};

fn kind() -> impl Strategy<Value = ErrorKind> {
    prop::sample::select(vec![
        ErrorKind::NotFound,
        ErrorKind::Denied,
        ErrorKind::Unauthenticated,
        ErrorKind::Throttled,
        ErrorKind::Invalid,
        ErrorKind::Conflict,
        ErrorKind::Quota,
        ErrorKind::Unavailable,
        ErrorKind::Failed,
        ErrorKind::Internal,
    ])
}

fn fault() -> impl Strategy<Value = Fault> {
    let operation = prop::sample::select(vec![
        Operation::Build,
        Operation::Publish,
        Operation::Plan,
        Operation::Register,
        Operation::Start,
        Operation::Observe,
        Operation::Rollback,
        Operation::Evidence,
        Operation::Current,
    ]);
    (operation, kind(), 1..6_u32, 1..12_u32, any::<bool>()).prop_map(
        |(operation, kind, first, calls, late)| Fault {
            operation,
            // Most operations are called once or twice.
            first: if operation == Operation::Observe {
                first
            } else {
                1 + first / 4
            },
            calls,
            kind,
            // An answer is lost on the way or in a 500, not in a refusal.
            takes_effect: late && matches!(kind, ErrorKind::Unavailable | ErrorKind::Internal),
        },
    )
}

fn rollout() -> impl Strategy<Value = Rollout> {
    let looks = 0..4_u32;
    prop_oneof![
        4 => looks.clone().prop_map(|looks| Rollout::Succeeds { looks }),
        2 => looks.clone().prop_map(|looks| Rollout::Fails { looks }),
        2 => (looks.clone(), looks.clone()).prop_map(|(looks, rolling_back)| {
            Rollout::FailsAndRollsBack { looks, rolling_back }
        }),
        1 => (looks.clone(), looks.clone()).prop_map(|(looks, rolling_back)| {
            Rollout::RollbackFails { looks, rolling_back }
        }),
        1 => Just(Rollout::NeverEnds),
        1 => looks.clone().prop_map(|looks| Rollout::Superseded { looks }),
        1 => looks.prop_map(|looks| Rollout::ServiceDeleted { looks }),
    ]
}

fn reading() -> impl Strategy<Value = GateReading> {
    prop_oneof![
        Just(GateReading::passing("200")),
        Just(GateReading::not_yet("503")),
        Just(GateReading::failing("wrong version")),
    ]
}

fn scene() -> impl Strategy<Value = Scene> {
    (
        prop::collection::vec(rollout(), 0..3),
        prop::collection::vec(fault(), 0..3),
        prop::option::of(prop::collection::vec(reading(), 1..4)),
        prop::option::of(0..40_u64),
        prop::sample::select(vec![OnAbort::Detach, OnAbort::Rollback, OnAbort::Wait]),
        any::<bool>(),
        prop::bool::weighted(0.8),
    )
        .prop_map(
            |(rollouts, faults, readings, cancel, on_abort, back, proven)| {
                let deployer = MemoryDeployer::new();
                let deployer = if proven {
                    deployer.with_service(&service(), "web")
                } else {
                    deployer.with_unproven_service(&service(), "web")
                };
                let mut scene = Scene::on(deployer.unwrap().script(rollouts));
                scene.settings.limit = Duration::from_secs(60);
                scene.settings.on_abort = on_abort;
                if back {
                    scene.settings.on_timeout = OnTimeout::Rollback;
                }
                scene.cancel_after = cancel.map(Duration::from_secs);
                let scene = faults.into_iter().fold(scene, Scene::fault);
                match readings {
                    Some(readings) => scene.gate(readings),
                    None => scene,
                }
            },
        )
}

fn play(scene: Scene) -> (Played, Option<String>) {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_time()
        .start_paused(true)
        .build()
        .unwrap();
    runtime.block_on(async {
        let played = scene.play().await;
        let primary = played.scene.deployer.inner().current(&service()).await;
        let primary = primary
            .ok()
            .map(|now| now.task_definition.short().to_owned());
        (played, primary)
    })
}

/// How often the deployment that this run started was undone.
fn undone(played: &Played) -> usize {
    let deployer = played.scene.deployer.inner();
    let deployments = deployer.deployments(&service());
    deployments
        .get(1)
        .map_or(0, |ours| deployer.times_undone(ours))
}

fn started(played: &Played) -> bool {
    played.scene.deployer.inner().deployments(&service()).len() > 1
}

fn exit_code_fits(played: &Played) -> bool {
    let code = played.report.exit_code;
    let of_errors = [exit::ACCESS, exit::UNAVAILABLE, exit::INTERNAL];
    exit::TABLE.iter().any(|(known, ..)| *known == code)
        && (code == exit::of_end(played.report.end)
            || (played.report.end == End::Failed && of_errors.contains(&code)))
}

proptest! {
    #![proptest_config(ProptestConfig {
        cases: 2000,
        failure_persistence: None,
        ..ProptestConfig::default()
    })]

    #[test]
    fn a_run_never_lies(scene in scene()) {
        let unproven = scene.deployer.inner().running(&service()).is_none();
        let (played, primary) = play(scene);
        let told = format!("{:?}\n{}", played.report, played.lines());
        prop_assert_eq!(played.keeps_the_promises_of_the_stream(), Ok(()), "{}", told);
        prop_assert!(exit_code_fits(&played), "{}", told);
        match played.report.end {
            End::Succeeded => {
                prop_assert_eq!(played.running_short(), "web:2", "{}", told);
                prop_assert_eq!(primary.as_deref(), Some("web:2"), "{}", told);
                prop_assert_eq!(played.report.exit_code, 0);
            }
            End::RolledBack => {
                prop_assert_eq!(played.running_short(), "web:1", "{}", told);
                prop_assert_eq!(primary.as_deref(), Some("web:1"), "{}", told);
                prop_assert_eq!(undone(&played), 1, "{}", told);
            }
            // Nothing was changed, or there was nothing to go back to.
            End::Failed | End::Refused => {
                prop_assert!(!started(&played) || unproven, "{}", told);
                prop_assert_eq!(undone(&played), 0, "{}", told);
            }
            // The rival's revisions come after this run's.
            End::Superseded => {
                let rivals = !matches!(primary.as_deref(), Some("web:1" | "web:2") | None);
                prop_assert!(rivals, "{:?} {}", primary, told);
            }
            End::Stuck => prop_assert!(started(&played), "{}", told),
            End::Reached => prop_assert!(false, "nobody asked for a stage: {}", told),
            // Without a deployment in the report it says that nothing is known.
            End::StillRunning => {
                prop_assert!(started(&played) || played.report.deployment.is_none(), "{}", told);
            }
        }
    }
}
