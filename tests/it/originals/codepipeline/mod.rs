//! A CodePipeline with CodeBuild and CodeDeploy's blue/green, whose build specification pushes
//! `$IMAGE_TAG` and writes `:latest` into a file that its deploy action does not read.
//!
//! Theirs are `buildspec.yml` and `appspec.yaml`. `taskdef.json` is what the console shows for the
//! task definition that they describe, and `pipeline.json` what it makes of the choices that they
//! list, with S3 as the source in place of GitHub.

mod console;
mod stage;

use ecs_pipeline_tests::amazonaws::{self, Machine};
use ecs_pipeline_tests::{docker_turn, require, serving};

use stage::Stage;

#[tokio::test]
async fn the_codepipeline_runs_word_for_word() {
    if !require(&["docker", "aws-cli", "namespaces"]) {
        return;
    }
    let _turn = docker_turn().await;
    amazonaws::inside("originals::codepipeline::inside");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "the test above runs it, in namespaces of its own"]
async fn inside() {
    let Some(machine) = Machine::start(10.0, &stage::BUCKETS).await else {
        return;
    };
    let stage = Stage::set(&machine).await;
    assert_eq!(serving("http://127.0.0.1/").await, "1");

    // With this tag, what is built is what the task definition names.
    stage.project("latest");
    stage.push_source("2").await;
    stage.create_pipeline().await;
    stage.succeeds().await;
    assert_eq!(serving("http://127.0.0.1/").await, "2");
    assert_eq!(stage.revision().await, "docker-svelte:2");

    // With any other, the pipeline builds it, pushes it, and deploys what was there before.
    stage.project("3");
    stage.push_source("3").await;
    stage.start_pipeline().await;
    stage.succeeds().await;
    assert_eq!(serving("http://127.0.0.1/").await, "2");
    assert_eq!(stage.revision().await, "docker-svelte:3");
    let ran = stage.images_that_ran().await;
    assert!(ran.contains(&stage.digest("latest").await), "{ran:#?}");
    assert!(!ran.contains(&stage.digest("3").await), "{ran:#?}");
    machine.stop().await;
}
