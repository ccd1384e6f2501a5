//! Deployments that fail, are stopped, and go back.
#![allow(clippy::unwrap_used, clippy::expect_used)]

use ecs_pipeline_artifacts::app_spec::{AppSpec, HookEvent};
use serde_json::{Value, json};

use super::stage::Stage;
use crate::world::Service;
use crate::world::ecs::script::{FINE, Fate, Manner};

const SICK: Manner = Manner {
    slow: 1,
    fate: Fate::SickAfter(0),
};

/// A canary that goes back on these events.
fn canary(events: &[&str]) -> Value {
    json!({
        "deploymentConfigName": "CodeDeployDefault.ECSCanary10Percent5Minutes",
        "autoRollbackConfiguration": {"enabled": !events.is_empty(), "events": events},
        "alarmConfiguration": {"enabled": true, "alarms": [{"name": "errors"}]},
    })
}

/// A canary with its first tenth of the traffic.
fn at_ten_percent(events: &[&str]) -> (Stage, String) {
    let mut stage = Stage::new(FINE, canary(events));
    let id = stage.deploy(&[], json!({}));
    let production = stage.production.clone();
    stage.play.pass_until(600, |play| {
        let weights = play.world.elbv2.weights(&production);
        weights.iter().any(|(_, weight)| *weight == 10)
    });
    assert_eq!(stage.weights(), (90, 10));
    (stage, id)
}

/// That the deployment went back by another one, which has this end.
fn assert_went_back(stage: &mut Stage, id: &str) {
    assert_eq!(stage.weights(), (100, 0), "the traffic is back at once");
    assert_eq!(stage.weight(&stage.test, &stage.blue), 100);
    assert_eq!(stage.sets(), ["PRIMARY web:1 2", "DRAINING web:2 0"]);
    let rollback = stage.get(id)["rollbackInfo"]["rollbackDeploymentId"].clone();
    let rollback = rollback.as_str().expect("a rollback deployment").to_owned();
    assert_ne!(rollback, id);
    let info = stage.get(&rollback);
    assert_eq!(info["creator"], "codeDeployRollback");
    assert_eq!(info["rollbackInfo"]["rollbackTriggeringDeploymentId"], id);
    assert_eq!(info["status"], "InProgress", "green still drains");
    stage.until(&rollback, 600, "Succeeded");
    assert_eq!(stage.sets(), ["PRIMARY web:1 2"]);
    let service = stage.play.service("s");
    assert!(
        service["taskDefinition"]
            .as_str()
            .unwrap()
            .ends_with("web:1")
    );
}

#[test]
fn a_stopped_deployment_goes_back_when_it_is_asked_to() {
    for (events, asked) in [
        (&[][..], json!({"autoRollbackEnabled": true})),
        (&["DEPLOYMENT_STOP_ON_REQUEST"][..], json!({})),
    ] {
        let (mut stage, id) = at_ten_percent(events);
        let mut input = json!({"deploymentId": id});
        input
            .as_object_mut()
            .unwrap()
            .extend(asked.as_object().unwrap().clone());
        assert_eq!(
            stage.ok("StopDeployment", input.clone())["status"],
            "Succeeded"
        );
        let info = stage.get(&id);
        assert_eq!(info["status"], "Stopped");
        assert_eq!(info["errorInformation"]["code"], "MANUAL_STOP");
        assert_went_back(&mut stage, &id);
        assert_eq!(
            stage.code("StopDeployment", input),
            "DeploymentAlreadyCompletedException"
        );
    }
}

#[test]
fn a_stopped_deployment_stays_as_it_is_otherwise_and_the_next_one_cleans_up() {
    for (events, asked) in [
        (&["DEPLOYMENT_STOP_ON_REQUEST"][..], json!(false)),
        (&["DEPLOYMENT_FAILURE"][..], Value::Null),
    ] {
        let (mut stage, id) = at_ten_percent(events);
        let input = json!({"deploymentId": id, "autoRollbackEnabled": asked});
        stage.ok("StopDeployment", input);
        stage.play.pass(600);
        assert_eq!(stage.weights(), (90, 10));
        assert_eq!(stage.sets(), ["PRIMARY web:1 2", "ACTIVE web:2 2"]);
        assert!(stage.get(&id)["rollbackInfo"].is_null());
        let next = stage.deploy(&[], json!({}));
        assert_eq!(stage.weights(), (100, 0));
        stage.until(&next, 1200, "Succeeded");
        assert_eq!(stage.weights(), (0, 100));
        assert_eq!(stage.sets()[0], "PRIMARY web:3 2");
    }
}

