//! Deployments that go well.

use serde_json::json;

use super::crossing::{
    Crossing, blue_green, canary, deploy, linear, pass_until_stage, pass_until_state, stable, state,
};
use crate::world::ecs::script::{FINE, Play};

#[test]
fn a_new_service_has_all_traffic_on_its_primary_target_group_and_does_not_bake() {
    let mut play = Play::new((), |_, _| FINE);
    play.register();
    let crossing = Crossing::set_up(&mut play);
    let extra = json!({
        "loadBalancers": crossing.load_balancers(), "deploymentConfiguration": blue_green(30),
    });
    let created = play.create(2, extra);
    assert_eq!(created["deploymentConfiguration"]["strategy"], "BLUE_GREEN");
    let weights = crossing.weights(&play.world, &crossing.production);
    assert_eq!(weights, (100, 0));
    let took = play.pass_until(600, Play::is_completed);
    assert!(took < 30, "{took} s");
    let record = play.service_deployment(0);
    assert_eq!(record["status"], "SUCCESSFUL");
    assert_eq!(record["lifecycleStage"], "CLEAN_UP");
    assert_eq!(record["sourceServiceRevisions"], json!([]));
    let target = &record["targetServiceRevision"];
    assert_eq!(target["requestedProductionTrafficWeight"], 100.0);
    assert_eq!(
        play.events("s")[0],
        "(service s) has reached a steady state."
    );
}

#[test]
fn blue_green_goes_through_every_stage_and_shifts_all_at_once() {
    let (mut play, _) = stable(blue_green(5), FINE);
    let begun = play.now;
    let green = deploy(&mut play);
    pass_until_stage(&mut play, 60, "SCALE_UP");
    let record = play.service_deployment(0);
    assert_eq!(record["status"], "IN_PROGRESS");
    assert_eq!(record["targetServiceRevision"]["requestedTaskCount"], 2);
    assert_eq!(
        record["targetServiceRevision"]["requestedProductionTrafficWeight"],
        0.0
    );
    let source = &record["sourceServiceRevisions"][0];
    assert_eq!(source["requestedProductionTrafficWeight"], 100.0);
    assert_eq!(source["requestedTestTrafficWeight"], 100.0);
    assert_eq!(source["runningTaskCount"], 2);

    pass_until_stage(&mut play, 60, "BAKE_TIME");
    let service = play.service("s");
    assert_eq!(service["deployments"][0]["id"], green);
    assert_eq!(service["deployments"][0]["status"], "PRIMARY");
    assert_eq!(service["deployments"][0]["rolloutState"], "IN_PROGRESS");
    assert_eq!(service["deployments"][1]["runningCount"], 2);
    assert_eq!(service["runningCount"], 4);
    let baked = pass_until_stage(&mut play, 600, "CLEAN_UP");
    assert_eq!(baked, 300, "five minutes");
    pass_until_state(&mut play, 600, "SUCCESSFUL");
    assert!(play.is_completed());

    let stages: Vec<_> = play
        .watch
        .seen
        .iter()
        .skip(1)
        .map(|s| (s.stage, s.production, s.test))
        .collect();
    // Stages that take no time are not seen from outside.
    assert_eq!(
        stages,
        [
            ("SCALE_UP", (100, 0), (100, 0)),
            ("BAKE_TIME", (0, 100), (0, 100)),
            ("CLEAN_UP", (0, 100), (0, 100)),
        ]
    );
    let drained = play.now.since(begun).as_secs();
    assert!(
        (600..630).contains(&drained),
        "bake time and draining: {drained} s"
    );
    let events = play.events("s");
    assert_eq!(events[0], "(service s) has reached a steady state.");
    assert_eq!(
        events[1],
        format!("(service s) (deployment {green}) deployment completed.")
    );
}

#[test]
fn the_target_groups_change_places_with_every_deployment() {
    let (mut play, crossing) = stable(blue_green(0), FINE);
    for expected in [(0, 100), (100, 0), (0, 100)] {
        deploy(&mut play);
        pass_until_state(&mut play, 900, "SUCCESSFUL");
        assert_eq!(
            crossing.weights(&play.world, &crossing.production),
            expected
        );
        assert_eq!(crossing.weights(&play.world, &crossing.test), expected);
        let revision = play.service_deployment(0)["targetServiceRevision"]["arn"].clone();
        let input = json!({"serviceRevisionArns": [revision]});
        let found = play.ecs("DescribeServiceRevisions", input);
        let resolved = &found["serviceRevisions"][0]["resolvedConfiguration"]["loadBalancers"][0];
        let group = if expected.0 > 0 {
            &crossing.primary
        } else {
            &crossing.alternate
        };
        assert_eq!(resolved["targetGroupArn"], *group);
        assert_eq!(resolved["productionListenerRule"], crossing.production);
    }
}

