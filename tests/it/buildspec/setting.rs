//! A pipeline from a zip in S3 through our build specification, and the service that it deploys.

use std::collections::BTreeMap;
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use ecs_pipeline_artifacts::bundle::Bundle;
use ecs_pipeline_sandbox::codebuild::Project;
use ecs_pipeline_tests::{Routes, Sandboxed, hello_web};
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::example::{DOCKERFILE, TASKDEF, stand_in_for_cargo, without_prepare};

/// Where Cargo has put the command line.
const UNDER_TEST: &str = env!("CARGO_BIN_EXE_ecs-pipeline-under-test");

const BUILDSPEC: &str = include_str!("../../../buildspec.yml");

/// How long a pipeline may take, far longer than one does.
const PATIENCE: Duration = Duration::from_secs(300);

/// The bucket between the actions, by the name that our templates give it.
const ARTIFACTS: &str = "hello-web-artifacts-123456789012-us-east-1";

/// Who deploys.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Deploys {
    TheBuild,
    EcsAction,
    CodeDeployToEcs,
}

/// Service `hello-web` of cluster `demo`, and a pipeline of the same name.
pub(super) struct Setting<'s> {
    pub(super) sandboxed: &'s Sandboxed,
    pub(super) production: String,
    deploys: Deploys,
    workspace: TempDir,
    log: Arc<Mutex<Vec<String>>>,
}

impl<'s> Setting<'s> {
    /// The service runs `first`; the pipeline has not run yet.
    pub(super) async fn new(sandboxed: &'s Sandboxed, deploys: Deploys, first: &str) -> Self {
        let repository = json!({ "repositoryName": "hello-web" });
        sandboxed.ecr("CreateRepository", repository).await;
        let production = create_service(sandboxed, deploys, first).await;
        let setting = Self {
            sandboxed,
            production,
            deploys,
            workspace: tempfile::tempdir().unwrap(),
            log: Arc::default(),
        };
        setting.define_project();
        for bucket in ["source", ARTIFACTS] {
            setting.aws(&format!("s3 mb s3://{bucket}")).await;
        }
        // As the template has it: the role may not create it.
        setting
            .aws("logs create-log-group --log-group-name /aws/codebuild/hello-web")
            .await;
        // CodePipeline takes its source from nothing less.
        for bucket in ["source", ARTIFACTS] {
            let versions = format!(
                "s3api put-bucket-versioning --bucket {bucket} --versioning-configuration Status=Enabled"
            );
            setting.aws(&versions).await;
        }
        setting.write("pipeline.json", pipeline(deploys).to_string());
        setting
            .aws("codepipeline create-pipeline --cli-input-json file://pipeline.json")
            .await;
        setting
    }

    /// Pushes a source with these variables in the image's environment, and runs the pipeline: its
    /// status, and those of its stages.
    pub(super) async fn run(&self, environment: &str) -> (String, BTreeMap<String, String>) {
        let zip = source(self.deploys, environment).to_zip().unwrap();
        self.write("source.zip", zip);
        self.aws("s3 cp source.zip s3://source/hello-web.zip").await;
        let started = self
            .aws("codepipeline start-pipeline-execution --name hello-web")
            .await;
        let id = started["pipelineExecutionId"].as_str().unwrap();
        let look = format!(
            "codepipeline get-pipeline-execution --pipeline-name hello-web --pipeline-execution-id {id}"
        );
        let ended = tokio::time::timeout(PATIENCE, async {
            loop {
                let execution = self.aws(&look).await;
                let status = execution["pipelineExecution"]["status"].as_str().unwrap();
                if status != "InProgress" {
                    return status.to_owned();
                }
                tokio::time::sleep(Duration::from_millis(500)).await;
            }
        });
        let status = match ended.await {
            Ok(status) => status,
            Err(_) => panic!("the pipeline is not through: {:#}", self.state().await),
        };
        let state = self.state().await;
        let stages = state["stageStates"].as_array().unwrap().iter();
        let text = |value: &Value| value.as_str().unwrap_or("not run").to_owned();
        let stages = stages.map(|stage| {
            let status = text(&stage["latestExecution"]["status"]);
            (text(&stage["stageName"]), status)
        });
        (status, stages.collect())
    }

