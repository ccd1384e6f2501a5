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

/// fabfuel takes the end of a rollback for the success of its own deployment: exit code 0. Worse,
/// it then deregisters the revision that runs. (fabfuel/ecs-deploy#185.) What is shown here is that
/// the sandbox rolls back under its eyes; that our own command is not fooled is shown elsewhere.
async fn is_fooled_by_a_rollback(service: &Service<'_>, outcome: &Outcome) {
    assert_eq!(service.settled().await, "web:2");
    let events = service.events().await.join("\n");
    assert!(
        events.contains("deployment failed: tasks failed to start."),
        "{events}"
    );
    assert!(events.contains("rolling back to deployment"), "{events}");
    assert_eq!(outcome.code, Some(0), "{outcome:#?}");
    assert!(
        outcome.stdout.contains("Deployment successful"),
        "{outcome:#?}"
    );
    assert!(
        outcome
            .stdout
            .contains("Successfully deregistered revision: 2"),
        "{outcome:#?}"
    );
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

    let faults = sandboxed.sandbox.faults();
    faults.fail_tasks("web:3", TaskFault::Unhealthy);
    let outcome = deploy(&sandboxed, "example.com/web:3").await;
    is_fooled_by_a_rollback(&service, &outcome).await;

    // Without a rollback it sees that the deployment has failed.
    service.do_not_roll_back().await;
    faults.fail_tasks("web:4", TaskFault::CrashLoop);
    let outcome = deploy(&sandboxed, "example.com/web:4").await;
    assert_eq!(outcome.code, Some(1), "{outcome:#?}");
    let said = "Deployment Failed! ECS deployment circuit breaker: tasks failed to start.";
    assert!(outcome.stderr.contains(said), "{outcome:#?}");
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
    let expected = format!("Hello from version {} ", images[1].version);
    let serves = async || {
        let (_, body) = get(&service.url()).await.unwrap();
        assert!(body.starts_with(&expected), "{body}");
    };
    let outcome = deploy(&sandboxed, &two).await;
    assert_eq!(outcome.code, Some(0), "{outcome:#?}");
    assert_eq!(service.settled().await, "web:2");
    serves().await;

    let outcome = deploy(&sandboxed, &sick).await;
    is_fooled_by_a_rollback(&service, &outcome).await;
    serves().await;
    sandboxed.stop().await;
}
