//! `docker push` with credentials of its own.

use std::fs;
use std::path::Path;

use serde_json::json;

use super::DockerCli;
use super::cli::Run;
use crate::error::{ErrorKind, ProviderError};
use crate::model::Digest;
use crate::provider::Output;

impl DockerCli {
    /// Pushes a local image under a full name (`HOST/REPOSITORY:TAG`), and answers the digest that
    /// `docker` says it pushed, where it says so. Only this digest is sure to be that image: the
    /// tag may be another run's a moment later.
    ///
    /// `authorization` is what a registry takes as HTTP Basic: base64 of `USER:PASSWORD`. It is
    /// kept for this push alone, in a directory that only this user can read and that is removed
    /// afterwards, also when the push fails; the user's own Docker configuration is not touched.
    ///
    /// # Errors
    ///
    /// [`NotFound`](ErrorKind::NotFound) when there is no such image,
    /// [`Conflict`](ErrorKind::Conflict) when the tag is immutable and taken, and
    /// [`Failed`](ErrorKind::Failed) when the push broke.
    pub async fn push(
        &self,
        image: &str,
        full_name: &str,
        authorization: Option<&str>,
        output: &Output,
    ) -> Result<Option<Digest>, ProviderError> {
        let tag = Run::new("docker tag", image);
        self.capture(&tag, &["tag", image, full_name]).await?;
        let run = Run::new("docker push", full_name);
        let directory = private_configuration(full_name, authorization)
            .map_err(|error| configuration_failed(full_name, error))?;
        let mut docker = self.clone().with_env("DOCKER_CONFIG", directory.path());
        if let Some(endpoint) = self.engine_endpoint().await {
            docker = docker.with_env("DOCKER_HOST", endpoint);
        }
        let arguments = ["push".to_owned(), full_name.to_owned()];
        let pushed = docker.stream(&run, &arguments, output).await;
        directory
            .close()
            .map_err(|error| configuration_failed(full_name, error))?;
        Ok(pushed_digest(&pushed?))
    }

    /// Where the user's present context finds the engine: a configuration of our own would hide it.
    async fn engine_endpoint(&self) -> Option<String> {
        if std::env::var_os("DOCKER_HOST").is_some() || self.sets("DOCKER_HOST") {
            return None;
        }
        let run = Run::new("docker context inspect", "");
        let arguments = [
            "context",
            "inspect",
            "--format",
            "{{.Endpoints.docker.Host}}",
        ];
        let endpoint = self.capture(&run, &arguments).await.ok()?;
        Some(endpoint.trim().to_owned()).filter(|endpoint| !endpoint.is_empty())
    }
}

/// Of the line `TAG: digest: sha256:… size: N`, with which a push ends.
fn pushed_digest(lines: &[String]) -> Option<Digest> {
    lines.iter().rev().find_map(|line| {
        let (_, after) = line.split_once(": digest: ")?;
        after.split_whitespace().next()?.parse().ok()
    })
}

fn private_configuration(
    full_name: &str,
    authorization: Option<&str>,
) -> std::io::Result<tempfile::TempDir> {
    let mut builder = tempfile::Builder::new();
    builder.prefix("ecs-pipeline-docker-");
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        builder.permissions(fs::Permissions::from_mode(0o700));
    }
    let directory = builder.tempdir()?;
    let host = full_name.split('/').next().unwrap_or_default();
    let auths = match authorization {
        Some(authorization) => json!({ host: { "auth": authorization } }),
        None => json!({}),
    };
    write(directory.path(), &json!({ "auths": auths }).to_string())?;
    Ok(directory)
}

fn write(directory: &Path, text: &str) -> std::io::Result<()> {
    fs::write(directory.join("config.json"), text)
}

fn configuration_failed(full_name: &str, error: std::io::Error) -> ProviderError {
    ProviderError::new(
        ErrorKind::Failed,
        "docker push",
        full_name,
        format!("the temporary Docker configuration: {error}"),
    )
    .with_hint("make sure that the directory for temporary files (TMPDIR) can be written")
    .with_source(error)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;

    #[test]
    fn the_credentials_are_for_one_registry_and_one_user() {
        let directory =
            private_configuration("127.0.0.1:5000/team/web:1", Some("QVdTOng=")).unwrap();
        let text = fs::read_to_string(directory.path().join("config.json")).unwrap();
        assert_eq!(text, r#"{"auths":{"127.0.0.1:5000":{"auth":"QVdTOng="}}}"#);
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt;
            let mode = fs::metadata(directory.path()).unwrap().permissions().mode();
            assert_eq!(mode & 0o777, 0o700);
        }
        let path = directory.path().to_owned();
        directory.close().unwrap();
        assert!(!path.exists());
    }

    #[test]
    fn a_push_tells_its_digest() {
        let digest = format!("sha256:{}", "a".repeat(64));
        let lines = [
            "b1: Pushed".to_owned(),
            format!("one: digest: {digest} size: 528"),
        ];
        assert_eq!(pushed_digest(&lines), digest.parse().ok());
        assert_eq!(pushed_digest(&["Writing manifest".to_owned()]), None);
    }

    /// A stand-in for `docker` that tells what it sees: the user's configuration is not ours.
    #[cfg(unix)]
    #[tokio::test]
    async fn a_failed_push_leaves_no_credentials_behind() {
        use std::os::unix::fs::PermissionsExt;
        let directory = tempfile::tempdir().unwrap();
        let script = directory.path().join("docker");
        fs::write(
            &script,
            "#!/bin/sh\ncase $1 in tag) ;; push) echo \"$DOCKER_CONFIG\"; cat \"$DOCKER_CONFIG/config.json\"; echo; exit 1;; *) exit 1;; esac\n",
        )
        .unwrap();
        fs::set_permissions(&script, fs::Permissions::from_mode(0o755)).unwrap();
        let (sender, mut lines) = tokio::sync::mpsc::unbounded_channel();
        let docker = DockerCli::new(&script);
        let error = docker
            .push(
                "web:1",
                "127.0.0.1:5000/web:1",
                Some("c2VjcmV0"),
                &Output::to(sender),
            )
            .await
            .unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Failed);
        let used = lines.recv().await.unwrap();
        assert!(lines.recv().await.unwrap().contains("c2VjcmV0"));
        assert!(!Path::new(&used).exists(), "{used} is left");
    }
}
