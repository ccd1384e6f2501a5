//! `docker build`.

use std::path::Path;

use async_trait::async_trait;
use serde::Deserialize;

use super::DockerCli;
use super::cli::Run;
use crate::dockerfile::{self, Dockerfile};
use crate::error::{ErrorKind, ProviderError};
use crate::model::{BuildRequest, BuiltImage, Platform};
use crate::provider::{ImageBuilder, Output};

const OPERATION: &str = "docker build";

/// Builds with the Docker command line: with BuildKit where it is, else with the older builder.
#[derive(Debug, Clone, Default)]
pub struct DockerBuilder {
    docker: DockerCli,
}

impl DockerBuilder {
    /// A builder that runs this command.
    #[must_use]
    pub fn new(docker: DockerCli) -> Self {
        Self { docker }
    }
}

#[async_trait]
impl ImageBuilder for DockerBuilder {
    fn describe(&self) -> String {
        "docker build".to_owned()
    }

    async fn build(
        &self,
        request: &BuildRequest,
        output: &Output,
    ) -> Result<BuiltImage, ProviderError> {
        check(request)?;
        let run = Run::new(OPERATION, &request.name);
        self.docker
            .stream(&run, &arguments(request, request.no_cache), output)
            .await?;
        let built = self.inspect(&request.name).await?;
        if fits(request, &built) {
            return Ok(built);
        }
        // The older builder takes layers of another platform from its cache, and the image is then
        // for that platform.
        output.line(format!(
            "the cached layers are for {}: building anew",
            built.platform
        ));
        self.docker
            .stream(&run, &arguments(request, true), output)
            .await?;
        let built = self.inspect(&request.name).await?;
        if fits(request, &built) {
            return Ok(built);
        }
        Err(wrong_platform(request, &built))
    }

    async fn find(&self, name: &str) -> Result<BuiltImage, ProviderError> {
        self.inspect(name).await
    }
}

impl DockerBuilder {
    async fn inspect(&self, name: &str) -> Result<BuiltImage, ProviderError> {
        let run = Run::new("docker image inspect", name);
        let text = self
            .docker
            .capture(&run, &["image", "inspect", name])
            .await?;
        let unreadable =
            |message: String| ProviderError::new(ErrorKind::Internal, run.operation, name, message);
        let found: Vec<Inspected> =
            serde_json::from_str(&text).map_err(|error| unreadable(error.to_string()))?;
        let found = found
            .into_iter()
            .next()
            .ok_or_else(|| unreadable("it answered nothing".to_owned()))?;
        let platform = match found.variant.as_deref() {
            Some(variant) if !variant.is_empty() => {
                format!("{}/{}/{variant}", found.os, found.architecture)
            }
            _ => format!("{}/{}", found.os, found.architecture),
        };
        Ok(BuiltImage {
            name: name.to_owned(),
            id: found
                .id
                .parse()
                .map_err(|error| unreadable(format!("{error}")))?,
            platform: platform
                .parse()
                .map_err(|error| unreadable(format!("{error}")))?,
        })
    }
}

/// What `docker image inspect` is asked for.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Inspected {
    id: String,
    os: String,
    architecture: String,
    variant: Option<String>,
}

fn fits(request: &BuildRequest, built: &BuiltImage) -> bool {
    request
        .platform
        .as_ref()
        .is_none_or(|wanted| built.platform.runs_on(wanted))
}

fn wrong_platform(request: &BuildRequest, built: &BuiltImage) -> ProviderError {
    let wanted = request
        .platform
        .as_ref()
        .map_or_else(String::new, Platform::to_string);
    ProviderError::new(
        ErrorKind::Failed,
        OPERATION,
        &request.name,
        format!("the image is for {}, not for {wanted}", built.platform),
    )
    .with_hint("install buildx (and QEMU, for another architecture), or build on such a machine")
}

/// Refuses what cannot be built, before anything is sent to an engine.
fn check(request: &BuildRequest) -> Result<(), ProviderError> {
    let invalid =
        |message: String| ProviderError::new(ErrorKind::Invalid, OPERATION, &request.name, message);
    if !request.context.is_dir() {
        return Err(invalid(format!(
            "there is no build context {}",
            request.context.display()
        ))
        .with_hint("name the directory that holds the application"));
    }
    let path = dockerfile::path_of(request);
    let text = std::fs::read_to_string(&path).map_err(|error| {
        invalid(format!("{}: {error}", path.display()))
            .with_hint("name the Dockerfile, or put one into the build context")
            .with_source(error)
    })?;
    let file = Dockerfile::parse(&text);
    if file.stages.is_empty() {
        return Err(invalid(format!("{} has no FROM", path.display())));
    }
    match (&request.target, file.stage(request.target.as_deref())) {
        (Some(target), None) => Err(invalid(format!("{} has no stage {target}", path.display()))
            .with_hint(file.stages_hint())),
        _ => Ok(()),
    }
}

