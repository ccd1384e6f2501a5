//! One task's containers from their pull to their removal.

use std::net::SocketAddr;
use std::time::Duration;

use futures::future::{BoxFuture, FutureExt, join_all};
use serde::Deserialize;
use serde_json::Value;
use tokio::io::{AsyncBufReadExt, AsyncRead, BufReader};
use tokio::sync::mpsc::UnboundedSender;
use tokio::task::JoinHandle;
use tokio_util::task::AbortOnDropHandle;

use super::cli::{Cli, Refused};
use super::{SANDBOX_LABEL, TASK_LABEL, health, reason};
use crate::clock::Clock;
use crate::runner::Images;
use crate::runner::running::{Order, Orders};
use crate::world::{ContainerSpec, Observation, PublishedPort, TaskSpec};

/// What a task needs to live.
pub(super) struct Life {
    pub(super) cli: Cli,
    pub(super) clock: Clock,
    pub(super) images: Images,
    pub(super) sandbox: String,
    pub(super) seen: UnboundedSender<Observation>,
}

/// A container that was created.
struct Created {
    id: String,
    spec: ContainerSpec,
}

/// Why a task could not start.
struct Failure {
    container: String,
    reason: String,
}

impl Life {
    /// From the start to the end that an order brings.
    pub(super) async fn live(self, spec: TaskSpec, mut orders: Orders) {
        let mut created = Vec::new();
        let started = tokio::select! {
            started = self.start(&spec, &mut created) => Some(started),
            _ = orders.stop() => None,
        };
        match started {
            Some(Ok(ports)) => self.run(&spec, &created, ports, orders).await,
            Some(Err(Failure { container, reason })) => {
                self.remove(&created).await;
                self.see(Observation::TaskFailedToStart {
                    task: spec.task.clone(),
                    container,
                    reason,
                });
                orders.stop().await;
            }
            // Whatever docker was at in that moment may have left a container that has no id
            // here yet; its label finds it.
            None => self.remove_by_label(&spec).await,
        }
        self.remove(&created).await;
        self.see(Observation::TaskStopped { task: spec.task });
    }

    async fn start(
        &self,
        task: &TaskSpec,
        created: &mut Vec<Created>,
    ) -> Result<Vec<PublishedPort>, Failure> {
        for spec in &task.containers {
            let failed = |reason: String| Failure {
                container: spec.name.clone(),
                reason,
            };
            let digest = self
                .pull(&spec.image)
                .await
                .map_err(|said| failed(reason::cannot_pull(&spec.image, &said.0)))?;
            if let Some(digest) = digest {
                self.see(Observation::Pulled {
                    task: task.task.clone(),
                    container: spec.name.clone(),
                    digest,
                });
            }
            let id = self
                .cli
                .run(self.create_args(task, spec))
                .await
                .map_err(|said| failed(reason::cannot_create(&said.0)))?;
            // `docker create` may warn before it prints the id.
            let id = id.lines().last().unwrap_or_default().to_owned();
            created.push(Created {
                id,
                spec: spec.clone(),
            });
        }
        let mut ports = Vec::new();
        for container in created.iter() {
            let failed = |said: Refused| Failure {
                container: container.spec.name.clone(),
                reason: reason::cannot_start(&said.0),
            };
            self.cli
                .run(["start", &container.id])
                .await
                .map_err(failed)?;
            let state = self.inspect(&container.id).await.map_err(failed)?;
            ports.extend(published(&container.spec, &state));
        }
        Ok(ports)
    }

    /// Makes an image available. One of the sandbox's registry is always asked for there; one
    /// from elsewhere that is here already is used as it is. The digest of one of the sandbox's.
    async fn pull(&self, image: &str) -> Result<Option<String>, Refused> {
        if self.images.ours(image).is_none() {
            if self.cli.run(["image", "inspect", image]).await.is_err() {
                self.cli.run(["pull", "-q", image]).await?;
            }
            return Ok(None);
        }
        let credentials = self
            .images
            .credentials()
            .ok_or_else(|| Refused("the registry gives no authorization token".into()))?;
        self.cli
            .pull_with_credentials(image, self.images.host(), &credentials)
            .await?;
        // Docker 20.10 does not ask the registry again for a digest that it has already, as an
        // ECS agent on a fresh host would.
        self.images
            .digest(image)
            .await
            .map_err(|error| Refused(error.to_string()))
    }

