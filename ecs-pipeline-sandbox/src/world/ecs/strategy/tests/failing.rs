//! Deployments that fail, and go back.

use serde_json::json;

use super::crossing::{
    Crossing, Trace, blue_green, breaker, canary, deploy, linear, pass_until_stage,
    pass_until_state, stable, stage, state, with,
};
use crate::world::ecs::script::{FINE, Fate, Manner, Play};

fn alarms(rollback: bool) -> serde_json::Value {
    json!({"alarms": {"alarmNames": ["5xx", "latency"], "enable": true, "rollback": rollback}})
}

/// Blue serves alone, as if nothing had been.
fn assert_rolled_back(play: &mut Play<Trace>, crossing: &Crossing, blue: &str) {
    assert_eq!(state(play), "ROLLBACK_SUCCESSFUL");
    assert_eq!(
        crossing.weights(&play.world, &crossing.production),
        (100, 0)
    );
    assert_eq!(crossing.weights(&play.world, &crossing.test), (100, 0));
    let service = play.service("s");
    assert_eq!(service["deployments"].as_array().unwrap().len(), 1);
    assert_eq!(service["deployments"][0]["id"], blue);
    assert_eq!(service["deployments"][0]["rolloutState"], "COMPLETED");
    assert_eq!(service["runningCount"], 2);
    assert!(
        service["taskDefinition"]
            .as_str()
            .unwrap()
            .ends_with("web:1")
    );
    let record = play.service_deployment(0);
    let source = &record["sourceServiceRevisions"][0];
    assert_eq!(record["rollback"]["serviceRevisionArn"], source["arn"]);
    assert_eq!(source["requestedProductionTrafficWeight"], 100.0);
    assert_eq!(record["targetServiceRevision"]["runningTaskCount"], 0);
}

fn blue_of(play: &mut Play<Trace>) -> String {
    play.service("s")["deployments"][0]["id"]
        .as_str()
        .unwrap()
        .to_owned()
}

#[test]
fn tasks_that_never_become_healthy_trip_the_breaker_before_any_traffic() {
    for fate in [Fate::Exits(0), Fate::SickAfter(0), Fate::CannotPull] {
        let bad = Manner { slow: 1, fate };
        let (mut play, crossing) = stable(with(blue_green(5), breaker()), bad);
        let blue = blue_of(&mut play);
        let green = deploy(&mut play);
        pass_until_state(&mut play, 900, "ROLLBACK_SUCCESSFUL");
        assert_rolled_back(&mut play, &crossing, &blue);
        assert!(play.watch.seen.iter().all(|s| s.production == (100, 0)));
        let record = play.service_deployment(0);
        assert_eq!(record["deploymentCircuitBreaker"]["status"], "TRIGGERED");
        let events = play.events("s");
        let failed =
            format!("(service s) (deployment {green}) deployment failed: tasks failed to start.");
        assert!(events.contains(&failed), "{events:#?}");
        let back = format!("(service s) rolling back to deployment {blue}.");
        assert!(events.contains(&back), "{events:#?}");
    }
}

#[test]
fn without_a_breaker_the_stage_ends_after_a_day() {
    let bad = Manner {
        slow: 1,
        fate: Fate::SickAfter(0),
    };
    let (mut play, crossing) = stable(blue_green(5), bad);
    let blue = blue_of(&mut play);
    deploy(&mut play);
    play.pass(86_000);
    assert_eq!(
        (state(&mut play), stage(&mut play)),
        ("IN_PROGRESS", "SCALE_UP")
    );
    pass_until_state(&mut play, 1500, "ROLLBACK_SUCCESSFUL");
    assert_rolled_back(&mut play, &crossing, &blue);
    let reason = play.service_deployment(0)["statusReason"].clone();
    assert!(
        reason.as_str().unwrap().contains("SCALE_UP timed out"),
        "{reason}"
    );
}

