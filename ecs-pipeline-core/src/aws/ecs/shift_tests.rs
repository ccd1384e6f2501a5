//! Deployments that shift traffic, against answers in AWS's own JSON.
#![allow(clippy::unwrap_used)]

use std::sync::{Arc, Mutex};
use std::time::Duration;

use serde_json::{Value, json};

use super::*;
use crate::aws::testing::FakeAws;
use crate::error::{ErrorKind, Hint};
use crate::model::{
    DeploymentState, EcsStrategy, PlannedRevision, RevisionRole, Stage, TaskDefinitionSource,
    TrafficShare,
};

const DEFINITION: &str = "arn:aws:ecs:eu-west-1:123456789012:task-definition/web";
const SD: &str = "arn:aws:ecs:eu-west-1:123456789012:service-deployment/prod/web/two";
const GROUP: &str = "arn:aws:elasticloadbalancing:eu-west-1:123456789012:targetgroup/web-blue/1";

/// What the endpoint shows: the service, and the members of its service deployment.
#[derive(Debug, Clone)]
struct World {
    service: Value,
    deployment: Value,
}

type Shared = Arc<Mutex<World>>;

fn deployment(id: u32, status: &str, revision: u32, rollout: &str) -> Value {
    json!({
        "id": format!("ecs-svc/{id}"), "status": status,
        "taskDefinition": format!("{DEFINITION}:{revision}"),
        "desiredCount": 2, "runningCount": 2, "pendingCount": 0, "failedTasks": 0,
        "rolloutState": rollout, "createdAt": f64::from(id) * 1000.0
    })
}

/// A service whose first deployment, `ecs-svc/1`, is complete.
fn service(strategy: &str) -> Value {
    json!({
        "serviceName": "web", "status": "ACTIVE", "desiredCount": 2, "runningCount": 2,
        "pendingCount": 0, "launchType": "FARGATE", "events": [],
        "taskDefinition": format!("{DEFINITION}:1"),
        "deployments": [deployment(1, "PRIMARY", 1, "COMPLETED")],
        "loadBalancers": [{
            "targetGroupArn": GROUP, "containerName": "web", "containerPort": 8080,
            "advancedConfiguration": {
                "alternateTargetGroupArn": "green", "productionListenerRule": "rule",
                "roleArn": "role",
            },
        }],
        "deploymentConfiguration": {
            "strategy": strategy, "bakeTimeInMinutes": 5, "novelty": {"kept": true},
            "deploymentCircuitBreaker": {"enable": true, "rollback": true},
            "alarms": {"alarmNames": ["web-5xx"], "enable": true, "rollback": true},
        },
    })
}

fn world(strategy: &str) -> World {
    World {
        service: service(strategy),
        deployment: json!({
            "serviceDeploymentArn": SD, "status": "IN_PROGRESS", "createdAt": 2000.0,
            "lifecycleStage": "SCALE_UP",
            "targetServiceRevision": {"arn": "rev/2", "requestedTaskCount": 2, "pendingTaskCount": 2},
            "sourceServiceRevisions": [{"arn": "rev/1", "requestedTaskCount": 2, "runningTaskCount": 2}],
        }),
    }
}

