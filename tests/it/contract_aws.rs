//! The providers that speak to AWS and Docker keep the same contracts as the simulated ones.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use ecs_pipeline_core::aws::AwsConfig;
use ecs_pipeline_core::aws::ecr::{CreateRepository, EcrRegistry};
use ecs_pipeline_core::aws::ecs::ServiceStableGate;
use ecs_pipeline_core::aws::ecs::TargetHealthGate;
use ecs_pipeline_core::contract::{self, DeployerWorld, RegistryWorld};
use ecs_pipeline_core::docker::DockerBuilder;
use ecs_pipeline_core::gate::HttpGate;
use ecs_pipeline_core::model::{BuildRequest, BuiltImage, Change, ServiceRef};
use ecs_pipeline_core::oci::OciPacker;
use ecs_pipeline_core::provider::{ImageBuilder, Output};
use ecs_pipeline_sandbox::faults::TaskFault;
use ecs_pipeline_sandbox::runner::{Plan, Script};
use ecs_pipeline_sandbox::world::ProbeOutcome;
use ecs_pipeline_tests::{
    Container, Sandboxed, Scripted, Service, Wanted, change_to, definition, docker_turn, published,
    require,
};
use serde_json::json;

/// Tasks of image `web:bad` exit soon, before they were ever healthy; others need a moment to
/// start.
fn script() -> Script {
    let refused = ProbeOutcome::Failed("connection refused".to_owned());
    Script::by(move |task| match task.containers[0].image.as_str() {
        "web:bad" => Plan::healthy()
            .answering(Duration::ZERO, refused.clone())
            .exiting_after(Duration::from_secs(3), 1),
        _ => Plan::healthy().starting_in(Duration::from_secs(5)),
    })
}

fn change(marker: &str) -> Change {
    let image = format!("web:{marker}");
    change_to(definition(marker)).with_image("web", published(&image))
}

fn deployer_world(scripted: &Scripted) -> DeployerWorld {
    DeployerWorld {
        deployer: Arc::new(scripted.deployer()),
        service: ServiceRef::new("demo", "web"),
        good: change("2"),
        newer: change("3"),
        unhealthy: Some(change("bad")),
        interval: Duration::from_secs(5),
        looks: 400,
    }
}

/// The suite in worlds of this kind, which have to outlive each case.
async fn deployer_keeps_the_contract(wanted: Wanted) {
    let worlds = std::sync::Mutex::new(Vec::new());
    contract::deployer(|| async {
        let scripted = wanted.clone().start().await;
        let world = deployer_world(&scripted);
        worlds.lock().unwrap().push(scripted);
        world
    })
    .await;
}

#[tokio::test(start_paused = true)]
async fn the_rolling_deployer_keeps_the_contract() {
    deployer_keeps_the_contract(Wanted::tasks(3, script())).await;
}

#[tokio::test(start_paused = true)]
async fn behind_a_load_balancer_the_rolling_deployer_keeps_the_contract() {
    deployer_keeps_the_contract(Wanted::tasks(2, script()).draining(30)).await;
}

fn request(context: &Path, name: &str) -> BuildRequest {
    BuildRequest {
        context: context.to_owned(),
        name: name.to_owned(),
        extra_names: vec![format!("{name}-extra")],
        platform: Some("linux/amd64".parse().unwrap()),
        ..BuildRequest::default()
    }
}

/// A build context that needs no base image, unlike any other.
fn context(content: &str) -> tempfile::TempDir {
    let context = tempfile::tempdir().unwrap();
    let file = format!("{content} {}", std::process::id());
    std::fs::write(context.path().join("content"), file).unwrap();
    let dockerfile = "FROM scratch\nCOPY content /content\nCMD [\"/content\"]\n";
    std::fs::write(context.path().join("Dockerfile"), dockerfile).unwrap();
    context
}

#[tokio::test]
async fn the_packer_keeps_the_contract() {
    let layouts = tempfile::tempdir().unwrap();
    let context = context("packed");
    let packer = OciPacker::new(layouts.path());
    contract::image_builder(&packer, &request(context.path(), "contract:1")).await;
}

/// Names of images, which are removed with this.
struct Removed(Vec<String>);

impl Drop for Removed {
    fn drop(&mut self) {
        for name in &self.0 {
            let _ = std::process::Command::new("docker")
                .args(["image", "rm", "-f", name])
                .output();
        }
    }
}

#[tokio::test]
async fn docker_keeps_the_builders_contract() {
    if !require(&["docker"]) {
        return;
    }
    let context = context("built");
    let name = format!("ecs-pipeline-contract:{}", std::process::id());
    let request = request(context.path(), &name);
    let _removed = Removed([vec![name], request.extra_names.clone()].concat());
    contract::image_builder(&DockerBuilder::default(), &request).await;
}

