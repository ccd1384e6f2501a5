//! What the pipeline works on: the repository, the source in S3, the build project, the service.

use std::collections::BTreeSet;
use std::time::Duration;

use ecs_pipeline_artifacts::bundle::Bundle;
use ecs_pipeline_sandbox::codebuild::Project;
use ecs_pipeline_sandbox::world::Service;
use ecs_pipeline_tests::amazonaws::{ACCOUNT, Machine, REGION, registry};
use ecs_pipeline_tests::{application, say};
use serde_json::{Value, json};

use super::console;
use crate::originals::original;

/// The repository, the cluster, the service, the pipeline and the rest.
pub(super) const NAME: &str = "docker-svelte";
const SOURCE: &str = "docker-svelte-source";
const ARTIFACTS: &str = "codepipeline-ap-northeast-2-123456789012";
pub(super) const BUCKETS: [&str; 2] = [SOURCE, ARTIFACTS];

/// How long an execution may take to end: far longer than it does.
const PATIENCE: Duration = Duration::from_secs(240);

pub(super) struct Stage<'m> {
    machine: &'m Machine,
    workspace: tempfile::TempDir,
}

impl<'m> Stage<'m> {
    /// Version 1 runs.
    pub(super) async fn set(machine: &'m Machine) -> Self {
        let stage = Self {
            machine,
            workspace: tempfile::tempdir().unwrap(),
        };
        let sandboxed = &machine.sandboxed;
        let repository = json!({ "repositoryName": NAME });
        sandboxed.ecr("CreateRepository", repository).await;
        stage.push_first_image().await;
        stage
            .aws("logs create-log-group --log-group-name /ecs/docker-svelte")
            .await;
        console::set_up(sandboxed).await;
        for bucket in BUCKETS {
            stage.aws(&format!("s3 mb s3://{bucket}")).await;
            let versioning = "--versioning-configuration Status=Enabled";
            stage
                .aws(&format!(
                    "s3api put-bucket-versioning --bucket {bucket} {versioning}"
                ))
                .await;
        }
        stage.stable().await;
        stage
    }

    /// The console's push commands.
    async fn push_first_image(&self) {
        application(self.workspace.path(), "1", &["PORT=80"]);
        let host = registry();
        let commands = format!(
            "set -e
             aws ecr get-login-password --region {REGION} | docker login --username AWS --password-stdin {host}
             docker build -t {NAME} .
             docker tag {NAME}:latest {host}/{NAME}:latest
             docker push {host}/{NAME}:latest"
        );
        let shell = self.machine.command("sh").args(["-c", &commands]);
        shell.current_dir(self.workspace.path()).succeed().await;
    }

    /// Waits until the first task set serves. (`services-stable` has no end: it counts the
    /// deployments, and a service of CodeDeploy's has none.)
    async fn stable(&self) {
        self.until("the service is not stable", async || {
            let described = self.machine.sandboxed.described(NAME, NAME).await;
            (described["taskSets"][0]["stabilityStatus"] == "STEADY_STATE").then_some(())
        })
        .await;
    }

    /// The build project, with the variables of the build specification.
    pub(super) fn project(&self, image_tag: &str) {
        let mut project = Project::new("docker-svelte-build")
            .region(REGION)
            .on_line(|line| say(line));
        for (name, value) in self.machine.environment() {
            project = project.machine(name, value);
        }
        project
            .variable("AWS_DEFAULT_REGION", REGION)
            .variable("AWS_ACCOUNT_ID", ACCOUNT)
            .variable("IMAGE_REPO_NAME", NAME)
            .variable("IMAGE_TAG", image_tag)
            .variable("CONTAINER_NAME", "docker-svelte-container")
            .define_in(self.machine.sandboxed.sandbox.builds());
    }

