//! Tasks that this process serves itself: a simulation for machines without a container engine.
//!
//! Everything around the containers is real: the image must be in the registry, every port is a
//! socket of its own, health checks and traffic arrive over HTTP. What the containers do is not:
//! each answers 200 with a text that says so. A container health check cannot be carried out, and
//! reports healthy as long as the task runs.

use std::collections::BTreeMap;
use std::net::Ipv4Addr;
use std::time::Duration;

use async_trait::async_trait;
use axum::Router;
use tokio::net::TcpListener;
use tokio::sync::mpsc::UnboundedSender;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use super::running::{Order, Orders, Running};
use super::{Images, Runner, probe};
use crate::clock::Clock;
use crate::world::{
    ContainerSpec, Observation, PortSpec, Probe, ProbeOutcome, PublishedPort, TaskId, TaskSpec,
};

/// How long open requests may take when a task ends, at most (real time).
const SHUTDOWN_TIMEOUT: Duration = Duration::from_secs(5);

/// SIGKILL's exit code.
const KILLED: i32 = 137;

/// Serves tasks in this process.
#[derive(Debug)]
pub(crate) struct InProcessRunner {
    clock: Clock,
    images: Images,
    running: Running,
    /// Why there are no real containers, if they were wanted.
    why: Option<String>,
}

impl InProcessRunner {
    pub(crate) fn new(clock: Clock, images: Images, why: Option<String>) -> Self {
        Self {
            clock,
            images,
            running: Running::default(),
            why,
        }
    }
}

#[async_trait]
impl Runner for InProcessRunner {
    fn describe(&self) -> String {
        let what = "tasks are simulated: this process serves them itself";
        match &self.why {
            Some(why) => format!("{what} ({why})"),
            None => what.into(),
        }
    }

    fn start(&self, spec: TaskSpec, seen: UnboundedSender<Observation>) {
        let life = Life {
            clock: self.clock,
            images: self.images.clone(),
            seen,
            servers: TaskTracker::new(),
            stop: CancellationToken::new(),
        };
        self.running
            .spawn(spec.task.clone(), |orders| life.live(spec, orders));
    }

    fn stop(&self, task: TaskId, grace: Duration, seen: UnboundedSender<Observation>) {
        self.running.stop(task, grace, &seen);
    }

    fn kill(&self, task: &TaskId) {
        self.running.tell(task, Order::Kill);
    }

    async fn probe(&self, probe: &Probe) -> ProbeOutcome {
        probe::http(probe, self.clock).await
    }

    async fn shut_down(&self) {
        self.running
            .stop_all(Duration::ZERO, SHUTDOWN_TIMEOUT)
            .await;
    }
}

/// Why a task could not start.
struct Failure {
    container: String,
    reason: String,
}

/// One task from its start to its end.
struct Life {
    clock: Clock,
    images: Images,
    seen: UnboundedSender<Observation>,
    servers: TaskTracker,
    stop: CancellationToken,
}

impl Life {
    async fn live(self, spec: TaskSpec, mut orders: Orders) {
        match self.start(&spec).await {
            Ok(ports) => {
                self.see(Observation::TaskStarted {
                    task: spec.task.clone(),
                    ports,
                });
                let exited = self.run(&spec, &mut orders).await;
                self.end(&spec, exited, orders).await;
            }
            Err(Failure { container, reason }) => {
                self.stop.cancel();
                self.see(Observation::TaskFailedToStart {
                    task: spec.task.clone(),
                    container,
                    reason,
                });
                orders.stop().await;
            }
        }
        self.see(Observation::TaskStopped { task: spec.task });
    }

    async fn start(&self, spec: &TaskSpec) -> Result<Vec<PublishedPort>, Failure> {
        let mut ports = Vec::new();
        for container in &spec.containers {
            if let Ok(Some(digest)) = self.images.digest(&container.image).await {
                self.see(Observation::Pulled {
                    task: spec.task.clone(),
                    container: container.name.clone(),
                    digest,
                });
            }
            let from_image = self.images.environment(&container.image).await;
            let mut environment = from_image.map_err(|error| Failure {
                container: container.name.clone(),
                reason: format!(
                    "CannotPullContainerError: pull image manifest has been retried 1 time(s): \
                     failed to resolve ref {}: {error}",
                    container.image
                ),
            })?;
            environment.extend(container.environment.clone());
            for port in &container.ports {
                ports.push(self.serve(spec, container, &environment, *port).await?);
            }
        }
        Ok(ports)
    }

    async fn serve(
        &self,
        spec: &TaskSpec,
        container: &ContainerSpec,
        environment: &BTreeMap<String, String>,
        port: PortSpec,
    ) -> Result<PublishedPort, Failure> {
        let failed = |error: std::io::Error| Failure {
            container: container.name.clone(),
            reason: format!("CannotStartContainerError: {error}"),
        };
        let host_port = port.host_port.unwrap_or(0);
        let socket = TcpListener::bind((Ipv4Addr::LOCALHOST, host_port))
            .await
            .map_err(failed)?;
        let address = socket.local_addr().map_err(failed)?;
        let text = page(spec, container, environment);
        let app = Router::new().fallback(move || std::future::ready(text.clone()));
        let stop = self.stop.clone().cancelled_owned();
        self.servers.spawn(async move {
            if let Err(error) = axum::serve(socket, app).with_graceful_shutdown(stop).await {
                tracing::warn!(%error, "a task's server failed");
            }
        });
        Ok(PublishedPort {
            container: container.name.clone(),
            container_port: port.container_port,
            address,
        })
    }

    /// Until the task is killed (true) or told to stop (false).
    async fn run(&self, spec: &TaskSpec, orders: &mut Orders) -> bool {
        tokio::select! {
            order = orders.next() => order == Order::Kill,
            never = self.report_health(spec) => never,
        }
    }

    async fn report_health(&self, spec: &TaskSpec) -> bool {
        for container in &spec.containers {
            if let Some(check) = &container.health_check {
                tokio::time::sleep(self.clock.real(check.interval)).await;
                self.see(Observation::ContainerHealth {
                    task: spec.task.clone(),
                    container: container.name.clone(),
                    healthy: true,
                });
            }
        }
        std::future::pending().await
    }

    async fn end(&self, spec: &TaskSpec, killed: bool, mut orders: Orders) {
        self.stop.cancel();
        self.servers.close();
        if !killed {
            let _ = tokio::time::timeout(SHUTDOWN_TIMEOUT, self.servers.wait()).await;
        }
        for container in &spec.containers {
            self.see(Observation::ContainerExited {
                task: spec.task.clone(),
                container: container.name.clone(),
                exit_code: Some(if killed { KILLED } else { 0 }),
                reason: None,
            });
        }
        if killed {
            orders.stop().await;
        }
    }

    fn see(&self, observation: Observation) {
        // The sandbox may have stopped listening: then nobody wants to know.
        let _ = self.seen.send(observation);
    }
}

/// What a simulated container answers.
fn page(
    spec: &TaskSpec,
    container: &ContainerSpec,
    environment: &BTreeMap<String, String>,
) -> String {
    let mut text = format!(
        "container {} of task {} ({})\nimage {}\n",
        container.name, spec.task.0, spec.task_definition, container.image
    );
    for name in ["APP_VERSION", "VERSION"] {
        if let Some(value) = environment.get(name) {
            text.push_str(&format!("{name}={value}\n"));
        }
    }
    text.push_str("simulated: served in process by the sandbox\n");
    text
}