    pub(super) async fn state(&self) -> Value {
        self.aws("codepipeline get-pipeline-state --name hello-web")
            .await
    }

    /// What later actions could read of the build.
    pub(super) async fn exported(&self) -> Value {
        let line = "codepipeline list-action-executions --pipeline-name hello-web";
        let executions = self.aws(line).await;
        let mut details = executions["actionExecutionDetails"]
            .as_array()
            .unwrap()
            .iter();
        let build = details.find(|detail| detail["actionName"] == "Build");
        build.expect("it has run")["output"]["outputVariables"].clone()
    }

    /// The policies of the pipeline's roles, as they are printed for the source's configuration.
    pub(super) async fn policies(&self) -> Value {
        let deploy = match self.deploys {
            Deploys::TheBuild => "build",
            Deploys::EcsAction => "ecs",
            Deploys::CodeDeployToEcs => "codedeploy-to-ecs",
        };
        let mut config = configuration(self.deploys);
        if self.deploys == Deploys::CodeDeployToEcs {
            config = config.replacen("deploy:\n", "deploy:\n  strategy: codedeploy\n", 1);
        }
        let infra = format!(
            "infra: {{service: {{load-balancer: web}}, pipeline: {{repository: me/hello-web, deploy: {deploy}}}}}\n"
        );
        self.write("ecs-pipeline.yml", config + &infra);
        self.write("taskdef.json", TASKDEF);
        let printed = self.sandboxed.command(UNDER_TEST);
        let printed = printed.args("iam-policy --for all --region us-east-1".split(' '));
        let printed = printed.current_dir(self.workspace.path()).succeed().await;
        serde_json::from_str(&printed.stdout).unwrap()
    }

    /// What was printed since this was asked for last.
    pub(super) fn printed(&self) -> Vec<String> {
        std::mem::take(&mut self.log.lock().unwrap())
    }

    /// What the pipeline says of itself, and what the build printed so far.
    pub(super) async fn told(&self) -> String {
        let state = self.state().await;
        format!("{state:#}\n{}", self.log.lock().unwrap().join("\n"))
    }

    /// Runs the AWS CLI.
    pub(super) async fn aws(&self, line: &str) -> Value {
        let command = self.sandboxed.command("aws").args(line.split_whitespace());
        let outcome = command.current_dir(self.workspace.path()).succeed().await;
        serde_json::from_str(&outcome.stdout).unwrap_or_default()
    }

    fn write(&self, name: &str, contents: impl AsRef<[u8]>) {
        fs::write(self.workspace.path().join(name), contents).unwrap();
    }

    /// CodeBuild's project. The tool is here already: `cargo` is one that puts it where it would be.
    fn define_project(&self) {
        let bin = self.workspace.path().join("bin");
        fs::create_dir(&bin).unwrap();
        let cargo = bin.join("cargo");
        fs::write(&cargo, stand_in_for_cargo()).unwrap();
        fs::set_permissions(&cargo, fs::Permissions::from_mode(0o755)).unwrap();
        let log = self.log.clone();
        let mut project = Project::new("hello-web")
            .on_line(move |line| log.lock().unwrap().push(line.to_owned()))
            .time_limit(PATIENCE);
        for (name, value) in self.machine() {
            project = project.machine(name, value);
        }
        project.define_in(self.sandboxed.sandbox.builds());
    }

    /// What the build gets of this machine: programs, Docker's engine, and the sandbox as AWS.
    fn machine(&self) -> Vec<(String, String)> {
        let bin = self.workspace.path().join("bin");
        let path = format!("{}:{}", bin.display(), std::env::var("PATH").unwrap());
        let mut machine = vec![("PATH".to_owned(), path)];
        for name in ["DOCKER_HOST", "DOCKER_CERT_PATH", "DOCKER_TLS_VERIFY"] {
            machine.extend(
                std::env::var(name)
                    .ok()
                    .map(|value| (name.to_owned(), value)),
            );
        }
        // The key is the build's own.
        let endpoint = self.sandboxed.sandbox.endpoint();
        machine.push(("AWS_ENDPOINT_URL".to_owned(), endpoint));
        machine
    }
}

