//! A stage for tests: a source bucket, an artifact bucket, a project, and a service to deploy to.
#![allow(clippy::unwrap_used, clippy::expect_used)]

use bytes::Bytes;
use ecs_pipeline_artifacts::bundle::Bundle;
use serde_json::{Value, json};

use crate::builds::BuildAnswer;
use crate::world::codedeploy;
use crate::world::ecs::script::{FINE, Manner, Play, Watch};
use crate::world::s3::{Object, Versioning};
use crate::world::{ApiError, Service};

pub(super) struct Stage<W = ()> {
    pub(super) play: Play<W>,
}

/// A zip of these files.
pub(super) fn zip(files: &[(&str, &str)]) -> Bytes {
    let mut bundle = Bundle::default();
    for (name, contents) in files {
        bundle.insert(*name, *contents);
    }
    bundle.to_zip().unwrap().into()
}

/// What a project answers that made these files into `BuildArtifact`.
pub(super) fn built(files: &[(&str, &str)]) -> Option<BuildAnswer> {
    Some(BuildAnswer {
        succeeded: true,
        id: "demo:1".into(),
        message: String::new(),
        artifacts: [("BuildArtifact".into(), zip(files))].into(),
        exported: [("TAG".into(), "42".into())].into(),
    })
}

pub(super) fn source() -> Value {
    json!({"name": "Source", "actions": [{
        "name": "Fetch",
        "actionTypeId": {"category": "Source", "owner": "AWS", "provider": "S3", "version": "1"},
        "configuration": {"S3Bucket": "source", "S3ObjectKey": "app.zip", "PollForSourceChanges": "false"},
        "outputArtifacts": [{"name": "SourceArtifact"}],
        "namespace": "SourceVariables",
    }]})
}

pub(super) fn build() -> Value {
    json!({"name": "Build", "actions": [{
        "name": "Make",
        "actionTypeId": {"category": "Build", "owner": "AWS", "provider": "CodeBuild", "version": "1"},
        "configuration": {
            "ProjectName": "demo",
            "EnvironmentVariables": "[{\"name\":\"REVISION\",\"value\":\"#{SourceVariables.VersionId}\"}]",
        },
        "inputArtifacts": [{"name": "SourceArtifact"}],
        "outputArtifacts": [{"name": "BuildArtifact"}],
        "namespace": "BuildVariables",
    }]})
}

/// A stage with an action of this type, which gets `BuildArtifact`.
pub(super) fn deploy(provider: &str, configuration: Value) -> Value {
    json!({"name": "Deploy", "actions": [{
        "name": "Ship",
        "actionTypeId": {"category": "Deploy", "owner": "AWS", "provider": provider, "version": "1"},
        "configuration": configuration,
        "inputArtifacts": [{"name": "BuildArtifact"}],
    }]})
}

pub(super) fn approve() -> Value {
    json!({"name": "Approve", "actions": [{
        "name": "Ask",
        "actionTypeId": {"category": "Approval", "owner": "AWS", "provider": "Manual", "version": "1"},
    }]})
}

pub(super) fn rolling() -> Value {
    deploy("ECS", json!({"ClusterName": "c", "ServiceName": "s"}))
}

pub(super) fn blue_green() -> Value {
    deploy(
        "CodeDeployToECS",
        json!({
            "ApplicationName": "a", "DeploymentGroupName": "g",
            "TaskDefinitionTemplateArtifact": "BuildArtifact",
            "AppSpecTemplateArtifact": "BuildArtifact",
            "Image1ArtifactName": "BuildArtifact", "Image1ContainerName": "IMAGE1_NAME",
        }),
    )
}

pub(super) fn pipeline(stages: &[Value]) -> Value {
    json!({
        "name": "a-pipeline-with-a-long-name",
        "roleArn": "arn:aws:iam::123456789012:role/pipeline",
        "artifactStore": {"type": "S3", "location": "artifacts"},
        "stages": stages,
    })
}

const NAME: &str = "a-pipeline-with-a-long-name";

impl Stage {
    /// Two tasks of `web:1` run, behind a circuit breaker; later revisions behave as `manner` says.
    pub(super) fn rolling(manner: Manner) -> Self {
        let script = move |definition: &str, _| match definition {
            "web:1" => FINE,
            _ => manner,
        };
        let mut play = Play::new((), script);
        play.register_with(json!({"healthCheck": {"command": ["CMD", "true"]}}));
        let breaker = json!({"deploymentCircuitBreaker": {"enable": true, "rollback": true}});
        play.create(2, json!({"deploymentConfiguration": breaker}));
        play.pass_until(600, Play::is_completed);
        Self::with(play)
    }
}

impl Stage<codedeploy::stage::Served> {
    /// The same with CodeDeploy's controller.
    pub(super) fn blue_green(manner: Manner) -> Self {
        Self::with(codedeploy::stage::Stage::new(manner, json!({})).play)
    }
}

