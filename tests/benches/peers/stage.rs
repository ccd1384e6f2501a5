//! A sandbox with a service for one program to deploy to.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use ecs_pipeline_sandbox::RunnerChoice;
use ecs_pipeline_sandbox::faults::TaskFault;
use ecs_pipeline_sandbox::world::Service as Aws;
use ecs_pipeline_tests::{Command, Container, Sandboxed, Service};
use serde_json::{Value, json};
use tempfile::TempDir;

/// How exactly the end of a rollout is known.
const TICK: Duration = Duration::from_millis(10);

/// What `ecs-pipeline` reads. Like the others it takes what the service runs for its model.
const CONFIG: &str = "\
application: web
build: {builder: pack, platform: linux/amd64}
registry: {repository: web, tags: [latest], create: {}}
deploy: {cluster: c, service: web, container: app}
";

/// Which revision a rollout ends on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Expected {
    /// The new one.
    New,
    /// The one that ran before.
    Former,
}

/// A service on a sandbox of its own.
#[derive(Debug)]
pub(crate) struct Stage {
    sandboxed: &'static Sandboxed,
    service: Service<'static>,
    home: TempDir,
}

impl Stage {
    /// Starts a sandbox and creates the service: two tasks behind a load balancer.
    pub(crate) async fn set(speed: f64) -> Self {
        // It lives as long as this program; tasks in process leave nothing behind.
        let sandboxed = Box::leak(Box::new(
            Sandboxed::start(RunnerChoice::InProcess, speed).await,
        ));
        let service = Service::create(sandboxed, &Container::of("example.com/web:1")).await;
        let home = tempfile::tempdir().expect("a temporary directory");
        std::fs::write(home.path().join("ecs-pipeline.yml"), CONFIG).unwrap();
        let dockerfile = "FROM scratch\nCOPY version /version\nCMD [\"/version\"]\n";
        std::fs::write(home.path().join("Dockerfile"), dockerfile).unwrap();
        Self {
            sandboxed,
            service,
            home,
        }
    }

    /// A directory of the program's own.
    pub(crate) fn home(&self) -> &Path {
        self.home.path()
    }

    /// The configuration of `ecs-pipeline`.
    pub(crate) fn config(&self) -> PathBuf {
        self.home().join("ecs-pipeline.yml")
    }

    /// A program that takes the sandbox for AWS. Python may keep what it compiles, as it does on
    /// any machine.
    pub(crate) fn command(&self, program: &str) -> Command {
        let command = self.sandboxed.command(program);
        command.env("PYTHONDONTWRITEBYTECODE", "")
    }

    /// Pushes an image that is like no other.
    pub(crate) async fn push(&self, binary: &Path, tag: &str) {
        std::fs::write(self.home().join("version"), tag).unwrap();
        let config = self.config();
        for step in ["build", "push"] {
            let command = self.command(&binary.to_string_lossy());
            let command = command.args([step, "--tag", tag, "--config"]);
            command.arg(config.to_string_lossy()).succeed().await;
        }
    }

    /// The number that the next revision will get.
    pub(crate) fn next_revision(&self) -> u64 {
        1 + self
            .calls()
            .get("ECS.RegisterTaskDefinition")
            .copied()
            .unwrap_or_default()
    }

    /// Lets every task of the next revision meet a fault.
    pub(crate) fn fail_next_revision(&self, fault: TaskFault) {
        let revision = format!("web:{}", self.next_revision());
        self.sandboxed.sandbox.faults().fail_tasks(&revision, fault);
    }

    /// How long targets drain.
    pub(crate) async fn set_drain(&self, delay: Duration) {
        let group = self.described()["loadBalancers"][0]["targetGroupArn"].take();
        let form = format!(
            "Action=ModifyTargetGroupAttributes&TargetGroupArn={}\
             &Attributes.member.1.Key=deregistration_delay.timeout_seconds\
             &Attributes.member.1.Value={}",
            group.as_str().expect("a target group"),
            delay.as_secs()
        );
        self.sandboxed.elb(&form, "Value").await;
    }

    /// How often each operation was asked for.
    pub(crate) fn calls(&self) -> BTreeMap<String, u64> {
        self.sandboxed.sandbox.calls().snapshot()
    }

    /// The operations since an earlier count.
    pub(crate) fn calls_since(&self, before: &BTreeMap<String, u64>) -> BTreeMap<String, u64> {
        let mut calls = self.calls();
        for (operation, count) in &mut calls {
            *count -= before.get(operation).copied().unwrap_or_default();
        }
        calls.retain(|_, count| *count > 0);
        calls
    }

    /// Looks at the world, not through its API, until the next rollout is over: when that was.
    pub(crate) async fn watch(&self, expected: Expected) -> impl Future<Output = SystemTime> {
        let (sandboxed, former) = (self.sandboxed, primary(&self.described()));
        let watching = tokio::spawn(async move {
            loop {
                let now = primary(&described(sandboxed));
                let on_former = now["taskDefinition"] == former["taskDefinition"];
                if now["id"] != former["id"]
                    && now["rolloutState"] == "COMPLETED"
                    && on_former == (expected == Expected::Former)
                {
                    return SystemTime::now();
                }
                tokio::time::sleep(TICK).await;
            }
        });
        async { watching.await.expect("the rollout is watched") }
    }

    /// Waits until nothing happens any more.
    pub(crate) async fn settle(&self) {
        self.service.settled().await;
    }

    fn described(&self) -> Value {
        described(self.sandboxed)
    }
}

fn described(sandboxed: &Sandboxed) -> Value {
    let input = json!({ "cluster": "c", "services": ["web"] });
    let answer = sandboxed.sandbox.call(Aws::Ecs, "DescribeServices", input);
    answer.expect("the service is there")["services"][0].take()
}

fn primary(service: &Value) -> Value {
    let deployments = service["deployments"].as_array().into_iter().flatten();
    let primary = deployments
        .into_iter()
        .find(|one| one["status"] == "PRIMARY");
    primary.cloned().expect("a primary deployment")
}