/// The example's configuration, with what is to deploy it.
fn configuration(deploys: Deploys) -> String {
    let action = match deploys {
        Deploys::TheBuild => "",
        Deploys::EcsAction => "codepipeline: {action: ecs}\n",
        Deploys::CodeDeployToEcs => "codepipeline: {action: codedeploy-to-ecs}\n",
    };
    without_prepare() + action
}

/// The repository's files: our build specification, and the example with its binary built.
fn source(deploys: Deploys, environment: &str) -> Bundle {
    let config = configuration(deploys);
    let expose = "EXPOSE 8080\n";
    let dockerfile = DOCKERFILE.replacen(expose, &format!("{expose}{environment}"), 1);
    let mut source = Bundle::default();
    source.insert("buildspec.yml", BUILDSPEC);
    for (name, text) in [
        ("ecs-pipeline.yml", config.as_str()),
        ("taskdef.json", TASKDEF),
        ("Dockerfile", &dockerfile),
    ] {
        source.insert(format!("examples/hello-web/{name}"), text);
    }
    let binary = fs::read(hello_web()).unwrap();
    source.insert_with_mode("examples/hello-web/dist/hello-web", binary, 0o755);
    source
}

fn pipeline(deploys: Deploys) -> Value {
    let action = |name: &str, category: &str, provider: &str, configuration: Value| {
        json!({
            "name": name,
            "actionTypeId": {
                "category": category, "owner": "AWS", "provider": provider, "version": "1",
            },
            "configuration": configuration,
        })
    };
    let artifact = |name: &str| json!([{ "name": name }]);
    let mut source = action(
        "Source",
        "Source",
        "S3",
        json!({
            "S3Bucket": "source", "S3ObjectKey": "hello-web.zip", "PollForSourceChanges": "false",
        }),
    );
    source["outputArtifacts"] = artifact("Source");
    let variables = json!([
        { "name": "ECS_PIPELINE_BRANCH", "value": "main", "type": "PLAINTEXT" },
        {
            "name": "ECS_PIPELINE_COMMIT", "value": "8f4c1f0b1e2d3c4b5a69788796a5b4c3d2e1f001",
            "type": "PLAINTEXT",
        },
    ]);
    let mut build = action(
        "Build",
        "Build",
        "CodeBuild",
        json!({ "ProjectName": "hello-web", "EnvironmentVariables": variables.to_string() }),
    );
    build["inputArtifacts"] = artifact("Source");
    build["outputArtifacts"] = artifact("Build");
    build["namespace"] = json!("Build");
    let mut stages = vec![
        json!({ "name": "Source", "actions": [source] }),
        json!({ "name": "Build", "actions": [build] }),
    ];
    let deploy = match deploys {
        Deploys::TheBuild => None,
        Deploys::EcsAction => Some(action(
            "Deploy",
            "Deploy",
            "ECS",
            json!({
                "ClusterName": "demo", "ServiceName": "hello-web", "DeploymentTimeout": "15",
            }),
        )),
        Deploys::CodeDeployToEcs => Some(action(
            "Deploy",
            "Deploy",
            "CodeDeployToECS",
            json!({
                "ApplicationName": "AppECS-demo-hello-web",
                "DeploymentGroupName": "DgpECS-demo-hello-web",
                "TaskDefinitionTemplateArtifact": "Build",
                "AppSpecTemplateArtifact": "Build",
                "Image1ArtifactName": "Build",
                "Image1ContainerName": "IMAGE1_NAME",
            }),
        )),
    };
    if let Some(mut deploy) = deploy {
        deploy["inputArtifacts"] = artifact("Build");
        stages.push(json!({ "name": "Deploy", "actions": [deploy] }));
    }
    json!({
        "pipeline": {
            "name": "hello-web", "roleArn": "arn:aws:iam::123456789012:role/pipeline",
            "artifactStore": { "type": "S3", "location": ARTIFACTS },
            "stages": stages,
        },
    })
}

