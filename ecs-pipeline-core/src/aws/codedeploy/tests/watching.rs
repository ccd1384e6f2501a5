//! Looks at a deployment.

use super::*;
use crate::error::ErrorKind;
use crate::model::{DeploymentState, RevisionRole};

#[tokio::test]
async fn a_look_shows_events_task_sets_and_traffic() {
    let mut world = World::under_way();
    let events = [
        ("BeforeInstall", "Succeeded"),
        ("Install", "Succeeded"),
        ("AfterInstall", "Skipped"),
        ("AllowTraffic", "InProgress"),
        ("AfterAllowTraffic", "Pending"),
    ];
    world
        .targets
        .insert("d-2".to_owned(), fake::target(10.0, &events));
    let (aws, _, deployer) = aws(world);
    let seen = deployer.observe(&ours()).await.unwrap();
    assert_eq!(seen.state, DeploymentState::InProgress);
    assert_eq!(seen.traffic.unwrap().production, 10.0);
    let stage = seen.stage.unwrap();
    assert_eq!((stage.name.as_str(), stage.held), ("AllowTraffic", None));
    let told: Vec<_> = seen.messages.iter().map(|one| one.text.as_str()).collect();
    assert_eq!(
        told,
        [
            "BeforeInstall Succeeded",
            "Install Succeeded",
            "AllowTraffic InProgress"
        ]
    );
    let revisions: Vec<_> = seen
        .revisions
        .iter()
        .map(|one| (one.task_definition.clone(), one.role, one.running))
        .collect();
    assert_eq!(
        revisions,
        [
            (revision(2), RevisionRole::New, 2),
            (revision(1), RevisionRole::Old, 2)
        ]
    );
    deployer.observe(&ours()).await.unwrap();
    let look = ["GetDeployment", "BatchGetDeploymentTargets"];
    assert_eq!(aws.operations()[4..], look, "the second look");
}

#[tokio::test]
async fn a_deployment_that_has_no_target_yet_is_in_progress() {
    let mut world = World::under_way();
    world.set("d-2", "Created");
    world.targets.clear();
    let (_, _, deployer) = aws(world);
    let seen = deployer.observe(&ours()).await.unwrap();
    assert_eq!(seen.state, DeploymentState::InProgress);
    assert_eq!(seen.stage, None);
}

#[tokio::test]
async fn targets_that_may_not_be_read_cost_no_verdict() {
    let mut world = World::deployed();
    let denied = ("AccessDeniedException", "not you");
    world.errors.insert("ListDeploymentTargets", denied);
    let (_, _, deployer) = aws(world);
    let seen = deployer.observe(&ours()).await.unwrap();
    assert_eq!(seen.state, DeploymentState::Succeeded);
}

#[tokio::test]
async fn a_ready_deployment_is_held_and_goes_on_at_a_word() {
    let (aws, shared, deployer) = aws(World::under_way());
    let error = deployer.proceed(&ours()).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Conflict);
    shared.lock().unwrap().set("d-2", "Ready");
    let seen = deployer.observe(&ours()).await.unwrap();
    let held = seen.stage.unwrap().held;
    assert_eq!(held.as_deref(), Some("the traffic waits to be moved"));
    deployer.proceed(&ours()).await.unwrap();
    let wait = |aws: &FakeAws| aws.body_of("ContinueDeployment")["deploymentWaitType"].clone();
    assert_eq!(wait(&aws), "READY_WAIT");
    info(&shared, "d-2", |info| {
        info["status"] = json!("InProgress");
        info["instanceTerminationWaitTimeStarted"] = json!(true);
    });
    let seen = deployer.observe(&ours()).await.unwrap();
    assert_eq!(seen.stage.unwrap().held, None, "it goes on by itself");
    assert!(seen.messages.iter().any(|one| one.text.contains("kept")));
    deployer.proceed(&ours()).await.unwrap();
    assert_eq!(wait(&aws), "TERMINATION_WAIT");
}

#[tokio::test]
async fn a_success_is_one_when_the_service_runs_the_revision() {
    let (_, shared, deployer) = aws(World::deployed());
    let seen = deployer.observe(&ours()).await.unwrap();
    assert_eq!(seen.state, DeploymentState::Succeeded);
    // Somebody deployed since.
    shared.lock().unwrap().service["taskSets"] = json!([fake::task_set(9, "PRIMARY", Some("d-9"))]);
    shared
        .lock()
        .unwrap()
        .add(fake::deployment("d-9", 9, "Succeeded"));
    let seen = deployer.observe(&ours()).await.unwrap();
    let superseded = DeploymentState::Superseded {
        by: Some(DeploymentId::new("d-9")),
        task_definition: Some(revision(9)),
    };
    assert_eq!(seen.state, superseded);
    // It is not there yet, but on its way.
    shared.lock().unwrap().service["taskSets"] = json!([fake::task_set(2, "PRIMARY", Some("d-2"))]);
    shared.lock().unwrap().set("d-9", "InProgress");
    let seen = deployer.observe(&ours()).await.unwrap();
    assert_eq!(seen.state, superseded);
    shared.lock().unwrap().set("d-9", "Failed");
    let seen = deployer.observe(&ours()).await.unwrap();
    assert_eq!(seen.state, DeploymentState::Succeeded, "it was given up");
    shared.lock().unwrap().service["status"] = json!("INACTIVE");
    let seen = deployer.observe(&ours()).await.unwrap();
    assert!(matches!(seen.state, DeploymentState::ServiceGone { .. }));
}