impl<W: Watch> Stage<W> {
    fn with(mut play: Play<W>) -> Self {
        play.projects.insert("demo".into(), built(&[]));
        let (s3, now) = play.world.s3(play.now);
        for bucket in ["source", "artifacts"] {
            s3.create_bucket(now, bucket).unwrap();
        }
        s3.set_versioning("source", Versioning::Enabled).unwrap();
        let mut stage = Self { play };
        stage.push("the first");
        stage
    }

    /// Puts another revision into the source bucket: the id of its version.
    pub(super) fn push(&mut self, text: &str) -> String {
        let (s3, now) = self.play.world.s3(self.play.now);
        let object = Object::new(zip(&[("README", text)]));
        let version = s3.put(now, "source", "app.zip", object).unwrap();
        version.expect("the bucket has versions")
    }

    pub(super) fn ask(&mut self, operation: &str, input: Value) -> Result<Value, ApiError> {
        self.play.ask(Service::CodePipeline, operation, input)
    }

    pub(super) fn ok(&mut self, operation: &str, input: Value) -> Value {
        self.ask(operation, input)
            .unwrap_or_else(|e| panic!("{operation}: {e}"))
    }

    pub(super) fn code(&mut self, operation: &str, input: Value) -> String {
        self.ask(operation, input).unwrap_err().code
    }

    /// Creates a pipeline: the id of the execution that begins with it.
    pub(super) fn create(&mut self, stages: &[Value]) -> String {
        self.ok("CreatePipeline", json!({"pipeline": pipeline(stages)}));
        self.executions()[0].0.clone()
    }

    pub(super) fn start(&mut self) -> String {
        let answer = self.ok("StartPipelineExecution", json!({"name": NAME}));
        answer["pipelineExecutionId"].as_str().unwrap().to_owned()
    }

    /// Ids and statuses, the newest first.
    pub(super) fn executions(&mut self) -> Vec<(String, String)> {
        let answer = self.ok("ListPipelineExecutions", json!({"pipelineName": NAME}));
        let shown = answer["pipelineExecutionSummaries"].as_array().unwrap();
        let word = |shown: &Value, member: &str| shown[member].as_str().unwrap().to_owned();
        shown
            .iter()
            .map(|shown| (word(shown, "pipelineExecutionId"), word(shown, "status")))
            .collect()
    }

    pub(super) fn status(&mut self, id: &str) -> String {
        let input = json!({"pipelineName": NAME, "pipelineExecutionId": id});
        let answer = self.ok("GetPipelineExecution", input);
        answer["pipelineExecution"]["status"]
            .as_str()
            .unwrap()
            .to_owned()
    }

    /// Lets time pass until the execution has this status; answers how many seconds that took.
    pub(super) fn until(&mut self, id: &str, limit: u64, status: &str) -> u64 {
        let input = json!({"pipelineName": NAME, "pipelineExecutionId": id});
        self.play.pass_until(limit, |play| {
            let answer = play.ask(Service::CodePipeline, "GetPipelineExecution", input.clone());
            answer.unwrap()["pipelineExecution"]["status"] == status
        })
    }

    /// The newest execution of an action, as ListActionExecutions shows it.
    pub(super) fn action(&mut self, name: &str) -> Value {
        let answer = self.ok("ListActionExecutions", json!({"pipelineName": NAME}));
        let mut runs = answer["actionExecutionDetails"].as_array().unwrap().iter();
        let run = runs.find(|run| run["actionName"] == name);
        run.unwrap_or_else(|| panic!("{name} did not run")).clone()
    }

    /// Why an action failed.
    pub(super) fn error(&mut self, action: &str) -> String {
        let run = self.action(action);
        assert_eq!(run["status"], "Failed", "{run:#}");
        let details = &run["output"]["executionResult"]["errorDetails"];
        details["message"].as_str().unwrap().to_owned()
    }

    /// The state of a stage, as GetPipelineState shows it.
    pub(super) fn state(&mut self, stage: &str) -> Value {
        let answer = self.ok("GetPipelineState", json!({"name": NAME}));
        let mut states = answer["stageStates"].as_array().unwrap().iter();
        states
            .find(|state| state["stageName"] == stage)
            .unwrap()
            .clone()
    }

    /// `family:revision` that the service runs, and the image of its container.
    pub(super) fn runs(&mut self) -> (String, String) {
        let service = self.play.service("s");
        let set = &service["taskSets"][0]["taskDefinition"];
        let arn = set.as_str().or(service["taskDefinition"].as_str()).unwrap();
        let answer = self
            .play
            .ecs("DescribeTaskDefinition", json!({"taskDefinition": arn}));
        let image = &answer["taskDefinition"]["containerDefinitions"][0]["image"];
        let revision = arn.rsplit('/').next().unwrap();
        (revision.to_owned(), image.as_str().unwrap().to_owned())
    }
}