#[test]
fn an_alarm_half_way_brings_all_traffic_back_at_once() {
    for configuration in [canary(10.0, 60, 5), linear(50.0, 60, 5)] {
        let (mut play, crossing) = stable(with(configuration, alarms(true)), FINE);
        play.alarm("5xx", "OK");
        let blue = blue_of(&mut play);
        deploy(&mut play);
        pass_until_stage(&mut play, 60, "PRODUCTION_TRAFFIC_SHIFT");
        let record = play.service_deployment(0);
        assert_eq!(record["alarms"]["status"], "MONITORING");
        play.pass(600);
        play.alarm("5xx", "ALARM");
        assert_eq!(
            crossing.weights(&play.world, &crossing.production),
            (100, 0),
            "at once"
        );
        assert_eq!(state(&mut play), "ROLLBACK_IN_PROGRESS");
        let record = play.service_deployment(0);
        assert_eq!(record["alarms"]["status"], "TRIGGERED");
        assert_eq!(record["alarms"]["triggeredAlarmNames"], json!(["5xx"]));
        assert_eq!(play.service("s")["deployments"][0]["id"], blue);
        pass_until_state(&mut play, 900, "ROLLBACK_SUCCESSFUL");
        assert_rolled_back(&mut play, &crossing, &blue);
        assert!(
            play.events("s")
                .iter()
                .any(|e| e.contains("deployment failed: alarm detected."))
        );
    }
}

#[test]
fn an_alarm_in_the_bake_time_still_counts() {
    let (mut play, crossing) = stable(with(blue_green(30), alarms(true)), FINE);
    let blue = blue_of(&mut play);
    deploy(&mut play);
    pass_until_stage(&mut play, 60, "BAKE_TIME");
    assert_eq!(
        crossing.weights(&play.world, &crossing.production),
        (0, 100)
    );
    play.alarm("latency", "ALARM");
    assert_eq!(
        crossing.weights(&play.world, &crossing.production),
        (100, 0)
    );
    pass_until_state(&mut play, 900, "ROLLBACK_SUCCESSFUL");
    assert_rolled_back(&mut play, &crossing, &blue);
}

#[test]
fn alarms_are_ignored_when_one_is_in_alarm_at_the_start() {
    let (mut play, _) = stable(with(blue_green(5), alarms(true)), FINE);
    play.alarm("5xx", "ALARM");
    deploy(&mut play);
    pass_until_stage(&mut play, 60, "BAKE_TIME");
    assert_eq!(play.service_deployment(0)["alarms"]["status"], "DISABLED");
    play.alarm("latency", "ALARM");
    pass_until_state(&mut play, 900, "SUCCESSFUL");
}

#[test]
fn without_rollback_everything_stays_as_it_was_when_the_alarm_went_off() {
    let (mut play, crossing) = stable(with(canary(10.0, 60, 5), alarms(false)), FINE);
    deploy(&mut play);
    pass_until_stage(&mut play, 60, "PRODUCTION_TRAFFIC_SHIFT");
    play.alarm("5xx", "ALARM");
    assert_eq!(state(&mut play), "STOPPED");
    play.pass(7200);
    assert_eq!(
        crossing.weights(&play.world, &crossing.production),
        (90, 10)
    );
    assert_eq!(play.service("s")["runningCount"], 4);
    // The next deployment clears up.
    play.alarm("5xx", "OK");
    deploy(&mut play);
    assert_eq!(
        crossing.weights(&play.world, &crossing.production),
        (100, 0)
    );
    assert_eq!(stage(&mut play), "RECONCILE_SERVICE");
    pass_until_state(&mut play, 7200, "SUCCESSFUL");
    assert_eq!(play.service("s")["runningCount"], 2);
}

#[test]
fn a_breaker_without_rollback_leaves_blue_alone() {
    let bad = Manner {
        slow: 1,
        fate: Fate::CannotPull,
    };
    let breaker = json!({"deploymentCircuitBreaker": {"enable": true, "rollback": false}});
    let (mut play, crossing) = stable(with(blue_green(5), breaker), bad);
    deploy(&mut play);
    pass_until_state(&mut play, 900, "STOPPED");
    play.pass(3600);
    assert_eq!(
        crossing.weights(&play.world, &crossing.production),
        (100, 0)
    );
    let service = play.service("s");
    assert_eq!(service["deployments"][0]["rolloutState"], "FAILED");
    assert_eq!(service["deployments"][0]["failedTasks"], 4, "two at a time");
    assert_eq!(service["deployments"][1]["runningCount"], 2);
}

#[test]
fn traffic_leaves_a_revision_whose_tasks_all_fail_their_health_checks() {
    // Healthy for ten minutes, and then all at once not any more.
    let sick = Manner {
        slow: 1,
        fate: Fate::SickAfter(600),
    };
    let (mut play, crossing) = stable(canary(10.0, 60, 5), sick);
    let blue = blue_of(&mut play);
    deploy(&mut play);
    pass_until_state(&mut play, 3600, "ROLLBACK_SUCCESSFUL");
    assert_rolled_back(&mut play, &crossing, &blue);
    let reason = play.service_deployment(0)["statusReason"].clone();
    assert!(
        reason.as_str().unwrap().contains("no task of the target"),
        "{reason}"
    );
}

