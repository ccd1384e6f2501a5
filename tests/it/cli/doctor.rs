//! `ecs-pipeline doctor`: what will not work, said before a first deployment.

use ecs_pipeline_tests::Sandboxed;

use super::project::with_service;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_cluster_that_is_not_there() {
    let sandboxed = Sandboxed::in_process().await;
    let (_service, project) = with_service(&sandboxed).await;
    let outcome = project.run("doctor --cluster nowhere").run().await;
    assert_eq!(outcome.code, Some(1), "{outcome:#?}");
    assert!(outcome.stdout.contains("there is no cluster nowhere"));
    let outcome = project.run("doctor").run().await;
    println!("{}", outcome.stdout);
    sandboxed.stop().await;
}
