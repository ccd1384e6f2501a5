//! What each action does, and how it fails.
#![allow(clippy::unwrap_used)]

use serde_json::{Value, json};

use super::stage::{Stage, blue_green, build, built, deploy, rolling, source};
use crate::builds::BuildAnswer;
use crate::world::Service;
use crate::world::ecs::script::{FINE, Fate, Manner, Watch};
use crate::world::s3::{Object, Versioning};

const SICK: Manner = Manner {
    slow: 1,
    fate: Fate::SickAfter(0),
};

const IMAGES: (&str, &str) = (
    "imagedefinitions.json",
    r#"[{"name": "app", "imageUri": "repo/app:42"}]"#,
);

/// A task definition with a placeholder.
const DEFINITION: (&str, &str) = (
    "taskdef.json",
    r#"{"family": "web", "containerDefinitions": [{
        "name": "app", "image": "<IMAGE1_NAME>", "memory": 64,
        "portMappings": [{"containerPort": 80, "hostPort": 0}]}]}"#,
);

const APP_SPEC: (&str, &str) = (
    "appspec.yaml",
    "version: 0.0\nResources:\n  - TargetService:\n      Type: AWS::ECS::Service\n      Properties:\n        \
     TaskDefinition: <TASK_DEFINITION>\n        LoadBalancerInfo:\n          ContainerName: app\n          \
     ContainerPort: 80\n",
);

