//! Pipelines from a zip in S3 through a build to a service, asked for by the AWS CLI and boto3.

use bytes::Bytes;
use ecs_pipeline_artifacts::bundle::Bundle;
use ecs_pipeline_sandbox::builds::{BuildAnswer, BuildRequest};
use ecs_pipeline_sandbox::faults::TaskFault;
use ecs_pipeline_tests::{Sandboxed, require};
use serde_json::{Value, json};

use crate::shifting_clients::{create_for_code_deploy, definition, sandbox_with_revisions};

const APP_SPEC: &str = r#"version: 0.0
Resources:
  - TargetService:
      Type: AWS::ECS::Service
      Properties:
        TaskDefinition: <TASK_DEFINITION>
        LoadBalancerInfo:
          ContainerName: "app"
          ContainerPort: 8080
"#;

/// The files of both deploy actions, as a build writes them for an image.
fn files_for(image: &str) -> Bundle {
    let mut files = Bundle::default();
    let mut template = definition("from the pipeline");
    template["containerDefinitions"][0]["image"] = json!("<IMAGE1_NAME>");
    files.insert("taskdef.json", template.to_string());
    files.insert("appspec.yaml", APP_SPEC);
    files.insert("imageDetail.json", json!({ "ImageURI": image }).to_string());
    let definitions = json!([{ "name": "app", "imageUri": image }]);
    files.insert("imagedefinitions.json", definitions.to_string());
    files
}

/// Builds the version that the source names.
fn image_of(request: &BuildRequest) -> String {
    let source = Bundle::from_zip(&request.sources[0].1).unwrap();
    let version = String::from_utf8(source.get("VERSION").unwrap().to_vec()).unwrap();
    format!("example.com/web:{version}")
}

fn answer(request: &BuildRequest, files: &Bundle) -> BuildAnswer {
    let mut answer = BuildAnswer::default();
    answer.succeeded = true;
    answer.id = format!("{}:00000000-0000-4000-8000-000000000001", request.project);
    let zip = Bytes::from(files.to_zip().unwrap());
    let outputs = request.outputs.iter();
    answer.artifacts = outputs.map(|name| (name.clone(), zip.clone())).collect();
    answer
        .exported
        .insert("IMAGE_URI".into(), image_of(request));
    answer
}

/// Defines a project whose files are changed in this way.
fn define(sandboxed: &Sandboxed, project: &str, change: fn(&mut Bundle)) {
    sandboxed
        .sandbox
        .builds()
        .answer_with(project, move |request| {
            Box::pin(async move {
                let mut files = files_for(&image_of(&request));
                change(&mut files);
                answer(&request, &files)
            })
        });
}

async fn aws(sandboxed: &Sandboxed, line: &str) {
    let words = line.split_whitespace();
    sandboxed.command("aws").args(words).succeed().await;
}

/// Makes both buckets.
async fn make_buckets(sandboxed: &Sandboxed) {
    aws(sandboxed, "s3 mb s3://source").await;
    aws(sandboxed, "s3 mb s3://pipeline-artifacts").await;
    let versions =
        "s3api put-bucket-versioning --bucket source --versioning-configuration Status=Enabled";
    aws(sandboxed, versions).await;
}

/// Puts a version of the source into its bucket.
async fn push(sandboxed: &Sandboxed, version: &str) {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("app.zip");
    let mut source = Bundle::default();
    source.insert("VERSION", version);
    std::fs::write(&path, source.to_zip().unwrap()).unwrap();
    aws(
        sandboxed,
        &format!("s3 cp {} s3://source/app.zip", path.display()),
    )
    .await;
}