async fn aws_at(sandboxed: &Sandboxed) -> AwsConfig {
    AwsConfig::with_keys(
        &sandboxed.sandbox.endpoint(),
        "us-east-1",
        "sandbox",
        "sandbox",
    )
    .await
}

/// The suite with two images of a builder: with tags that move and tags that do not, and with and
/// without the right to create repositories.
async fn registry_keeps_the_contract(image: BuiltImage, other_image: BuiltImage) {
    for (immutable_tags, creates_repositories) in [(false, false), (true, false), (false, true)] {
        let sandboxed = Sandboxed::in_process().await;
        let mutability = if immutable_tags {
            "IMMUTABLE"
        } else {
            "MUTABLE"
        };
        let repository = json!({"repositoryName": "team/web", "imageTagMutability": mutability});
        sandboxed.ecr("CreateRepository", repository).await;
        let mut registry = EcrRegistry::new(&aws_at(&sandboxed).await);
        if creates_repositories {
            registry = registry.creating(CreateRepository {
                scan_on_push: true,
                immutable_tags: false,
            });
        }
        let world = RegistryWorld {
            repository: "team/web".to_owned(),
            image: image.clone(),
            other_image: other_image.clone(),
            immutable_tags,
            creates_repositories,
        };
        contract::registry(&registry, &world).await;
        sandboxed.stop().await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn ecr_keeps_the_contract_with_packed_images() {
    let layouts = tempfile::tempdir().unwrap();
    let packer = OciPacker::new(layouts.path());
    let mut images = Vec::new();
    for content in ["one", "two"] {
        let context = context(content);
        let request = request(context.path(), &format!("contract:{content}"));
        images.push(packer.build(&request, &Output::discard()).await.unwrap());
    }
    let [image, other] = images.try_into().unwrap();
    registry_keeps_the_contract(image, other).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn ecr_keeps_the_contract_with_images_that_docker_built() {
    if !require(&["docker"]) {
        return;
    }
    let _turn = docker_turn().await;
    let mut removed = Removed(Vec::new());
    let mut images = Vec::new();
    for content in ["three", "four"] {
        let context = context(content);
        let name = format!("ecs-pipeline-contract:{content}-{}", std::process::id());
        let request = request(context.path(), &name);
        removed
            .0
            .extend([vec![name], request.extra_names.clone()].concat());
        let builder = DockerBuilder::default();
        images.push(builder.build(&request, &Output::discard()).await.unwrap());
    }
    let [image, other] = images.try_into().unwrap();
    registry_keeps_the_contract(image, other).await;
}

/// A service that is well, and one whose deployment has failed and left its targets ill.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_gates_keep_the_contract() {
    let well = Sandboxed::in_process().await;
    let service = Service::create(&well, &Container::of("example.com/web:1")).await;
    let ill = Sandboxed::in_process().await;
    let other = Service::create(&ill, &Container::of("example.com/web:1")).await;
    other.do_not_roll_back().await;
    ill.sandbox
        .faults()
        .fail_tasks("web:2", TaskFault::Unhealthy);
    let revision = other.register(&Container::of("example.com/web:2")).await;
    let input = json!({"cluster": "c", "service": "web", "taskDefinition": revision});
    ill.ecs("UpdateService", input).await;
    unhealthy_target(&ill).await;

    let reference = ServiceRef::new("c", "web");
    let (good, bad) = (aws_at(&well).await, aws_at(&ill).await);
    contract::health_gate(
        &ServiceStableGate::new(&good, reference.clone()),
        &ServiceStableGate::new(&bad, reference.clone()),
    )
    .await;
    contract::health_gate(
        &TargetHealthGate::new(&good, reference.clone()),
        &TargetHealthGate::new(&bad, reference),
    )
    .await;
    let page = HttpGate::new(&service.url()).unwrap();
    let other_status = HttpGate::new(&service.url()).unwrap();
    contract::health_gate(&page, &other_status.expect_status("404").unwrap()).await;
    let other_body = HttpGate::new(&service.url()).unwrap();
    contract::health_gate(&page, &other_body.expect_body("no such words").unwrap()).await;
    well.stop().await;
    ill.stop().await;
}

/// Waits until the new revision has tasks beside the old one's, none of which is healthy.
async fn unhealthy_target(sandboxed: &Sandboxed) {
    for _ in 0..600 {
        let service = sandboxed.described("c", "web").await;
        if service["deployments"][0]["runningCount"].as_u64() > Some(0) {
            return;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    panic!("no task of the new revision runs");
}
