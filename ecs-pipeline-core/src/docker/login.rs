//! `docker login`: for builds whose base images are in a private registry.

use std::process::Stdio;

use tokio::io::AsyncWriteExt;

use super::DockerCli;
use super::cli::{Run, finished};
use crate::error::ProviderError;

impl DockerCli {
    /// Logs the user's own Docker in to a registry (`host[:port]`), until the password expires. Docker
    /// keeps it where its configuration says: in a credential helper, or in `~/.docker/config.json`.
    /// The password goes through a pipe: arguments can be read by everybody on the machine.
    ///
    /// # Errors
    ///
    /// [`Unavailable`](crate::ErrorKind::Unavailable) without an engine, and
    /// [`Denied`](crate::ErrorKind::Denied) when the registry does not take the password.
    pub async fn login(&self, host: &str, user: &str, password: &str) -> Result<(), ProviderError> {
        let run = Run::new("docker login", host);
        let mut child = self
            .command(&["login", "--username", user, "--password-stdin", host])
            .stdin(Stdio::piped())
            .spawn()
            .map_err(|error| self.not_started(&run, error))?;
        if let Some(mut stdin) = child.stdin.take() {
            // A program that has ended does not read; its exit code says why.
            let _ = stdin.write_all(password.as_bytes()).await;
        }
        let output = child
            .wait_with_output()
            .await
            .map_err(|error| self.not_started(&run, error))?;
        finished(
            &run,
            output.status,
            &String::from_utf8_lossy(&output.stderr),
        )
    }
}

#[cfg(test)]
#[cfg(unix)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;

    #[tokio::test]
    async fn the_password_is_no_argument() {
        use std::os::unix::fs::PermissionsExt;
        let directory = tempfile::tempdir().unwrap();
        let script = directory.path().join("docker");
        let seen = directory.path().join("seen");
        let text = format!("#!/bin/sh\n(echo \"$@\"; cat) >{}\n", seen.display());
        std::fs::write(&script, text).unwrap();
        std::fs::set_permissions(&script, std::fs::Permissions::from_mode(0o755)).unwrap();
        let docker = DockerCli::new(&script);
        docker
            .login("registry:5000", "AWS", "s3cret")
            .await
            .unwrap();
        let seen = std::fs::read_to_string(seen).unwrap();
        assert_eq!(
            seen,
            "login --username AWS --password-stdin registry:5000\ns3cret"
        );
    }
}
