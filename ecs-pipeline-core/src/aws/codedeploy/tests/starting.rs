//! From a change to a deployment that is under way.

use std::time::Duration;

use ecs_pipeline_artifacts::app_spec::{AppSpec, HookEvent};

use super::*;
use crate::aws::codedeploy::revision::sha256;
use crate::error::{ErrorKind, Hint};
use crate::model::{Already, EcsStrategy, PlannedRevision};

async fn start(
    deployer: &CodeDeployDeployer,
    change: &Change,
) -> Result<Deployment, ProviderError> {
    let plan = deployer.plan(change).await?;
    let release = deployer.register(&plan).await?;
    deployer.start(&plan, &release).await
}

#[tokio::test]
async fn a_change_becomes_a_deployment_with_the_services_own_container_and_port() {
    let (aws, _, deployer) = aws(World::steady());
    let plan = deployer.plan(&change()).await.unwrap();
    assert_eq!(plan.last_good, Some(revision(1)));
    assert_eq!(plan.current, Some(revision(1)));
    assert_eq!(plan.current_deployment, Some(DeploymentId::new("d-1")));
    assert_eq!(plan.warnings, Vec::<String>::new());
    let release = deployer.register(&plan).await.unwrap();
    let started = deployer.start(&plan, &release).await.unwrap();
    assert_eq!(started, ours());
    let sent = aws.body_of("CreateDeployment");
    let content = fake::app_spec(2);
    assert_eq!(sent["applicationName"], "AppECS-prod-web");
    assert_eq!(sent["deploymentGroupName"], "DgpECS-prod-web");
    assert_eq!(sent["revision"]["revisionType"], "AppSpecContent");
    assert_eq!(sent["revision"]["appSpecContent"]["content"], content);
    assert_eq!(
        sent["revision"]["appSpecContent"]["sha256"],
        sha256(&content)
    );
    for unset in [
        "deploymentConfigName",
        "autoRollbackConfiguration",
        "overrideAlarmConfiguration",
    ] {
        assert_eq!(sent.get(unset), None, "{unset} is the group's");
    }
    assert_eq!(
        aws.operations(),
        [
            "DescribeServices",
            "GetDeploymentGroup",
            "DescribeTaskDefinition",
            "DescribeTaskDefinition",
            "RegisterTaskDefinition",
            "CreateDeployment"
        ]
    );
}

#[tokio::test]
async fn what_is_set_reaches_codedeploy() {
    let given = AppSpec::new("<TASK_DEFINITION>", "web", 8080)
        .with_hook(HookEvent::AfterAllowTestTraffic, "smoke-test");
    let settings = CodeDeploySettings::default()
        .with_application("shop")
        .with_deployment_group("web")
        .with_deployment_config("CodeDeployDefault.ECSAllAtOnce")
        .with_description("build 42")
        .with_app_spec(given)
        .with_auto_rollback([RollbackEvent::Failure, RollbackEvent::Alarm])
        .with_alarms(["5xx"]);
    let (aws, _, deployer) = aws_with(World::steady(), settings);
    start(&deployer, &change()).await.unwrap();
    let sent = aws.body_of("CreateDeployment");
    assert_eq!(sent["applicationName"], "shop");
    assert_eq!(sent["deploymentGroupName"], "web");
    assert_eq!(
        sent["deploymentConfigName"],
        "CodeDeployDefault.ECSAllAtOnce"
    );
    assert_eq!(sent["description"], "build 42");
    assert_eq!(
        sent["autoRollbackConfiguration"],
        json!({"enabled": true, "events": ["DEPLOYMENT_FAILURE", "DEPLOYMENT_STOP_ON_ALARM"]})
    );
    assert_eq!(
        sent["overrideAlarmConfiguration"]["alarms"],
        json!([{"name": "5xx"}])
    );
    let content = sent["revision"]["appSpecContent"]["content"]
        .as_str()
        .unwrap();
    let content: Value = serde_json::from_str(content).unwrap();
    assert_eq!(
        content["Hooks"],
        json!([{"AfterAllowTestTraffic": "smoke-test"}])
    );
    assert_eq!(
        content["Resources"][0]["TargetService"]["Properties"]["TaskDefinition"],
        revision(2).as_str()
    );
}

