//! fabfuel's `ecs deploy`, which registers a revision, updates the service and waits.

use ecs_pipeline_sandbox::faults::TaskFault;
use ecs_pipeline_tests::{
    Container, Image, Outcome, Sandboxed, Service, docker_turn, get, require,
};

async fn deploy(sandboxed: &Sandboxed, image: &str) -> Outcome {
    let command = sandboxed.command("ecs");
    let command = command.args(["deploy", "c", "web", "-i", "app", image]);
    let outcome = command.args(["--timeout", "120"]).run().await;
    eprintln!(
        "{} {}\n{}{}",
        outcome.command,
        outcome.code.unwrap(),
        outcome.stdout,
        outcome.stderr
    );
    outcome
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn in_process_fabfuel_deploys() {
    if !require(&["ecs-deploy"]) {
        return;
    }
    let sandboxed = Sandboxed::in_process().await;
    let service = Service::create(&sandboxed, &Container::of("example.com/web:1")).await;
    let outcome = deploy(&sandboxed, "example.com/web:2").await;
    assert_eq!(outcome.code, Some(0), "{outcome:#?}");
    assert!(
        outcome.stdout.contains("Deployment successful"),
        "{outcome:#?}"
    );
    assert_eq!(service.settled().await, "web:2");
    let (_, body) = get(&service.url()).await.unwrap();
    assert!(body.contains("image example.com/web:2\n"), "{body}");

    sandboxed
        .sandbox
        .faults()
        .fail_tasks("web:3", TaskFault::Unhealthy);
    let outcome = deploy(&sandboxed, "example.com/web:3").await;
    assert_eq!(service.settled().await, "web:2");
    assert_eq!(outcome.code, Some(1), "{outcome:#?}");
    sandboxed.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn fabfuel_deploys_containers() {
    if !require(&["docker", "ecs-deploy"]) {
        return;
    }
    let _turn = docker_turn().await;
    let images = [
        Image::build("1"),
        Image::build("2"),
        Image::build_with("3", &["HEALTH_STATUS=503"]),
    ];
    let sandboxed = Sandboxed::with_docker().await;
    let [one, two, sick] = sandboxed.push(images.each_ref()).await;
    let service = Service::create(&sandboxed, &Container::of(one)).await;
    let outcome = deploy(&sandboxed, &two).await;
    assert_eq!(outcome.code, Some(0), "{outcome:#?}");
    let expected = format!("Hello from version {} ", images[1].version);
    let (_, body) = get(&service.url()).await.unwrap();
    assert!(body.starts_with(&expected), "{body}");

    let outcome = deploy(&sandboxed, &sick).await;
    assert_eq!(service.settled().await, "web:2");
    let (_, body) = get(&service.url()).await.unwrap();
    assert!(body.starts_with(&expected), "{body}");
    assert_eq!(outcome.code, Some(1), "{outcome:#?}");
    sandboxed.stop().await;
}
