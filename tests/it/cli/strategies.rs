//! Every strategy from the command line: the service created from the example's definition, deployed
//! to, held, followed part of the way, and refused where it cannot be.

use ecs_pipeline_sandbox::RunnerChoice;
use ecs_pipeline_tests::{Command, Outcome, Routes, Sandboxed};
use serde_json::{Value, json};

use super::project::{Aws, Project, config_with_taskdef, published};

/// Minutes of baking pass in seconds.
const SPEED: f64 = 200.0;

/// Slow enough to be seen baking.
const SLOWER: f64 = 30.0;

/// Service `web` of cluster `c`, which does not exist yet, and everything that it stands on.
pub(super) struct Ground<'s> {
    sandboxed: &'s Sandboxed,
    project: Project,
    variables: Vec<(&'static str, String)>,
}

impl<'s> Ground<'s> {
    pub(super) async fn lay(sandboxed: &'s Sandboxed, strategy: &str) -> Self {
        sandboxed
            .ecs("CreateCluster", json!({ "clusterName": "c" }))
            .await;
        let repository = json!({ "repositoryName": "web" });
        sandboxed.ecr("CreateRepository", repository).await;
        let project = Project::new(Aws::of(sandboxed));
        let definition = format!(
            "{}/../examples/services/{strategy}.json",
            env!("CARGO_MANIFEST_DIR")
        );
        let definition = std::fs::read_to_string(definition).unwrap();
        let container = "\"containerName\": \"web\"";
        assert!(definition.contains(container));
        let definition = definition.replace(container, "\"containerName\": \"app\"");
        project.write("app/service.json", &definition);
        let variables = variables(sandboxed).await;
        let ground = Self {
            sandboxed,
            project,
            variables,
        };
        ground.configure(strategy, "");
        published(&ground.project).await;
        ground
    }

    fn configure(&self, strategy: &str, more: &str) {
        let deploy = format!("deploy:\n  strategy: {strategy}\n  create: service.json\n{more}");
        self.project
            .configure(&config_with_taskdef().replace("deploy:\n", &deploy));
    }

    pub(super) fn run(&self, line: &str) -> Command {
        let run = self.project.run(line);
        self.variables
            .iter()
            .fold(run, |run, (name, value)| run.env(name, value))
    }

    /// Builds, pushes and deploys another version.
    async fn deploy_version(&self, version: &str, flags: &str) -> Outcome {
        let index = format!("version {version}");
        self.project.write("app/index.html", &index);
        published(&self.project).await;
        self.run(&format!("deploy {flags}")).run().await
    }

    /// The group of the example, for this cluster and service.
    pub(super) async fn create_group(&self) {
        let path = format!(
            "{}/../examples/services/codedeploy-group.json",
            env!("CARGO_MANIFEST_DIR")
        );
        let mut group = std::fs::read_to_string(path).unwrap();
        for (name, value) in &self.variables {
            group = group.replace(&format!("${{{name}}}"), value);
        }
        for (theirs, ours) in [
            // Long enough that the group is busy when the next deployment comes.
            (
                "\"terminationWaitTimeInMinutes\": 5",
                "\"terminationWaitTimeInMinutes\": 600",
            ),
            ("-main-web", "-c-web"),
            ("\"clusterName\": \"main\"", "\"clusterName\": \"c\""),
        ] {
            assert!(group.contains(theirs));
            group = group.replace(theirs, ours);
        }
        let application = json!({
            "applicationName": "AppECS-c-web", "computePlatform": "ECS",
        });
        let group = serde_json::from_str(&group).unwrap();
        let deploy = |operation, input| self.sandboxed.codedeploy(operation, input);
        deploy("CreateApplication", application).await;
        deploy("CreateDeploymentGroup", group).await;
    }

    async fn service(&self) -> Value {
        self.sandboxed.described("c", "web").await
    }
}

