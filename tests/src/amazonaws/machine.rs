//! The machine as its programs see it.

use std::fmt::Write as _;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};

use ecs_pipeline_sandbox::{RunnerChoice, Sandbox};

use super::namespace::{DOCKER_HOST, directory};
use super::{Authority, Engine, Terminator};
use crate::command::{Command, path_with_python};
use crate::sandboxed::Sandboxed;
use crate::say::say;

/// The account, which every sandbox has.
pub const ACCOUNT: &str = "123456789012";
/// The Region of the pipelines that run here.
pub const REGION: &str = "ap-northeast-2";

/// The services whose names lead to the sandbox, as they stand before the Region.
const SERVICES: [&str; 9] = [
    "api.ecr",
    "codedeploy",
    "codepipeline",
    "ecs",
    "elasticloadbalancing",
    "logs",
    "monitoring",
    "s3",
    "sts",
];

/// A sandbox under AWS's own names, with an engine that trusts it.
#[derive(Debug)]
pub struct Machine {
    /// The sandbox.
    pub sandboxed: Sandboxed,
    authority: PathBuf,
    _terminator: Terminator,
    _engine: Engine,
}

impl Machine {
    /// Starts engine, sandbox and TLS; `buckets` have names of their own. `None` outside the
    /// namespaces, where the machine is somebody's.
    ///
    /// # Panics
    ///
    /// If something does not start.
    pub async fn start(speed: f64, buckets: &[&str]) -> Option<Self> {
        let Some(directory) = directory() else {
            say("skipped: this half of a test is run by the other one");
            return None;
        };
        let registry = registry();
        let names = names(buckets);
        lead_here(&directory, &names);
        let authority = Authority::new();
        let pem = directory.join("authority.pem");
        std::fs::write(&pem, authority.pem()).unwrap();
        let engine = Engine::start(&directory, &pem).await;
        let sandbox = Sandbox::builder()
            .region(REGION)
            .registry(&registry)
            .speed(speed)
            .runner(RunnerChoice::Docker);
        let sandbox = sandbox.start().await.expect("a sandbox on a free port");
        let endpoint = sandbox.endpoint();
        let address: SocketAddr = endpoint.trim_start_matches("http://").parse().unwrap();
        Some(Self {
            sandboxed: Sandboxed::of(sandbox),
            authority: pem,
            _terminator: Terminator::start(authority.server(&names), address).await,
            _engine: engine,
        })
    }

    /// A program, with what the agent of a CI system has: credentials, a Region, and trust in the
    /// authority. Nothing tells it of a sandbox.
    pub fn command(&self, program: &str) -> Command {
        self.environment().into_iter().fold(
            Command::new(program, self.sandboxed.home()),
            |command, (name, value)| command.env(name, value),
        )
    }

    /// The variables of its programs, but for their home directory.
    #[must_use]
    pub fn environment(&self) -> [(&'static str, String); 8] {
        let path = path_with_python().into_string();
        let authority = self.authority.display().to_string();
        [
            ("PATH", path.expect("a path is UTF-8")),
            ("DOCKER_HOST", DOCKER_HOST.into()),
            ("AWS_ACCESS_KEY_ID", "AKIDSANDBOX".into()),
            ("AWS_SECRET_ACCESS_KEY", "sandbox".into()),
            ("AWS_DEFAULT_REGION", REGION.into()),
            ("AWS_EC2_METADATA_DISABLED", "true".into()),
            ("AWS_CA_BUNDLE", authority.clone()),
            ("SSL_CERT_FILE", authority),
        ]
    }

    /// Ends it: containers are removed.
    pub async fn stop(self) {
        self.sandboxed.stop().await;
    }
}

/// The registry's name.
#[must_use]
pub fn registry() -> String {
    format!("{ACCOUNT}.dkr.ecr.{REGION}.amazonaws.com")
}

/// Every name under which the sandbox is known.
fn names(buckets: &[&str]) -> Vec<String> {
    let in_region = |service: &str| format!("{service}.{REGION}.amazonaws.com");
    let buckets = buckets.iter().map(|bucket| format!("{bucket}.s3"));
    SERVICES
        .iter()
        .map(|service| (*service).to_owned())
        .chain(buckets)
        .map(|service| in_region(&service))
        .chain([registry()])
        .collect()
}

/// Writes the names into the file that stands for `/etc/hosts`.
fn lead_here(directory: &Path, names: &[String]) {
    let mut hosts = String::from("127.0.0.1 localhost\n");
    for name in names {
        let _ = writeln!(hosts, "127.0.0.1 {name}");
    }
    std::fs::write(directory.join("hosts"), hosts).unwrap();
}
