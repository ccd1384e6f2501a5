//! Rollbacks, and what there is to go back to.

use super::*;
use crate::error::ErrorKind;

fn back(id: &str) -> Rollback {
    Rollback::Started(Deployment::new(
        ServiceRef::new("prod", "web"),
        DeploymentId::new(id),
        revision(1),
    ))
}

#[tokio::test]
async fn a_deployment_in_flight_is_stopped_and_followed_through_its_rollback() {
    let (aws, shared, deployer) = aws(World::under_way());
    let rollback = deployer.rollback(&ours()).await.unwrap();
    assert_eq!(rollback, Rollback::UnderWay);
    assert_eq!(
        aws.body_of("StopDeployment"),
        json!({"deploymentId": "d-2", "autoRollbackEnabled": true})
    );
    let seen = deployer.observe(&ours()).await.unwrap();
    assert!(matches!(
        seen.state,
        crate::model::DeploymentState::RollingBack { .. }
    ));
    shared.lock().unwrap().fail_and_roll_back("Succeeded");
    let rollback = deployer.rollback(&ours()).await.unwrap();
    assert_eq!(rollback, Rollback::AlreadyDone);
}

#[tokio::test]
async fn a_deployment_that_succeeded_is_followed_by_one_of_the_former_revision() {
    let (aws, _, deployer) = aws(World::deployed());
    let rollback = deployer.rollback(&ours()).await.unwrap();
    assert_eq!(rollback, back("d-3"));
    let sent = aws.body_of("CreateDeployment");
    assert_eq!(
        sent["revision"]["appSpecContent"]["content"],
        fake::app_spec(1)
    );
    assert_eq!(sent["description"], "rollback of d-2 to web:1");
    // Asked again, since the answer was lost.
    let rollback = deployer.rollback(&ours()).await.unwrap();
    assert_eq!(rollback, back("d-3"));
}

#[tokio::test]
async fn what_ends_while_it_is_stopped_is_gone_back_from_all_the_same() {
    let (_, shared, deployer) = aws(World::under_way());
    let ended = ("DeploymentAlreadyCompletedException", "too late");
    shared
        .lock()
        .unwrap()
        .errors
        .insert("StopDeployment", ended);
    let error = deployer.rollback(&ours()).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Conflict, "it says so but goes on");
    info(&shared, "d-2", |info| info["status"] = json!("Failed"));
    shared.lock().unwrap().fail_and_roll_back("InProgress");
    let rollback = deployer.rollback(&ours()).await.unwrap();
    assert_eq!(rollback, Rollback::UnderWay);
}

#[tokio::test]
async fn a_failure_that_codedeploy_leaves_alone_is_taken_back() {
    let mut world = World::under_way();
    world.set("d-2", "Failed");
    world
        .targets
        .insert("d-2".to_owned(), fake::target(10.0, &[]));
    let (_, _, deployer) = aws(world);
    let rollback = deployer.rollback(&ours()).await.unwrap();
    assert_eq!(
        rollback,
        back("d-3"),
        "PRIMARY is web:1, but not all traffic is its"
    );
}

#[tokio::test]
async fn a_rollback_of_codedeploys_that_came_first_is_waited_for() {
    let mut world = World::under_way();
    world.fail_and_roll_back("InProgress");
    info_of(&mut world, "d-2")["rollbackInfo"] = Value::Null;
    world
        .targets
        .insert("d-2".to_owned(), fake::target(10.0, &[]));
    let (_, _, deployer) = aws(world);
    let rollback = deployer.rollback(&ours()).await.unwrap();
    assert_eq!(
        rollback,
        Rollback::UnderWay,
        "d-3 names d-2, not yet the other way"
    );
}

fn info_of<'a>(world: &'a mut World, id: &str) -> &'a mut Value {
    world.deployments.get_mut(id).unwrap()
}

