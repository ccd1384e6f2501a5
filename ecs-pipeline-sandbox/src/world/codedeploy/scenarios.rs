//! Deployments that go well, in virtual time.
#![allow(clippy::unwrap_used, clippy::expect_used)]

use ecs_pipeline_artifacts::app_spec::HookEvent;
use serde_json::json;

use super::stage::Stage;
use crate::world::ecs::script::FINE;

fn config(name: &str) -> serde_json::Value {
    json!({"deploymentConfigName": format!("CodeDeployDefault.ECS{name}")})
}

#[test]
fn a_deployment_replaces_the_task_set_and_the_groups_change_places() {
    let mut stage = Stage::new(FINE, json!({}));
    assert_eq!(stage.sets(), ["PRIMARY web:1 2"]);
    let first = stage.deploy(&[], json!({}));
    assert_eq!(stage.status(&first), "InProgress");
    assert_eq!(stage.sets(), ["PRIMARY web:1 2", "ACTIVE web:2 2"]);
    assert_eq!(stage.weights(), (100, 0), "green is not healthy yet");

    stage.until_info(&first, 600, |info| {
        info["instanceTerminationWaitTimeStarted"] == true
    });
    assert_eq!(stage.weights(), (0, 100));
    assert_eq!(stage.weight(&stage.test, &stage.green), 100);
    assert_eq!(stage.sets(), ["PRIMARY web:2 2", "ACTIVE web:1 2"]);
    assert_eq!(
        stage.status(&first),
        "InProgress",
        "blue is kept for a while"
    );
    assert_eq!(stage.until(&first, 600, "Succeeded"), 5 * 60);
    assert_eq!(stage.sets(), ["PRIMARY web:2 2", "DRAINING web:1 0"]);
    stage.play.pass(400);
    assert_eq!(stage.sets(), ["PRIMARY web:2 2"]);

    let service = stage.play.service("s");
    assert!(
        service["taskDefinition"]
            .as_str()
            .unwrap()
            .ends_with("web:2")
    );
    assert_eq!(
        service["loadBalancers"][0]["targetGroupArn"],
        stage.green.as_str()
    );
    assert_eq!(service["deployments"], json!([]));
    let set = &service["taskSets"][0];
    let named = json!({"cluster": "c", "service": "s", "taskSets": [set["taskSetArn"], "none"]});
    let described = stage.play.ecs("DescribeTaskSets", named);
    assert_eq!(described["taskSets"], service["taskSets"]);
    assert_eq!(
        described["failures"],
        json!([{"arn": "none", "reason": "MISSING"}])
    );
    assert_eq!(set["externalId"], first.as_str());
    assert_eq!(set["startedBy"], "CODE_DEPLOY");
    assert_eq!(
        stage.events(&first),
        [
            "Install Succeeded",
            "AllowTestTraffic Succeeded",
            "AllowTraffic Succeeded"
        ]
    );

    let second = stage.deploy(&[], json!({}));
    stage.until(&second, 1200, "Succeeded");
    assert_eq!(stage.weights(), (100, 0), "back in the first group");
    let info = stage.get(&second);
    assert_eq!(info["previousRevision"], stage.get(&first)["revision"]);
    assert_eq!(info["creator"], "user");
    assert_eq!(info["deploymentOverview"]["Succeeded"], 1);
}

#[test]
fn every_configuration_shifts_in_its_steps() {
    for (name, steps) in [
        ("AllAtOnce", vec![(0, 100)]),
        ("Canary10Percent5Minutes", vec![(0, 10), (5, 100)]),
        ("Canary10Percent15Minutes", vec![(0, 10), (15, 100)]),
        (
            "Linear10PercentEvery1Minutes",
            (0..10).map(|n| (n, 10 * (n as u32 + 1))).collect(),
        ),
        (
            "Linear10PercentEvery3Minutes",
            (0..10).map(|n| (3 * n, 10 * (n as u32 + 1))).collect(),
        ),
    ] {
        let mut stage = Stage::new(FINE, config(name));
        let id = stage.deploy(&[], json!({}));
        let production = stage.production.clone();
        let (blue, green) = (stage.blue.clone(), stage.green.clone());
        stage.play.pass_until(120, |play| {
            let weights = play.world.elbv2.weights(&production);
            weights.iter().any(|(arn, w)| *arn == green && *w > 0)
        });
        let mut seen = Vec::new();
        for minute in 0..=27_u64 {
            let (_, share) = stage.weights();
            if seen.last().is_none_or(|(_, last)| *last != share) {
                seen.push((minute, share));
            }
            assert_eq!(stage.weight(&production, &blue), 100 - share, "{name}");
            stage.play.pass(60);
        }
        assert_eq!(seen, steps, "{name}");
        let last = steps.last().unwrap().0;
        let wait = 5;
        let left = (last + wait).saturating_sub(28) * 60;
        stage.play.pass(left);
        assert_eq!(stage.status(&id), "Succeeded", "{name}");
    }
}