#[test]
fn linear_shifts_in_equal_steps_and_bakes_between_them() {
    let (mut play, _) = stable(linear(30.0, 10, 2), FINE);
    deploy(&mut play);
    pass_until_state(&mut play, 3600, "SUCCESSFUL");
    let shifts: Vec<_> = play
        .watch
        .seen
        .iter()
        .filter(|s| s.production.1 > 0)
        .map(|s| (s.at, s.stage, s.production))
        .collect();
    let start = shifts[0].0;
    let relative: Vec<_> = shifts
        .iter()
        .map(|(at, stage, w)| (at - start, *stage, *w))
        .collect();
    assert_eq!(
        relative,
        [
            (0, "PRODUCTION_TRAFFIC_SHIFT", (70, 30)),
            (600, "PRODUCTION_TRAFFIC_SHIFT", (40, 60)),
            (1200, "PRODUCTION_TRAFFIC_SHIFT", (10, 90)),
            (1800, "BAKE_TIME", (0, 100)),
            (1920, "CLEAN_UP", (0, 100)),
        ]
    );
}

#[test]
fn a_canary_may_bake_for_an_hour() {
    let (mut play, crossing) = stable(canary(12.5, 60, 1), FINE);
    deploy(&mut play);
    pass_until_stage(&mut play, 60, "PRODUCTION_TRAFFIC_SHIFT");
    assert_eq!(
        crossing.weights(&play.world, &crossing.production),
        (875, 125)
    );
    let record = play.service_deployment(0);
    let (target, source) = (
        &record["targetServiceRevision"],
        &record["sourceServiceRevisions"][0],
    );
    assert_eq!(target["requestedProductionTrafficWeight"], 12.5);
    assert_eq!(source["requestedProductionTrafficWeight"], 87.5);
    assert_eq!(target["requestedTestTrafficWeight"], 100.0);
    assert_eq!(source["requestedTestTrafficWeight"], 0.0);
    assert_eq!(pass_until_stage(&mut play, 7200, "BAKE_TIME"), 3600);
    assert_eq!(
        crossing.weights(&play.world, &crossing.production),
        (0, 100)
    );
    assert_eq!(pass_until_stage(&mut play, 7200, "CLEAN_UP"), 60);
    pass_until_state(&mut play, 900, "SUCCESSFUL");
}

#[test]
fn waiting_does_not_wake_the_world_more_often_than_the_health_checks_do() {
    let (mut play, _) = stable(canary(5.0, 1440, 0), FINE);
    deploy(&mut play);
    pass_until_stage(&mut play, 60, "PRODUCTION_TRAFFIC_SHIFT");
    let next = play.world.next_wakeup().unwrap().since(play.now);
    assert!(next.as_secs_f64() > 0.0 && next.as_secs() <= 30, "{next:?}");
}

#[test]
fn both_sides_follow_the_desired_count() {
    let (mut play, _) = stable(blue_green(10), FINE);
    deploy(&mut play);
    pass_until_stage(&mut play, 60, "BAKE_TIME");
    play.update(json!({"desiredCount": 3}));
    play.pass(60);
    let service = play.service("s");
    for side in [0, 1] {
        assert_eq!(service["deployments"][side]["runningCount"], 3, "{side}");
    }
    play.update(json!({"desiredCount": 1}));
    pass_until_state(&mut play, 1800, "SUCCESSFUL");
    assert_eq!(play.service("s")["runningCount"], 1);
    play.update(json!({"desiredCount": 4}));
    play.pass(60);
    assert_eq!(
        play.service("s")["runningCount"],
        4,
        "after the deployment, too"
    );
}

#[test]
fn a_service_without_tasks_deploys_all_the_same() {
    let (mut play, crossing) = stable(canary(10.0, 1, 1), FINE);
    play.update(json!({"desiredCount": 0}));
    play.pass(400);
    deploy(&mut play);
    assert_eq!(pass_until_state(&mut play, 900, "SUCCESSFUL"), 120);
    assert_eq!(
        crossing.weights(&play.world, &crossing.production),
        (0, 100)
    );
    play.update(json!({"desiredCount": 1}));
    play.pass(60);
    assert_eq!(play.service("s")["runningCount"], 1);
}

#[test]
fn without_a_load_balancer_blue_green_only_bakes() {
    let mut play = Play::new((), |_, _| FINE);
    play.register();
    play.create(1, json!({"deploymentConfiguration": blue_green(5)}));
    play.pass_until(600, Play::is_completed);
    deploy(&mut play);
    pass_until_stage(&mut play, 120, "BAKE_TIME");
    let target = play.service_deployment(0)["targetServiceRevision"].clone();
    assert_eq!(target.get("requestedProductionTrafficWeight"), None);
    pass_until_state(&mut play, 600, "SUCCESSFUL");
}

#[test]
fn going_back_after_success_is_one_more_deployment() {
    let (mut play, crossing) = stable(blue_green(1), FINE);
    deploy(&mut play);
    pass_until_state(&mut play, 900, "SUCCESSFUL");
    play.update(json!({"taskDefinition": "web:1"}));
    pass_until_state(&mut play, 900, "SUCCESSFUL");
    assert_eq!(
        crossing.weights(&play.world, &crossing.production),
        (100, 0)
    );
    let definition = play.service("s")["taskDefinition"].clone();
    assert!(definition.as_str().unwrap().ends_with("web:1"));
    assert_eq!(state(&mut play), "SUCCESSFUL");
}