const DETAIL: (&str, &str) = ("imageDetail.json", r#"{"ImageURI": "repo/app:42"}"#);

/// Runs Source, Build and this stage with what a build made: why `Ship` failed.
fn failure<W: Watch>(mut stage: Stage<W>, last: Value, files: &[(&str, &str)]) -> String {
    stage.play.projects.insert("demo".into(), built(files));
    let id = stage.create(&[source(), build(), last]);
    stage.until(&id, 600, "Failed");
    assert_eq!(stage.runs().0, "web:1", "nothing was deployed");
    stage.error("Ship")
}

#[test]
fn what_the_rolling_action_cannot_deploy_fails_in_words() {
    let long = format!("[{}]", " ".repeat(100 * 1024));
    let other = r#"[{"name": "sidecar", "imageUri": "repo/app:42"}]"#;
    for (files, told) in [
        (
            vec![],
            "Did not find the image definition file imagedefinitions.json in the input artifacts ZIP file. Verify the file is stored in your pipeline's Amazon S3 artifact bucket: artifacts key: a-pipeline-with-a-lo/BuildArtif/",
        ),
        (
            vec![("imageDefinitions.json", IMAGES.1)],
            "Did not find the image definition file imagedefinitions.json",
        ),
        (
            vec![("imagedefinitions.json", DETAIL.1)],
            "The image definition file imagedefinitions.json contents invalid JSON format",
        ),
        (
            vec![("imagedefinitions.json", other)],
            "The AWS ECS container sidecar does not exist",
        ),
        (
            vec![("imagedefinitions.json", &long)],
            "and may have 102400",
        ),
    ] {
        let error = failure(Stage::rolling(FINE), rolling(), &files);
        assert!(error.contains(told), "{told}: {error}");
    }
    let nowhere = deploy("ECS", json!({"ClusterName": "c", "ServiceName": "none"}));
    let error = failure(Stage::rolling(FINE), nowhere, &[IMAGES]);
    assert_eq!(
        error,
        "The AWS ECS service none does not exist in the cluster c"
    );
    let error = failure(Stage::blue_green(FINE), rolling(), &[IMAGES]);
    assert!(
        error.contains("CODE_DEPLOY deployment controller"),
        "{error}"
    );
}

#[test]
fn the_rolling_action_does_not_see_that_ecs_gave_up() {
    let mut stage = Stage::rolling(SICK);
    stage.play.projects.insert("demo".into(), built(&[IMAGES]));
    let patient = deploy(
        "ECS",
        json!({"ClusterName": "c", "ServiceName": "s", "DeploymentTimeout": "55"}),
    );
    let id = stage.create(&[source(), build(), patient]);
    stage.play.pass_until(30 * 60, |play| {
        let newest = play.service_deployment(0);
        newest["status"] == "ROLLBACK_SUCCESSFUL"
    });
    assert_eq!(stage.runs(), ("web:1".into(), "repo/app:1".into()));
    assert_eq!(stage.action("Ship")["status"], "InProgress");
    let more = stage.until(&id, 60 * 60, "Failed");
    assert!(more > 20 * 60, "it waits on: {more}");
    let run = stage.action("Ship");
    let took = run["lastUpdateTime"].as_f64().unwrap() - run["startTime"].as_f64().unwrap();
    assert_eq!(took, 55.0 * 60.0);
    assert!(stage.error("Ship").ends_with("within 55 minutes"));
}

#[test]
fn the_copy_keeps_everything_but_the_images() {
    let mut stage = Stage::rolling(FINE);
    // Registered, but the service does not run it.
    stage
        .play
        .register_with(json!({"image": "repo/unused:1", "memory": 128}));
    stage.play.projects.insert("demo".into(), built(&[IMAGES]));
    let id = stage.create(&[source(), build(), rolling()]);
    stage.until(&id, 600, "Succeeded");
    assert_eq!(stage.runs(), ("web:3".into(), "repo/app:42".into()));
    let mut describe = |revision: &str| {
        let input = json!({"taskDefinition": revision});
        let mut found = stage.play.ecs("DescribeTaskDefinition", input);
        found["taskDefinition"]["containerDefinitions"][0].take()
    };
    let (mut before, after) = (describe("web:1"), describe("web:3"));
    before["image"] = json!("repo/app:42");
    assert_eq!(before, after);
}

#[test]
fn blue_green_fills_in_both_files_and_follows_codedeploy() {
    let mut stage = Stage::blue_green(FINE);
    let files = [DEFINITION, APP_SPEC, DETAIL];
    stage.play.projects.insert("demo".into(), built(&files));
    let id = stage.create(&[source(), build(), blue_green()]);
    stage.play.pass(60);
    assert_eq!(
        stage.action("Ship")["status"],
        "InProgress",
        "blue is kept for a while"
    );
    stage.until(&id, 1200, "Succeeded");
    assert_eq!(stage.runs(), ("web:2".into(), "repo/app:42".into()));
    let run = stage.action("Ship");
    let deployment = &run["output"]["executionResult"]["externalExecutionId"];
    let asked = stage.play.ask(
        Service::CodeDeploy,
        "GetDeployment",
        json!({"deploymentId": deployment}),
    );
    let info = asked.unwrap()["deploymentInfo"].take();
    assert_eq!(info["status"], "Succeeded");
    let content = info["revision"]["appSpecContent"]["content"]
        .as_str()
        .unwrap();
    assert!(
        content
            .contains("TaskDefinition: arn:aws:ecs:us-east-1:123456789012:task-definition/web:2\n")
    );
}

#[test]
fn what_blue_green_cannot_deploy_fails_in_words() {
    let definition =
        "Exception while trying to read the task definition artifact file from: BuildArtifact";
    let image = "Exception while trying to read the image artifact file from: BuildArtifact";
    for (files, told) in [
        (vec![APP_SPEC, DETAIL], definition),
        (vec![DEFINITION, APP_SPEC], image),
        (
            vec![DEFINITION, APP_SPEC, ("imageDetails.json", DETAIL.1)],
            image,
        ),
        (
            vec![DEFINITION, APP_SPEC, ("imageDetail.json", IMAGES.1)],
            image,
        ),
        (
            vec![DEFINITION, DETAIL],
            "Exception while trying to read the AppSpec artifact file from: BuildArtifact",
        ),
        (
            vec![("taskdef.json", "{"), APP_SPEC, DETAIL],
            "The task definition file taskdef.json of the artifact BuildArtifact is no JSON",
        ),
    ] {
        let error = failure(Stage::blue_green(FINE), blue_green(), &files);
        assert!(error.starts_with(told), "{told}: {error}");
    }
}

#[test]
fn an_artifact_of_blue_green_may_have_three_megabytes() {
    for (size, ends) in [
        (3 * 1024 * 1024, "Succeeded"),
        (3 * 1024 * 1024 + 1, "Failed"),
    ] {
        let mut stage = Stage::blue_green(FINE);
        let mut answer = built(&[DEFINITION, APP_SPEC, DETAIL]);
        let zip = answer
            .as_mut()
            .unwrap()
            .artifacts
            .get_mut("BuildArtifact")
            .unwrap();
        // What stands before a zip does not belong to it.
        *zip = [vec![0; size - zip.len()], zip.to_vec()].concat().into();
        stage.play.projects.insert("demo".into(), answer);
        let id = stage.create(&[source(), build(), blue_green()]);
        stage.until(&id, 1200, ends);
        if ends == "Failed" {
            assert_eq!(
                stage.error("Ship"),
                "Exception while trying to read the task definition artifact file from: BuildArtifact"
            );
        }
    }
}

#[test]
fn a_placeholder_that_no_artifact_fills_is_no_image() {
    let mut without = blue_green();
    let configuration = without["actions"][0]["configuration"]
        .as_object_mut()
        .unwrap();
    configuration.retain(|member, _| !member.starts_with("Image1"));
    let files = [DEFINITION, APP_SPEC, DETAIL];
    let error = failure(Stage::blue_green(FINE), without, &files);
    assert!(
        error.contains("Container.image contains invalid characters"),
        "{error}"
    );
}

#[test]
fn a_deployment_that_codedeploy_ends_fails_the_action() {
    let mut stage = Stage::blue_green(FINE);
    let unreadable = ("appspec.yaml", "version: 0.0\nos: linux\n");
    let files = [DEFINITION, unreadable, DETAIL];
    stage.play.projects.insert("demo".into(), built(&files));
    let id = stage.create(&[source(), build(), blue_green()]);
    stage.until(&id, 60, "Failed");
    let error = stage.error("Ship");
    assert!(error.starts_with("Deployment d-"), "{error}");
    assert!(
        error.contains(" Failed: The deployment failed because the AppSpec file"),
        "{error}"
    );

    let files = [DEFINITION, APP_SPEC, DETAIL];
    stage.play.projects.insert("demo".into(), built(&files));
    let id = stage.start();
    stage.play.pass(60);
    let deployment =
        stage.action("Ship")["output"]["executionResult"]["externalExecutionId"].clone();
    let stop = json!({"deploymentId": deployment, "autoRollbackEnabled": true});
    stage
        .play
        .ask(Service::CodeDeploy, "StopDeployment", stop)
        .unwrap();
    assert_eq!(stage.status(&id), "Failed");
    let error = stage.error("Ship");
    assert!(error.contains(" Stopped: "), "{error}");
}

#[test]
fn a_source_needs_a_bucket_with_versions_and_an_object() {
    let mut stage = Stage::rolling(FINE);
    let (s3, now) = stage.play.world.s3(stage.play.now);
    for bucket in ["plain", "empty"] {
        s3.create_bucket(now, bucket).unwrap();
    }
    s3.set_versioning("empty", Versioning::Enabled).unwrap();
    let app = Object::new("app".into());
    s3.put(now, "plain", "app.zip", app).unwrap();
    for (bucket, told) in [
        ("none", "There is no Amazon S3 bucket none"),
        ("plain", "The Amazon S3 bucket plain has no versions"),
        ("empty", "The object with key 'app.zip' does not exist"),
    ] {
        let mut fetch = source();
        fetch["actions"][0]["configuration"]["S3Bucket"] = json!(bucket);
        let id = stage.create(&[fetch, build()]);
        assert_eq!(stage.status(&id), "Failed");
        let error = stage.error("Fetch");
        assert!(error.starts_with(told), "{error}");
        stage.ok(
            "DeletePipeline",
            json!({"name": "a-pipeline-with-a-long-name"}),
        );
    }
    let (s3, _) = stage.play.world.s3(stage.play.now);
    s3.delete_bucket("artifacts").unwrap();
    stage.create(&[source(), build()]);
    let error = stage.error("Fetch");
    assert!(error.contains("artifact bucket artifacts"), "{error}");
}

#[test]
fn a_build_that_did_not_succeed_fails_its_action() {
    let failed = BuildAnswer {
        id: "demo:7".into(),
        message: "Phase: BUILD, Code: COMMAND_EXECUTION_ERROR".into(),
        ..BuildAnswer::default()
    };
    let mut empty = built(&[]);
    empty.as_mut().unwrap().artifacts.clear();
    for (answer, told) in [
        (
            Some(Some(failed)),
            "Build terminated with state: FAILED. Phase: BUILD, Code: COMMAND_EXECUTION_ERROR",
        ),
        (
            Some(empty),
            "The build succeeded without the output artifact BuildArtifact",
        ),
        (
            None,
            "Error calling startBuild: Project cannot be found: arn:aws:codebuild:us-east-1:123456789012:project/demo",
        ),
    ] {
        let mut stage = Stage::rolling(FINE);
        stage.play.projects.clear();
        stage
            .play
            .projects
            .extend(answer.map(|answer| ("demo".to_owned(), answer)));
        let id = stage.create(&[source(), build(), rolling()]);
        stage.until(&id, 60, "Failed");
        let error = stage.error("Make");
        assert!(error.starts_with(told), "{error}");
    }
}

#[test]
fn a_build_gets_its_primary_source_first() {
    let mut stage = Stage::rolling(FINE);
    let mut fetch = source();
    let mut second = fetch["actions"][0].clone();
    second["name"] = json!("FetchMore");
    second["outputArtifacts"] = json!([{"name": "More"}]);
    second["namespace"] = Value::Null;
    fetch["actions"].as_array_mut().unwrap().push(second);
    let mut making = build();
    making["actions"][0]["inputArtifacts"] = json!([{"name": "SourceArtifact"}, {"name": "More"}]);
    making["actions"][0]["configuration"]["PrimarySource"] = json!("More");
    stage.create(&[fetch, making]);
    let asked = &stage.play.built[0];
    let names: Vec<&str> = asked
        .sources
        .iter()
        .map(|(name, _)| name.as_str())
        .collect();
    assert_eq!(names, ["More", "SourceArtifact"]);
    assert!(
        asked.variables["CODEBUILD_SOURCE_VERSION"]
            .starts_with("arn:aws:s3:::artifacts/a-pipeline-with-a-lo/More/")
    );
    assert!(
        asked
            .variables
            .contains_key("CODEBUILD_RESOLVED_SOURCE_VERSION_SourceArtifact")
    );
}