fn arguments(request: &BuildRequest, no_cache: bool) -> Vec<String> {
    let mut arguments = vec!["build".to_owned()];
    let mut add = |flag: &str, value: String| arguments.extend([flag.to_owned(), value]);
    add("--file", text(&dockerfile::path_of(request)));
    add("--tag", request.name.clone());
    for name in &request.extra_names {
        add("--tag", name.clone());
    }
    if let Some(target) = &request.target {
        add("--target", target.clone());
    }
    if let Some(platform) = &request.platform {
        add("--platform", platform.to_string());
    }
    for (name, value) in &request.args {
        add("--build-arg", format!("{name}={value}"));
    }
    for image in &request.cache_from {
        add("--cache-from", image.clone());
    }
    if no_cache {
        arguments.push("--no-cache".to_owned());
    }
    arguments.push(text(&request.context));
    arguments
}

fn text(path: &Path) -> String {
    path.to_string_lossy().into_owned()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use std::collections::BTreeMap;

    use super::*;
    use crate::error::Hint;

    const SCRATCH: &str = "FROM scratch AS other\nCOPY Dockerfile /other\nFROM scratch AS run\nCOPY Dockerfile /x\nARG COLOR\nENV COLOR=$COLOR\n";

    fn request(context: &Path, name: &str) -> BuildRequest {
        BuildRequest {
            context: context.to_owned(),
            name: name.to_owned(),
            ..BuildRequest::default()
        }
    }

    fn context() -> tempfile::TempDir {
        let directory = tempfile::tempdir().unwrap();
        std::fs::write(directory.path().join("Dockerfile"), SCRATCH).unwrap();
        directory
    }

    #[test]
    fn every_wish_reaches_the_command_line() {
        let mut request = request(Path::new("/src"), "web:1");
        request.target = Some("run".to_owned());
        request.platform = Some("linux/arm64".parse().unwrap());
        request.args = BTreeMap::from([("A".to_owned(), "1 2".to_owned())]);
        request.cache_from = vec!["web:cache".to_owned()];
        request.extra_names = vec!["web:latest".to_owned()];
        assert_eq!(
            arguments(&request, true).join(" "),
            "build --file /src/Dockerfile --tag web:1 --tag web:latest --target run --platform linux/arm64 --build-arg A=1 2 --cache-from web:cache --no-cache /src"
        );
    }

    #[tokio::test]
    async fn what_cannot_be_built_is_refused_without_an_engine() {
        let docker = DockerBuilder::new(DockerCli::new("no-such-command-of-ours"));
        let directory = context();
        let mut wrong_target = request(directory.path(), "web:1");
        wrong_target.target = Some("nope".to_owned());
        let mut wrong_file = request(directory.path(), "web:1");
        wrong_file.dockerfile = Some("no-such-Dockerfile".into());
        let wrong_context = request(&directory.path().join("nope"), "web:1");
        for request in [wrong_target, wrong_file, wrong_context] {
            let error = docker
                .build(&request, &Output::discard())
                .await
                .unwrap_err();
            assert_eq!(error.kind(), ErrorKind::Invalid, "{error}");
            assert!(error.hint().is_some(), "{error}");
        }
        let good = request(directory.path(), "web:1");
        let error = docker.build(&good, &Output::discard()).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Unavailable);
    }

    #[tokio::test]
    async fn an_engine_that_is_not_there_is_unavailable() {
        let docker = DockerCli::default().with_env("DOCKER_HOST", "tcp://127.0.0.1:1");
        let directory = context();
        let request = request(directory.path(), "web:1");
        let error = DockerBuilder::new(docker)
            .build(&request, &Output::discard())
            .await
            .unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Unavailable, "{error}");
    }

    #[tokio::test]
    async fn a_real_engine_builds_for_the_platform_that_was_asked_for() {
        let docker = DockerCli::default();
        if let Err(error) = docker.engine_version().await {
            let required = std::env::var("ECS_PIPELINE_REQUIRE").unwrap_or_default();
            assert!(
                !required.split([',', ' ']).any(|one| one == "docker"),
                "{error}"
            );
            return skipped(&error);
        }
        let builder = DockerBuilder::new(docker.clone());
        let directory = context();
        let tag = format!("ecs-pipeline-test-{}", std::process::id());
        let (sender, mut lines) = tokio::sync::mpsc::unbounded_channel();
        let mut ids = Vec::new();
        for platform in ["linux/amd64", "linux/arm64"] {
            let mut request = request(directory.path(), &format!("{tag}:1"));
            request.platform = Some(platform.parse().unwrap());
            request.target = Some("run".to_owned());
            request.args = BTreeMap::from([("COLOR".to_owned(), "blue".to_owned())]);
            let built = builder
                .build(&request, &Output::to(sender.clone()))
                .await
                .unwrap();
            assert!(
                built.platform.runs_on(&platform.parse().unwrap()),
                "{platform}: {built:?}"
            );
            assert_eq!(builder.find(&request.name).await.unwrap(), built);
            ids.push(built.id);
        }
        assert_ne!(ids[0], ids[1]);
        assert!(lines.try_recv().is_ok(), "the build's lines are handed on");
        let run = Run::new("docker rmi", &tag);
        for id in ids {
            docker
                .capture(&run, &["rmi", "--force", id.as_str()])
                .await
                .unwrap();
        }
        let error = builder.find(&format!("{tag}:1")).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::NotFound);
    }

    #[allow(clippy::print_stderr)]
    fn skipped(error: &ProviderError) {
        eprintln!("skipped: {error}");
    }
}
