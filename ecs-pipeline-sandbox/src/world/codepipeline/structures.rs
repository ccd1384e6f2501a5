//! What CreatePipeline refuses.
#![allow(clippy::unwrap_used)]

use serde_json::{Value, json};

use super::stage::{Stage, approve, blue_green, build, pipeline, rolling, source};
use crate::world::ecs::script::FINE;

/// A whole pipeline with a change.
fn changed(change: impl FnOnce(&mut Value)) -> Value {
    let mut declared = pipeline(&[source(), build(), rolling()]);
    change(&mut declared);
    declared
}

/// The same, with a change of the action of a stage.
fn action(stage: usize, change: impl FnOnce(&mut Value)) -> Value {
    changed(|declared| change(&mut declared["stages"][stage]["actions"][0]))
}

fn configured(member: &str, value: Value) -> Value {
    action(2, |ship| ship["configuration"][member] = value)
}

fn assert_refused(declared: Value, code: &str, told: &str) {
    let mut stage = Stage::rolling(FINE);
    let error = stage.ask("CreatePipeline", json!({"pipeline": declared}));
    let error = error.expect_err(told);
    assert_eq!(error.code, code, "{error}");
    assert!(error.message.contains(told), "{told}: {error}");
    let listed = stage.ok("ListPipelines", json!({}));
    assert_eq!(listed["pipelines"], json!([]), "nothing was created");
}

#[test]
fn a_pipeline_has_a_name_a_role_a_bucket_and_two_stages() {
    let structure = "InvalidStructureException";
    assert_refused(
        changed(|p| p["name"] = json!("a b")),
        "ValidationException",
        "pipeline.name",
    );
    assert_refused(
        changed(|p| p["roleArn"] = json!("role")),
        "ValidationException",
        "roleArn",
    );
    assert_refused(
        changed(|p| p["artifactStore"] = Value::Null),
        structure,
        "artifactStore",
    );
    assert_refused(
        pipeline(&[source()]),
        structure,
        "Pipeline has only 1 stage(s). There should be a minimum of 2 stages in a pipeline",
    );
    assert_refused(
        pipeline(&[build(), source()]),
        structure,
        "Pipeline should start with a stage that only contains source actions",
    );
    let mut late = source();
    late["name"] = json!("Late");
    assert_refused(
        pipeline(&[source(), late]),
        structure,
        "is not in the first stage",
    );
}

#[test]
fn a_stage_has_a_name_of_its_own_and_actions() {
    let stage = "InvalidStageDeclarationException";
    assert_refused(
        pipeline(&[source(), approve(), approve()]),
        stage,
        "name Approve",
    );
    assert_refused(
        changed(|p| p["stages"][1]["actions"] = json!([])),
        stage,
        "The stage Build must have at least one action",
    );
}

#[test]
fn an_action_has_a_type_artifacts_and_a_configuration() {
    for (declared, told) in [
        (
            action(0, |fetch| {
                fetch["actionTypeId"]["provider"] = json!("CodeCommit")
            }),
            "ActionType (Category: 'Source', Provider: 'CodeCommit', Owner: 'AWS', Version: '1') in action 'Fetch' is not available in region 'US_EAST_1': the sandbox does not implement it",
        ),
        (
            action(2, |ship| ship["inputArtifacts"] = json!([])),
            "Action Ship declares 0 input artifacts which is less than the minimum count (1)",
        ),
        (
            action(2, |ship| ship["outputArtifacts"] = json!([{"name": "x"}])),
            "Action Ship declares 1 output artifacts which is greater than the maximum count (0)",
        ),
        (
            action(2, |ship| {
                ship["inputArtifacts"] = json!([{"name": "Nothing"}])
            }),
            "Input Artifact Bundle Nothing in action Ship is not declared as Output Artifact Bundle in any of the preceding actions",
        ),
        (
            action(1, |make| {
                make["outputArtifacts"] = json!([{"name": "SourceArtifact"}])
            }),
            "SourceArtifact has been used more than once",
        ),
        (
            action(2, |ship| {
                ship["configuration"] = json!({"ClusterName": "c"})
            }),
            "Action configuration for action 'Ship' is missing required configuration 'ServiceName'",
        ),
        (
            configured("TimeOut", json!("5")),
            "Action configuration for action 'Ship' contains unknown configuration 'TimeOut'",
        ),
        (
            configured("DeploymentTimeout", json!("61")),
            "1 to 60 minutes",
        ),
        (
            configured("FileName", json!("#{Nobody.FILE}")),
            "namespace that does not exist. Nobody",
        ),
        (
            action(1, |make| make["namespace"] = json!("SourceVariables")),
            "The namespace SourceVariables of action Make is taken",
        ),
    ] {
        assert_refused(declared, "InvalidActionDeclarationException", told);
    }
    assert_refused(
        action(2, |ship| ship["timeoutInMinutes"] = json!(1)),
        "ValidationException",
        "timeoutInMinutes",
    );
    assert_refused(
        action(2, |ship| ship["region"] = json!("eu-west-1")),
        "NotImplemented",
        "another Region: eu-west-1",
    );
}

#[test]
fn an_image_of_blue_green_has_an_artifact_and_a_placeholder() {
    let with = |change: &[(&str, Value)]| {
        let mut last = blue_green();
        for (member, value) in change {
            last["actions"][0]["configuration"][*member] = value.clone();
        }
        pipeline(&[source(), build(), last])
    };
    let refused = "InvalidActionDeclarationException";
    for (change, told) in [
        (
            ("Image2ContainerName", json!("IMAGE2_NAME")),
            "has 'Image2ContainerName' without 'Image2ArtifactName'",
        ),
        (
            ("Image2ArtifactName", json!("x")),
            "without 'Image2ContainerName'",
        ),
        (
            ("AppSpecTemplateArtifact", json!("SourceArtifact")),
            "not among its input artifacts",
        ),
    ] {
        assert_refused(with(&[change]), refused, told);
    }
}
