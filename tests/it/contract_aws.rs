//! The providers that speak to AWS and Docker keep the same contracts as the simulated ones.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use ecs_pipeline_core::aws::AwsConfig;
use ecs_pipeline_core::aws::ecr::{CreateRepository, EcrRegistry};
use ecs_pipeline_core::aws::ecs::ServiceStableGate;
use ecs_pipeline_core::aws::elbv2::TargetHealthGate;
use ecs_pipeline_core::contract::{self, DeployerWorld, RegistryWorld};
use ecs_pipeline_core::docker::DockerBuilder;
use ecs_pipeline_core::gate::HttpGate;
use ecs_pipeline_core::model::{BuildRequest, BuiltImage, Change, ServiceRef};
use ecs_pipeline_core::oci::OciPacker;
use ecs_pipeline_core::provider::{ImageBuilder, Output};
use ecs_pipeline_sandbox::faults::TaskFault;
use ecs_pipeline_sandbox::runner::{Plan, Script};
use ecs_pipeline_tests::{
    Container, Sandboxed, Scripted, Service, Wanted, change_to, definition, docker, docker_turn,
    published, require,
};
use serde_json::json;

/// Tasks of image `web:bad` exit soon; others need a moment to start.
fn script() -> Script {
    Script::by(|task| match task.containers[0].image.as_str() {
        "web:bad" => Plan::healthy().exiting_after(Duration::from_secs(3), 1),
        _ => Plan::healthy().starting_in(Duration::from_secs(5)),
    })
}

fn change(marker: &str) -> Change {
    let image = format!("web:{marker}");
    Change {
        images: BTreeMap::from([("web".to_owned(), published(&image))]),
        ..change_to(definition(marker))
    }
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
