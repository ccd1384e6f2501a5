//! Requests and answers: what is kept, shown and refused.
#![allow(clippy::unwrap_used, clippy::expect_used)]

use std::collections::BTreeMap;

use ecs_pipeline_artifacts::app_spec::AppSpec;
use serde_json::{Value, json};

use super::stage::Stage;
use crate::world::ecs::script::FINE;
use crate::world::s3::Object;

/// The group `g` with one member replaced, under a name of its own.
fn group_with(stage: &Stage, member: &str, value: Value) -> Value {
    let mut input = stage.group(json!({"deploymentGroupName": "other"}));
    input[member] = value;
    input
}

#[test]
fn applications_groups_and_configurations_are_listed_and_deleted() {
    let mut stage = Stage::new(FINE, json!({}));
    let app = json!({"applicationName": "a"});
    assert_eq!(
        stage.ok("ListApplications", json!({}))["applications"],
        json!(["a"])
    );
    assert_eq!(
        stage.ok("ListDeploymentGroups", app.clone()),
        json!({"applicationName": "a", "deploymentGroups": ["g"]})
    );
    let again = stage.group(json!({}));
    assert_eq!(
        stage.code("CreateDeploymentGroup", again),
        "DeploymentGroupAlreadyExistsException"
    );
    let second = stage.group(json!({"deploymentGroupName": "h"}));
    assert_eq!(
        stage.code("CreateDeploymentGroup", second.clone()),
        "ECSServiceMappingLimitExceededException"
    );
    let group = json!({"applicationName": "a", "deploymentGroupName": "g"});
    stage.ok("DeleteDeploymentGroup", group.clone());
    assert_eq!(
        stage.code("GetDeploymentGroup", group.clone()),
        "DeploymentGroupDoesNotExistException"
    );
    stage.ok("CreateDeploymentGroup", second);
    stage.ok("DeleteApplication", app.clone());
    assert_eq!(
        stage.code("GetApplication", app),
        "ApplicationDoesNotExistException"
    );
    assert_eq!(
        stage.code("ListApplications", json!({"nextToken": "1"})),
        "InvalidNextTokenException"
    );
}

#[test]
fn other_compute_platforms_are_refused_by_name() {
    let mut stage = Stage::new(FINE, json!({}));
    for (platform, code) in [
        (json!("Lambda"), "NotImplemented"),
        (json!("Server"), "NotImplemented"),
        (Value::Null, "NotImplemented"),
        (json!("Mainframe"), "InvalidComputePlatformException"),
    ] {
        let input = json!({"applicationName": "b", "computePlatform": platform});
        assert_eq!(stage.code("CreateApplication", input), code);
    }
}

#[test]
fn a_group_is_shown_with_its_defaults() {
    let mut stage = Stage::new(FINE, json!({}));
    let name = json!({"applicationName": "a", "deploymentGroupName": "g"});
    let info = stage.ok("GetDeploymentGroup", name.clone())["deploymentGroupInfo"].clone();
    assert_eq!(
        info["deploymentConfigName"],
        "CodeDeployDefault.ECSAllAtOnce"
    );
    assert_eq!(info["computePlatform"], "ECS");
    let blue_green = &info["blueGreenDeploymentConfiguration"];
    assert_eq!(blue_green["deploymentReadyOption"]["waitTimeInMinutes"], 0);
    assert_eq!(info["ecsServices"][0]["serviceName"], "s");
    assert_eq!(info["autoRollbackConfiguration"]["enabled"], false);
    assert!(info["lastAttemptedDeployment"].is_null());

    let id = stage.deploy(&[], json!({}));
    stage.until(&id, 1200, "Succeeded");
    let info = stage.ok("GetDeploymentGroup", name)["deploymentGroupInfo"].clone();
    assert_eq!(info["lastAttemptedDeployment"]["deploymentId"], id.as_str());
    assert_eq!(info["lastSuccessfulDeployment"]["status"], "Succeeded");
    assert_eq!(info["targetRevision"], stage.get(&id)["revision"]);
}