#[test]
fn going_back_is_possible_until_the_original_is_gone() {
    let (mut stage, id) = at_ten_percent(&["DEPLOYMENT_STOP_ON_REQUEST"]);
    stage.until_info(&id, 600, |i| {
        i["instanceTerminationWaitTimeStarted"] == true
    });
    assert_eq!(stage.weights(), (0, 100));
    stage.ok("StopDeployment", json!({"deploymentId": id}));
    assert_went_back(&mut stage, &id);
}

#[test]
fn after_success_going_back_is_a_deployment_of_the_previous_revision() {
    let mut stage = Stage::new(FINE, json!({}));
    let first = stage.deploy(&[], json!({}));
    stage.until(&first, 1200, "Succeeded");
    let second = stage.deploy(&[], json!({}));
    stage.until(&second, 1200, "Succeeded");
    let previous = stage.get(&second)["previousRevision"].clone();
    let back = stage.ok(
        "CreateDeployment",
        json!({
        "applicationName": "a", "deploymentGroupName": "g", "revision": previous}),
    );
    let back = back["deploymentId"].as_str().unwrap().to_owned();
    stage.until(&back, 1200, "Succeeded");
    assert_eq!(stage.sets()[0], "PRIMARY web:2 2");
}

#[test]
fn an_alarm_stops_the_deployment() {
    for events in [&["DEPLOYMENT_STOP_ON_ALARM"][..], &[]] {
        let (mut stage, id) = at_ten_percent(events);
        stage.play.alarm("errors", "ALARM");
        let info = stage.get(&id);
        assert_eq!(info["status"], "Stopped");
        assert_eq!(info["errorInformation"]["code"], "ALARM_ACTIVE");
        let message = info["errorInformation"]["message"].as_str().unwrap();
        assert!(message.ends_with("Activated alarms: <errors>"), "{message}");
        match events.is_empty() {
            false => assert_went_back(&mut stage, &id),
            true => assert_eq!(stage.weights(), (90, 10)),
        }
    }
}

#[test]
fn a_request_may_override_the_groups_alarms_and_rollback() {
    let mut stage = Stage::new(FINE, canary(&[]));
    let off = json!({
        "overrideAlarmConfiguration": {"enabled": false, "alarms": []},
        "autoRollbackConfiguration": {"enabled": true, "events": ["DEPLOYMENT_STOP_ON_REQUEST"]},
    });
    let id = stage.deploy(&[], off);
    stage.play.alarm("errors", "ALARM");
    stage.play.pass(60);
    assert_eq!(stage.status(&id), "InProgress");
    stage.ok("StopDeployment", json!({"deploymentId": id}));
    assert_went_back(&mut stage, &id);
}

#[test]
fn a_revision_that_is_never_healthy_fails_after_an_hour_and_gets_no_traffic() {
    let mut stage = Stage::new(SICK, canary(&["DEPLOYMENT_FAILURE"]));
    let id = stage.deploy(&[], json!({}));
    stage.play.pass(59 * 60);
    assert_eq!(stage.status(&id), "InProgress");
    assert_eq!(stage.weights(), (100, 0));
    assert_eq!(stage.until(&id, 120, "Failed"), 60);
    let info = stage.get(&id);
    assert_eq!(info["errorInformation"]["code"], "TIMEOUT");
    assert_eq!(
        stage.events(&id),
        [
            "Install Failed",
            "AllowTestTraffic Skipped",
            "AllowTraffic Skipped"
        ]
    );
    let rollback = info["rollbackInfo"]["rollbackDeploymentId"]
        .as_str()
        .unwrap();
    stage.until(rollback, 600, "Succeeded");
    assert_eq!(stage.sets(), ["PRIMARY web:1 2"]);
}