fn answer(world: &mut World, operation: &str, body: &Value) -> (u16, String) {
    let answer = match operation {
        "DescribeServices" => json!({"services": [world.service]}),
        "DescribeTaskDefinition" => json!({"taskDefinition": {
            "taskDefinitionArn": format!("{DEFINITION}:1"), "family": "web",
            "containerDefinitions": [{"name": "web", "image": "shop:1"}],
        }}),
        "UpdateService" | "CreateService" => {
            let mut new = deployment(2, "PRIMARY", 2, "IN_PROGRESS");
            new["taskDefinition"] = body["taskDefinition"].clone();
            world.service["deployments"][0]["status"] = json!("ACTIVE");
            let old = world.service["deployments"][0].clone();
            world.service["deployments"] = json!([new, old]);
            world.service["currentServiceDeployment"] = json!(SD);
            if let Some(configuration) = body.get("deploymentConfiguration") {
                world.service["deploymentConfiguration"] = configuration.clone();
            }
            json!({"service": world.service})
        }
        "ListServiceDeployments" => json!({"serviceDeployments": [{"serviceDeploymentArn": SD}]}),
        "DescribeServiceDeployments" => json!({"serviceDeployments": [world.deployment]}),
        "DescribeServiceRevisions" => json!({"serviceRevisions": [
            {"serviceRevisionArn": "rev/2", "taskDefinition": format!("{DEFINITION}:2")},
            {"serviceRevisionArn": "rev/1", "taskDefinition": format!("{DEFINITION}:1")}
        ]}),
        "StopServiceDeployment" | "ContinueServiceDeployment" => {
            json!({"serviceDeploymentArn": SD})
        }
        "ListTasks" => json!({"taskArns": []}),
        _ => json!({}),
    };
    (200, answer.to_string())
}

fn aws(world: World) -> (FakeAws, Shared, EcsDeployer) {
    let shared = Arc::new(Mutex::new(world));
    let theirs = Arc::clone(&shared);
    let aws =
        FakeAws::new(move |operation, body| answer(&mut theirs.lock().unwrap(), operation, body));
    let deployer = EcsDeployer::new(&aws.config());
    (aws, shared, deployer)
}

fn arn(revision: u32) -> crate::model::TaskDefinitionArn {
    format!("{DEFINITION}:{revision}").parse().unwrap()
}

fn web() -> ServiceRef {
    ServiceRef::new("prod", "web")
}

fn change() -> Change {
    let document = json!({
        "family": "web", "containerDefinitions": [{"name": "web", "image": "shop:2"}],
    });
    Change::new(web(), TaskDefinitionSource::Document(document))
}

fn minutes(count: u64) -> Duration {
    Duration::from_secs(count * 60)
}

fn canary() -> EcsStrategy {
    EcsStrategy::Canary {
        percent: 10.0,
        canary_bake: minutes(15),
        bake: minutes(5),
    }
}

fn release() -> Release {
    Release {
        task_definition: arn(2),
        registered: true,
        warnings: Vec::new(),
    }
}

/// A deployment that this deployer has started.
async fn started(deployer: &EcsDeployer, change: &Change) -> Deployment {
    let plan = deployer.plan(change).await.unwrap();
    deployer.start(&plan, &release()).await.unwrap()
}

/// What was called since `from`.
fn since(aws: &FakeAws, from: usize) -> Vec<String> {
    aws.operations().split_off(from)
}

#[tokio::test]
async fn a_look_is_one_call_and_the_end_is_confirmed() {
    let (aws, shared, deployer) = aws(world("BLUE_GREEN"));
    let ours = started(&deployer, &change()).await;
    assert_eq!(ours.service_deployment.as_deref(), Some(SD));
    let from = aws.operations().len();
    let seen = deployer.observe(&ours).await.unwrap();
    assert_eq!(seen.state, DeploymentState::InProgress);
    let stage = |name: &str| {
        Some(Stage {
            name: name.to_owned(),
            held: None,
        })
    };
    assert_eq!(seen.stage, stage("SCALE_UP"));
    assert_eq!(seen.traffic, None);
    let counts: Vec<_> = seen
        .revisions
        .iter()
        .map(|one| {
            (
                one.task_definition.short(),
                one.role,
                one.running,
                one.pending,
            )
        })
        .collect();
    assert_eq!(
        counts,
        [
            ("web:2", RevisionRole::New, 0, 2),
            ("web:1", RevisionRole::Old, 2, 0)
        ]
    );
    {
        let mut world = shared.lock().unwrap();
        world.deployment["lifecycleStage"] = json!("BAKE_TIME");
        let target = &mut world.deployment["targetServiceRevision"];
        target["requestedProductionTrafficWeight"] = json!(100.0);
        target["requestedTestTrafficWeight"] = json!(100.0);
    }
    let seen = deployer.observe(&ours).await.unwrap();
    assert_eq!(seen.stage, stage("BAKE_TIME"));
    assert_eq!(
        seen.traffic,
        Some(TrafficShare {
            production: 100.0,
            test: Some(100.0)
        })
    );
    {
        let mut world = shared.lock().unwrap();
        world.deployment["status"] = json!("SUCCESSFUL");
        world.service["deployments"] = json!([deployment(2, "PRIMARY", 2, "COMPLETED")]);
    }
    let seen = deployer.observe(&ours).await.unwrap();
    assert_eq!(seen.state, DeploymentState::Succeeded);
    assert_eq!(
        since(&aws, from),
        [
            "DescribeServiceDeployments",
            "DescribeServiceRevisions",
            "DescribeServiceDeployments",
            "DescribeServiceDeployments",
            "DescribeServices",
        ]
    );
}

