//! No request fails while a service is deployed, whatever becomes of the deployment.

use std::time::Duration;

use ecs_pipeline_sandbox::faults::TaskFault;
use ecs_pipeline_tests::{
    Container, Image, Load, Sandboxed, Sent, Service, docker, docker_turn, get, require, say,
};
use serde_json::{Value, json};

/// Requests a second.
const RATE: u32 = 200;

/// Deploys a revision under load, and says what became of the traffic.
async fn under_load(
    service: &Service<'_>,
    what: &str,
    container: &Container,
    expected: &str,
) -> Sent {
    let revision = service.register(container).await;
    let load = Load::start(service.url(), RATE);
    let ended_on = service.deploy(&revision).await;
    // The last tasks may still be on their way out.
    tokio::time::sleep(Duration::from_secs(1)).await;
    let sent = load.stop().await;
    say(format!("{what}: {sent}; {:?}", sent.succeeded));
    assert_eq!(ended_on, expected, "{what}: {:#?}", service.events().await);
    if sent.failures() > 0 {
        let sandboxed = service.in_sandbox;
        say(format!(
            "{:#?}",
            sandboxed.sandbox.traffic().task_definitions
        ));
        say(format!("{:#?}", service.events().await));
        say(reasons(&sandboxed.stopped_tasks(service.cluster).await));
    }
    assert_eq!(sent.failures(), 0, "{what}: {:#?}", sent.failed);
    assert!(sent.total() > u64::from(RATE), "{what}: {sent}");
    sent
}

fn reasons(stopped: &[Value]) -> String {
    let reasons = stopped.iter().map(|task| {
        let container = &task["containers"][0];
        json!([
            task["taskDefinitionArn"],
            task["stopCode"],
            task["stoppedReason"],
            container["exitCode"],
            container["reason"],
        ])
        .to_string()
    });
    reasons.collect::<Vec<_>>().join("\n")
}

fn breaker_events(events: &[String]) -> usize {
    let rolled_back = events
        .iter()
        .filter(|event| event.contains("rolling back to"));
    rolled_back.count()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn in_process_tasks_lose_no_request() {
    let sandboxed = Sandboxed::in_process().await;
    let service = Service::create(&sandboxed, &Container::of("example.com/web:1")).await;
    let image = Container::of("example.com/web:2");
    let sent = under_load(&service, "in process, good", &image, "web:2").await;
    assert!(sent.succeeded.keys().eq(["web:1", "web:2"]), "{sent:#?}");
    let faults = sandboxed.sandbox.faults();
    faults.fail_tasks("web:3", TaskFault::Unhealthy);
    faults.fail_tasks("web:4", TaskFault::CrashLoop);
    under_load(&service, "in process, unhealthy", &image, "web:2").await;
    under_load(&service, "in process, crash", &image, "web:2").await;
    let missing = Container::of(format!("{}/web:missing", sandboxed.host()));
    under_load(&service, "in process, missing image", &missing, "web:2").await;
    assert_eq!(breaker_events(&service.events().await), 3);
    let reasons = reasons(&sandboxed.stopped_tasks("c").await);
    assert!(reasons.contains("CannotPullContainerError"), "{reasons}");
    assert_eq!(sandboxed.sandbox.traffic().total().gateway_errors, 0);
    sandboxed.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn containers_lose_no_request() {
    if !require(&["docker"]) {
        return;
    }
    let _turn = docker_turn().await;
    let images = [Image::build("1"), Image::build("2")];
    let sandboxed = Sandboxed::with_docker().await;
    let [one, two] = sandboxed.push([&images[0], &images[1]]).await;
    let service = Service::create(&sandboxed, &Container::of(one)).await;
    let hello = |image: &Image| format!("Hello from version {}", image.version);
    let new = Container::of(two);

    let sent = under_load(&service, "containers, good", &new, "web:2").await;
    for image in &images {
        assert!(sent.succeeded.contains_key(&hello(image)), "{sent:#?}");
    }

    let unhealthy = new.clone().env("HEALTH_STATUS", "503");
    under_load(&service, "containers, unhealthy", &unhealthy, "web:2").await;
    // It dies before it is ready. One that passes the single check that a new target needs, and
    // dies then, costs requests with any load balancer, until its end is noticed.
    let crash = unhealthy.env("EXIT_AFTER_MS", "300").env("EXIT_CODE", "3");
    under_load(&service, "containers, crash", &crash, "web:2").await;
    let missing = Container::of(format!("{}/web:missing", sandboxed.host()));
    under_load(&service, "containers, missing image", &missing, "web:2").await;

    assert_eq!(breaker_events(&service.events().await), 3);
    let (status, body) = get(&service.url()).await.unwrap();
    assert_eq!(status, 200);
    assert!(body.starts_with(&hello(&images[1])), "{body}");
    let reasons = reasons(&sandboxed.stopped_tasks("c").await);
    for expected in [
        "Task failed ELB health checks in",
        "Essential container in task exited",
        "CannotPullContainerError",
    ] {
        assert!(
            reasons.contains(expected),
            "{expected} is not in\n{reasons}"
        );
    }
    assert_eq!(sandboxed.sandbox.traffic().total().gateway_errors, 0);
    sandboxed.stop().await;
    for image in &images {
        let ancestor = format!("ancestor={}", image.name);
        let left = docker(&["ps", "-aq", "--filter", &ancestor]);
        assert_eq!(left, "", "containers are left");
    }
}
