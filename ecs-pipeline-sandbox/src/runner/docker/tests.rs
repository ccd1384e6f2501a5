#![allow(clippy::unwrap_used, clippy::expect_used, clippy::print_stderr)]

use std::collections::BTreeMap;
use std::process::Command;
use std::sync::OnceLock;

use tokio::sync::mpsc::{UnboundedReceiver, unbounded_channel};

use super::*;
use crate::world::{ContainerSpec, HealthCheckSpec, PortSpec, Target, Time};

/// A web server without dependencies, so that a static binary alone is an image.
const PROGRAM: &str = r#"
use std::io::{Read, Write};
fn main() {
    if std::env::args().nth(1).as_deref() == Some("check") {
        std::process::exit(if std::env::var("SICK").is_ok() { 1 } else { 0 });
    }
    println!("version {}", std::env::var("VERSION").unwrap_or_default());
    eprintln!("args {:?}", std::env::args().skip(1).collect::<Vec<_>>());
    if let Ok(code) = std::env::var("EXIT") {
        std::process::exit(code.parse().unwrap());
    }
    let socket = std::net::TcpListener::bind("0.0.0.0:8080").unwrap();
    for stream in socket.incoming() {
        let mut stream = stream.unwrap();
        let _ = stream.read(&mut [0; 4096]);
        let _ = stream.write_all(b"HTTP/1.1 200 OK\r\nconnection: close\r\ncontent-length: 2\r\n\r\nok");
    }
}
"#;

/// The runner, or `None` where there is no Docker and nobody requires it.
async fn docker() -> Option<DockerRunner> {
    let clock = Clock::start(Time::default(), 1.0);
    let images = crate::runner::images::tests::images("127.0.0.1:1");
    match DockerRunner::detect(clock, images).await {
        Ok(mut runner) => {
            // The tests of one process must not clear away each other's containers.
            static SANDBOXES: std::sync::atomic::AtomicU32 = std::sync::atomic::AtomicU32::new(0);
            let number = SANDBOXES.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
            runner.sandbox.push_str(&format!("#{number}"));
            Some(runner)
        }
        Err(error) => {
            let required = std::env::var("ECS_PIPELINE_REQUIRE").unwrap_or_default();
            assert!(!required.contains("docker"), "{error}");
            eprintln!("skipped: {error}");
            None
        }
    }
}

/// Whether there is a Docker engine; where there is none, nobody requires it.
pub(crate) async fn is_there() -> bool {
    docker().await.is_some()
}

/// Builds the image once.
pub(crate) fn image() -> &'static str {
    static IMAGE: OnceLock<String> = OnceLock::new();
    IMAGE.get_or_init(|| {
        let dir = tempfile::tempdir().unwrap();
        let source = dir.path().join("web.rs");
        std::fs::write(&source, PROGRAM).unwrap();
        std::fs::write(
            dir.path().join("Dockerfile"),
            "FROM scratch\nCOPY web /web\nENTRYPOINT [\"/web\"]\n",
        )
        .unwrap();
        let rustc = std::env::var_os("RUSTC").unwrap_or_else(|| "rustc".into());
        let built = Command::new(rustc)
            .args(["-O", "-C", "target-feature=+crt-static", "-o"])
            .arg(dir.path().join("web"))
            .arg(&source)
            .status()
            .unwrap();
        assert!(built.success());
        let name = "ecs-pipeline-sandbox-test:web";
        let built = Command::new("docker")
            .args(["build", "-q", "-t", name])
            .arg(dir.path())
            .output()
            .unwrap();
        assert!(built.status.success(), "{built:?}");
        name.into()
    })
}

fn container() -> ContainerSpec {
    ContainerSpec {
        name: "web".into(),
        image: image().into(),
        entry_point: None,
        command: None,
        environment: BTreeMap::new(),
        ports: vec![PortSpec {
            container_port: 8080,
            host_port: None,
        }],
        health_check: None,
    }
}

fn task(id: &str, container: ContainerSpec) -> TaskSpec {
    TaskSpec {
        task: TaskId(id.into()),
        task_definition: "web:1".into(),
        group: "service:web".into(),
        containers: vec![container],
    }
}

/// What is seen up to and including the first that `last` accepts.
async fn until(
    seen: &mut UnboundedReceiver<Observation>,
    last: impl Fn(&Observation) -> bool,
) -> Vec<Observation> {
    let mut all = Vec::new();
    loop {
        let next = tokio::time::timeout(Duration::from_secs(120), seen.recv())
            .await
            .unwrap_or_else(|_| panic!("nothing more after {all:?}"))
            .unwrap();
        let done = last(&next);
        all.push(next);
        if done {
            return all;
        }
    }
}

fn is_exit(observation: &Observation) -> bool {
    matches!(observation, Observation::ContainerExited { .. })
}

fn is_stopped(observation: &Observation) -> bool {
    matches!(observation, Observation::TaskStopped { .. })
}

fn exit_code(seen: &[Observation]) -> Option<i32> {
    seen.iter().find_map(|observation| match observation {
        Observation::ContainerExited { exit_code, .. } => *exit_code,
        _ => None,
    })
}

fn logged(seen: &[Observation], wanted: &str) -> bool {
    seen.iter().any(
        |observation| matches!(observation, Observation::Logged { line, .. } if line == wanted),
    )
}

