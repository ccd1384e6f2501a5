//! Deployments that shift traffic: what they show, and the verdict of each situation.
#![allow(clippy::unwrap_used)]

use super::*;
use crate::model::{DeploymentId, RevisionRole};
use crate::rolling::testing::{arn, ours};
use crate::rolling::{
    DeploymentSnapshot, RolloutState, ServiceSnapshot, ShiftedRevision, state_of,
};

fn api(status: &str) -> ServiceDeploymentSnapshot {
    ServiceDeploymentSnapshot {
        status: status.into(),
        ..ServiceDeploymentSnapshot::default()
    }
}

/// A service whose PRIMARY deployment is `ecs-svc/NUMBER` of `web:REVISION`.
fn service(number: u32, revision: u32, api: ServiceDeploymentSnapshot) -> ServiceSnapshot {
    ServiceSnapshot {
        status: "ACTIVE".to_owned(),
        desired: 2,
        deployments: vec![DeploymentSnapshot {
            id: DeploymentId::new(format!("ecs-svc/{number}")),
            status: "PRIMARY".into(),
            task_definition: arn(revision),
            desired: 2,
            running: 2,
            pending: 0,
            failed_tasks: 0,
            rollout_state: Some(RolloutState::Completed),
            rollout_state_reason: None,
            created_at: i64::from(number) * 1000,
        }],
        service_deployment: Some(api),
        shifts_traffic: true,
        former_primary: Some(DeploymentId::new("ecs-svc/1")),
        seen_before: true,
        ..ServiceSnapshot::default()
    }
}

fn verdict(state: &DeploymentState) -> &'static str {
    match state {
        DeploymentState::InProgress => "in progress",
        DeploymentState::Succeeded => "succeeded",
        DeploymentState::RollingBack { .. } => "rolling back",
        DeploymentState::RolledBack { .. } => "rolled back",
        DeploymentState::Failed { .. } => "failed",
        DeploymentState::RollbackFailed { .. } => "rollback failed",
        DeploymentState::Superseded { .. } => "superseded",
        DeploymentState::ServiceGone { .. } => "gone",
    }
}

#[test]
fn the_service_deployment_decides_and_the_service_confirms_an_end() {
    // status, PRIMARY's id and revision, what its service deployment alone says, the verdict
    let table = [
        ("PENDING", 2, 2, Some("in progress"), "in progress"),
        ("IN_PROGRESS", 2, 2, Some("in progress"), "in progress"),
        // The list of deployments lags: nothing that it shows ends a deployment in flight.
        ("IN_PROGRESS", 1, 1, Some("in progress"), "in progress"),
        ("IN_PROGRESS", 3, 3, Some("in progress"), "in progress"),
        ("SUCCESSFUL", 2, 2, None, "succeeded"),
        ("SUCCESSFUL", 3, 3, None, "superseded"),
        ("STOP_REQUESTED", 2, 2, None, "in progress"),
        ("STOP_REQUESTED", 1, 1, None, "in progress"),
        ("STOP_REQUESTED", 3, 3, None, "superseded"),
        ("STOPPED", 2, 2, None, "failed"),
        ("STOPPED", 1, 1, None, "failed"),
        ("STOPPED", 3, 3, None, "superseded"),
        ("STOPPED", 3, 1, None, "superseded"),
        (
            "ROLLBACK_REQUESTED",
            2,
            2,
            Some("rolling back"),
            "rolling back",
        ),
        (
            "ROLLBACK_IN_PROGRESS",
            3,
            1,
            Some("rolling back"),
            "rolling back",
        ),
        ("ROLLBACK_SUCCESSFUL", 2, 2, None, "rolling back"),
        ("ROLLBACK_SUCCESSFUL", 1, 1, None, "rolled back"),
        ("ROLLBACK_SUCCESSFUL", 3, 1, None, "rolled back"),
        ("ROLLBACK_SUCCESSFUL", 2, 1, None, "rolled back"),
        ("ROLLBACK_SUCCESSFUL", 4, 4, None, "superseded"),
        ("ROLLBACK_FAILED", 2, 2, None, "rollback failed"),
    ];
    for (status, number, revision, alone, expected) in table {
        let api = api(status);
        let flying = in_flight(&api);
        assert_eq!(flying.as_ref().map(verdict), alone, "{status}");
        let state = state_of(&ours(), &service(number, revision, api));
        assert_eq!(
            verdict(&state),
            expected,
            "{status} {number} web:{revision}"
        );
    }
}