#[test]
fn a_group_is_changed_member_by_member_and_renamed() {
    let mut stage = Stage::new(FINE, json!({}));
    let id = stage.deploy(&[], json!({}));
    let canary = "CodeDeployDefault.ECSCanary10Percent5Minutes";
    stage.ok(
        "UpdateDeploymentGroup",
        json!({
        "applicationName": "a", "currentDeploymentGroupName": "g",
        "newDeploymentGroupName": "h", "deploymentConfigName": canary}),
    );
    let name = json!({"applicationName": "a", "deploymentGroupName": "h"});
    let info = stage.ok("GetDeploymentGroup", name.clone())["deploymentGroupInfo"].clone();
    assert_eq!(info["deploymentConfigName"], canary);
    assert_eq!(info["ecsServices"][0]["clusterName"], "c");
    assert_eq!(
        stage.ok("ListDeployments", name)["deployments"],
        json!([id])
    );
    assert_eq!(
        stage.get(&id)["deploymentConfigName"],
        "CodeDeployDefault.ECSAllAtOnce",
        "a deployment goes by the group as it was"
    );
    let unknown = json!({
        "applicationName": "a", "currentDeploymentGroupName": "h", "deploymentConfigName": "x"});
    assert_eq!(
        stage.code("UpdateDeploymentGroup", unknown),
        "DeploymentConfigDoesNotExistException"
    );
}

#[test]
fn a_group_that_cannot_deploy_to_ecs_is_refused() {
    let mut stage = Stage::new(FINE, json!({}));
    let pairs = |pair: Value| json!({"targetGroupPairInfoList": [pair]});
    let two = json!([{"name": "blue"}, {"name": "green"}]);
    let listener = json!({"listenerArns": ["arn:l"]});
    let blue_green = |action: &str, minutes: u64, ready: &str| {
        json!({
            "terminateBlueInstancesOnDeploymentSuccess": {
                "action": action, "terminationWaitTimeInMinutes": minutes},
            "deploymentReadyOption": {"actionOnTimeout": ready},
        })
    };
    let continues = "CONTINUE_DEPLOYMENT";
    for (member, value, stem) in [
        ("serviceRoleArn", Value::Null, "RoleRequired"),
        ("deploymentStyle", Value::Null, "InvalidDeploymentStyle"),
        (
            "deploymentStyle",
            json!({"deploymentType": "IN_PLACE", "deploymentOption": "WITH_TRAFFIC_CONTROL"}),
            "InvalidDeploymentStyle",
        ),
        ("ecsServices", json!([]), "InvalidECSService"),
        ("loadBalancerInfo", Value::Null, "InvalidLoadBalancerInfo"),
        (
            "loadBalancerInfo",
            pairs(json!({"targetGroups": [{"name": "blue"}], "prodTrafficRoute": listener})),
            "InvalidTargetGroupPair",
        ),
        (
            "loadBalancerInfo",
            pairs(
                json!({"targetGroups": [{"name": "x"}, {"name": "x"}], "prodTrafficRoute": listener}),
            ),
            "InvalidTargetGroupPair",
        ),
        (
            "loadBalancerInfo",
            pairs(json!({"targetGroups": two})),
            "InvalidLoadBalancerInfo",
        ),
        (
            "blueGreenDeploymentConfiguration",
            Value::Null,
            "InvalidBlueGreenDeploymentConfiguration",
        ),
        (
            "blueGreenDeploymentConfiguration",
            blue_green("TERMINATE", 2801, continues),
            "InvalidBlueGreenDeploymentConfiguration",
        ),
        (
            "blueGreenDeploymentConfiguration",
            blue_green("DELETE", 1, continues),
            "InvalidBlueGreenDeploymentConfiguration",
        ),
        (
            "blueGreenDeploymentConfiguration",
            blue_green("TERMINATE", 1, "GO"),
            "InvalidBlueGreenDeploymentConfiguration",
        ),
        (
            "alarmConfiguration",
            json!({"enabled": true}),
            "InvalidAlarmConfig",
        ),
        (
            "autoRollbackConfiguration",
            json!({"enabled": true, "events": []}),
            "InvalidAutoRollbackConfig",
        ),
        (
            "autoRollbackConfiguration",
            json!({"enabled": true, "events": ["FULL_MOON"]}),
            "InvalidAutoRollbackConfig",
        ),
        (
            "deploymentConfigName",
            json!("x"),
            "DeploymentConfigDoesNotExist",
        ),
    ] {
        let input = group_with(&stage, member, value.clone());
        assert_eq!(
            stage.code("CreateDeploymentGroup", input),
            format!("{stem}Exception"),
            "{member}: {value}"
        );
    }
}