    /// A push to the repository: the application in this version, and the originals' files.
    pub(super) async fn push_source(&self, version: &str) {
        application(self.workspace.path(), version, &["PORT=80"]);
        let mut bundle = Bundle::default();
        for name in ["buildspec.yml", "appspec.yaml", "taskdef.json"] {
            bundle.insert(name, original(&format!("codepipeline/{name}")));
        }
        let read = |name: &str| std::fs::read(self.workspace.path().join(name)).unwrap();
        bundle.insert("Dockerfile", read("Dockerfile"));
        bundle.insert_with_mode("dist/hello-web", read("dist/hello-web"), 0o755);
        let zip = self.workspace.path().join("source.zip");
        std::fs::write(zip, bundle.to_zip().unwrap()).unwrap();
        self.aws(&format!("s3 cp source.zip s3://{SOURCE}/")).await;
    }

    /// As the console does, this starts it.
    pub(super) async fn create_pipeline(&self) {
        let pipeline = original("codepipeline/pipeline.json");
        std::fs::write(self.workspace.path().join("pipeline.json"), pipeline).unwrap();
        self.aws("codepipeline create-pipeline --cli-input-json file://pipeline.json")
            .await;
    }

    pub(super) async fn start_pipeline(&self) {
        self.aws(&format!(
            "codepipeline start-pipeline-execution --name {NAME}"
        ))
        .await;
    }

    /// Waits for the end of the newest execution, which has to be a good one.
    pub(super) async fn succeeds(&self) {
        let input = json!({ "pipelineName": NAME });
        let status = self.until("the pipeline does not end", async || {
            let listed = self.codepipeline("ListPipelineExecutions", input.clone());
            let newest = &listed["pipelineExecutionSummaries"][0]["status"];
            (newest != "InProgress").then(|| newest.clone())
        });
        let status = status.await;
        let actions = || self.codepipeline("ListActionExecutions", input.clone());
        assert_eq!(status, "Succeeded", "{:#}", actions());
    }

    fn codepipeline(&self, operation: &str, input: Value) -> Value {
        let sandbox = &self.machine.sandboxed.sandbox;
        let answer = sandbox.call(Service::CodePipeline, operation, input);
        answer.unwrap_or_else(|error| panic!("{operation}: {error}"))
    }

    /// Looks again and again, until there is something.
    async fn until<T>(&self, otherwise: &str, look: impl AsyncFn() -> Option<T>) -> T {
        let found = async {
            loop {
                if let Some(found) = look().await {
                    return found;
                }
                tokio::time::sleep(Duration::from_millis(100)).await;
            }
        };
        let found = tokio::time::timeout(PATIENCE, found).await;
        found.unwrap_or_else(|_| panic!("{otherwise}"))
    }

    /// What a tag of the repository is.
    pub(super) async fn digest(&self, tag: &str) -> String {
        let registry = self.machine.sandboxed.sandbox.registry();
        registry.resolve(NAME, tag).await.unwrap().digest
    }

    /// `family:revision` of the task set that serves.
    pub(super) async fn revision(&self) -> String {
        let described = self.machine.sandboxed.described(NAME, NAME).await;
        let sets = described["taskSets"].as_array().unwrap();
        let primary = sets.iter().find(|set| set["status"] == "PRIMARY").unwrap();
        let arn = primary["taskDefinition"].as_str().unwrap();
        arn.rsplit('/').next().unwrap().to_owned()
    }

    /// What the service's tasks ran so far, those that are gone as well.
    pub(super) async fn images_that_ran(&self) -> BTreeSet<String> {
        let sandboxed = &self.machine.sandboxed;
        let (running, stopped) = (sandboxed.tasks(NAME), sandboxed.stopped_tasks(NAME));
        let digest = |task: &Value| {
            let digest = task["containers"][0]["imageDigest"].as_str();
            digest.unwrap_or_else(|| panic!("{task:#}")).to_owned()
        };
        let tasks = [running.await, stopped.await].concat();
        tasks.iter().map(digest).collect()
    }

    /// The AWS CLI with these words.
    async fn aws(&self, words: &str) {
        let command = self.machine.command("aws").args(words.split_whitespace());
        command.current_dir(self.workspace.path()).succeed().await;
    }
}