#[tokio::test(flavor = "multi_thread")]
async fn a_container_serves_logs_and_is_removed() {
    let Some(runner) = docker().await else { return };
    let (tell, mut seen) = unbounded_channel();
    let mut spec = container();
    spec.environment = BTreeMap::from([("VERSION".into(), "7".into())]);
    spec.command = Some(vec!["a b".into(), "c".into()]);
    runner.start(task("serves", spec), tell.clone());
    let started = until(&mut seen, |o| matches!(o, Observation::TaskStarted { .. })).await;
    let Some(Observation::TaskStarted { ports, .. }) = started.last() else {
        panic!("{started:?}");
    };
    let address = ports[0].address;
    assert!(address.ip().is_loopback());
    let probe = Probe {
        target_group: "tg".into(),
        target: Target {
            id: "10.0.0.1".into(),
            port: 8080,
        },
        task: None,
        address: Some(address),
        path: "/".into(),
        timeout: Duration::from_secs(5),
    };
    // The port is published before the program listens.
    while runner.probe(&probe).await != ProbeOutcome::Status(200) {
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    runner.stop(TaskId("serves".into()), Duration::ZERO, tell);
    let ended = until(&mut seen, is_stopped).await;
    assert!(logged(&ended, "version 7"), "{ended:?}");
    assert!(logged(&ended, r#"args ["a b", "c"]"#), "{ended:?}");
    // The program is process 1 and has no handler: SIGTERM passes it by.
    assert_eq!(exit_code(&ended), Some(137));
    let filter = format!("label={SANDBOX_LABEL}={}", runner.sandbox);
    let left = runner.cli.run(["ps", "-aq", "--filter", &filter]).await;
    assert_eq!(left.unwrap(), "");
}

#[tokio::test(flavor = "multi_thread")]
async fn exit_codes_are_the_programs_own() {
    let Some(runner) = docker().await else { return };
    let (tell, mut seen) = unbounded_channel();
    let mut spec = container();
    spec.environment = BTreeMap::from([("EXIT".into(), "3".into())]);
    runner.start(task("exits", spec), tell.clone());
    let exited = until(&mut seen, is_exit).await;
    assert_eq!(exit_code(&exited), Some(3));
    runner.stop(TaskId("exits".into()), Duration::ZERO, tell);
    until(&mut seen, is_stopped).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_kill_is_seen_as_what_it_is() {
    let Some(runner) = docker().await else { return };
    let (tell, mut seen) = unbounded_channel();
    runner.start(task("killed", container()), tell.clone());
    until(&mut seen, |o| matches!(o, Observation::TaskStarted { .. })).await;
    runner.kill(&TaskId("killed".into()));
    assert_eq!(exit_code(&until(&mut seen, is_exit).await), Some(137));
    runner.shut_down().await;
    until(&mut seen, is_stopped).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_cannot_start_says_why() {
    let Some(runner) = docker().await else { return };
    let missing = ContainerSpec {
        image: "127.0.0.1:9/never/pushed:1".into(),
        ..container()
    };
    let no_program = ContainerSpec {
        entry_point: Some(vec!["/not/there".into()]),
        ..container()
    };
    for (id, spec, expected) in [
        ("unpulled", missing, "CannotPullContainerError: "),
        ("unstarted", no_program, "CannotStartContainerError: "),
    ] {
        let (tell, mut seen) = unbounded_channel();
        runner.start(task(id, spec), tell.clone());
        let failed = until(&mut seen, |o| {
            matches!(o, Observation::TaskFailedToStart { .. })
        })
        .await;
        let Some(Observation::TaskFailedToStart {
            reason, container, ..
        }) = failed.last()
        else {
            panic!("{failed:?}");
        };
        assert!(reason.starts_with(expected), "{reason}");
        assert_eq!(container, "web");
        runner.stop(TaskId(id.into()), Duration::ZERO, tell);
        until(&mut seen, is_stopped).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_containers_own_health_check_is_carried_out_without_a_shell() {
    let Some(runner) = docker().await else { return };
    for (id, sick) in [("well", false), ("sick", true)] {
        let (tell, mut seen) = unbounded_channel();
        let mut spec = container();
        if sick {
            spec.environment = BTreeMap::from([("SICK".into(), "1".into())]);
        }
        spec.health_check = Some(HealthCheckSpec {
            command: vec!["CMD".into(), "/web".into(), "check".into()],
            interval: Duration::from_millis(300),
            timeout: Duration::from_secs(5),
            retries: 2,
            start_period: Duration::ZERO,
        });
        runner.start(task(id, spec), tell.clone());
        let checked = until(&mut seen, |o| {
            matches!(o, Observation::ContainerHealth { .. })
        })
        .await;
        let Some(Observation::ContainerHealth { healthy, .. }) = checked.last() else {
            panic!("{checked:?}");
        };
        assert_eq!(*healthy, !sick);
        runner.stop(TaskId(id.into()), Duration::ZERO, tell);
        until(&mut seen, is_stopped).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stop_before_the_start_leaves_nothing() {
    let Some(runner) = docker().await else { return };
    let (tell, mut seen) = unbounded_channel();
    let spec = container();
    runner.start(task("early", spec), tell.clone());
    runner.stop(TaskId("early".into()), Duration::ZERO, tell);
    until(&mut seen, is_stopped).await;
    let filter = format!("label={TASK_LABEL}=early");
    let left = runner.cli.run(["ps", "-aq", "--filter", &filter]).await;
    assert_eq!(left.unwrap(), "");
}