#[test]
fn a_service_that_is_gone_is_gone_whatever_its_deployment_says() {
    let mut gone = service(2, 2, api("IN_PROGRESS"));
    gone.status = "INACTIVE".to_owned();
    assert_eq!(verdict(&state_of(&ours(), &gone)), "gone");
}

#[test]
fn the_reason_is_ecs_own_or_what_its_monitors_show() {
    let mut api = api("ROLLBACK_IN_PROGRESS");
    let reason = |api: &ServiceDeploymentSnapshot| match in_flight(api) {
        Some(DeploymentState::RollingBack { reason }) => reason,
        other => panic!("{other:?}"),
    };
    assert_eq!(reason(&api), "ECS gives no reason yet");
    api.hooks = vec![hook("AWS_LAMBDA", "FAILED")];
    assert_eq!(reason(&api), "lifecycle hook smoke-test failed");
    api.alarms = vec!["web-5xx".to_owned(), "web-slow".to_owned()];
    assert_eq!(reason(&api), "alarm detected: web-5xx, web-slow in ALARM");
    api.status_reason = Some("the deployment was stopped".to_owned());
    assert_eq!(reason(&api), "the deployment was stopped");
    api.rollback_reason = Some("an alarm went off".to_owned());
    assert_eq!(reason(&api), "an alarm went off");
    assert_eq!(failures(&api).len(), 2);
}

fn hook(kind: &str, status: &str) -> HookSnapshot {
    HookSnapshot {
        id: "h-1".to_owned(),
        kind: kind.to_owned(),
        target: (kind == "AWS_LAMBDA")
            .then(|| "arn:aws:lambda:eu-west-1:123456789012:function:smoke-test".to_owned()),
        status: status.to_owned(),
        expires: Some("2026-11-23T10:00:00Z".to_owned()),
        timeout_action: Some("ROLLBACK".to_owned()),
    }
}

#[test]
fn a_stage_tells_what_holds_it() {
    let mut api = api("IN_PROGRESS");
    assert_eq!(stage_of(&api), None);
    api.stage = Some("POST_TEST_TRAFFIC_SHIFT".to_owned());
    assert_eq!(stage_of(&api).unwrap().held, None);
    api.hooks = vec![
        hook("AWS_LAMBDA", "SUCCEEDED"),
        hook("PAUSE", "IN_PROGRESS"),
    ];
    assert_eq!(stage_of(&api).unwrap().held, None);
    api.hooks[1].status = "AWAITING_ACTION".to_owned();
    assert_eq!(
        stage_of(&api).unwrap().held.unwrap(),
        "PAUSE hook h-1 waits to be told to go on; at 2026-11-23T10:00:00Z the deployment is rolled back"
    );
    api.hooks[1].timeout_action = Some("CONTINUE".to_owned());
    assert_eq!(
        stage_of(&api).unwrap().held.unwrap(),
        "PAUSE hook h-1 waits to be told to go on; at 2026-11-23T10:00:00Z the deployment goes on by itself"
    );
    api.hooks[1].expires = None;
    assert_eq!(
        stage_of(&api).unwrap().held.unwrap(),
        "PAUSE hook h-1 waits to be told to go on"
    );
}

fn part(role: RevisionRole, revision: u32, production: Option<f64>) -> ShiftedRevision {
    ShiftedRevision {
        role,
        task_definition: Some(arn(revision)),
        desired: 2,
        running: 1,
        pending: 1,
        production,
        test: None,
    }
}

#[test]
fn counts_and_shares_are_those_of_the_new_revision() {
    let mut api = api("IN_PROGRESS");
    assert_eq!(traffic_of(&api), None);
    api.failed_tasks = 3;
    api.revisions = vec![
        part(RevisionRole::Old, 1, Some(90.0)),
        part(RevisionRole::New, 2, Some(10.0)),
    ];
    let counts = shifted_counts(&api);
    assert_eq!(
        counts
            .iter()
            .map(|one| (one.task_definition.short(), one.role, one.failed))
            .collect::<Vec<_>>(),
        [
            ("web:2", RevisionRole::New, 3),
            ("web:1", RevisionRole::Old, 0)
        ]
    );
    let share = traffic_of(&api).unwrap();
    assert_eq!((share.production, share.test), (10.0, None));
    api.revisions[1].test = Some(100.0);
    assert_eq!(traffic_of(&api).unwrap().test, Some(100.0));
    // A headless service has no weights to tell.
    api.revisions[1].production = None;
    assert_eq!(traffic_of(&api), None);
}