/// A service of `web:1` behind a load balancer, whose deployments ECS takes back when they fail; and a
/// source.
async fn rolling_stage() -> Sandboxed {
    let (sandboxed, routes) = sandbox_with_revisions(&["1"]).await;
    let service = json!({
        "cluster": "c", "serviceName": "web", "taskDefinition": "web:1", "desiredCount": 2,
        "launchType": "FARGATE",
        "networkConfiguration": { "awsvpcConfiguration": { "subnets": ["subnet-1"] } },
        "loadBalancers": [{
            "targetGroupArn": routes.groups[0], "containerName": "app", "containerPort": 8080,
        }],
        "deploymentConfiguration": {
            "deploymentCircuitBreaker": { "enable": true, "rollback": true },
        },
    });
    sandboxed.ecs("CreateService", service).await;
    assert_eq!(sandboxed.settled("c", "web").await, "web:1");
    make_buckets(&sandboxed).await;
    push(&sandboxed, "2").await;
    sandboxed
}

fn pipeline(name: &str, project: &str, (provider, configuration): (&str, Value)) -> Value {
    let kind = |category: &str, provider: &str| json!({ "category": category, "owner": "AWS", "provider": provider, "version": "1" });
    let revision = json!([{ "name": "REVISION", "value": "#{SourceVariables.VersionId}" }]);
    json!({
        "name": name,
        "roleArn": "arn:aws:iam::123456789012:role/pipeline",
        "artifactStore": { "type": "S3", "location": "pipeline-artifacts" },
        "stages": [
            { "name": "Source", "actions": [{
                "name": "Source", "namespace": "SourceVariables", "actionTypeId": kind("Source", "S3"),
                "configuration": {
                    "S3Bucket": "source", "S3ObjectKey": "app.zip", "PollForSourceChanges": "false",
                },
                "outputArtifacts": [{ "name": "SourceArtifact" }],
            }] },
            { "name": "Build", "actions": [{
                "name": "Build", "namespace": "BuildVariables", "actionTypeId": kind("Build", "CodeBuild"),
                "configuration": { "ProjectName": project, "EnvironmentVariables": revision.to_string() },
                "inputArtifacts": [{ "name": "SourceArtifact" }],
                "outputArtifacts": [{ "name": "BuildArtifact" }],
            }] },
            { "name": "Deploy", "actions": [{
                "name": "Deploy", "actionTypeId": kind("Deploy", provider), "configuration": configuration,
                "inputArtifacts": [{ "name": "BuildArtifact" }],
            }] },
        ],
    })
}

fn rolling() -> (&'static str, Value) {
    (
        "ECS",
        json!({ "ClusterName": "c", "ServiceName": "web", "DeploymentTimeout": "30" }),
    )
}

fn blue_green() -> (&'static str, Value) {
    let configuration = json!({
        "ApplicationName": "AppECS-c-web", "DeploymentGroupName": "DgpECS-c-web",
        "TaskDefinitionTemplateArtifact": "BuildArtifact", "AppSpecTemplateArtifact": "BuildArtifact",
        "Image1ArtifactName": "BuildArtifact", "Image1ContainerName": "IMAGE1_NAME",
    });
    ("CodeDeployToECS", configuration)
}

/// Creates pipelines with boto3, and follows them to their ends.
async fn carry_out(sandboxed: &Sandboxed, pipelines: &[Value]) -> Value {
    let given = json!(pipelines).to_string();
    let outcome = sandboxed.python("pipelines.py", &[&given]).await;
    assert_eq!(outcome.code, Some(0), "{outcome:#?}");
    outcome.json()
}