#[test]
fn a_function_that_fails_or_says_nothing_fails_the_deployment() {
    for (event, answer, seconds) in [
        (
            HookEvent::AfterInstall,
            Some(Ok(json!({"status": "Failed"}))),
            60,
        ),
        (
            HookEvent::BeforeAllowTraffic,
            Some(Err("Function not found: f".to_owned())),
            60,
        ),
        (HookEvent::AfterAllowTraffic, Some(Ok(json!({}))), 4500),
        (HookEvent::AfterAllowTestTraffic, None, 3700),
    ] {
        let mut stage = Stage::new(FINE, canary(&["DEPLOYMENT_FAILURE"]));
        if let Some(answer) = answer {
            stage.answers("f", answer);
        }
        let id = stage.deploy(&[(event, "f")], json!({}));
        stage.until(&id, seconds, "Failed");
        let fault = stage.get(&id)["errorInformation"].clone();
        assert_eq!(fault["code"], "HOOK_EXECUTION_FAILURE", "{event:?}");
        let events = stage.events(&id);
        assert!(
            events.contains(&format!("{} Failed", event.name())),
            "{events:?}"
        );
        assert_went_back(&mut stage, &id);
    }
}

#[test]
fn before_install_there_is_nothing_to_take_back() {
    let mut stage = Stage::new(FINE, canary(&["DEPLOYMENT_FAILURE"]));
    let failed = Ok(json!({"status": "Failed"}));
    stage.answers("f", failed);
    let id = stage.deploy(&[(HookEvent::BeforeInstall, "f")], json!({}));
    stage.until(&id, 60, "Failed");
    assert!(stage.get(&id)["rollbackInfo"].is_null());
    assert_eq!(stage.sets(), ["PRIMARY web:1 2"]);
}

#[test]
fn what_ecs_and_the_load_balancer_refuse_fails_the_deployment() {
    let mut stage = Stage::new(FINE, json!({}));
    for (spec, part) in [
        (
            AppSpec::new("web:9", "app", 80),
            "The ECS service cannot be updated due to an unexpected error: ",
        ),
        (
            AppSpec::new("web:1", "none", 80),
            "The container none does not exist in the task definition.",
        ),
        (
            AppSpec::new("web:1", "app", 81),
            "The container app did not have a container port 81 defined.",
        ),
    ] {
        let id = stage.deploy_spec(&spec, json!({}));
        let fault = stage.get(&id)["errorInformation"].clone();
        assert_eq!(fault["code"], "ECS_UPDATE_ERROR", "{fault}");
        assert!(fault["message"].as_str().unwrap().contains(part), "{fault}");
        assert_eq!(stage.sets(), ["PRIMARY web:1 2"]);
    }
    let green = stage.green.clone();
    let away = json!({
        "ListenerArn": stage.production,
        "DefaultActions": [{"Type": "forward", "TargetGroupArn": green}],
    });
    stage.play.watch = super::stage::Served::default();
    stage.play.elbv2("ModifyListener", away);
    let id = stage.deploy(&[], json!({}));
    let fault = stage.get(&id)["errorInformation"].clone();
    assert_eq!(fault["code"], "ELASTIC_LOAD_BALANCING_INVALID");
    assert!(
        fault["message"]
            .as_str()
            .unwrap()
            .contains("Primary taskset target group must be behind listener")
    );
}

#[test]
fn an_appspec_that_cannot_be_read_fails_the_deployment() {
    let mut stage = Stage::new(FINE, canary(&["DEPLOYMENT_FAILURE"]));
    let input = |content: &str| {
        json!({
            "applicationName": "a", "deploymentGroupName": "g",
            "revision": {"revisionType": "String", "string": {"content": content}},
        })
    };
    let created = stage.ok("CreateDeployment", input("version: 0.0\nResources: {\n"));
    let id = created["deploymentId"].as_str().unwrap();
    let info = stage.get(id);
    assert_eq!(info["status"], "Failed");
    assert_eq!(info["errorInformation"]["code"], "INVALID_REVISION");
    assert!(info["rollbackInfo"].is_null());
    assert_eq!(stage.sets(), ["PRIMARY web:1 2"]);
}