#[test]
fn a_configuration_of_ones_own_routes_traffic() {
    let mut stage = Stage::new(FINE, json!({}));
    let linear = |percent: u32| {
        json!({
            "deploymentConfigName": "half", "computePlatform": "ECS",
            "trafficRoutingConfig": {
                "type": "TimeBasedLinear",
                "timeBasedLinear": {"linearPercentage": percent, "linearInterval": 2},
            },
        })
    };
    let invalid = "InvalidTrafficRoutingConfigurationException";
    assert_eq!(stage.code("CreateDeploymentConfig", linear(100)), invalid);
    stage.ok("CreateDeploymentConfig", linear(50));
    assert_eq!(
        stage.code("CreateDeploymentConfig", linear(50)),
        "DeploymentConfigAlreadyExistsException"
    );
    let named = json!({"deploymentConfigName": "half"});
    let info = stage.ok("GetDeploymentConfig", named.clone())["deploymentConfigInfo"].clone();
    assert_eq!(
        info["trafficRoutingConfig"],
        linear(50)["trafficRoutingConfig"]
    );
    stage.deploy(&[], named);
    stage.play.pass(60);
    assert_eq!(stage.weights(), (50, 50));
    stage.play.pass(120);
    assert_eq!(stage.weights(), (0, 100));
}

#[test]
fn create_deployment_refuses_what_it_cannot_deploy() {
    let mut stage = Stage::new(FINE, json!({}));
    let spec = AppSpec::new("web:1", "app", 80).to_json_string();
    let good = json!({"revisionType": "String", "string": {"content": spec}});
    let with = |extra: Value| {
        let mut input = json!({
            "applicationName": "a", "deploymentGroupName": "g", "revision": good});
        let members = input.as_object_mut().unwrap();
        members.extend(extra.as_object().unwrap().clone());
        input
    };
    for (extra, code) in [
        (json!({"applicationName": null}), "ApplicationNameRequired"),
        (json!({"applicationName": "x"}), "ApplicationDoesNotExist"),
        (
            json!({"deploymentGroupName": null}),
            "DeploymentGroupNameRequired",
        ),
        (
            json!({"deploymentGroupName": "x"}),
            "DeploymentGroupDoesNotExist",
        ),
        (json!({"revision": null}), "RevisionRequired"),
        (
            json!({"revision": {"revisionType": "GitHub"}}),
            "InvalidRevision",
        ),
        (
            json!({"revision": {"revisionType": "S3", "s3Location": {
                "bucket": "b", "key": "k", "bundleType": "YAML"}}}),
            "RevisionDoesNotExist",
        ),
        (
            json!({"deploymentConfigName": "x"}),
            "DeploymentConfigDoesNotExist",
        ),
        (
            json!({"description": "x".repeat(257)}),
            "DescriptionTooLong",
        ),
        (json!({"deploymentMode": "RESTART"}), "InvalidInput"),
        (
            json!({"autoRollbackConfiguration": {"enabled": true}}),
            "InvalidAutoRollbackConfig",
        ),
        (
            json!({"overrideAlarmConfiguration": {"enabled": true}}),
            "InvalidAlarmConfig",
        ),
    ] {
        assert_eq!(
            stage.code("CreateDeployment", with(extra.clone())),
            format!("{code}Exception"),
            "{extra}"
        );
    }
    assert_eq!(
        stage.ok("ListDeployments", json!({}))["deployments"],
        json!([])
    );
    stage.ok("CreateDeployment", with(json!({})));
}

#[test]
fn a_revision_may_be_an_object_of_s3() {
    let mut stage = Stage::new(FINE, json!({}));
    stage.play.register();
    let bytes = AppSpec::new("web:2", "app", 80).to_yaml_string();
    let object = Object {
        bytes: bytes.into_bytes().into(),
        etag: "e".into(),
        headers: BTreeMap::new(),
    };
    let (now, s3) = (stage.play.now, &mut stage.play.world.s3);
    s3.create_bucket(now, "bucket").unwrap();
    s3.put(now, "bucket", "appspec.yaml", object).unwrap();
    let at = |tag: &str| {
        json!({"revisionType": "S3", "s3Location": {
            "bucket": "bucket", "key": "appspec.yaml", "bundleType": "YAML", "eTag": tag}})
    };
    let input = |revision: Value| json!({"applicationName": "a", "deploymentGroupName": "g", "revision": revision});
    assert_eq!(
        stage.code("CreateDeployment", input(at("other"))),
        "RevisionDoesNotExistException"
    );
    let id = stage.ok("CreateDeployment", input(at("\"e\"")))["deploymentId"].clone();
    stage.until(id.as_str().unwrap(), 1200, "Succeeded");
    assert_eq!(stage.sets()[0], "PRIMARY web:2 2");
}