#[tokio::test]
async fn a_success_that_the_service_does_not_run_is_none() {
    let (_, shared, deployer) = aws(world("CANARY"));
    let ours = started(&deployer, &change()).await;
    {
        let mut world = shared.lock().unwrap();
        world.deployment["status"] = json!("SUCCESSFUL");
        world.service["deployments"] = json!([deployment(3, "PRIMARY", 3, "IN_PROGRESS")]);
    }
    let seen = deployer.observe(&ours).await.unwrap();
    assert!(
        matches!(seen.state, DeploymentState::Superseded { .. }),
        "{:?}",
        seen.state
    );
}

#[tokio::test]
async fn another_process_takes_it_up_from_what_it_sees() {
    let (_, shared, deployer) = aws(world("LINEAR"));
    let ours = started(&deployer, &change()).await;
    let again = Deployment {
        service_deployment: None,
        ..ours
    };
    let theirs = Arc::clone(&shared);
    let aws =
        FakeAws::new(move |operation, body| answer(&mut theirs.lock().unwrap(), operation, body));
    let other = EcsDeployer::new(&aws.config());
    let seen = other.observe(&again).await.unwrap();
    assert_eq!(seen.stage.unwrap().name, "SCALE_UP");
    let from = aws.operations().len();
    other.observe(&again).await.unwrap();
    assert_eq!(since(&aws, from), ["DescribeServiceDeployments"]);
}

#[tokio::test]
async fn tasks_that_fail_bring_the_services_messages() {
    let (aws, shared, deployer) = aws(world("BLUE_GREEN"));
    let ours = started(&deployer, &change()).await;
    {
        let mut world = shared.lock().unwrap();
        world.deployment["deploymentCircuitBreaker"] =
            json!({"status": "MONITORING", "failureCount": 1, "threshold": 3});
        world.service["events"] = json!([{
            "id": "e1", "createdAt": 2001.0, "message": "(service web) failed to launch a task",
        }]);
    }
    let seen = deployer.observe(&ours).await.unwrap();
    assert_eq!(seen.state, DeploymentState::InProgress);
    assert_eq!(seen.revisions[0].failed, 1);
    assert_eq!(
        seen.messages[0].text,
        "(service web) failed to launch a task"
    );
    // The same failure is not looked into twice.
    let from = aws.operations().len();
    deployer.observe(&ours).await.unwrap();
    assert_eq!(since(&aws, from), ["DescribeServiceDeployments"]);
}

#[tokio::test]
async fn another_strategy_is_set_with_all_that_the_service_has() {
    let (aws, _, deployer) = aws(world("BLUE_GREEN"));
    let change = change().with_strategy(canary());
    let plan = deployer.plan(&change).await.unwrap();
    assert_eq!(plan.strategy, Some(canary()));
    deployer.start(&plan, &release()).await.unwrap();
    let sent = aws.body_of("UpdateService");
    assert_eq!(
        sent["deploymentConfiguration"],
        json!({
            "strategy": "CANARY", "bakeTimeInMinutes": 5, "novelty": {"kept": true},
            "canaryConfiguration": {"canaryPercent": 10.0, "canaryBakeTimeInMinutes": 15},
            "deploymentCircuitBreaker": {"enable": true, "rollback": true},
            "alarms": {"alarmNames": ["web-5xx"], "enable": true, "rollback": true},
        })
    );
    assert_eq!(sent["taskDefinition"], format!("{DEFINITION}:2"));
    assert_eq!(sent.get("desiredCount"), None);
}