    fn create_args(&self, task: &TaskSpec, spec: &ContainerSpec) -> Vec<String> {
        let mut args: Vec<String> = vec!["create".into()];
        let mut option = |name: &str, value: String| args.extend([name.into(), value]);
        option("--label", format!("{SANDBOX_LABEL}={}", self.sandbox));
        option("--label", format!("{TASK_LABEL}={}", task.task.0));
        // Its lines are read with `docker logs`, which not every logging driver can do.
        option("--log-driver", "json-file".into());
        for port in &spec.ports {
            let host_port = port.host_port.map(|p| p.to_string()).unwrap_or_default();
            option(
                "-p",
                format!("127.0.0.1:{host_port}:{}", port.container_port),
            );
        }
        for (name, value) in &spec.environment {
            option("-e", format!("{name}={value}"));
        }
        let mut command = spec.entry_point.clone().unwrap_or_default().into_iter();
        if let Some(executable) = command.next() {
            option("--entrypoint", executable);
        }
        // ECS looks at the task definition's health check alone, not at the image's.
        args.push("--no-healthcheck".into());
        args.push(spec.image.clone());
        // The command line takes one word as the entry point: the others lead the command.
        args.extend(command);
        args.extend(spec.command.clone().unwrap_or_default());
        args
    }

    /// While the containers run, and until they have ended on an order.
    async fn run(
        &self,
        task: &TaskSpec,
        created: &[Created],
        ports: Vec<PublishedPort>,
        mut orders: Orders,
    ) {
        self.see(Observation::TaskStarted {
            task: task.task.clone(),
            ports,
        });
        let followers: Vec<_> = created.iter().map(|c| self.follow(task, c)).collect();
        let checks: Vec<_> = created.iter().map(|c| self.check(task, c)).collect();
        let grace = loop {
            match orders.next().await {
                Order::Stop(grace) => break grace,
                Order::Kill => self.all(created, |id| vec!["kill".into(), id]).await,
                Order::Run => {}
            }
        };
        drop(checks);
        // Docker counts whole seconds, and a container needs a real moment to end.
        let seconds = self.clock.real(grace).as_secs().max(1).to_string();
        self.all(created, |id| {
            vec!["stop".into(), "-t".into(), seconds.clone(), id]
        })
        .await;
        join_all(followers).await;
    }

    /// Reads a container's output to its end, and then tells how it ended.
    fn follow(&self, task: &TaskSpec, container: &Created) -> JoinHandle<()> {
        let cli = self.cli.clone();
        let seen = self.seen.clone();
        let id = container.id.clone();
        let (task, name) = (task.task.clone(), container.spec.name.clone());
        tokio::spawn(async move {
            let logged = |line: String| {
                let _ = seen.send(Observation::Logged {
                    task: task.clone(),
                    container: name.clone(),
                    line,
                });
            };
            if let Err(error) = read_output(&cli, &id, &logged).await {
                tracing::warn!(container = id, %error, "a container's output cannot be read");
            }
            // Returns at once for a container that has ended.
            let _ = cli.run(["wait", &id]).await;
            let state = inspect(&cli, &id).await.ok();
            let state = state.as_ref().map(|state| &state.state);
            let _ = seen.send(Observation::ContainerExited {
                exit_code: state.map(|state| state.exit_code),
                reason: state.and_then(State::reason),
                task,
                container: name,
            });
        })
    }

    fn check(&self, task: &TaskSpec, container: &Created) -> Option<AbortOnDropHandle<()>> {
        let check = container.spec.health_check.clone()?;
        let seen = self.seen.clone();
        let (task, name) = (task.task.clone(), container.spec.name.clone());
        let watch = health::watch(
            self.cli.clone(),
            self.clock,
            container.id.clone(),
            check,
            move |healthy| {
                let _ = seen.send(Observation::ContainerHealth {
                    task: task.clone(),
                    container: name.clone(),
                    healthy,
                });
            },
        );
        Some(AbortOnDropHandle::new(tokio::spawn(watch)))
    }

