//! Lifecycle hooks.

use serde_json::{Value, json};

use super::crossing::{
    Trace, blue_green, canary, deploy, pass_until_stage, pass_until_state, stable, stage, state,
    with,
};
use crate::world::ecs::script::{FINE, Play};

fn function(stages: Value) -> Value {
    json!({
        "hookTargetArn": "arn:aws:lambda:us-east-1:123456789012:function:check",
        "roleArn": "arn:aws:iam::123456789012:role/r", "lifecycleStages": stages,
        "hookDetails": {"bucket": "b"},
    })
}

fn pause(stages: Value, minutes: u32, action: &str) -> Value {
    json!({
        "targetType": "PAUSE", "lifecycleStages": stages,
        "timeoutConfiguration": {"timeoutInMinutes": minutes, "action": action},
    })
}

/// A stable service that has these hooks from its second deployment on.
fn hooked(configuration: Value, hooks: Value) -> Play<Trace> {
    let (mut play, _) = stable(configuration.clone(), FINE);
    let configuration = with(configuration, json!({"lifecycleHooks": hooks}));
    play.update(json!({"deploymentConfiguration": configuration}));
    play.answer_functions(|_| Some((2, Ok(json!({"hookStatus": "SUCCEEDED"})))));
    play
}

fn stages(play: &Play<Trace>) -> Vec<String> {
    let of = |payload: &Value| payload["lifecycleStage"].as_str().unwrap().to_owned();
    play.invoked.iter().map(|call| of(&call.payload)).collect()
}

const EVERY_STAGE: [&str; 7] = [
    "PRE_SCALE_UP",
    "POST_SCALE_UP",
    "TEST_TRAFFIC_SHIFT",
    "POST_TEST_TRAFFIC_SHIFT",
    "PRE_PRODUCTION_TRAFFIC_SHIFT",
    "PRODUCTION_TRAFFIC_SHIFT",
    "POST_PRODUCTION_TRAFFIC_SHIFT",
];

#[test]
fn a_function_is_called_in_every_stage_that_it_is_for() {
    let mut play = hooked(blue_green(1), json!([function(json!(EVERY_STAGE))]));
    deploy(&mut play);
    pass_until_state(&mut play, 900, "SUCCESSFUL");
    assert_eq!(stages(&play), EVERY_STAGE);
    let record = play.service_deployment(0);
    let details = record["lifecycleHookDetails"].as_array().unwrap();
    assert_eq!(details.len(), 7);
    assert!(details.iter().all(|d| d["status"] == "SUCCEEDED"));
    assert!(details.iter().all(|d| d["targetType"] == "AWS_LAMBDA"));
}

#[test]
fn the_event_says_where_the_traffic_goes() {
    let hooks = json!([function(json!([
        "TEST_TRAFFIC_SHIFT",
        "PRODUCTION_TRAFFIC_SHIFT"
    ]))]);
    let mut play = hooked(blue_green(1), hooks);
    deploy(&mut play);
    pass_until_state(&mut play, 900, "SUCCESSFUL");
    let record = play.service_deployment(0);
    let green = record["targetServiceRevision"]["arn"].as_str().unwrap();
    let blue = record["sourceServiceRevisions"][0]["arn"].as_str().unwrap();
    let weights = json!({green: 100.0, blue: 0.0});
    let events: Vec<&Value> = play.invoked.iter().map(|call| &call.payload).collect();
    assert_eq!(events[0]["executionDetails"]["testTrafficWeights"], weights);
    assert_eq!(
        events[0]["executionDetails"]["productionTrafficWeights"],
        json!({})
    );
    assert_eq!(
        events[1]["executionDetails"]["productionTrafficWeights"],
        weights
    );
    assert_eq!(events[1]["resourceArn"], record["serviceDeploymentArn"]);
    assert_eq!(
        events[1]["executionDetails"]["targetServiceRevisionArn"],
        green
    );
    assert_eq!(events[1]["hookDetails"], json!({"bucket": "b"}));
}

#[test]
fn a_canary_calls_for_both_of_its_steps() {
    let hooks = json!([function(json!([
        "PRE_PRODUCTION_TRAFFIC_SHIFT",
        "PRODUCTION_TRAFFIC_SHIFT"
    ]))]);
    let mut play = hooked(canary(10.0, 5, 1), hooks);
    deploy(&mut play);
    pass_until_state(&mut play, 1800, "SUCCESSFUL");
    let both = ["PRE_PRODUCTION_TRAFFIC_SHIFT", "PRODUCTION_TRAFFIC_SHIFT"];
    assert_eq!(stages(&play), [both, both].concat());
}