#[tokio::test]
async fn the_services_own_strategy_is_not_sent_again() {
    let (aws, _, deployer) = aws(world("BLUE_GREEN"));
    let same = EcsStrategy::BlueGreen { bake: minutes(5) };
    let plan = deployer.plan(&change().with_strategy(same)).await.unwrap();
    assert_eq!(plan.strategy, None);
    deployer.start(&plan, &release()).await.unwrap();
    let sent = aws.body_of("UpdateService");
    assert_eq!(sent.get("deploymentConfiguration"), None);
}

#[tokio::test]
async fn numbers_that_nobody_gave_stay_as_the_service_has_them() {
    let (_, _, deployer) = aws(world("BLUE_GREEN"));
    let other_bake = EcsStrategy::BlueGreen { bake: minutes(9) };
    let kind = change().with_kind_of(other_bake);
    assert_eq!(deployer.plan(&kind).await.unwrap().strategy, None);
    let given = change().with_strategy(other_bake);
    let plan = deployer.plan(&given).await.unwrap();
    assert_eq!(plan.strategy, Some(other_bake));
    let other_kind = change().with_kind_of(canary());
    let plan = deployer.plan(&other_kind).await.unwrap();
    assert_eq!(plan.strategy, Some(canary()));
}

#[tokio::test]
async fn what_cannot_shift_or_is_somebody_elses_is_refused() {
    let (aws, shared, deployer) = aws(world("ROLLING"));
    let refused = async |change: Change| deployer.plan(&change).await.unwrap_err();
    let odd = EcsStrategy::BlueGreen {
        bake: Duration::from_secs(90),
    };
    let error = refused(change().with_strategy(odd)).await;
    assert!(error.to_string().contains("whole minutes"), "{error}");
    shared.lock().unwrap().service["loadBalancers"][0]["advancedConfiguration"] = Value::Null;
    let error = refused(change().with_strategy(canary())).await;
    assert_eq!(error.kind(), ErrorKind::Invalid);
    assert!(
        error
            .to_string()
            .contains("web-blue lacks alternateTargetGroupArn"),
        "{error}"
    );
    assert!(error.hint().is_some());
    let table = [
        ("CODE_DEPLOY", "use strategy codedeploy"),
        ("EXTERNAL", "deploy it with that tool"),
    ];
    for (controller, hint) in table {
        shared.lock().unwrap().service["deploymentController"] = json!({"type": controller});
        let error = refused(change()).await;
        assert_eq!(error.kind(), ErrorKind::Invalid);
        let said = format!("its deployment controller is {controller}");
        assert!(error.to_string().contains(&said), "{error}");
        assert!(error.hint().unwrap().contains(hint), "{:?}", error.hint());
    }
    assert!(!aws.operations().contains(&"UpdateService".to_owned()));
    // Without load balancers there is nothing that could lack.
    let mut headless = world("ROLLING");
    headless.service["loadBalancers"] = json!([]);
    let (_, _, deployer) = self::aws(headless);
    let plan = deployer.plan(&change().with_strategy(canary())).await;
    assert_eq!(plan.unwrap().strategy, Some(canary()));
}

fn hold(world: &Shared, status: &str) {
    world.lock().unwrap().deployment["lifecycleHookDetails"] = json!([
        {"hookId": "done", "targetType": "AWS_LAMBDA", "status": "SUCCEEDED",
         "targetArn": "arn:aws:lambda:eu-west-1:123456789012:function:smoke"},
        {"hookId": "h-1", "targetType": "PAUSE", "status": status, "expiresAt": 86400.0,
         "timeoutAction": "ROLLBACK"},
    ]);
}