fn stop(play: &mut Play<Trace>) -> Result<(), String> {
    let arn = play.service_deployment(0)["serviceDeploymentArn"].clone();
    let input = json!({"serviceDeploymentArn": arn, "stopType": "ROLLBACK"});
    play.try_ecs("StopServiceDeployment", input)
        .map(|_| ())
        .map_err(|e| e.code)
}

#[test]
fn stopping_half_way_rolls_back() {
    for (configuration, at) in [
        (canary(10.0, 60, 5), "PRODUCTION_TRAFFIC_SHIFT"),
        (linear(20.0, 5, 5), "PRODUCTION_TRAFFIC_SHIFT"),
        (blue_green(60), "BAKE_TIME"),
        (blue_green(60), "SCALE_UP"),
    ] {
        let (mut play, crossing) = stable(configuration, FINE);
        let blue = blue_of(&mut play);
        deploy(&mut play);
        pass_until_stage(&mut play, 60, at);
        assert_eq!(stop(&mut play), Ok(()));
        assert_eq!(
            crossing.weights(&play.world, &crossing.production),
            (100, 0)
        );
        assert_eq!(state(&mut play), "ROLLBACK_IN_PROGRESS");
        assert_eq!(stop(&mut play), Ok(()), "once more changes nothing");
        pass_until_state(&mut play, 900, "ROLLBACK_SUCCESSFUL");
        assert_rolled_back(&mut play, &crossing, &blue);
        assert_eq!(stop(&mut play), Err("ConflictException".into()));
        // And the next deployment finds everything in order.
        deploy(&mut play);
        pass_until_state(&mut play, 7200, "SUCCESSFUL");
        assert_eq!(
            crossing.weights(&play.world, &crossing.production),
            (0, 100)
        );
    }
}

#[test]
fn once_blue_goes_there_is_no_way_back() {
    let (mut play, crossing) = stable(blue_green(0), FINE);
    deploy(&mut play);
    pass_until_stage(&mut play, 60, "CLEAN_UP");
    assert_eq!(stop(&mut play), Err("ConflictException".into()));
    pass_until_state(&mut play, 900, "SUCCESSFUL");
    assert_eq!(
        crossing.weights(&play.world, &crossing.production),
        (0, 100)
    );
}

#[test]
fn a_first_deployment_has_nothing_to_go_back_to() {
    let bad = Manner {
        slow: 1,
        fate: Fate::Exits(0),
    };
    let mut play = Play::new(Trace::default(), move |_, _| bad);
    play.register();
    let crossing = Crossing::set_up(&mut play);
    let extra = json!({
        "loadBalancers": crossing.load_balancers(),
        "deploymentConfiguration": with(blue_green(5), breaker()),
    });
    play.create(1, extra);
    assert_eq!(stop(&mut play), Err("ConflictException".into()));
    pass_until_state(&mut play, 900, "ROLLBACK_FAILED");
    let record = play.service_deployment(0);
    let reason = "No rollback candidate was found to run the rollback.";
    assert_eq!(record["statusReason"], reason);
    assert_eq!(
        play.service("s")["deployments"][0]["rolloutState"],
        "FAILED"
    );
}

/// Deletes the listener with the production rule.
fn delete_listener(play: &mut Play<Trace>, crossing: &Crossing) {
    let listener = crossing.production.replace(":listener-rule/", ":listener/");
    let (listener, _) = listener.rsplit_once('/').unwrap();
    play.elbv2("DeleteListener", json!({"ListenerArn": listener}));
}

#[test]
fn a_rule_that_is_gone_fails_the_deployment() {
    for (when, end) in [
        ("SCALE_UP", "ROLLBACK_SUCCESSFUL"),
        ("PRODUCTION_TRAFFIC_SHIFT", "ROLLBACK_FAILED"),
    ] {
        let (mut play, crossing) = stable(canary(10.0, 10, 5), FINE);
        deploy(&mut play);
        pass_until_stage(&mut play, 60, when);
        delete_listener(&mut play, &crossing);
        pass_until_state(&mut play, 900, end);
        let failed = "deployment failed: traffic could not be shifted.";
        assert!(play.events("s").iter().any(|e| e.contains(failed)));
    }
}
