//! One case a situation; the verdict of each is an inline snapshot.
#![allow(clippy::unwrap_used)]

use insta::assert_debug_snapshot;

use super::*;
use crate::model::DeploymentId;
use crate::rolling::testing::{arn, ours};
use crate::rolling::{DeploymentStatus, ServiceEvent};

/// `id status revision running/desired rolloutState`, the way an operator jots it down.
fn entry(text: &str) -> DeploymentSnapshot {
    let word: Vec<&str> = text.split_whitespace().collect();
    let (running, desired) = word[3].split_once('/').unwrap();
    let (running, desired): (u32, u32) = (running.parse().unwrap(), desired.parse().unwrap());
    let number: i64 = word[0].parse().unwrap();
    DeploymentSnapshot {
        id: DeploymentId::new(format!("ecs-svc/{number}")),
        status: word[1].into(),
        task_definition: arn(word[2].strip_prefix("web:").unwrap().parse().unwrap()),
        desired,
        running,
        pending: desired.saturating_sub(running),
        failed_tasks: 0,
        rollout_state: word.get(4).map(|state| RolloutState::from(*state)),
        rollout_state_reason: None,
        created_at: number * 1000,
    }
}

fn service(entries: &[&str], events: &[&str]) -> ServiceSnapshot {
    ServiceSnapshot {
        status: "ACTIVE".to_owned(),
        desired: 2,
        rolls_back: true,
        deployments: entries.iter().map(|text| entry(text)).collect(),
        events: events
            .iter()
            .enumerate()
            .map(|(n, text)| ServiceEvent {
                id: format!("e{n}"),
                text: format!("(service web) {text}"),
                created_at: 2500 + i64::try_from(n).unwrap(),
            })
            .rev()
            .collect(),
        ..ServiceSnapshot::default()
    }
}

fn with_api(mut service: ServiceSnapshot, status: &str) -> ServiceSnapshot {
    service.service_deployment = Some(ServiceDeploymentSnapshot {
        arn: "arn:aws:ecs:eu-west-1:123456789012:service-deployment/prod/web/x".to_owned(),
        status: status.into(),
        ..ServiceDeploymentSnapshot::default()
    });
    service
}

fn judge(entries: &[&str], events: &[&str]) -> DeploymentState {
    state_of(&ours(), &service(entries, events))
}

const FAILED: &str = "(deployment ecs-svc/2) deployment failed: tasks failed to start.";
const BACK: &str = "rolling back to deployment ecs-svc/3.";
const STEADY: &str = "has reached a steady state.";

#[test]
fn under_way() {
    let state = judge(
        &[
            "2 PRIMARY web:2 1/2 IN_PROGRESS",
            "1 ACTIVE web:1 2/2 COMPLETED",
        ],
        &[],
    );
    assert_debug_snapshot!(state, @"InProgress");
}

#[test]
fn completed() {
    let state = judge(&["2 PRIMARY web:2 2/2 COMPLETED"], &[STEADY]);
    assert_debug_snapshot!(state, @"Succeeded");
}

#[test]
fn completed_while_the_old_tasks_still_drain() {
    let state = judge(
        &[
            "2 PRIMARY web:2 2/2 COMPLETED",
            "1 ACTIVE web:1 1/0 COMPLETED",
        ],
        &[],
    );
    assert_debug_snapshot!(state, @"Succeeded");
}

#[test]
fn tasks_that_pass_running_once_and_die() {
    // All tasks are seen running, nothing else is left: and it is still no success.
    let state = judge(
        &["2 PRIMARY web:2 2/2 IN_PROGRESS"],
        &["has started 2 tasks: (task a) (task b)."],
    );
    assert_debug_snapshot!(state, @"InProgress");
}

#[test]
fn never_leaves_in_progress() {
    let mut service = service(
        &[
            "2 PRIMARY web:2 0/2 IN_PROGRESS",
            "1 ACTIVE web:1 2/2 COMPLETED",
        ],
        &["is unable to consistently start tasks successfully."],
    );
    service.rolls_back = false;
    service.deployments[0].failed_tasks = 250;
    assert_debug_snapshot!(state_of(&ours(), &service), @"InProgress");
}