#[tokio::test]
async fn a_pause_holds_it_until_it_is_told_to_go_on() {
    let (aws, shared, deployer) = aws(world("BLUE_GREEN"));
    let ours = started(&deployer, &change()).await;
    let error = deployer.proceed(&ours).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Conflict, "{error}");
    assert!(error.to_string().contains("SCALE_UP"), "{error}");
    hold(&shared, "AWAITING_ACTION");
    let seen = deployer.observe(&ours).await.unwrap();
    assert_eq!(seen.state, DeploymentState::InProgress);
    let held = seen.stage.unwrap().held.unwrap();
    for part in ["PAUSE hook h-1", "1970-01-02T00:00:00Z", "rolled back"] {
        assert!(held.contains(part), "{held}");
    }
    deployer.proceed(&ours).await.unwrap();
    assert_eq!(
        aws.body_of("ContinueServiceDeployment"),
        json!({"serviceDeploymentArn": SD, "hookId": "h-1", "action": "CONTINUE"})
    );
}

#[tokio::test]
async fn the_way_back_is_the_hooks_where_one_waits_and_a_stop_where_none_does() {
    for (status, operation, answer) in [
        ("AWAITING_ACTION", "ContinueServiceDeployment", "action"),
        ("SUCCEEDED", "StopServiceDeployment", "stopType"),
    ] {
        let (aws, shared, deployer) = aws(world("CANARY"));
        let ours = started(&deployer, &change()).await;
        hold(&shared, status);
        assert_eq!(deployer.rollback(&ours).await.unwrap(), Rollback::UnderWay);
        assert_eq!(aws.body_of(operation)[answer], "ROLLBACK", "{status}");
        {
            let mut world = shared.lock().unwrap();
            world.deployment["status"] = json!("ROLLBACK_SUCCESSFUL");
            world.deployment["rollback"] =
                json!({"reason": "stopped by a user", "serviceRevisionArn": "rev/1"});
            world.service["deployments"] = json!([deployment(3, "PRIMARY", 1, "COMPLETED")]);
        }
        let seen = deployer.observe(&ours).await.unwrap();
        assert_eq!(
            seen.state,
            DeploymentState::RolledBack {
                reason: "stopped by a user".to_owned(),
                to: Some(arn(1))
            }
        );
        assert_eq!(
            deployer.rollback(&ours).await.unwrap(),
            Rollback::AlreadyDone
        );
    }
}

#[tokio::test]
async fn a_newer_deployment_is_left_alone() {
    let (aws, shared, deployer) = aws(world("CANARY"));
    let ours = started(&deployer, &change()).await;
    {
        let mut world = shared.lock().unwrap();
        world.deployment["status"] = json!("STOP_REQUESTED");
        world.service["deployments"] = json!([deployment(3, "PRIMARY", 3, "IN_PROGRESS")]);
    }
    assert_eq!(
        deployer.rollback(&ours).await.unwrap(),
        Rollback::Superseded
    );
    assert!(
        !aws.operations()
            .contains(&"StopServiceDeployment".to_owned())
    );
}

#[tokio::test]
async fn after_its_end_the_former_revision_is_deployed_by_the_same_strategy() {
    let (aws, shared, deployer) = aws(world("LINEAR"));
    let ours = started(&deployer, &change()).await;
    {
        let mut world = shared.lock().unwrap();
        world.deployment["status"] = json!("SUCCESSFUL");
        world.service["deployments"] = json!([deployment(7, "PRIMARY", 2, "COMPLETED")]);
    }
    let Rollback::Started(back) = deployer
        .rollback(&Deployment {
            id: DeploymentId::new("ecs-svc/7"),
            ..ours
        })
        .await
        .unwrap()
    else {
        panic!("nothing started");
    };
    assert_eq!(back.task_definition, arn(1));
    assert_eq!(
        aws.body_of("UpdateService")["taskDefinition"],
        format!("{DEFINITION}:1")
    );
}

