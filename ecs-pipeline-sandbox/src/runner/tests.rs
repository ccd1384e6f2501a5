#![allow(clippy::unwrap_used, clippy::expect_used)]

use std::collections::BTreeMap;
use std::sync::Arc;

use tokio::sync::mpsc::{UnboundedReceiver, unbounded_channel};

use super::faulty::FaultyRunner;
use super::in_process::InProcessRunner;
use super::*;
use crate::clock::Clock;
use crate::faults::{Faults, TaskFault};
use crate::world::{ContainerSpec, PortSpec, Target, Time};

const HOST: &str = "127.0.0.1:4566";

/// A registry with one image `web:1` whose environment has `APP_VERSION=1`.
async fn images() -> Images {
    let images = images::tests::images(HOST);
    images::tests::push(&images, "web", "1").await;
    images
}

fn clock() -> Clock {
    Clock::start(Time::default(), 1.0)
}

fn task(tag: &str) -> TaskSpec {
    TaskSpec {
        task: TaskId("t".into()),
        task_definition: "web:1".into(),
        group: "service:web".into(),
        containers: vec![ContainerSpec {
            name: "app".into(),
            image: format!("{HOST}/web:{tag}"),
            entry_point: None,
            command: None,
            environment: BTreeMap::from([("VERSION".into(), "one".into())]),
            ports: vec![PortSpec {
                container_port: 80,
                host_port: None,
            }],
            health_check: None,
        }],
    }
}

fn probe(address: Option<std::net::SocketAddr>) -> Probe {
    Probe {
        target_group: "tg".into(),
        target: Target {
            id: "10.0.0.1".into(),
            port: 80,
        },
        task: Some(TaskId("t".into())),
        address,
        path: "/health".into(),
        timeout: Duration::from_secs(5),
    }
}

fn exited(code: i32) -> Observation {
    Observation::ContainerExited {
        task: TaskId("t".into()),
        container: "app".into(),
        exit_code: Some(code),
        reason: None,
    }
}

fn stopped() -> Observation {
    Observation::TaskStopped {
        task: TaskId("t".into()),
    }
}

fn started() -> Observation {
    Observation::TaskStarted {
        task: TaskId("t".into()),
        ports: Vec::new(),
    }
}

async fn address(seen: &mut UnboundedReceiver<Observation>) -> std::net::SocketAddr {
    loop {
        match seen.recv().await {
            Some(Observation::TaskStarted { ports, .. }) => return ports[0].address,
            Some(Observation::Pulled { digest, .. }) => assert!(digest.starts_with("sha256:")),
            other => panic!("{other:?}"),
        }
    }
}

#[tokio::test]
async fn a_simulated_task_serves_says_so_and_ends() {
    let runner = InProcessRunner::new(clock(), images().await, None);
    let (tell, mut seen) = unbounded_channel();
    runner.start(task("1"), tell.clone());
    let address = address(&mut seen).await;
    assert_eq!(
        runner.probe(&probe(Some(address))).await,
        ProbeOutcome::Status(200)
    );
    let page = page(address).await;
    for part in [
        "container app",
        "web:1",
        "APP_VERSION=1",
        "VERSION=one",
        "simulated",
    ] {
        assert!(page.contains(part), "{page}");
    }
    runner.stop(TaskId("t".into()), Duration::ZERO, tell);
    assert_eq!(seen.recv().await, Some(exited(0)));
    assert_eq!(seen.recv().await, Some(stopped()));
    assert!(matches!(
        runner.probe(&probe(Some(address))).await,
        ProbeOutcome::Failed(_)
    ));
}

async fn page(address: std::net::SocketAddr) -> String {
    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    let mut stream = tokio::net::TcpStream::connect(address).await.unwrap();
    stream
        .write_all(b"GET / HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n")
        .await
        .unwrap();
    let mut text = String::new();
    stream.read_to_string(&mut text).await.unwrap();
    text
}

#[tokio::test]
async fn a_simulated_task_needs_its_image_too() {
    let runner = InProcessRunner::new(clock(), images().await, None);
    let (tell, mut seen) = unbounded_channel();
    runner.start(task("2"), tell.clone());
    let Some(Observation::TaskFailedToStart { reason, .. }) = seen.recv().await else {
        panic!("it started");
    };
    assert_eq!(
        reason,
        "CannotPullContainerError: pull image manifest has been retried 1 time(s): failed to \
         resolve ref 127.0.0.1:4566/web:2: 127.0.0.1:4566/web:2: not found"
    );
    runner.stop(TaskId("t".into()), Duration::ZERO, tell.clone());
    assert_eq!(seen.recv().await, Some(stopped()));
    // Who is told to stop a second time is gone already.
    runner.stop(TaskId("t".into()), Duration::ZERO, tell);
    assert_eq!(seen.recv().await, Some(stopped()));
}

async fn faulty(inner: impl Runner + 'static, fault: TaskFault) -> FaultyRunner {
    let faults = Faults::default();
    faults.fail_tasks("web:1", fault);
    FaultyRunner::new(Arc::new(inner), faults, clock(), images().await)
}