#[cfg(feature = "aws-s3")]
#[tokio::test]
async fn a_revision_in_s3_has_its_checksum_in_its_key() {
    let settings = CodeDeploySettings::default().with_revision_in_s3("artifacts", "web/");
    let (aws, _, deployer) = aws_with(World::steady(), settings);
    start(&deployer, &change()).await.unwrap();
    let content = fake::app_spec(2);
    let key = format!("web/{}.json", sha256(&content));
    let stored = aws.body_of(&format!("PUT /{key}"));
    assert_eq!(stored.to_string(), content);
    assert_eq!(
        aws.body_of("CreateDeployment")["revision"],
        json!({
            "revisionType": "S3",
            "s3Location": {"bucket": "artifacts", "key": key, "bundleType": "JSON"}
        })
    );
}

#[tokio::test]
async fn what_cannot_work_is_refused_before_anything_is_changed() {
    type Edit = fn(&mut World);
    let table: [(Edit, ErrorKind, &str); 6] = [
        (
            |world| world.service["deploymentController"] = json!({"type": "ECS"}),
            ErrorKind::Invalid,
            "deployment controller ECS",
        ),
        (
            |world| world.service["deploymentController"] = json!({"type": "EXTERNAL"}),
            ErrorKind::Invalid,
            "deployment controller EXTERNAL",
        ),
        (
            |world| {
                world.group["ecsServices"] = json!([{"serviceName": "api", "clusterName": "prod"}]);
            },
            ErrorKind::Invalid,
            "deploys prod/api, not prod/web",
        ),
        (
            |world| {
                let error = (
                    "DeploymentGroupDoesNotExistException",
                    "No Deployment Group found",
                );
                world.errors.insert("GetDeploymentGroup", error);
            },
            ErrorKind::NotFound,
            "No Deployment Group found",
        ),
        (
            |world| {
                world.service["taskSets"][0]["loadBalancers"][0]["containerPort"] = json!(9090);
            },
            ErrorKind::Invalid,
            "port 9090",
        ),
        (
            |world| world.service["taskSets"][0]["loadBalancers"] = json!([]),
            ErrorKind::Invalid,
            "behind no load balancer",
        ),
    ];
    for (edit, kind, said) in table {
        let mut world = World::steady();
        edit(&mut world);
        let (aws, _, deployer) = aws(world);
        let error = deployer.plan(&change()).await.unwrap_err();
        assert_eq!(error.kind(), kind, "{error}");
        assert!(error.to_string().contains(said), "{error}");
        assert!(error.hint().is_some(), "{error}");
        let changed = ["RegisterTaskDefinition", "CreateDeployment"];
        assert!(
            !aws.operations()
                .iter()
                .any(|name| changed.contains(&name.as_str()))
        );
    }
}

#[tokio::test]
async fn a_missing_group_names_the_setting() {
    let mut world = World::steady();
    let error = ("ApplicationDoesNotExistException", "No application found");
    world.errors.insert("GetDeploymentGroup", error);
    let (_, _, deployer) = aws(world);
    let error = deployer.plan(&change()).await.unwrap_err();
    let hint = error.hint().unwrap();
    assert!(
        hint.contains("`deployment_group`") && hint.contains("AppECS-prod-web"),
        "{hint}"
    );
}

#[tokio::test]
async fn a_strategy_of_ecs_is_refused() {
    let (_, _, deployer) = aws(World::steady());
    let bake = Duration::from_secs(60);
    let change = change().with_strategy(EcsStrategy::BlueGreen { bake });
    let error = deployer.plan(&change).await.unwrap_err();
    assert!(error.to_string().contains("BLUE_GREEN"), "{error}");
}