#[tokio::test]
async fn the_evidence_names_alarms_and_hooks() {
    let (_, shared, deployer) = aws(world("BLUE_GREEN"));
    let ours = started(&deployer, &change()).await;
    {
        let mut world = shared.lock().unwrap();
        world.deployment["status"] = json!("ROLLBACK_IN_PROGRESS");
        world.deployment["statusReason"] = json!("an alarm went off");
        world.deployment["alarms"] = json!({
            "status": "TRIGGERED", "alarmNames": ["web-5xx", "web-slow"],
            "triggeredAlarmNames": ["web-5xx"],
        });
    }
    hold(&shared, "TIMED_OUT");
    let seen = deployer.observe(&ours).await.unwrap();
    assert_eq!(
        seen.state,
        DeploymentState::RollingBack {
            reason: "an alarm went off".to_owned()
        }
    );
    let evidence = deployer.evidence(&ours).await;
    assert_eq!(evidence.controller.as_deref(), Some("an alarm went off"));
    assert_eq!(
        evidence.messages,
        [
            "alarm detected: web-5xx in ALARM",
            "lifecycle PAUSE hook h-1 timed out"
        ]
    );
}

/// No service, and the change says how to create it.
fn absent() -> World {
    let mut world = world("ROLLING");
    world.service["status"] = json!("INACTIVE");
    world
}

#[tokio::test]
async fn a_service_that_is_not_there_is_created_without_loss() {
    let (aws, shared, deployer) = aws(absent());
    let definition = json!({
        "desiredCount": 2, "launchType": "FARGATE", "novelty": {"kept": true},
        "deploymentConfiguration": {"maximumPercent": 150},
    });
    let change = change()
        .or_create(definition.clone())
        .with_strategy(EcsStrategy::BlueGreen { bake: minutes(5) });
    let plan = deployer.plan(&change).await.unwrap();
    assert_eq!((&plan.last_good, &plan.current), (&None, &None));
    assert!(matches!(plan.revision, PlannedRevision::New(_)));
    assert!(plan.creates.is_some());
    shared.lock().unwrap().service["status"] = json!("ACTIVE");
    let deployment = deployer.start(&plan, &release()).await.unwrap();
    assert_eq!(deployment.id, DeploymentId::new("ecs-svc/2"));
    assert_eq!(deployment.last_good, None);
    let sent = aws.body_of("CreateService");
    assert_eq!(
        sent,
        json!({
            "cluster": "prod", "serviceName": "web", "taskDefinition": format!("{DEFINITION}:2"),
            "desiredCount": 2, "launchType": "FARGATE", "novelty": {"kept": true},
            "deploymentConfiguration": {
                "maximumPercent": 150, "strategy": "BLUE_GREEN", "bakeTimeInMinutes": 5,
            },
        })
    );
    let seen = deployer.observe(&deployment).await.unwrap();
    assert_eq!(seen.state, DeploymentState::InProgress);
    assert_eq!(
        deployer.rollback(&deployment).await.unwrap(),
        Rollback::NothingToGoBackTo
    );
}

#[tokio::test]
async fn what_cannot_be_created_is_refused_and_what_is_there_is_not_created() {
    let (aws, _, deployer) = aws(absent());
    let error = deployer.plan(&change()).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::NotFound, "{error}");
    let other = change().or_create(json!({"serviceName": "api"}));
    let error = deployer.plan(&other).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Invalid, "{error}");
    let nothing = Change::new(web(), TaskDefinitionSource::Current).or_create(json!({}));
    let error = deployer.plan(&nothing).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Invalid, "{error}");
    assert!(!aws.operations().contains(&"CreateService".to_owned()));
    let (_, _, deployer) = self::aws(world("ROLLING"));
    let plan = deployer.plan(&change().or_create(json!({}))).await.unwrap();
    assert_eq!(plan.creates, None);
}