#[tokio::test]
async fn a_stale_reading_of_the_service_is_no_end() {
    let mut world = World::deployed();
    world.service["taskSets"] = World::under_way().service["taskSets"].clone();
    let (_, _, deployer) = aws(world);
    let seen = deployer.observe(&ours()).await.unwrap();
    assert_eq!(seen.state, DeploymentState::InProgress);
}

#[tokio::test]
async fn a_failure_is_followed_through_its_rollback() {
    let reason = || "not healthy in time (TIMEOUT)".to_owned();
    let (aws, shared, deployer) = aws(World::under_way());
    deployer.observe(&ours()).await.unwrap();
    shared.lock().unwrap().fail_and_roll_back("InProgress");
    let seen = deployer.observe(&ours()).await.unwrap();
    assert_eq!(
        seen.state,
        DeploymentState::RollingBack { reason: reason() }
    );
    let told: Vec<_> = seen.messages.iter().map(|one| one.text.as_str()).collect();
    assert_eq!(told, ["rollback d-3: AllowTraffic InProgress"]);
    assert_eq!(seen.traffic.unwrap().production, 0.0, "still the new one's");
    shared.lock().unwrap().fail_and_roll_back("Succeeded");
    let seen = deployer.observe(&ours()).await.unwrap();
    assert_eq!(
        seen.state,
        DeploymentState::RolledBack {
            reason: reason(),
            to: Some(revision(1))
        }
    );
    let last = aws.operations();
    let last = &last[last.len() - 4..];
    assert_eq!(
        last,
        [
            "GetDeployment",
            "BatchGetDeploymentTargets",
            "DescribeServices",
            "GetDeploymentGroup"
        ],
        "what has failed is not read again"
    );
}

#[tokio::test]
async fn a_rollback_that_fails_needs_a_person() {
    let mut world = World::under_way();
    world.fail_and_roll_back("Failed");
    let (_, _, deployer) = aws(world);
    let seen = deployer.observe(&ours()).await.unwrap();
    let DeploymentState::RollbackFailed { reason } = seen.state else {
        panic!("{:?}", seen.state);
    };
    assert!(reason.contains("d-3"), "{reason}");
}

#[tokio::test]
async fn a_failure_may_take_a_while_to_name_its_rollback() {
    let (_, shared, deployer) = aws(World::under_way());
    shared.lock().unwrap().set("d-2", "Failed");
    for _ in 0..5 {
        let seen = deployer.observe(&ours()).await.unwrap();
        assert!(matches!(seen.state, DeploymentState::RollingBack { .. }));
    }
    let seen = deployer.observe(&ours()).await.unwrap();
    assert!(
        matches!(&seen.state, DeploymentState::RolledBack { to: Some(to), reason }
            if *to == revision(1) && reason.contains("no traffic had moved")),
        "{:?}",
        seen.state
    );
}

#[tokio::test]
async fn a_failure_with_traffic_moved_and_no_rollback_is_a_failure() {
    for events in [json!([]), json!(["DEPLOYMENT_STOP_ON_REQUEST"])] {
        let mut world = World::under_way();
        world.set("d-2", "Failed");
        world
            .targets
            .insert("d-2".to_owned(), fake::target(10.0, &[]));
        let (_, shared, deployer) = aws(world);
        info(&shared, "d-2", |info| {
            info["autoRollbackConfiguration"]["events"] = events;
        });
        deployer.observe(&ours()).await.unwrap();
        let seen = deployer.observe(&ours()).await.unwrap();
        assert!(
            matches!(seen.state, DeploymentState::Failed { .. }),
            "{seen:?}"
        );
    }
}

#[tokio::test]
async fn evidence_has_codedeploys_error_what_to_do_and_greens_tasks() {
    let mut world = World::under_way();
    world.fail_and_roll_back("InProgress");
    let events = json!([{
        "lifecycleEventName": "Install", "status": "Failed",
        "diagnostics": {"message": "no healthy tasks"}
    }]);
    world.targets.get_mut("d-2").unwrap()["lifecycleEvents"] = events;
    let unhealthy = |at: f64, set: &str| {
        let text = format!("(service web, taskSet {set}) is unhealthy in (target-group tg/green)");
        json!({"id": set, "createdAt": at, "message": text})
    };
    world.service["events"] = json!([
        unhealthy(1100.0, "ecs-svc/2"),
        unhealthy(1100.0, "ecs-svc/1"),
        unhealthy(900.0, "ecs-svc/2"),
    ]);
    let task = |by: &str| {
        json!({
            "taskArn": format!("arn/{by}"), "startedBy": by, "stopCode": "EssentialContainerExited",
            "stoppedReason": "Essential container in task exited",
            "containers": [{"name": "web", "exitCode": 1}]
        })
    };
    world.tasks = json!([task("ecs-svc/2"), task("ecs-svc/1")]);
    let (_, _, deployer) = aws(world);
    let evidence = deployer.evidence(&ours()).await;
    assert_eq!(
        evidence.controller.as_deref(),
        Some("not healthy in time (TIMEOUT)")
    );
    let messages = evidence.messages.join("\n");
    for said in [
        "not become healthy",
        "Install failed: no healthy tasks",
        "ecs-svc/2) is unhealthy",
    ] {
        assert!(messages.contains(said), "{messages}");
    }
    assert_eq!(messages.matches("unhealthy in").count(), 1, "{messages}");
    assert_eq!(evidence.stopped_tasks.len(), 1, "blue's is none of it");
    assert_eq!(evidence.not_read, Vec::<String>::new());
}