#[test]
fn a_function_that_is_not_done_is_called_again_with_what_it_said() {
    let mut play = hooked(blue_green(0), json!([function(json!(["POST_SCALE_UP"]))]));
    let mut called = 0;
    play.answer_functions(move |_| {
        called += 1;
        let answer = match called {
            1 => json!({"hookStatus": "IN_PROGRESS", "hookDetails": {"seen": 1}}),
            2 => json!({"hookStatus": "IN_PROGRESS", "callBackDelay": 60}),
            _ => json!({"hookStatus": "SUCCEEDED"}),
        };
        Some((1, Ok(answer)))
    });
    deploy(&mut play);
    pass_until_stage(&mut play, 60, "POST_SCALE_UP");
    let record = play.service_deployment(0);
    assert_eq!(record["lifecycleHookDetails"][0]["status"], "IN_PROGRESS");
    // A second for each answer, half a minute by default, and a minute as it was told.
    assert_eq!(
        pass_until_stage(&mut play, 600, "CLEAN_UP"),
        1 + 30 + 1 + 60 + 1
    );
    let details: Vec<&Value> = play
        .invoked
        .iter()
        .map(|c| &c.payload["hookDetails"])
        .collect();
    assert_eq!(details[0], &json!({"bucket": "b"}));
    assert_eq!(details[1], &json!({"bucket": "b", "seen": 1}));
    assert_eq!(details[2], details[1]);
}

#[test]
fn a_bad_answer_rolls_back() {
    let in_time = |answer: Result<Value, String>| Some((1, answer));
    for (answer, part) in [
        (
            in_time(Ok(json!({"hookStatus": "FAILED"}))),
            "returned FAILED",
        ),
        (
            in_time(Ok(json!({"hookStatus": "FINE"}))),
            "no valid hookStatus",
        ),
        (in_time(Ok(json!(null))), "no valid hookStatus"),
        (
            in_time(Err("Function not found: f".into())),
            "Function not found: f",
        ),
        (None, "did not answer within 15 minutes"),
    ] {
        let mut play = hooked(
            blue_green(5),
            json!([function(json!(["POST_PRODUCTION_TRAFFIC_SHIFT"]))]),
        );
        play.answer_functions(move |_| answer.clone());
        deploy(&mut play);
        pass_until_state(&mut play, 1800, "ROLLBACK_SUCCESSFUL");
        let record = play.service_deployment(0);
        let reason = record["statusReason"].as_str().unwrap();
        assert!(
            reason.contains("POST_PRODUCTION_TRAFFIC_SHIFT") && reason.contains(part),
            "{reason}"
        );
        assert_eq!(record["lifecycleHookDetails"][0]["status"], "FAILED");
        assert_eq!(play.watch.seen.last().unwrap().production, (100, 0));
    }
}

#[test]
fn a_rollback_calls_the_functions_of_both_shifts_again() {
    let hooks = json!([function(json!(EVERY_STAGE))]);
    let mut play = hooked(blue_green(5), hooks);
    play.answer_functions(|call| {
        let fails = call.payload["lifecycleStage"] == "POST_PRODUCTION_TRAFFIC_SHIFT";
        let status = if fails { "FAILED" } else { "SUCCEEDED" };
        Some((1, Ok(json!({ "hookStatus": status }))))
    });
    deploy(&mut play);
    pass_until_state(&mut play, 1800, "ROLLBACK_SUCCESSFUL");
    let all = stages(&play);
    assert_eq!(all[7..], ["PRODUCTION_TRAFFIC_SHIFT", "TEST_TRAFFIC_SHIFT"]);
    let record = play.service_deployment(0);
    let green = record["targetServiceRevision"]["arn"].as_str().unwrap();
    let weights = &play.invoked[7].payload["executionDetails"]["productionTrafficWeights"];
    assert_eq!(weights[green], 0.0);
}

/// The id of the newest hook, and the ARN of its deployment.
fn newest_hook(play: &mut Play<Trace>) -> (String, Value) {
    let record = play.service_deployment(0);
    let details = record["lifecycleHookDetails"].as_array().unwrap();
    let id = details.last().unwrap()["hookId"]
        .as_str()
        .unwrap()
        .to_owned();
    (id, record["serviceDeploymentArn"].clone())
}

fn go_on(play: &mut Play<Trace>, action: Option<&str>) -> Result<Value, String> {
    let (id, arn) = newest_hook(play);
    let mut input = json!({"serviceDeploymentArn": arn, "hookId": id});
    if let Some(action) = action {
        input["action"] = json!(action);
    }
    play.try_ecs("ContinueServiceDeployment", input)
        .map_err(|e| format!("{}: {}", e.code, e.message))
}