#[tokio::test]
async fn the_group_tells_what_is_to_be_known() {
    let mut world = World::steady();
    world.group["autoRollbackConfiguration"] = json!({"enabled": false});
    world.group["blueGreenDeploymentConfiguration"] = json!({
        "deploymentReadyOption": {"actionOnTimeout": "STOP_DEPLOYMENT", "waitTimeInMinutes": 30},
        "terminateBlueInstancesOnDeploymentSuccess":
            {"action": "TERMINATE", "terminationWaitTimeInMinutes": 60}
    });
    let (_, _, deployer) = aws(world.clone());
    let plan = deployer.plan(&change()).await.unwrap();
    let warnings = plan.warnings.join("\n");
    for said in [
        "does not roll",
        "stops after 30 minutes",
        "kept for 60 minutes",
    ] {
        assert!(warnings.contains(said), "{warnings}");
    }
    let settings = CodeDeploySettings::default().with_auto_rollback([RollbackEvent::Failure]);
    let (_, _, deployer) = aws_with(world, settings);
    let plan = deployer.plan(&change()).await.unwrap();
    assert_eq!(plan.warnings.len(), 2, "{:?}", plan.warnings);
}

#[tokio::test]
async fn what_an_equal_run_has_left_is_taken_up() {
    let (_, _, deployer) = aws(World::under_way());
    let plan = deployer.plan(&change()).await.unwrap();
    assert_eq!(plan.revision, PlannedRevision::Existing(revision(2)));
    assert_eq!(plan.already, Some(Already::UnderWay(ours())));
    let (_, _, deployer) = aws(World::deployed());
    let plan = deployer.plan(&change()).await.unwrap();
    assert_eq!(plan.already, Some(Already::Deployed));
    let plan = deployer.plan(&change().forced()).await.unwrap();
    assert_eq!(plan.already, None);
}

#[tokio::test]
async fn a_revision_that_failed_here_is_deployed_again() {
    let mut world = World::under_way();
    world.set("d-2", "Failed");
    world.service["taskSets"] = json!([fake::task_set(2, "PRIMARY", Some("d-2"))]);
    let (_, _, deployer) = aws(world);
    let plan = deployer.plan(&change()).await.unwrap();
    assert_eq!(plan.already, None);
    assert_eq!(plan.last_good, Some(revision(1)), "that of d-1");
}

#[tokio::test]
async fn while_a_rollback_goes_on_the_last_good_revision_is_not_the_broken_one() {
    let mut world = World::under_way();
    world.fail_and_roll_back("InProgress");
    world.service["taskSets"] = json!([fake::task_set(2, "PRIMARY", Some("d-2"))]);
    let settings = CodeDeploySettings::default().when_busy(WhenBusy::Wait);
    let (_, _, deployer) = aws_with(world, settings);
    let plan = deployer.plan(&change()).await.unwrap();
    assert_eq!(plan.last_good, Some(revision(1)));
    assert!(
        plan.warnings.iter().any(|one| one.contains("d-3")),
        "{:?}",
        plan.warnings
    );
}

#[tokio::test]
async fn a_service_that_never_came_up_is_nothing_to_go_back_to() {
    let mut world = World::steady();
    world.deployments.clear();
    world.service["taskSets"] = json!([fake::task_set(1, "PRIMARY", None)]);
    let (_, shared, deployer) = aws(world);
    let plan = deployer.plan(&change()).await.unwrap();
    assert_eq!(plan.last_good, Some(revision(1)));
    shared.lock().unwrap().service["taskSets"][0]["stabilityStatus"] = json!("STABILIZING");
    let plan = deployer.plan(&change()).await.unwrap();
    assert_eq!(plan.last_good, None);
}

/// A group that is busy with another revision.
fn busy() -> World {
    let mut world = World::under_way();
    world.deployments.get_mut("d-2").unwrap()["revision"]["appSpecContent"]["content"] =
        json!(fake::app_spec(7));
    world.service["taskSets"] = json!([fake::task_set(1, "PRIMARY", Some("d-1"))]);
    world
}

#[tokio::test]
async fn a_busy_group_is_refused() {
    let (_, _, deployer) = aws(busy());
    let error = deployer.plan(&change()).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Conflict);
    assert!(
        error
            .to_string()
            .contains("another deployment is in progress: d-2"),
        "{error}"
    );
    assert!(error.hint().unwrap().contains("d-2"));
}