#[tokio::test(start_paused = true)]
async fn a_crash_loop_starts_tells_and_dies() {
    let runner = faulty(
        ScriptedRunner::new(clock(), Script::healthy()),
        TaskFault::CrashLoop,
    )
    .await;
    let (tell, mut seen) = unbounded_channel();
    let begun = tokio::time::Instant::now();
    runner.start(task("1"), tell.clone());
    assert_eq!(seen.recv().await, Some(started()));
    assert!(matches!(
        runner.probe(&probe(None)).await,
        ProbeOutcome::Failed(_)
    ));
    // Not before it has crashed: a slow kill must not pass for failed health checks.
    assert_eq!(begun.elapsed(), Duration::from_secs(1));
    let Some(Observation::Logged { line, .. }) = seen.recv().await else {
        panic!("nothing was logged");
    };
    assert!(line.starts_with("[sandbox] fault crash-loop: "));
    assert_eq!(seen.recv().await, Some(exited(137)));
    assert_eq!(begun.elapsed(), Duration::from_secs(1));
    runner.stop(TaskId("t".into()), Duration::ZERO, tell);
    assert_eq!(seen.recv().await, Some(stopped()));
}

#[tokio::test(start_paused = true)]
async fn an_unhealthy_task_fails_its_checks_and_no_other() {
    let runner = faulty(
        ScriptedRunner::new(clock(), Script::healthy()),
        TaskFault::Unhealthy,
    )
    .await;
    let (tell, mut seen) = unbounded_channel();
    runner.start(task("1"), tell.clone());
    let mut other = task("1");
    other.task = TaskId("u".into());
    other.task_definition = "web:2".into();
    runner.start(other, tell);
    seen.recv().await;
    seen.recv().await;
    assert_eq!(runner.probe(&probe(None)).await, ProbeOutcome::Status(503));
    let mut of_other = probe(None);
    of_other.task = Some(TaskId("u".into()));
    assert_eq!(runner.probe(&of_other).await, ProbeOutcome::Status(200));
}

#[tokio::test]
async fn a_missing_image_is_really_missing() {
    let images = images().await;
    let faults = Faults::default();
    faults.fail_tasks("web:1", TaskFault::MissingImage);
    let inner = Arc::new(InProcessRunner::new(clock(), images.clone(), None));
    let runner = FaultyRunner::new(inner, faults, clock(), images.clone());
    let (tell, mut seen) = unbounded_channel();
    runner.start(task("1"), tell.clone());
    // Too early, and yet not lost.
    runner.stop(TaskId("t".into()), Duration::ZERO, tell);
    loop {
        match seen.recv().await.unwrap() {
            Observation::TaskStopped { .. } => break,
            Observation::TaskFailedToStart { .. } => {}
            other => panic!("{other:?}"),
        }
    }
    assert!(images.digest(&task("1").containers[0].image).await.is_err());
}

#[tokio::test(start_paused = true)]
async fn a_script_is_played_in_sandbox_time() {
    let clock = Clock::start(Time::default(), 10.0);
    let plan = Plan::healthy()
        .starting_in(Duration::from_secs(20))
        .logging(["hello"])
        .answering(Duration::ZERO, ProbeOutcome::TimedOut)
        .answering(Duration::from_secs(30), ProbeOutcome::Status(200))
        .exiting_after(Duration::from_secs(600), 1);
    let runner = ScriptedRunner::new(clock, Script::healthy().with("web:1", plan));
    let (tell, mut seen) = unbounded_channel();
    let begun = tokio::time::Instant::now();
    runner.start(task("1"), tell.clone());
    assert_eq!(seen.recv().await, Some(started()));
    assert_eq!(begun.elapsed(), Duration::from_secs(2));
    assert!(matches!(
        seen.recv().await,
        Some(Observation::Logged { line, .. }) if line == "hello"
    ));
    assert_eq!(runner.probe(&probe(None)).await, ProbeOutcome::TimedOut);
    assert_eq!(begun.elapsed(), Duration::from_millis(2500));
    tokio::time::sleep(Duration::from_millis(2500)).await;
    assert_eq!(runner.probe(&probe(None)).await, ProbeOutcome::Status(200));
    assert_eq!(seen.recv().await, Some(exited(1)));
    assert_eq!(begun.elapsed(), Duration::from_secs(62));
    runner.stop(TaskId("t".into()), Duration::ZERO, tell);
    assert_eq!(seen.recv().await, Some(stopped()));
}

#[tokio::test(start_paused = true)]
async fn a_scripted_stop_takes_its_time_but_no_longer_than_its_grace() {
    for (grace, code, takes) in [(30, 143, 10), (5, 137, 5)] {
        let plan = Plan::healthy().stopping_in(Duration::from_secs(10));
        let runner = ScriptedRunner::new(clock(), Script::by(move |_| plan.clone()));
        let (tell, mut seen) = unbounded_channel();
        runner.start(task("1"), tell.clone());
        assert_eq!(seen.recv().await, Some(started()));
        let asked = tokio::time::Instant::now();
        runner.stop(TaskId("t".into()), Duration::from_secs(grace), tell);
        assert_eq!(seen.recv().await, Some(exited(code)));
        assert_eq!(asked.elapsed(), Duration::from_secs(takes));
        assert_eq!(seen.recv().await, Some(stopped()));
    }
}

#[tokio::test(start_paused = true)]
async fn a_scripted_failure_says_its_reason() {
    let plan = Plan::healthy().failing_to_start("CannotPullContainerError: gone");
    let runner = ScriptedRunner::new(clock(), Script::healthy().with("web:1", plan));
    let (tell, mut seen) = unbounded_channel();
    runner.start(task("1"), tell);
    assert!(matches!(
        seen.recv().await,
        Some(Observation::TaskFailedToStart { reason, .. })
            if reason == "CannotPullContainerError: gone"
    ));
    runner.shut_down().await;
    assert_eq!(seen.recv().await, Some(stopped()));
}
