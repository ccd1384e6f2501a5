//! What else may come in between: a newer deployment, another strategy, deletion.

use serde_json::json;

use super::crossing::{
    blue_green, canary, deploy, pass_until_stage, pass_until_state, stable, stage, state,
};
use crate::world::ecs::script::{FINE, Fate, Manner, Play};

#[test]
fn a_newer_deployment_takes_the_traffic_back_to_blue_first() {
    let (mut play, crossing) = stable(canary(10.0, 60, 5), FINE);
    deploy(&mut play);
    pass_until_stage(&mut play, 60, "PRODUCTION_TRAFFIC_SHIFT");
    assert_eq!(
        crossing.weights(&play.world, &crossing.production),
        (90, 10)
    );
    let newest = deploy(&mut play);
    assert_eq!(
        crossing.weights(&play.world, &crossing.production),
        (100, 0)
    );
    let superseded = play.service_deployment(1);
    assert_eq!(superseded["status"], "STOPPED");
    assert_eq!(
        superseded["statusReason"],
        "The service deployment was replaced by a newer one."
    );
    assert_eq!(stage(&mut play), "RECONCILE_SERVICE");
    assert_eq!(
        play.service("s")["deployments"].as_array().unwrap().len(),
        3
    );
    let reconciled = pass_until_stage(&mut play, 900, "SCALE_UP");
    assert!(
        (300..310).contains(&reconciled),
        "its targets drain: {reconciled} s"
    );
    pass_until_state(&mut play, 7200, "SUCCESSFUL");
    let service = play.service("s");
    assert_eq!(service["deployments"].as_array().unwrap().len(), 1);
    assert_eq!(service["deployments"][0]["id"], newest);
    assert_eq!(
        crossing.weights(&play.world, &crossing.production),
        (0, 100)
    );
    assert_eq!(play.service_deployment(1)["status"], "STOPPED");
}

#[test]
fn a_newer_deployment_while_blue_goes_builds_upon_green() {
    let (mut play, crossing) = stable(blue_green(0), FINE);
    deploy(&mut play);
    pass_until_stage(&mut play, 60, "CLEAN_UP");
    deploy(&mut play);
    assert_eq!(
        crossing.weights(&play.world, &crossing.production),
        (0, 100)
    );
    pass_until_state(&mut play, 1800, "SUCCESSFUL");
    assert_eq!(
        crossing.weights(&play.world, &crossing.production),
        (100, 0)
    );
    assert_eq!(play.service("s")["runningCount"], 2);
}

#[test]
fn a_newer_deployment_during_a_rollback_starts_from_blue() {
    let (mut play, crossing) = stable(blue_green(60), FINE);
    deploy(&mut play);
    pass_until_stage(&mut play, 60, "BAKE_TIME");
    let arn = play.service_deployment(0)["serviceDeploymentArn"].clone();
    play.ecs(
        "StopServiceDeployment",
        json!({"serviceDeploymentArn": arn}),
    );
    play.pass(10);
    deploy(&mut play);
    assert_eq!(play.service_deployment(1)["status"], "STOPPED");
    assert_eq!(
        crossing.weights(&play.world, &crossing.production),
        (100, 0)
    );
    pass_until_state(&mut play, 7200, "SUCCESSFUL");
    assert_eq!(
        crossing.weights(&play.world, &crossing.production),
        (0, 100)
    );
}

#[test]
fn a_broken_first_deployment_can_be_mended_by_the_next() {
    let bad = Manner {
        slow: 1,
        fate: Fate::Exits(1),
    };
    let mut play = Play::new(
        (),
        move |definition, _| if definition == "web:1" { bad } else { FINE },
    );
    play.register();
    let crossing = super::crossing::Crossing::set_up(&mut play);
    let extra = json!({
        "loadBalancers": crossing.load_balancers(), "deploymentConfiguration": blue_green(1),
    });
    play.create(1, extra);
    play.pass(120);
    deploy(&mut play);
    pass_until_state(&mut play, 1800, "SUCCESSFUL");
    assert_eq!(
        crossing.weights(&play.world, &crossing.production),
        (0, 100)
    );
}

#[test]
fn a_rolling_service_changes_to_blue_green_and_back() {
    let mut play = Play::new((), |_, _| FINE);
    play.register();
    let crossing = super::crossing::Crossing::set_up(&mut play);
    play.create(2, json!({"loadBalancers": crossing.load_balancers()}));
    play.pass_until(600, Play::is_completed);
    play.register();
    play.update(json!({"taskDefinition": "web", "deploymentConfiguration": blue_green(1)}));
    pass_until_state(&mut play, 1800, "SUCCESSFUL");
    assert_eq!(
        crossing.weights(&play.world, &crossing.production),
        (0, 100)
    );

    // Rolling goes on where the traffic is.
    play.register();
    play.update(
        json!({"taskDefinition": "web", "deploymentConfiguration": {"strategy": "ROLLING"}}),
    );
    play.pass_until(1800, |p| p.is_completed() && state(p) == "SUCCESSFUL");
    assert_eq!(
        crossing.weights(&play.world, &crossing.production),
        (0, 100)
    );
    let health = play.elbv2(
        "DescribeTargetHealth",
        json!({"TargetGroupArn": crossing.alternate}),
    );
    let healthy = health["TargetHealthDescriptions"].as_array().unwrap();
    let healthy = healthy
        .iter()
        .filter(|t| t["TargetHealth"]["State"] == "healthy");
    assert_eq!(healthy.count(), 2);
}

#[test]
fn a_rolling_deployment_ends_one_that_shifts_traffic() {
    let (mut play, crossing) = stable(canary(50.0, 60, 5), FINE);
    deploy(&mut play);
    pass_until_stage(&mut play, 60, "PRODUCTION_TRAFFIC_SHIFT");
    play.register();
    play.update(
        json!({"taskDefinition": "web", "deploymentConfiguration": {"strategy": "ROLLING"}}),
    );
    assert_eq!(
        crossing.weights(&play.world, &crossing.production),
        (100, 0)
    );
    assert_eq!(play.service_deployment(1)["status"], "STOPPED");
    pass_until_state(&mut play, 1800, "SUCCESSFUL");
    assert_eq!(
        crossing.weights(&play.world, &crossing.production),
        (100, 0)
    );
    play.pass(600);
    assert_eq!(play.service("s")["runningCount"], 2);
}

#[test]
fn a_service_can_be_deleted_half_way() {
    let (mut play, _) = stable(canary(10.0, 60, 5), FINE);
    deploy(&mut play);
    pass_until_stage(&mut play, 60, "PRODUCTION_TRAFFIC_SHIFT");
    play.ecs(
        "DeleteService",
        json!({"cluster": "c", "service": "s", "force": true}),
    );
    assert_eq!(state(&mut play), "STOPPED");
    play.pass(400);
    assert_eq!(play.service("s")["status"], "INACTIVE");
    assert_eq!(play.service("s")["runningCount"], 0);
}