#[tokio::test]
async fn a_group_that_became_busy_is_refused_with_the_deployments_name() {
    let (_, shared, deployer) = aws(World::steady());
    let plan = deployer.plan(&change()).await.unwrap();
    let release = deployer.register(&plan).await.unwrap();
    *shared.lock().unwrap() = busy();
    let error = deployer.start(&plan, &release).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Conflict);
    assert!(error.to_string().contains("'d-2'"), "{error}");
}

#[tokio::test]
async fn a_start_whose_answer_was_lost_is_found() {
    let (aws, shared, deployer) = aws(World::steady());
    let plan = deployer.plan(&change()).await.unwrap();
    let release = deployer.register(&plan).await.unwrap();
    *shared.lock().unwrap() = World::under_way();
    let started = deployer.start(&plan, &release).await.unwrap();
    assert_eq!(started, ours());
    let created = aws
        .operations()
        .into_iter()
        .filter(|name| name == "CreateDeployment");
    assert_eq!(created.count(), 1);
}

/// Ends `d-2` after a while, as somebody who is not this run would.
fn end_after(shared: &Shared, time: Duration, status: &'static str) {
    let shared = Shared::clone(shared);
    tokio::spawn(async move {
        tokio::time::sleep(time).await;
        shared.lock().unwrap().set("d-2", status);
    });
}

#[tokio::test(start_paused = true)]
async fn a_busy_group_is_waited_for() {
    let settings = CodeDeploySettings::default().when_busy(WhenBusy::Wait);
    let (aws, shared, deployer) = aws_with(busy(), settings);
    end_after(&shared, Duration::from_secs(600), "Succeeded");
    shared.lock().unwrap().service["taskSets"][0] = fake::task_set(7, "PRIMARY", Some("d-2"));
    let started = start(&deployer, &change()).await.unwrap();
    assert_eq!(started.id, DeploymentId::new("d-3"));
    assert_eq!(
        started.last_good,
        Some(revision(7)),
        "what was waited for is what a rollback goes to"
    );
    assert!(!aws.operations().contains(&"StopDeployment".to_owned()));
}

#[tokio::test(start_paused = true)]
async fn waiting_has_an_end() {
    let settings = CodeDeploySettings::default()
        .when_busy(WhenBusy::Wait)
        .with_busy_limit(Duration::from_secs(300));
    let (_, _, deployer) = aws_with(busy(), settings);
    let began = tokio::time::Instant::now();
    let error = start(&deployer, &change()).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Conflict);
    assert_eq!(began.elapsed(), Duration::from_secs(300));
}

#[tokio::test(start_paused = true)]
async fn a_deployment_in_the_way_is_stopped_once_and_waited_for() {
    let settings = CodeDeploySettings::default().when_busy(WhenBusy::Supersede);
    let (aws, shared, deployer) = aws_with(busy(), settings);
    end_after(&shared, Duration::from_secs(60), "Stopped");
    let started = start(&deployer, &change()).await.unwrap();
    assert_eq!(started.id, DeploymentId::new("d-3"));
    let stop = aws.body_of("StopDeployment");
    assert_eq!(
        stop,
        json!({"deploymentId": "d-2", "autoRollbackEnabled": true})
    );
    let stops = aws
        .operations()
        .into_iter()
        .filter(|name| name == "StopDeployment");
    assert_eq!(stops.count(), 1);
}

#[tokio::test(start_paused = true)]
async fn a_rollback_in_the_way_is_let_through() {
    let mut world = busy();
    world.set("d-2", "InProgress");
    world.deployments.get_mut("d-2").unwrap()["rollbackInfo"] =
        json!({"rollbackTriggeringDeploymentId": "d-0"});
    let settings = CodeDeploySettings::default().when_busy(WhenBusy::Supersede);
    let (aws, shared, deployer) = aws_with(world, settings);
    end_after(&shared, Duration::from_secs(60), "Succeeded");
    start(&deployer, &change()).await.unwrap();
    assert!(!aws.operations().contains(&"StopDeployment".to_owned()));
}