#[test]
fn every_rule_of_the_listener_that_leads_to_the_service_is_shifted() {
    let mut stage = Stage::new(FINE, json!({}));
    let rule = |stage: &mut Stage, priority: u32, path: &str, action: serde_json::Value| {
        let made = stage.play.elbv2(
            "CreateRule",
            json!({
                "ListenerArn": stage.production, "Priority": priority,
                "Conditions": [{"Field": "path-pattern", "Values": [path]}],
                "Actions": [action],
            }),
        );
        made["Rules"][0]["RuleArn"].as_str().unwrap().to_owned()
    };
    let to_blue = json!({"Type": "forward", "TargetGroupArn": stage.blue});
    let api = rule(&mut stage, 1, "/api/*", to_blue);
    let gone = json!({"Type": "fixed-response", "FixedResponseConfig": {"StatusCode": "410"}});
    let old = rule(&mut stage, 2, "/old/*", gone);
    let id = stage.deploy(&[], json!({}));
    stage.until(&id, 1200, "Succeeded");
    assert_eq!(stage.weights(), (0, 100));
    assert_eq!(stage.weight(&api, &stage.green), 100);
    assert_eq!(stage.play.world.elbv2.weights(&old), []);
}

#[test]
fn functions_are_called_in_order_and_the_deployment_waits_for_them() {
    let hooks = [
        (HookEvent::BeforeInstall, "by-answer"),
        (HookEvent::AfterInstall, "by-answer"),
        (HookEvent::AfterAllowTestTraffic, "by-request"),
        (HookEvent::BeforeAllowTraffic, "by-answer"),
        (HookEvent::AfterAllowTraffic, "by-answer"),
    ];
    let mut stage = Stage::new(FINE, json!({}));
    let passed = Ok(json!({"status": "Succeeded"}));
    stage.answers("by-answer", passed);
    let id = stage.deploy(&hooks, json!({}));
    assert_eq!(
        stage.sets(),
        ["PRIMARY web:1 2"],
        "BeforeInstall is not over"
    );
    stage.play.pass(300);
    assert_eq!(
        stage.events(&id),
        [
            "BeforeInstall Succeeded",
            "Install Succeeded",
            "AfterInstall Succeeded",
            "AllowTestTraffic Succeeded",
            "AfterAllowTestTraffic InProgress",
            "BeforeAllowTraffic Pending",
            "AllowTraffic Pending",
            "AfterAllowTraffic Pending",
        ]
    );
    assert_eq!(stage.weight(&stage.test, &stage.green), 100);
    assert_eq!(stage.weights(), (100, 0));
    let call = stage.play.invoked.last().unwrap().clone();
    assert_eq!(call.payload["DeploymentId"], id.as_str());
    let execution = call.payload["LifecycleEventHookExecutionId"].clone();
    let say = |status: &str| {
        json!({
            "deploymentId": id, "lifecycleEventHookExecutionId": execution, "status": status,
        })
    };
    let put = "PutLifecycleEventHookExecutionStatus";
    assert_eq!(
        stage.code(put, say("Skipped")),
        "InvalidLifecycleEventHookExecutionStatusException"
    );
    assert_eq!(
        stage.ok(put, say("Succeeded"))["lifecycleEventHookExecutionId"],
        execution
    );
    assert_eq!(
        stage.code(put, say("Succeeded")),
        "LifecycleEventAlreadyCompletedException"
    );
    stage.until(&id, 600, "Succeeded");
    assert_eq!(stage.play.invoked.len(), 5);
}

