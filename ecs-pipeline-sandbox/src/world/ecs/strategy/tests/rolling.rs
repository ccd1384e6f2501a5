//! Alarms and bake time of rolling deployments.

use serde_json::{Value, json};

use super::crossing::{deploy, pass_until_state, state};
use crate::world::ecs::script::{FINE, Play};

fn stable(configuration: Value) -> Play {
    let mut play = Play::new((), |_, _| FINE);
    play.register();
    play.create(1, json!({"deploymentConfiguration": configuration}));
    play.pass_until(900, Play::is_completed);
    play
}

fn with_alarm(rollback: bool) -> Value {
    json!({"alarms": {"alarmNames": ["5xx"], "enable": true, "rollback": rollback}})
}

#[test]
fn a_deployment_with_alarms_bakes_before_it_is_complete() {
    let mut play = stable(with_alarm(true));
    deploy(&mut play);
    // 41 s to be healthy, and then the default bake time.
    assert_eq!(pass_until_state(&mut play, 600, "SUCCESSFUL"), 41 + 1 + 180);
    assert_eq!(
        play.service_deployment(0)["alarms"]["status"],
        "MONITORING_COMPLETE"
    );
    play.update(json!({"deploymentConfiguration": {"bakeTimeInMinutes": 10}}));
    deploy(&mut play);
    assert_eq!(pass_until_state(&mut play, 900, "SUCCESSFUL"), 41 + 1 + 600);
}

#[test]
fn an_alarm_in_the_bake_time_rolls_back() {
    let mut play = stable(with_alarm(true));
    deploy(&mut play);
    play.pass(120);
    assert_eq!(
        play.service("s")["deployments"][0]["rolloutState"],
        "IN_PROGRESS"
    );
    assert_eq!(
        play.service("s")["deployments"].as_array().unwrap().len(),
        1
    );
    play.alarm("5xx", "ALARM");
    assert_eq!(state(&mut play), "ROLLBACK_IN_PROGRESS");
    let events = play.events("s");
    assert!(
        events
            .iter()
            .any(|e| e.contains("deployment failed: alarm detected."))
    );
    // The alarm stays, and does not fail the rollback.
    pass_until_state(&mut play, 300, "ROLLBACK_SUCCESSFUL");
    let definition = play.service("s")["taskDefinition"].clone();
    assert!(definition.as_str().unwrap().ends_with("web:1"));
}

#[test]
fn an_alarm_without_rollback_stops_the_deployment() {
    let mut play = stable(with_alarm(false));
    deploy(&mut play);
    play.pass(5);
    play.alarm("5xx", "ALARM");
    assert_eq!(state(&mut play), "STOPPED");
    let primary = play.service("s")["deployments"][0].clone();
    assert_eq!(primary["rolloutState"], "FAILED");
    assert_eq!(
        primary["rolloutStateReason"],
        "ECS deployment failed: alarm detected."
    );
}

#[test]
fn an_alarm_that_is_there_at_the_start_is_ignored() {
    let mut play = stable(with_alarm(true));
    play.alarm("5xx", "ALARM");
    deploy(&mut play);
    pass_until_state(&mut play, 600, "SUCCESSFUL");
    assert_eq!(play.service_deployment(0)["alarms"]["status"], "DISABLED");
}