#[test]
fn a_test_listener_that_leads_elsewhere_fails_the_deployment() {
    let mut stage = Stage::new(FINE, canary(&["DEPLOYMENT_FAILURE"]));
    let away = json!({
        "ListenerArn": stage.test,
        "DefaultActions": [{"Type": "fixed-response",
            "FixedResponseConfig": {"StatusCode": "404"}}],
    });
    stage.play.elbv2("ModifyListener", away);
    let id = stage.deploy(&[], json!({}));
    stage.until(&id, 600, "Failed");
    let fault = stage.get(&id)["errorInformation"].clone();
    assert_eq!(fault["code"], "ELASTIC_LOAD_BALANCING_INVALID", "{fault}");
    assert_eq!(stage.weights(), (100, 0));
    let rollback = stage.get(&id)["rollbackInfo"]["rollbackDeploymentId"].clone();
    stage.until(rollback.as_str().unwrap(), 600, "Succeeded");
    assert_eq!(stage.sets(), ["PRIMARY web:1 2"]);
}

#[test]
fn a_deployment_without_its_service_fails() {
    let mut stage = Stage::new(FINE, json!({}));
    stage.play.watch = super::stage::Served::default();
    let delete = json!({"cluster": "c", "service": "s", "force": true});
    stage.play.ecs("DeleteService", delete);
    let id = stage.deploy(&[], json!({}));
    let fault = stage.get(&id)["errorInformation"].clone();
    assert_eq!(fault["code"], "INVALID_ECS_SERVICE");
}

#[test]
fn a_ready_deployment_that_nobody_continues_is_stopped() {
    let mut stage = Stage::new(
        FINE,
        json!({"blueGreenDeploymentConfiguration": {
            "terminateBlueInstancesOnDeploymentSuccess": {"action": "TERMINATE"},
            "deploymentReadyOption": {
                "actionOnTimeout": "STOP_DEPLOYMENT", "waitTimeInMinutes": 10},
        }}),
    );
    let id = stage.deploy(&[], json!({}));
    stage.until(&id, 600, "Ready");
    assert_eq!(stage.until(&id, 900, "Stopped"), 600);
    assert_eq!(stage.get(&id)["errorInformation"]["code"], "TIMEOUT");
    assert_eq!(stage.weights(), (100, 0));
}

#[test]
fn a_group_has_one_deployment_at_a_time() {
    let mut stage = Stage::new(FINE, json!({}));
    let id = stage.deploy(&[], json!({}));
    let revision = stage.get(&id)["revision"].clone();
    let again = json!({
        "applicationName": "a", "deploymentGroupName": "g", "revision": revision});
    let error = stage.ask("CreateDeployment", again.clone()).unwrap_err();
    assert_eq!(error.code, "DeploymentLimitExceededException");
    assert_eq!(
        error.message,
        format!("The Deployment Group 'g' already has an active Deployment '{id}'")
    );
    stage.until_info(&id, 600, |i| {
        i["instanceTerminationWaitTimeStarted"] == true
    });
    assert_eq!(
        stage.code("CreateDeployment", again.clone()),
        "DeploymentLimitExceededException",
        "until the original is gone"
    );
    stage.until(&id, 600, "Succeeded");
    stage.ok("CreateDeployment", again);
}

#[test]
fn update_service_leaves_to_codedeploy_what_is_codedeploys() {
    let mut stage = Stage::new(FINE, json!({}));
    stage.play.register();
    let by = "on services with a CODE_DEPLOY deployment controller. Use AWS CodeDeploy to trigger a new deployment.";
    for (extra, words) in [
        (
            json!({"taskDefinition": "web:2"}),
            "Unable to update task definition",
        ),
        (
            json!({"networkConfiguration": {"awsvpcConfiguration": {"subnets": ["x"]}}}),
            "Unable to update network parameters",
        ),
        (
            json!({"platformVersion": "1.4.0"}),
            "Unable to update platform version",
        ),
        (
            json!({"loadBalancers": []}),
            "Unable to update load balancers",
        ),
        (
            json!({"forceNewDeployment": true}),
            "Cannot force a new deployment",
        ),
    ] {
        let mut input = json!({"cluster": "c", "service": "s"});
        input
            .as_object_mut()
            .unwrap()
            .extend(extra.as_object().unwrap().clone());
        let asked = stage.play.ask(Service::Ecs, "UpdateService", input);
        let error = asked.unwrap_err();
        assert_eq!(error.code, "InvalidParameterException");
        assert_eq!(error.message, format!("{words} {by}"));
    }
    stage.play.update(json!({
        "desiredCount": 1, "healthCheckGracePeriodSeconds": 5, "propagateTags": "SERVICE"}));
    stage.play.pass(400);
    assert_eq!(stage.sets(), ["PRIMARY web:1 1"]);
}