/// The variables of the example's definitions.
async fn variables(sandboxed: &Sandboxed) -> Vec<(&'static str, String)> {
    let Routes {
        groups: [blue, green],
        listeners: [production, test],
        rules: [production_rule, test_rule],
    } = Routes::create(sandboxed).await;
    let role = |name: &str| format!("arn:aws:iam::123456789012:role/{name}");
    vec![
        ("BLUE_TARGET_GROUP", blue),
        ("GREEN_TARGET_GROUP", green),
        ("PRODUCTION_RULE", production_rule),
        ("TEST_RULE", test_rule),
        ("PRODUCTION_LISTENER", production),
        ("TEST_LISTENER", test),
        ("INFRASTRUCTURE_ROLE", role("infrastructure")),
        ("CODEDEPLOY_ROLE", role("codedeploy")),
        ("SUBNET_A", "subnet-1".to_owned()),
        ("SUBNET_B", "subnet-2".to_owned()),
        ("SECURITY_GROUP", "sg-1".to_owned()),
    ]
}

async fn created_and_deployed_to(strategy: &str) {
    let sandboxed = Sandboxed::start(RunnerChoice::InProcess, SPEED).await;
    let ground = Ground::lay(&sandboxed, strategy).await;
    let created = ground.run("deploy").succeed().await;
    for words in [
        "the service does not exist: it is created",
        "c/web runs web:1",
    ] {
        assert!(
            created.stdout.contains(words),
            "{strategy}: {}",
            created.stdout
        );
    }
    let deployed = ground.deploy_version("2", "").await;
    assert_eq!(deployed.code, Some(0), "{strategy}: {}", deployed.stdout);
    assert!(
        deployed.stdout.contains("c/web runs web:2"),
        "{}",
        deployed.stdout
    );
    if strategy != "rolling" {
        let shifted = "100 % of the traffic to the new revision";
        assert!(deployed.stdout.contains(shifted), "{}", deployed.stdout);
    }
    sandboxed.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_service_is_created_and_deployed_to_rolling() {
    created_and_deployed_to("rolling").await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_service_is_created_and_deployed_to_blue_green() {
    created_and_deployed_to("blue-green").await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_service_is_created_and_deployed_to_linear() {
    created_and_deployed_to("linear").await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_service_is_created_and_deployed_to_canary() {
    created_and_deployed_to("canary").await;
}

/// CodeDeploy's application and group are created after the service, as the example says.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_service_is_created_and_deployed_to_by_code_deploy() {
    let sandboxed = Sandboxed::start(RunnerChoice::InProcess, SLOWER).await;
    let ground = Ground::lay(&sandboxed, "codedeploy").await;
    let created = ground.run("deploy").succeed().await;
    assert!(
        created.stdout.contains("c/web runs web:1"),
        "{}",
        created.stdout
    );
    ground.create_group().await;
    let again = ground.run("deploy").succeed().await;
    assert!(
        again.stdout.contains("c/web runs web:1 already"),
        "{}",
        again.stdout
    );

    let until = ground.deploy_version("2", "--until traffic").await;
    assert_eq!(until.code, Some(0), "{}", until.stdout);
    assert!(
        until.stdout.contains("it gets all production traffic"),
        "{}",
        until.stdout
    );
    let busy = ground.deploy_version("3", "").await;
    assert_eq!(busy.code, Some(3), "{}", busy.stdout);
    let in_progress = "another deployment is in progress: d-";
    assert!(busy.stdout.contains(in_progress), "{}", busy.stdout);
    let status = ground.run("status").succeed().await;
    for words in ["web:2  3/3 running", "task set PRIMARY"] {
        assert!(status.stdout.contains(words), "{words}: {}", status.stdout);
    }
    let flags = "deploy --supersede --until traffic";
    let superseded = ground.run(flags).run().await;
    assert_eq!(superseded.code, Some(0), "{}", superseded.stdout);
    assert!(
        superseded
            .stdout
            .contains("web:3 of c/web: it gets all production traffic"),
        "{}",
        superseded.stdout
    );
    sandboxed.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn it_is_followed_until_it_bakes_and_taken_up_again() {
    let sandboxed = Sandboxed::start(RunnerChoice::InProcess, SLOWER).await;
    let ground = Ground::lay(&sandboxed, "blue-green").await;
    ground.run("deploy").succeed().await;

    let until = ground.deploy_version("2", "--until BAKE_TIME").await;
    assert_eq!(until.code, Some(0), "{}", until.stdout);
    for words in [
        "REACHED",
        "it has reached BAKE_TIME",
        "`ecs-pipeline status` looks again",
    ] {
        assert!(until.stdout.contains(words), "{words}: {}", until.stdout);
    }
    let again = ground.run("deploy").succeed().await;
    assert!(
        again.stdout.contains("c/web runs web:2"),
        "{}",
        again.stdout
    );

    let unknown = ground.deploy_version("3", "--until AllowTraffic").await;
    assert_eq!(unknown.code, Some(3), "{}", unknown.stdout);
    assert!(
        unknown.stdout.contains("has no stage AllowTraffic"),
        "{}",
        unknown.stdout
    );
    sandboxed.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_held_deployment_is_let_go_on_or_rolled_back() {
    let sandboxed = Sandboxed::start(RunnerChoice::InProcess, SPEED).await;
    let ground = Ground::lay(&sandboxed, "blue-green").await;
    ground.run("deploy").succeed().await;
    let mut configuration = ground.service().await["deploymentConfiguration"].clone();
    configuration["lifecycleHooks"] = json!([{
        "targetType": "PAUSE", "lifecycleStages": ["POST_TEST_TRAFFIC_SHIFT"],
    }]);
    let input = json!({
        "cluster": "c", "service": "web", "deploymentConfiguration": configuration,
    });
    sandboxed.ecs("UpdateService", input).await;

    let flags = "--until POST_TEST_TRAFFIC_SHIFT";
    let held = ground.deploy_version("2", flags).await;
    assert_eq!(held.code, Some(0), "{}", held.stdout);
    assert!(
        held.stdout
            .contains("`ecs-pipeline continue` lets it go on"),
        "{}",
        held.stdout
    );
    let status = ground.run("status").succeed().await;
    let shown =
        "POST_TEST_TRAFFIC_SHIFT, 0 % of the traffic to the new revision, 100 % of test traffic";
    assert!(status.stdout.contains(shown), "{}", status.stdout);
    let went_on = ground.run("continue").succeed().await;
    assert!(
        went_on.stdout.contains("c/web runs web:2"),
        "{}",
        went_on.stdout
    );

    let held = ground.deploy_version("3", flags).await;
    assert_eq!(held.code, Some(0), "{}", held.stdout);
    let back = ground.run("rollback").succeed().await;
    assert!(
        back.stdout.contains("c/web runs web:2 again"),
        "{}",
        back.stdout
    );
    let nothing = ground.run("continue").run().await;
    assert_eq!(nothing.code, Some(3), "{}", nothing.stdout);
    sandboxed.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_strategy_that_the_service_cannot_have_is_refused() {
    let sandboxed = Sandboxed::start(RunnerChoice::InProcess, SPEED).await;
    let ground = Ground::lay(&sandboxed, "rolling").await;
    ground.run("deploy").succeed().await;
    for (flag, words) in [
        ("codedeploy", "the service has deployment controller ECS"),
        ("canary", "alternate"),
    ] {
        let refused = ground
            .deploy_version("2", &format!("--strategy {flag}"))
            .await;
        assert_eq!(refused.code, Some(3), "{}", refused.stdout);
        assert!(
            refused.stdout.contains(words),
            "{words}: {}",
            refused.stdout
        );
    }
    let revisions = sandboxed.ecs("ListTaskDefinitions", json!({})).await;
    assert_eq!(revisions["taskDefinitionArns"].as_array().unwrap().len(), 1);
    sandboxed.stop().await;
}