#[test]
fn revisions_are_registered_and_remembered() {
    let mut stage = Stage::new(FINE, json!({}));
    let spec = AppSpec::new("web:1", "app", 80).to_json_string();
    let revision = json!({"revisionType": "AppSpecContent", "appSpecContent": {"content": spec}});
    let asked = json!({"applicationName": "a", "revision": revision});
    assert_eq!(
        stage.code("GetApplicationRevision", asked.clone()),
        "RevisionDoesNotExistException"
    );
    let mut given = asked.clone();
    given["description"] = json!("first");
    stage.ok("RegisterApplicationRevision", given);
    let info = stage.ok("GetApplicationRevision", asked.clone())["revisionInfo"].clone();
    assert_eq!(info["description"], "first");
    assert!(info["firstUsedTime"].is_null());
    stage.ok(
        "CreateDeployment",
        json!({
        "applicationName": "a", "deploymentGroupName": "g", "revision": revision}),
    );
    let info = stage.ok("GetApplicationRevision", asked)["revisionInfo"].clone();
    assert_eq!(info["deploymentGroups"], json!(["g"]));
    assert!(info["firstUsedTime"].is_number());
}

#[test]
fn deployments_are_listed_newest_first_and_found_by_status_and_time() {
    let mut stage = Stage::new(FINE, json!({}));
    let first = stage.deploy(&[], json!({"description": "one"}));
    stage.until(&first, 1200, "Succeeded");
    let between = stage.play.now.epoch_seconds() + 5.0;
    stage.play.pass(10);
    let second = stage.deploy(&[], json!({}));
    for (input, expected) in [
        (json!({}), vec![&second, &first]),
        (
            json!({"applicationName": "a", "deploymentGroupName": "g"}),
            vec![&second, &first],
        ),
        (json!({"includeOnlyStatuses": ["Succeeded"]}), vec![&first]),
        (
            json!({"createTimeRange": {"start": between}}),
            vec![&second],
        ),
        (json!({"createTimeRange": {"end": between}}), vec![&first]),
    ] {
        assert_eq!(
            stage.ok("ListDeployments", input.clone())["deployments"],
            json!(expected),
            "{input}"
        );
    }
    assert_eq!(
        stage.code("ListDeployments", json!({"applicationName": "a"})),
        "DeploymentGroupNameRequiredException"
    );
    let ids = json!({"deploymentIds": [first, "d-UNKNOWN00", second]});
    let infos = stage.ok("BatchGetDeployments", ids)["deploymentsInfo"].clone();
    assert_eq!(infos.as_array().unwrap().len(), 2);
    assert_eq!(infos[0]["description"], "one");
    let many = json!({"deploymentIds": vec!["d-1"; 26]});
    assert_eq!(
        stage.code("BatchGetDeployments", many),
        "BatchLimitExceededException"
    );
}

#[test]
fn a_deployment_has_one_target() {
    let mut stage = Stage::new(FINE, json!({}));
    let id = stage.deploy(&[], json!({}));
    let listed = stage.ok("ListDeploymentTargets", json!({"deploymentId": id}));
    assert_eq!(listed["targetIds"], json!(["c:s"]));
    let one = stage.ok(
        "GetDeploymentTarget",
        json!({"deploymentId": id, "targetId": "c:s"}),
    );
    let target = &one["deploymentTarget"];
    assert_eq!(target["deploymentTargetType"], "ECSTarget");
    assert_eq!(target["ecsTarget"], stage.target(&id));
    let arn = stage.play.service("s")["serviceArn"].clone();
    assert_eq!(target["ecsTarget"]["targetArn"], arn);
    for (operation, input, code) in [
        (
            "GetDeploymentTarget",
            json!({"deploymentId": id}),
            "DeploymentTargetIdRequired",
        ),
        (
            "BatchGetDeploymentTargets",
            json!({"deploymentId": id, "targetIds": []}),
            "DeploymentTargetIdRequired",
        ),
        (
            "BatchGetDeploymentTargets",
            json!({"deploymentId": id, "targetIds": ["x"]}),
            "DeploymentTargetDoesNotExist",
        ),
    ] {
        assert_eq!(stage.code(operation, input), format!("{code}Exception"));
    }
}