fn waits(action: &str, minutes: u64) -> serde_json::Value {
    json!({"blueGreenDeploymentConfiguration": {
        "terminateBlueInstancesOnDeploymentSuccess": {
            "action": "TERMINATE", "terminationWaitTimeInMinutes": 60},
        "deploymentReadyOption": {"actionOnTimeout": action, "waitTimeInMinutes": minutes},
    }})
}

#[test]
fn a_ready_deployment_waits_for_somebody_before_any_traffic_goes() {
    let mut stage = Stage::new(FINE, waits("STOP_DEPLOYMENT", 60));
    let id = stage.deploy(&[], json!({}));
    let go = |wait: &str| json!({"deploymentId": id, "deploymentWaitType": wait});
    let not_ready = "DeploymentIsNotInReadyStateException";
    assert_eq!(
        stage.code("ContinueDeployment", go("READY_WAIT")),
        not_ready
    );
    stage.until(&id, 600, "Ready");
    assert_eq!(stage.weights(), (100, 0));
    assert_eq!(stage.weight(&stage.test, &stage.green), 100);
    stage.play.pass(30 * 60);
    assert_eq!(stage.status(&id), "Ready");
    assert_eq!(stage.target(&id)["status"], "Ready");
    assert_eq!(
        stage.code("ContinueDeployment", go("TERMINATION_WAIT")),
        not_ready
    );
    stage.ok("ContinueDeployment", go("READY_WAIT"));
    assert_eq!(stage.weights(), (0, 100));
    assert_eq!(stage.status(&id), "InProgress");

    stage.play.pass(60);
    assert_eq!(stage.status(&id), "InProgress", "blue is kept for an hour");
    stage.ok("ContinueDeployment", go("TERMINATION_WAIT"));
    assert_eq!(stage.status(&id), "Succeeded");
    assert_eq!(
        stage.code("ContinueDeployment", go("TERMINATION_WAIT")),
        "DeploymentAlreadyCompletedException"
    );
}

#[test]
fn both_task_sets_follow_the_services_count() {
    let mut stage = Stage::new(FINE, waits("CONTINUE_DEPLOYMENT", 0));
    let id = stage.deploy(&[], json!({}));
    stage.until_info(&id, 600, |i| {
        i["instanceTerminationWaitTimeStarted"] == true
    });
    stage.play.update(json!({"desiredCount": 3}));
    stage.play.pass(60);
    assert_eq!(stage.sets(), ["PRIMARY web:2 3", "ACTIVE web:1 3"]);
    assert_eq!(stage.play.service("s")["runningCount"], 6);
    let sets = stage.target(&id)["taskSetsInfo"].clone();
    assert_eq!(sets[0]["taskSetLabel"], "Blue");
    assert_eq!(sets[0]["trafficWeight"], 0.0);
    assert_eq!(sets[0]["targetGroup"]["name"], "blue");
    assert_eq!(sets[1]["taskSetLabel"], "Green");
    assert_eq!(sets[1]["trafficWeight"], 100.0);
    assert_eq!(sets[1]["runningCount"], 3);
    assert_eq!(sets[1]["status"], "PRIMARY");
}

#[test]
fn an_original_that_is_kept_alive_goes_with_the_next_deployment() {
    let mut stage = Stage::new(
        FINE,
        json!({"blueGreenDeploymentConfiguration": {
            "terminateBlueInstancesOnDeploymentSuccess": {"action": "KEEP_ALIVE"},
            "deploymentReadyOption": {"actionOnTimeout": "CONTINUE_DEPLOYMENT"},
        }}),
    );
    let first = stage.deploy(&[], json!({}));
    stage.until(&first, 600, "Succeeded");
    stage.play.pass(600);
    assert_eq!(stage.sets(), ["PRIMARY web:2 2", "ACTIVE web:1 2"]);
    let second = stage.deploy(&[], json!({}));
    assert_eq!(
        stage.sets(),
        ["PRIMARY web:2 2", "DRAINING web:1 0", "ACTIVE web:3 2"]
    );
    stage.until(&second, 600, "Succeeded");
    assert_eq!(stage.weights(), (100, 0));
}