#[tokio::test]
async fn a_newer_deployment_is_left_alone_unless_it_goes_back() {
    for (number, expected) in [(9, Rollback::Superseded), (1, Rollback::AlreadyDone)] {
        let mut world = World::deployed();
        world.service["taskSets"] = json!([fake::task_set(number, "PRIMARY", Some("d-9"))]);
        world.add(fake::deployment("d-9", number, "Succeeded"));
        let (aws, _, deployer) = aws(world);
        let rollback = deployer.rollback(&ours()).await.unwrap();
        assert_eq!(rollback, expected);
        assert!(!aws.operations().contains(&"CreateDeployment".to_owned()));
    }
}

#[tokio::test]
async fn without_a_former_revision_nothing_is_stopped() {
    let nowhere = Deployment {
        last_good: None,
        ..ours()
    };
    for world in [World::under_way(), World::deployed()] {
        let (aws, _, deployer) = aws(world);
        let rollback = deployer.rollback(&nowhere).await.unwrap();
        assert_eq!(rollback, Rollback::NothingToGoBackTo);
        let changed = ["StopDeployment", "CreateDeployment"];
        assert!(
            !aws.operations()
                .iter()
                .any(|name| changed.contains(&name.as_str()))
        );
    }
}

#[tokio::test]
async fn the_present_deployment_is_the_groups_last_one() {
    let (_, _, deployer) = aws(World::deployed());
    let current = deployer.current(&ours().service).await.unwrap();
    assert_eq!(current, ours());
    let (_, _, deployer) = aws(World::under_way());
    let current = deployer.current(&ours().service).await.unwrap();
    assert_eq!(current, ours());
}

#[tokio::test]
async fn a_checksum_without_its_content_is_looked_up_in_the_application() {
    let mut world = World::deployed();
    world.service["taskSets"][0]["externalId"] = Value::Null;
    info_of(&mut world, "d-2")["revision"]["appSpecContent"] = json!({"sha256": "f00"});
    let (aws, _) = fake::aws(world);
    let inner = aws.clone();
    let answering = FakeAws::new(move |operation, body| match operation {
        "GetApplicationRevision" => {
            assert_eq!(body["revision"]["appSpecContent"]["sha256"], "f00");
            let content = json!({"content": fake::app_spec(2)});
            (
                200,
                json!({"revision": {"appSpecContent": content}}).to_string(),
            )
        }
        _ => inner.answer(operation, body),
    });
    let deployer = CodeDeployDeployer::new(&answering.config(), CodeDeploySettings::default());
    let current = deployer.current(&ours().service).await.unwrap();
    assert_eq!(current.task_definition, revision(2));
}

#[tokio::test]
async fn a_revision_that_was_gone_back_from_is_no_place_to_go_back_to() {
    let mut world = World::deployed();
    world.add(fake::deployment("d-3", 1, "Succeeded"));
    info_of(&mut world, "d-3")["createTime"] = json!(2000.0);
    world.service["taskSets"] = json!([fake::task_set(1, "PRIMARY", Some("d-3"))]);
    let (_, _, deployer) = aws(world);
    let current = deployer.current(&ours().service).await.unwrap();
    assert_eq!(current.task_definition, revision(1));
    assert_eq!(current.last_good, None, "web:2 was gone back from");
}

#[tokio::test]
async fn a_service_that_codedeploy_never_deployed_is_its_primary_task_set() {
    let mut world = World::steady();
    world.deployments.clear();
    world.service["taskSets"] = json!([fake::task_set(1, "PRIMARY", None)]);
    let (_, _, deployer) = aws(world);
    let current = deployer.current(&ours().service).await.unwrap();
    assert_eq!(current.id, DeploymentId::new("ecs-svc/1"));
    assert_eq!(current.task_definition, revision(1));
    let seen = deployer.observe(&current).await.unwrap();
    assert_eq!(seen.state, crate::model::DeploymentState::Succeeded);
    let rollback = deployer.rollback(&current).await.unwrap();
    assert_eq!(rollback, Rollback::NothingToGoBackTo);
}