#[test]
fn rolled_back_and_stable_again() {
    // What `aws ecs wait services-stable` calls a success.
    let state = judge(&["3 PRIMARY web:1 2/2 COMPLETED"], &[FAILED, BACK, STEADY]);
    assert_debug_snapshot!(state, @r#"
    RolledBack {
        reason: "tasks failed to start",
        to: Some(
            TaskDefinitionArn(
                "arn:aws:ecs:eu-west-1:123456789012:task-definition/web:1",
            ),
        ),
    }
    "#);
}

#[test]
fn rolled_back_by_the_failed_state_alone() {
    let state = judge(
        &["3 PRIMARY web:1 2/2 COMPLETED", "2 ACTIVE web:2 0/0 FAILED"],
        &[],
    );
    assert_debug_snapshot!(state, @r#"
    RolledBack {
        reason: "ECS gives no reason",
        to: Some(
            TaskDefinitionArn(
                "arn:aws:ecs:eu-west-1:123456789012:task-definition/web:1",
            ),
        ),
    }
    "#);
}

#[test]
fn failed_and_the_rollback_has_not_begun() {
    let state = judge(
        &["2 PRIMARY web:2 0/2 FAILED", "1 ACTIVE web:1 2/2 COMPLETED"],
        &[FAILED],
    );
    assert_debug_snapshot!(state, @r#"
    RollingBack {
        reason: "tasks failed to start",
    }
    "#);
}

#[test]
fn rollback_under_way() {
    let state = judge(
        &[
            "3 PRIMARY web:1 1/2 IN_PROGRESS",
            "2 ACTIVE web:2 0/2 FAILED",
        ],
        &[FAILED, BACK],
    );
    assert_debug_snapshot!(state, @r#"
    RollingBack {
        reason: "tasks failed to start",
    }
    "#);
}

#[test]
fn rollback_failed() {
    let mut service = service(
        &["3 PRIMARY web:1 0/2 FAILED", "2 ACTIVE web:2 0/2 FAILED"],
        &[FAILED, BACK],
    );
    service.deployments[0].rollout_state_reason =
        Some("ECS deployment circuit breaker: tasks failed to start.".to_owned());
    assert_debug_snapshot!(state_of(&ours(), &service), @r#"
    RollbackFailed {
        reason: "ECS deployment circuit breaker: tasks failed to start.",
    }
    "#);
}

#[test]
fn failed_and_no_rollback_configured() {
    let mut service = service(&["2 PRIMARY web:2 0/2 FAILED"], &[FAILED]);
    service.rolls_back = false;
    assert_debug_snapshot!(state_of(&ours(), &service), @r#"
    Failed {
        reason: "tasks failed to start",
    }
    "#);
}

#[test]
fn failed_and_nothing_to_go_back_to() {
    let mut first = ours();
    first.last_good = None;
    let service = service(&["2 PRIMARY web:2 0/2 FAILED"], &[FAILED]);
    assert_debug_snapshot!(state_of(&first, &service), @r#"
    Failed {
        reason: "tasks failed to start",
    }
    "#);
}

#[test]
fn somebody_elses_deployment_during_the_wait() {
    let state = judge(
        &[
            "3 PRIMARY web:3 0/2 IN_PROGRESS",
            "2 ACTIVE web:2 2/2 IN_PROGRESS",
        ],
        &[],
    );
    assert_debug_snapshot!(state, @r#"
    Superseded {
        by: Some(
            DeploymentId(
                "ecs-svc/3",
            ),
        ),
        task_definition: Some(
            TaskDefinitionArn(
                "arn:aws:ecs:eu-west-1:123456789012:task-definition/web:3",
            ),
        ),
    }
    "#);
}

#[test]
fn somebody_deploys_the_old_revision_by_hand() {
    // Ours did not fail: this is no rollback of the controller's.
    let state = judge(&["3 PRIMARY web:1 2/2 COMPLETED"], &[STEADY]);
    assert!(
        matches!(state, DeploymentState::Superseded { .. }),
        "{state:?}"
    );
}

#[test]
fn somebody_deploys_another_revision_after_ours_failed() {
    let state = judge(
        &[
            "3 PRIMARY web:3 0/2 IN_PROGRESS",
            "2 ACTIVE web:2 0/0 FAILED",
        ],
        &[FAILED],
    );
    assert!(
        matches!(state, DeploymentState::Superseded { .. }),
        "{state:?}"
    );
}

#[test]
fn the_same_revision_forced_anew_is_another_deployment() {
    let state = judge(&["3 PRIMARY web:2 2/2 COMPLETED"], &[STEADY]);
    assert!(
        matches!(state, DeploymentState::Superseded { .. }),
        "{state:?}"
    );
}

#[test]
fn our_own_forced_deployment_of_the_running_revision() {
    let mut again = ours();
    again.last_good = Some(arn(2));
    let before = service(
        &[
            "2 PRIMARY web:2 0/2 IN_PROGRESS",
            "1 ACTIVE web:2 2/2 COMPLETED",
        ],
        &[],
    );
    assert_debug_snapshot!(state_of(&again, &before), @"InProgress");
    let after = service(&["2 PRIMARY web:2 2/2 COMPLETED"], &[]);
    assert_debug_snapshot!(state_of(&again, &after), @"Succeeded");
}

#[test]
fn an_id_that_begins_like_ours_is_not_ours() {
    let state = judge(
        &["3 PRIMARY web:1 2/2 COMPLETED"],
        &["(deployment ecs-svc/21) deployment failed: tasks failed to start."],
    );
    assert!(
        matches!(state, DeploymentState::Superseded { .. }),
        "{state:?}"
    );
}

#[test]
fn a_reading_older_than_the_change_says_nothing() {
    let mut stale = service(&["1 PRIMARY web:1 2/2 COMPLETED"], &[STEADY]);
    stale.former_primary = Some(DeploymentId::new("ecs-svc/1"));
    assert_debug_snapshot!(state_of(&ours(), &stale), @"InProgress");
}

#[test]
fn a_reading_from_before_the_change_is_no_end_while_ecs_says_it_goes_on() {
    for last_good in [Some(arn(1)), Some(arn(7)), None] {
        let ours = Deployment {
            last_good,
            ..ours()
        };
        let mut stale = service(&["1 PRIMARY web:1 2/2 COMPLETED"], &[STEADY]);
        stale.former_primary = Some(DeploymentId::new("ecs-svc/1"));
        stale.seen_before = true;
        let state = state_of(&ours, &with_api(stale, "IN_PROGRESS"));
        assert_eq!(state, DeploymentState::InProgress);
    }
}

#[test]
fn the_former_deployment_is_primary_again() {
    let mut back = service(&["1 PRIMARY web:1 2/2 COMPLETED"], &[]);
    back.former_primary = Some(DeploymentId::new("ecs-svc/1"));
    back.seen_before = true;
    let state = state_of(&ours(), &back);
    assert!(
        matches!(state, DeploymentState::RolledBack { .. }),
        "{state:?}"
    );
}

#[test]
fn inactive_draining_or_missing() {
    for status in ["INACTIVE", "DRAINING"] {
        let mut service = service(&["2 PRIMARY web:2 2/2 COMPLETED"], &[]);
        service.status = status.to_owned();
        let state = state_of(&ours(), &service);
        assert_eq!(
            state,
            DeploymentState::ServiceGone {
                reason: format!("the service is {status}")
            }
        );
    }
    assert_debug_snapshot!(state_of(&ours(), &ServiceSnapshot::missing()), @r#"
    ServiceGone {
        reason: "the service does not exist",
    }
    "#);
}

#[test]
fn words_that_this_version_does_not_know() {
    let state = judge(&["2 PRIMARY web:2 2/2 SPARKLING"], &[STEADY]);
    assert_debug_snapshot!(state, @"InProgress");
    let state = judge(&["2 SHINY web:2 2/2 COMPLETED"], &[STEADY]);
    assert_debug_snapshot!(state, @"InProgress");
    let unknown = with_api(service(&["2 PRIMARY web:2 2/2 IN_PROGRESS"], &[]), "PAUSED");
    assert_debug_snapshot!(state_of(&ours(), &unknown), @"InProgress");
}

#[test]
fn without_a_rollout_state_ecs_must_call_it_steady() {
    let running = ["2 PRIMARY web:2 2/2"];
    assert_debug_snapshot!(judge(&running, &[]), @"InProgress");
    assert_debug_snapshot!(judge(&running, &[STEADY]), @"Succeeded");
    let beside = ["2 PRIMARY web:2 2/2", "1 ACTIVE web:1 1/0"];
    assert_debug_snapshot!(judge(&beside, &[STEADY]), @"InProgress");
    assert_debug_snapshot!(judge(&["2 PRIMARY web:2 1/2"], &[STEADY]), @"InProgress");
}

#[test]
fn the_service_deployment_api_has_the_last_word() {
    let completed = || service(&["2 PRIMARY web:2 2/2 COMPLETED"], &[]);
    let back = || service(&["3 PRIMARY web:1 2/2 COMPLETED"], &[]);
    let other = || service(&["3 PRIMARY web:3 2/2 COMPLETED"], &[]);
    let verdict = |service| match state_of(&ours(), &service) {
        DeploymentState::InProgress => "in progress",
        DeploymentState::Succeeded => "succeeded",
        DeploymentState::RollingBack { .. } => "rolling back",
        DeploymentState::RolledBack { .. } => "rolled back",
        DeploymentState::Failed { .. } => "failed",
        DeploymentState::RollbackFailed { .. } => "rollback failed",
        DeploymentState::Superseded { .. } => "superseded",
        DeploymentState::ServiceGone { .. } => "gone",
    };
    let table = [
        ("SUCCESSFUL", completed(), "succeeded"),
        ("SUCCESSFUL", other(), "superseded"),
        ("SUCCESSFUL", back(), "superseded"),
        ("IN_PROGRESS", completed(), "in progress"),
        ("PENDING", completed(), "in progress"),
        ("IN_PROGRESS", other(), "superseded"),
        ("ROLLBACK_REQUESTED", completed(), "rolling back"),
        ("ROLLBACK_IN_PROGRESS", back(), "rolling back"),
        ("ROLLBACK_SUCCESSFUL", back(), "rolled back"),
        ("ROLLBACK_SUCCESSFUL", completed(), "rolling back"),
        ("ROLLBACK_SUCCESSFUL", other(), "superseded"),
        ("ROLLBACK_FAILED", back(), "rollback failed"),
        ("STOP_REQUESTED", other(), "superseded"),
        ("STOP_REQUESTED", completed(), "in progress"),
        ("STOPPED", other(), "superseded"),
        ("STOPPED", completed(), "failed"),
        ("FROZEN", completed(), "succeeded"),
    ];
    for (status, service, expected) in table {
        let primary = service
            .primary()
            .unwrap()
            .task_definition
            .short()
            .to_owned();
        assert_eq!(
            verdict(with_api(service, status)),
            expected,
            "{status} {primary}"
        );
    }
}

#[test]
fn a_rollback_tells_its_reason_and_its_target() {
    let mut service = with_api(
        service(&["3 PRIMARY web:7 2/2 COMPLETED"], &[]),
        "ROLLBACK_SUCCESSFUL",
    );
    let api = service.service_deployment.as_mut().unwrap();
    api.rollback_reason =
        Some("Service deployment rolled back because of a triggered alarm.".to_owned());
    api.rollback_target = Some(arn(7));
    assert_debug_snapshot!(state_of(&ours(), &service), @r#"
    RolledBack {
        reason: "Service deployment rolled back because of a triggered alarm.",
        to: Some(
            TaskDefinitionArn(
                "arn:aws:ecs:eu-west-1:123456789012:task-definition/web:7",
            ),
        ),
    }
    "#);
}

#[test]
fn no_primary_is_no_verdict() {
    assert_debug_snapshot!(judge(&[], &[]), @"InProgress");
}

#[test]
fn messages_are_ours_and_in_order() {
    let mut service = service(&["2 PRIMARY web:2 2/2 COMPLETED"], &["one", "two"]);
    service.events.push(ServiceEvent {
        id: "old".to_owned(),
        text: "before".to_owned(),
        created_at: 1500,
    });
    let texts: Vec<_> = messages_since(&ours(), &service)
        .into_iter()
        .map(|one| one.text)
        .collect();
    assert_eq!(texts, ["(service web) one", "(service web) two"]);
}

#[test]
fn counts_put_ours_first() {
    let service = service(
        &[
            "1 ACTIVE web:1 2/2 COMPLETED",
            "2 PRIMARY web:2 1/2 IN_PROGRESS",
            "0 INACTIVE web:9 0/0",
        ],
        &[],
    );
    let counts: Vec<_> = revision_counts(&ours(), &service)
        .into_iter()
        .map(|count| {
            (
                count.task_definition.short().to_owned(),
                count.role,
                count.running,
            )
        })
        .collect();
    assert_eq!(
        counts,
        [
            ("web:2".to_owned(), RevisionRole::New, 1),
            ("web:1".to_owned(), RevisionRole::Old, 2)
        ]
    );
}

#[test]
fn the_last_good_revision_is_the_latest_completed_one() {
    let table: [(&[&str], Option<u32>); 4] = [
        (&["2 PRIMARY web:2 2/2 COMPLETED"], Some(2)),
        (
            &[
                "2 PRIMARY web:2 1/2 IN_PROGRESS",
                "1 ACTIVE web:1 2/2 COMPLETED",
            ],
            Some(1),
        ),
        (
            &[
                "2 PRIMARY web:2 0/2 FAILED",
                "1 ACTIVE web:1 2/2 IN_PROGRESS",
            ],
            None,
        ),
        (&[], None),
    ];
    for (entries, expected) in table {
        assert_eq!(
            last_good(&service(entries, &[])),
            expected.map(arn),
            "{entries:?}"
        );
    }
    assert_eq!(DeploymentStatus::from("ACTIVE"), DeploymentStatus::Active);
}