    async fn inspect(&self, id: &str) -> Result<Inspected, Refused> {
        inspect(&self.cli, id).await
    }

    /// Does the same to all containers at once. One that has ended meanwhile refuses, which is
    /// as good.
    async fn all(&self, created: &[Created], command: impl Fn(String) -> Vec<String>) {
        let commands: Vec<BoxFuture<'_, _>> = created
            .iter()
            .map(|container| self.cli.run(command(container.id.clone())).boxed())
            .collect();
        for said in join_all(commands).await.into_iter().filter_map(Result::err) {
            tracing::debug!(%said, "docker refused");
        }
    }

    async fn remove(&self, created: &[Created]) {
        self.all(created, |id| {
            vec!["rm".into(), "-f".into(), "-v".into(), id]
        })
        .await;
    }

    async fn remove_by_label(&self, task: &TaskSpec) {
        // A `docker create` that was interrupted may still be carried out by the engine.
        tokio::time::sleep(Duration::from_millis(500)).await;
        let filter = format!("label={TASK_LABEL}={}", task.task.0);
        let ours = format!("label={SANDBOX_LABEL}={}", self.sandbox);
        let ids = self
            .cli
            .run(["ps", "-aq", "--filter", &filter, "--filter", &ours])
            .await;
        for id in ids.iter().flat_map(|ids| ids.lines()) {
            let _ = self.cli.run(["rm", "-f", "-v", id]).await;
        }
    }

    fn see(&self, observation: Observation) {
        // The sandbox may have stopped listening: then nobody wants to know.
        let _ = self.seen.send(observation);
    }
}

async fn read_output(
    cli: &Cli,
    id: &str,
    logged: &(impl Fn(String) + Sync),
) -> std::io::Result<()> {
    let mut child = cli.follow(&["logs", "-f", id])?;
    let (stdout, stderr) = (child.stdout.take(), child.stderr.take());
    tokio::join!(lines(stdout, logged), lines(stderr, logged));
    child.wait().await.map(drop)
}

async fn lines(stream: Option<impl AsyncRead + Unpin>, logged: &impl Fn(String)) {
    let Some(stream) = stream else { return };
    let mut reader = BufReader::new(stream);
    let mut line = Vec::new();
    while reader
        .read_until(b'\n', &mut line)
        .await
        .is_ok_and(|n| n > 0)
    {
        let text = String::from_utf8_lossy(&line);
        logged(text.trim_end_matches(['\r', '\n']).to_owned());
        line.clear();
    }
}

/// What is read of `docker inspect`.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Inspected {
    state: State,
    network_settings: NetworkSettings,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct State {
    exit_code: i32,
    #[serde(rename = "OOMKilled")]
    oom_killed: bool,
    error: String,
}

impl State {
    fn reason(&self) -> Option<String> {
        if self.oom_killed {
            return Some(reason::OUT_OF_MEMORY.into());
        }
        (!self.error.is_empty()).then(|| reason::cannot_start(&self.error))
    }
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct NetworkSettings {
    ports: Value,
}

async fn inspect(cli: &Cli, id: &str) -> Result<Inspected, Refused> {
    let text = cli
        .run(["container", "inspect", "--format", "{{json .}}", id])
        .await?;
    serde_json::from_str(&text).map_err(|error| Refused(format!("docker inspect: {error}")))
}

/// Where a started container's ports are.
fn published(spec: &ContainerSpec, inspected: &Inspected) -> Vec<PublishedPort> {
    spec.ports
        .iter()
        .filter_map(|port| {
            let key = format!("{}/tcp", port.container_port);
            let binding = inspected.network_settings.ports.get(&key)?.get(0)?;
            let host_port: u16 = binding.get("HostPort")?.as_str()?.parse().ok()?;
            Some(PublishedPort {
                container: spec.name.clone(),
                container_port: port.container_port,
                address: SocketAddr::from(([127, 0, 0, 1], host_port)),
            })
        })
        .collect()
}