/// The image of a revision.
async fn image(sandboxed: &Sandboxed, revision: &str) -> Value {
    let input = json!({ "taskDefinition": revision });
    let mut found = sandboxed.ecs("DescribeTaskDefinition", input).await;
    found["taskDefinition"]["containerDefinitions"][0]["image"].take()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_aws_cli_runs_a_pipeline_that_deploys_by_the_ecs_action() {
    if !require(&["aws-cli"]) {
        return;
    }
    let sandboxed = rolling_stage().await;
    define(&sandboxed, "demo", |_| {});
    let declared = pipeline("roll", "demo", rolling()).to_string();
    let codepipeline = ["codepipeline"];
    let with = |args: &[&'static str]| [&codepipeline, args].concat();
    let create = [&with(&["create-pipeline", "--pipeline"])[..], &[&declared]].concat();
    assert_eq!(sandboxed.aws(&create).await["pipeline"]["version"], 1);
    succeeded(&sandboxed, 1).await;
    assert_eq!(sandboxed.settled("c", "web").await, "web:2");
    assert_eq!(image(&sandboxed, "web:2").await, "example.com/web:2");

    push(&sandboxed, "3").await;
    let start = with(&["start-pipeline-execution", "--name", "roll"]);
    let started = sandboxed.aws(&start).await;
    let listed = succeeded(&sandboxed, 2).await;
    let newest = &listed["pipelineExecutionSummaries"][0];
    assert_eq!(
        newest["pipelineExecutionId"],
        started["pipelineExecutionId"]
    );
    assert_eq!(newest["trigger"]["triggerType"], "StartPipelineExecution");
    assert_eq!(sandboxed.settled("c", "web").await, "web:3");
    assert_eq!(image(&sandboxed, "web:3").await, "example.com/web:3");
    let state = with(&["get-pipeline-state", "--name", "roll"]);
    let state = sandboxed.aws(&state).await;
    for stage in state["stageStates"].as_array().unwrap() {
        assert_eq!(stage["latestExecution"]["status"], "Succeeded", "{state:#}");
    }
    sandboxed.stop().await;
}

/// Waits until that many executions of `roll` are there, and all have succeeded.
async fn succeeded(sandboxed: &Sandboxed, count: usize) -> Value {
    loop {
        let listed = [
            "codepipeline",
            "list-pipeline-executions",
            "--pipeline-name",
            "roll",
        ];
        let listed = sandboxed.aws(&listed).await;
        let summaries = listed["pipelineExecutionSummaries"].as_array().unwrap();
        let are = |status: &str| summaries.iter().all(|summary| summary["status"] == status);
        if summaries.len() == count && are("Succeeded") {
            return listed;
        }
        let failed = summaries
            .iter()
            .any(|summary| summary["status"] == "Failed");
        assert!(!failed, "{listed:#}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn boto3_runs_a_pipeline_that_deploys_by_codedeploy() {
    if !require(&["aws-cli", "boto3"]) {
        return;
    }
    let (sandboxed, routes) = sandbox_with_revisions(&["1"]).await;
    create_for_code_deploy(&sandboxed, &routes).await;
    make_buckets(&sandboxed).await;
    push(&sandboxed, "2").await;
    define(&sandboxed, "demo", |_| {});
    let seen = carry_out(&sandboxed, &[pipeline("shift", "demo", blue_green())]).await;
    let seen = &seen["shift"];
    assert_eq!(seen["status"], "Succeeded", "{seen:#}");
    let actions = &seen["actions"];
    assert_eq!(
        actions["Build"]["variables"]["IMAGE_URI"],
        "example.com/web:2"
    );
    assert_eq!(
        actions["Source"]["variables"]["VersionId"],
        seen["revision"]
    );
    let deployment = json!({ "deploymentId": actions["Deploy"]["id"] });
    let deployment = sandboxed.codedeploy("GetDeployment", deployment).await;
    assert_eq!(deployment["deploymentInfo"]["status"], "Succeeded");
    let service = sandboxed.described("c", "web").await;
    let primary = &service["taskSets"][0];
    assert_eq!(primary["status"], "PRIMARY", "{service:#}");
    let revision = primary["taskDefinition"].as_str().unwrap();
    assert!(revision.ends_with("/web:2"), "{revision}");
    assert_eq!(image(&sandboxed, revision).await, "example.com/web:2");
    sandboxed.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_the_deploy_actions_cannot_read_fails_them_in_aws_words() {
    if !require(&["aws-cli", "boto3"]) {
        return;
    }
    let sandboxed = rolling_stage().await;
    define(&sandboxed, "whole", |_| {});
    define(&sandboxed, "no-file", |files| *files = Bundle::default());
    define(&sandboxed, "wrong-container", |files| {
        let other = r#"[{"name": "nginx", "imageUri": "example.com/web:2"}]"#;
        files.insert("imagedefinitions.json", other);
    });
    define(&sandboxed, "too-large", |files| {
        files.insert("large", noise())
    });
    let (provider, mut without_artifact) = blue_green();
    let members = without_artifact.as_object_mut().unwrap();
    members.retain(|member, _| !member.starts_with("Image1"));
    let seen = carry_out(
        &sandboxed,
        &[
            pipeline("no-file", "no-file", rolling()),
            pipeline("wrong-container", "wrong-container", rolling()),
            pipeline("too-large", "too-large", blue_green()),
            pipeline("no-artifact", "whole", (provider, without_artifact)),
            pipeline("no-project", "nobody", rolling()),
        ],
    )
    .await;
    for (name, action, told) in [
        (
            "no-file",
            "Deploy",
            "Did not find the image definition file imagedefinitions.json in the input artifacts ZIP file. Verify the file is stored in your pipeline's Amazon S3 artifact bucket: pipeline-artifacts key: no-file/BuildArtif/",
        ),
        (
            "wrong-container",
            "Deploy",
            "The AWS ECS container nginx does not exist",
        ),
        (
            "too-large",
            "Deploy",
            "Exception while trying to read the task definition artifact file from: BuildArtifact",
        ),
        (
            "no-artifact",
            "Deploy",
            "Container.image contains invalid characters",
        ),
        ("no-project", "Build", "Project cannot be found"),
    ] {
        let seen = &seen[name];
        assert_eq!(seen["status"], "Failed", "{name}: {seen:#}");
        let error = seen["actions"][action]["error"].as_str().unwrap();
        assert!(error.contains(told), "{name}: {error}");
    }
    assert_eq!(
        sandboxed.settled("c", "web").await,
        "web:1",
        "nothing was deployed"
    );
    sandboxed.stop().await;
}

/// More than 3 MB that cannot be made smaller.
fn noise() -> Vec<u8> {
    let mut state = 1_u64;
    let bytes = (0..3 * 1024 * 1024 + 1024).map(|_| {
        state = state
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1);
        state.to_be_bytes()[0]
    });
    bytes.collect()
}

/// The complaint of many: the service is back, and the pipeline does not know
/// (<https://github.com/aws/containers-roadmap/issues/1399>).
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_ecs_action_sits_out_a_rollback_until_its_timeout() {
    if !require(&["aws-cli", "boto3"]) {
        return;
    }
    let sandboxed = rolling_stage().await;
    define(&sandboxed, "demo", |_| {});
    let faults = sandboxed.sandbox.faults();
    faults.fail_tasks("web:2", TaskFault::Unhealthy);
    let seen = carry_out(&sandboxed, &[pipeline("sit", "demo", rolling())]).await;
    let deploy = &seen["sit"]["actions"]["Deploy"];
    assert_eq!(seen["sit"]["status"], "Failed", "{seen:#}");
    assert_eq!(deploy["code"], "JobFailed");
    let error = deploy["error"].as_str().unwrap();
    assert!(error.ends_with("within 30 minutes"), "{error}");
    assert!(
        deploy["seconds"].as_f64().unwrap() >= 30.0 * 60.0,
        "{deploy:#}"
    );
    assert_eq!(sandboxed.settled("c", "web").await, "web:1");
    let listed = json!({ "cluster": "c", "service": "web" });
    let listed = sandboxed.ecs("ListServiceDeployments", listed).await;
    assert_eq!(
        listed["serviceDeployments"][0]["status"],
        "ROLLBACK_SUCCESSFUL"
    );
    sandboxed.stop().await;
}
