//! A Docker engine of the test's own.

use std::fs::File;
use std::path::Path;
use std::process::Stdio;
use std::time::Duration;

use tokio::process::{Child, Command};

use super::namespace::DOCKER_HOST;

/// How long it may take to answer: far longer than it does.
const PATIENCE: Duration = Duration::from_secs(60);

/// The engine that `DOCKER_HOST` names inside the namespaces. It is killed when this is dropped;
/// what it runs ends with the namespaces.
#[derive(Debug)]
pub struct Engine {
    process: Child,
}

impl Engine {
    /// Starts it with its files in `directory`, trusting the authority whose certificate is in
    /// the file `authority`.
    ///
    /// Containers have no way out of the namespace and need none: ports are published by its
    /// proxy, without the kernel's packet filter.
    ///
    /// # Panics
    ///
    /// If it does not answer.
    pub async fn start(directory: &Path, authority: &Path) -> Self {
        let settings = directory.join("engine.json");
        std::fs::write(&settings, "{}").unwrap();
        let log = File::create(directory.join("engine.log")).unwrap();
        let process = Command::new("dockerd")
            .args(["-H", DOCKER_HOST, "--pidfile", "/run/docker.pid"])
            .args(["--iptables=false", "--ip6tables=false", "--ip-masq=false"])
            .arg("--config-file")
            .arg(settings)
            .arg("--data-root")
            .arg(directory.join("engine"))
            .env("SSL_CERT_FILE", authority)
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(log)
            .kill_on_drop(true)
            .spawn()
            .unwrap();
        let mut engine = Self { process };
        let answered = tokio::time::timeout(PATIENCE, async {
            while !engine.answers().await {
                tokio::time::sleep(Duration::from_millis(50)).await;
            }
        });
        assert!(answered.await.is_ok(), "the engine does not answer");
        engine
    }

    async fn answers(&mut self) -> bool {
        let ended = self.process.try_wait().unwrap();
        assert!(ended.is_none(), "the engine has ended: {ended:?}");
        let version = Command::new("docker")
            .args(["-H", DOCKER_HOST, "version"])
            .stdin(Stdio::null())
            .output();
        version.await.unwrap().status.success()
    }
}