#[test]
fn a_pause_lasts_until_somebody_continues() {
    let hooks = json!([pause(
        json!(["POST_TEST_TRAFFIC_SHIFT"]),
        20_160,
        "ROLLBACK"
    )]);
    let mut play = hooked(blue_green(0), hooks);
    deploy(&mut play);
    // Longer than a stage may take otherwise.
    play.pass(25 * 3600);
    assert_eq!(stage(&mut play), "POST_TEST_TRAFFIC_SHIFT");
    let record = play.service_deployment(0);
    let hook = &record["lifecycleHookDetails"][0];
    assert_eq!(hook["status"], "AWAITING_ACTION");
    assert_eq!(hook["targetType"], "PAUSE");
    assert_eq!(hook["timeoutAction"], "ROLLBACK");
    assert_eq!(hook.get("targetArn"), None);
    let answer = go_on(&mut play, None).unwrap();
    assert_eq!(
        answer["serviceDeploymentArn"],
        record["serviceDeploymentArn"]
    );
    assert_eq!(stage(&mut play), "CLEAN_UP");
    let again = go_on(&mut play, None).unwrap_err();
    assert!(
        again.starts_with("InvalidParameterException: ") && again.contains("AWAITING_ACTION"),
        "{again}"
    );
    pass_until_state(&mut play, 900, "SUCCESSFUL");
    let late = go_on(&mut play, None).unwrap_err();
    assert!(late.contains("its status is SUCCESSFUL"), "{late}");
}

#[test]
fn a_pause_can_be_answered_with_a_rollback() {
    let hooks = json!([pause(
        json!(["PRE_PRODUCTION_TRAFFIC_SHIFT"]),
        60,
        "CONTINUE"
    )]);
    let mut play = hooked(blue_green(5), hooks);
    deploy(&mut play);
    pass_until_stage(&mut play, 60, "PRE_PRODUCTION_TRAFFIC_SHIFT");
    go_on(&mut play, Some("ROLLBACK")).unwrap();
    assert_eq!(state(&mut play), "ROLLBACK_IN_PROGRESS");
    pass_until_state(&mut play, 900, "ROLLBACK_SUCCESSFUL");
}

#[test]
fn a_pause_that_nobody_answers_ends_as_configured() {
    for (action, end) in [
        ("CONTINUE", "SUCCESSFUL"),
        ("ROLLBACK", "ROLLBACK_SUCCESSFUL"),
    ] {
        let hooks = json!([pause(json!(["POST_SCALE_UP"]), 30, action)]);
        let mut play = hooked(blue_green(0), hooks);
        deploy(&mut play);
        pass_until_stage(&mut play, 60, "POST_SCALE_UP");
        play.pass(1790);
        assert_eq!(stage(&mut play), "POST_SCALE_UP");
        pass_until_state(&mut play, 900, end);
        let record = play.service_deployment(0);
        assert_eq!(record["lifecycleHookDetails"][0]["status"], "TIMED_OUT");
    }
}

#[test]
fn a_function_is_called_while_the_service_is_reconciled() {
    let hooks = json!([function(json!(["RECONCILE_SERVICE"]))]);
    let mut play = hooked(canary(10.0, 60, 0), hooks);
    deploy(&mut play);
    pass_until_stage(&mut play, 60, "PRODUCTION_TRAFFIC_SHIFT");
    assert!(play.invoked.is_empty(), "there was nothing to reconcile");
    deploy(&mut play);
    pass_until_state(&mut play, 7200, "SUCCESSFUL");
    assert_eq!(stages(&play), ["RECONCILE_SERVICE"]);
}

#[test]
fn a_stopped_deployment_awaits_nothing() {
    let hooks = json!([pause(json!(["POST_SCALE_UP"]), 30, "ROLLBACK")]);
    let mut play = hooked(blue_green(0), hooks);
    deploy(&mut play);
    pass_until_stage(&mut play, 60, "POST_SCALE_UP");
    let (_, arn) = newest_hook(&mut play);
    play.ecs(
        "StopServiceDeployment",
        json!({"serviceDeploymentArn": arn}),
    );
    let record = play.service_deployment(0);
    assert_eq!(record["lifecycleHookDetails"][0]["status"], "FAILED");
    pass_until_state(&mut play, 900, "ROLLBACK_SUCCESSFUL");
}

#[test]
fn nobody_continues_what_is_not_there() {
    let hooks = json!([pause(json!(["POST_SCALE_UP"]), 30, "ROLLBACK")]);
    let mut play = hooked(blue_green(0), hooks);
    deploy(&mut play);
    pass_until_stage(&mut play, 60, "POST_SCALE_UP");
    let (id, arn) = newest_hook(&mut play);
    for (input, code) in [
        (
            json!({"serviceDeploymentArn": "arn:none", "hookId": id}),
            "ServiceDeploymentNotFoundException",
        ),
        (
            json!({"serviceDeploymentArn": arn, "hookId": "ecs-pause-none"}),
            "InvalidParameterException",
        ),
    ] {
        assert_eq!(
            play.try_ecs("ContinueServiceDeployment", input)
                .unwrap_err()
                .code,
            code
        );
    }
}