/// Creates the service behind a production listener: where that answers.
async fn create_service(sandboxed: &Sandboxed, deploys: Deploys, first: &str) -> String {
    let routes = Routes::create(sandboxed).await;
    let mut definition: Value = serde_json::from_str(TASKDEF).unwrap();
    definition["containerDefinitions"][0]["image"] = json!(first);
    // As the template's: the ECS action copies them.
    definition["tags"] = json!([{ "key": "application", "value": "hello-web" }]);
    sandboxed.ecs("RegisterTaskDefinition", definition).await;
    let cluster = json!({ "clusterName": "demo" });
    sandboxed.ecs("CreateCluster", cluster).await;
    let by_code_deploy = deploys == Deploys::CodeDeployToEcs;
    let controller = if by_code_deploy { "CODE_DEPLOY" } else { "ECS" };
    let mut service = json!({
        "cluster": "demo", "serviceName": "hello-web", "taskDefinition": "hello-web:1",
        "desiredCount": 2, "launchType": "FARGATE",
        "deploymentController": { "type": controller },
        "networkConfiguration": { "awsvpcConfiguration": { "subnets": ["subnet-1"] } },
        "loadBalancers": [{
            "targetGroupArn": routes.groups[0], "containerName": "web", "containerPort": 8080,
        }],
    });
    if !by_code_deploy {
        service["deploymentConfiguration"] = json!({
            "deploymentCircuitBreaker": { "enable": true, "rollback": true },
        });
    }
    sandboxed.ecs("CreateService", service).await;
    if by_code_deploy {
        create_deployment_group(sandboxed, &routes).await;
        steady(sandboxed).await;
    } else {
        sandboxed.settled("demo", "hello-web").await;
    }
    let address = sandboxed.sandbox.listener_address(&routes.listeners[0]);
    format!("http://{}/", address.expect("the listener is open"))
}

/// Waits for the first task set: a service of CodeDeploy's has no deployments of its own.
async fn steady(sandboxed: &Sandboxed) {
    let steady = async {
        let set = async || sandboxed.described("demo", "hello-web").await["taskSets"][0].take();
        while set().await["stabilityStatus"] != "STEADY_STATE" {
            tokio::time::sleep(Duration::from_millis(200)).await;
        }
    };
    let ended = tokio::time::timeout(PATIENCE, steady).await;
    ended.expect("the first task set becomes steady");
}

async fn create_deployment_group(sandboxed: &Sandboxed, routes: &Routes) {
    let application =
        json!({ "applicationName": "AppECS-demo-hello-web", "computePlatform": "ECS" });
    sandboxed.codedeploy("CreateApplication", application).await;
    let group = json!({
        "applicationName": "AppECS-demo-hello-web",
        "deploymentGroupName": "DgpECS-demo-hello-web",
        "serviceRoleArn": "arn:aws:iam::123456789012:role/codedeploy",
        "deploymentConfigName": "CodeDeployDefault.ECSAllAtOnce",
        "deploymentStyle": {
            "deploymentType": "BLUE_GREEN", "deploymentOption": "WITH_TRAFFIC_CONTROL",
        },
        "autoRollbackConfiguration": {
            "enabled": true, "events": ["DEPLOYMENT_FAILURE", "DEPLOYMENT_STOP_ON_REQUEST"],
        },
        "blueGreenDeploymentConfiguration": {
            "deploymentReadyOption": { "actionOnTimeout": "CONTINUE_DEPLOYMENT" },
            "terminateBlueInstancesOnDeploymentSuccess": {
                "action": "TERMINATE", "terminationWaitTimeInMinutes": 1,
            },
        },
        "ecsServices": [{ "clusterName": "demo", "serviceName": "hello-web" }],
        "loadBalancerInfo": { "targetGroupPairInfoList": [{
            "targetGroups": [{ "name": "web-blue" }, { "name": "web-green" }],
            "prodTrafficRoute": { "listenerArns": [routes.listeners[0]] },
            "testTrafficRoute": { "listenerArns": [routes.listeners[1]] },
        }] },
    });
    sandboxed.codedeploy("CreateDeploymentGroup", group).await;
}
