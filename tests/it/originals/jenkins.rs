//! The shell steps of a Jenkins pipeline that pushes `:latest` and forces a new deployment.

use std::path::Path;

use ecs_pipeline_tests::amazonaws::{self, ACCOUNT, Machine};
use ecs_pipeline_tests::{
    Container, Load, Outcome, Sent, Service, application, docker_turn, require, serving,
};
use serde_json::{Value, json};

use super::original;

/// Requests a second.
const RATE: u32 = 100;

#[tokio::test]
async fn the_jenkins_pipeline_runs_word_for_word() {
    if !require(&["docker", "aws-cli", "namespaces"]) {
        return;
    }
    let _turn = docker_turn().await;
    amazonaws::inside("originals::jenkins::inside");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "the test above runs it, in namespaces of its own"]
async fn inside() {
    let Some(machine) = Machine::start(10.0, &[]).await else {
        return;
    };
    let agent = Agent::new(&machine);
    let sandboxed = &machine.sandboxed;
    let repository = json!({ "repositoryName": "my-app" });
    sandboxed.ecr("CreateRepository", repository).await;

    // What is there before the first merge.
    let steps = original("jenkins.sh");
    let (push, _) = steps.split_once("aws ecs").unwrap();
    application(agent.workspace(), "1", &[]);
    let pushed = agent.sh(push).await;
    assert_eq!(pushed.code, Some(0), "{pushed:#?}");
    assert!(pushed.stdout.contains("Login Succeeded"), "{pushed:#?}");
    let image = format!("{}/my-app:latest", amazonaws::registry());
    let container = Container::of(image);
    let service = Service::create_named(sandboxed, "my-cluster", "my-service", &container).await;
    assert_eq!(serving(&service.url()).await, "1");

    a_merge_brings_the_new_version(&agent, &service).await;
    the_rollback_command_does_not_exist(&agent).await;
    ecs_goes_back_by_itself_and_nobody_is_told(&agent, &service).await;
    the_tag_stays_on_the_broken_version(&agent, &service).await;
    machine.stop().await;
}

async fn a_merge_brings_the_new_version(agent: &Agent<'_>, service: &Service<'_>) {
    application(agent.workspace(), "2", &[]);
    let (steps, sent) = agent.pipeline(service).await;
    assert_eq!(steps.code, Some(0), "{steps:#?}");
    assert_eq!(serving(&service.url()).await, "2");
    assert_eq!(sent.failures(), 0, "{sent:#?}");
    let both = ["Hello from version 1", "Hello from version 2"];
    assert!(sent.succeeded.keys().eq(both), "{sent:#?}");
}

async fn the_rollback_command_does_not_exist(agent: &Agent<'_>) {
    let refused = agent.sh(&original("jenkins-rollback.sh")).await;
    // Version 1 of the command line, and version 2.
    assert!(matches!(refused.code, Some(255 | 252)), "{refused:#?}");
    let said = "Unknown options: --rollback-deployment";
    assert!(refused.stderr.contains(said), "{refused:#?}");
}

async fn ecs_goes_back_by_itself_and_nobody_is_told(agent: &Agent<'_>, service: &Service<'_>) {
    application(agent.workspace(), "3", &["HEALTH_STATUS=503"]);
    let (steps, sent) = agent.pipeline(service).await;
    // The pipeline is over, and green, as soon as the deployment has begun.
    assert_eq!(steps.code, Some(0), "{steps:#?}");
    let events = service.events().await;
    assert!(
        events.iter().any(|e| e.contains("rolling back")),
        "{events:#?}"
    );
    assert_eq!(serving(&service.url()).await, "2");
    assert_eq!(sent.failures(), 0, "{sent:#?}");
    assert!(
        sent.succeeded.keys().eq(["Hello from version 2"]),
        "{sent:#?}"
    );
}

/// What the service went back to is one image, whatever its tag is: a task that is lost is
/// replaced by the same version. But the tag itself nobody has set back.
async fn the_tag_stays_on_the_broken_version(agent: &Agent<'_>, service: &Service<'_>) {
    let sandboxed = &agent.machine.sandboxed;
    let before = sandboxed.tasks(service.cluster).await;
    let running = digest(&before[0]);
    let lost = json!({ "cluster": service.cluster, "task": before[0]["taskArn"] });
    sandboxed.ecs("StopTask", lost).await;
    for task in &sandboxed.replaced(service.cluster, &before).await {
        assert_eq!(digest(task), running, "{task:#}");
    }
    let registry = sandboxed.sandbox.registry();
    let latest = registry.resolve("my-app", "latest").await.unwrap();
    assert_ne!(latest.digest, running);

    // So the next who forces a deployment, for whatever reason, breaks it again.
    let steps = original("jenkins.sh");
    let (_, force) = steps.split_at(steps.find("aws ecs").unwrap());
    assert_eq!(agent.sh(force).await.code, Some(0));
    service.settled().await;
    let events = service.events().await;
    let rollbacks = events.iter().filter(|e| e.contains("rolling back"));
    assert_eq!(rollbacks.count(), 2, "{events:#?}");
}

/// Jenkins' agent, with the application checked out.
struct Agent<'m> {
    machine: &'m Machine,
    workspace: tempfile::TempDir,
}

impl<'m> Agent<'m> {
    fn new(machine: &'m Machine) -> Self {
        Self {
            machine,
            workspace: tempfile::tempdir().unwrap(),
        }
    }

    fn workspace(&self) -> &Path {
        self.workspace.path()
    }

    /// What Jenkins' `sh` step does with a script.
    async fn sh(&self, script: &str) -> Outcome {
        let script = script.replace("<AWS_ACCOUNT_ID>", ACCOUNT);
        let shell = self.machine.command("sh").args(["-xec", &script]);
        shell.current_dir(self.workspace()).run().await
    }

    /// The whole pipeline and what follows from it, under traffic.
    async fn pipeline(&self, service: &Service<'_>) -> (Outcome, Sent) {
        let load = Load::start(service.url(), RATE);
        let steps = self.sh(&original("jenkins.sh")).await;
        service.settled().await;
        (steps, load.stop().await)
    }
}

/// What a task's only container runs.
fn digest(task: &Value) -> String {
    let digest = task["containers"][0]["imageDigest"].as_str();
    digest.unwrap_or_else(|| panic!("{task:#}")).to_owned()
}
