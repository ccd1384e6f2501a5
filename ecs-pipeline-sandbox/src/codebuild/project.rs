//! A project: what its builds have in common.

use std::collections::BTreeMap;
use std::fmt;
use std::path::Path;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use super::attempt;
use super::cache::Caches;
use super::log::OnLine;
use super::report::Build;
use super::source::Source;
use crate::builds::{BuildAnswer, BuildRequest, Builds};

/// A CodeBuild project whose builds run on this machine.
///
/// It stands for CodeBuild and is not CodeBuild: commands run as this user, with what this machine has,
/// without CodeBuild's image and without its isolation. Of this machine's variables they get what
/// [`Project::machine`] says, and nothing else.
///
/// ```
/// use ecs_pipeline_sandbox::codebuild::{PhaseName, Project, Start};
///
/// # tokio::runtime::Runtime::new()?.block_on(async {
/// let source = tempfile::tempdir()?;
/// std::fs::write(source.path().join("buildspec.yml"), "
/// version: 0.2
/// env:
///   exported-variables: [IMAGE_TAG]
/// phases:
///   build:
///     commands:
///       - IMAGE_TAG=\"$REPOSITORY:$CODEBUILD_BUILD_NUMBER\"
///       - printf '[{\"name\":\"app\",\"imageUri\":\"%s\"}]' \"$IMAGE_TAG\" > imagedefinitions.json
/// artifacts:
///   files: [imagedefinitions.json]
/// ")?;
///
/// let project = Project::new("shop").variable("REPOSITORY", "shop");
/// let build = project.build(source.path(), Start::default()).await;
/// assert!(build.succeeded(), "{:#?}", build.log);
/// assert!(build.phase(PhaseName::PostBuild).is_some());
/// assert_eq!(build.exported["IMAGE_TAG"], "shop:1");
/// let artifact = build.artifact.unwrap();
/// let expected = br#"[{"name":"app","imageUri":"shop:1"}]"#;
/// assert_eq!(artifact.files.get("imagedefinitions.json"), Some(&expected[..]));
/// # Ok::<(), std::io::Error>(()) })?;
/// # Ok::<(), std::io::Error>(())
/// ```
#[derive(Clone)]
pub struct Project {
    pub(super) name: String,
    pub(super) region: String,
    pub(super) account: String,
    pub(super) buildspec: Option<String>,
    pub(super) machine: BTreeMap<String, String>,
    pub(super) variables: BTreeMap<String, String>,
    pub(super) parameters: BTreeMap<String, String>,
    pub(super) secrets: BTreeMap<String, String>,
    pub(super) time_limit: Duration,
    pub(super) on_line: Option<OnLine>,
    memory: Arc<Mutex<Memory>>,
}

/// What one build leaves for the next.
#[derive(Debug, Default)]
pub(super) struct Memory {
    pub(super) builds: u64,
    pub(super) caches: Caches,
}

/// What one build is started with.
#[derive(Debug, Clone, Default)]
#[non_exhaustive]
pub struct Start {
    /// Variables, which go before those of the project and of the build specification.
    pub variables: BTreeMap<String, String>,
    /// Another build specification than the project's: see [`Project::buildspec`].
    pub buildspec: Option<String>,
    /// The names of a pipeline's output artifacts; `None` outside a pipeline, where every artifact of the
    /// build specification is collected. Where there are several, each is the secondary artifact of that
    /// name.
    pub outputs: Option<Vec<String>>,
}

impl Start {
    /// Sets a variable.
    #[must_use]
    pub fn variable(mut self, name: impl Into<String>, value: impl Into<String>) -> Self {
        self.variables.insert(name.into(), value.into());
        self
    }
}

impl Project {
    /// CodeBuild's own time limit where a project does not say another.
    pub const TIME_LIMIT: Duration = Duration::from_secs(60 * 60);

    /// A project with nothing but a `PATH` of `/usr/local/bin:/usr/bin:/bin` and their `sbin`s.
    #[must_use]
    pub fn new(name: impl Into<String>) -> Self {
        let path = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";
        Self {
            name: name.into(),
            region: "us-east-1".to_owned(),
            account: "123456789012".to_owned(),
            buildspec: None,
            machine: BTreeMap::from([("PATH".to_owned(), path.to_owned())]),
            variables: BTreeMap::new(),
            parameters: BTreeMap::new(),
            secrets: BTreeMap::new(),
            time_limit: Self::TIME_LIMIT,
            on_line: None,
            memory: Arc::default(),
        }
    }

    /// A variable of the project, in plain text.
    #[must_use]
    pub fn variable(mut self, name: impl Into<String>, value: impl Into<String>) -> Self {
        self.variables.insert(name.into(), value.into());
        self
    }

    /// A variable that stands for what CodeBuild's image, and the project's role, would bring: `PATH`,
    /// `HOME`, `DOCKER_HOST`, `AWS_ENDPOINT_URL` and the like. Every other one goes before it. Without a
    /// `HOME`, each build has an empty one of its own.
    #[must_use]
    pub fn machine(mut self, name: impl Into<String>, value: impl Into<String>) -> Self {
        self.machine.insert(name.into(), value.into());
        self
    }

    /// The build specification as a text of several lines, or as a path in the source; without this,
    /// `buildspec.yml`.
    #[must_use]
    pub fn buildspec(mut self, buildspec: impl Into<String>) -> Self {
        self.buildspec = Some(buildspec.into());
        self
    }

    /// The region that the build is told of; without this, `us-east-1`.
    #[must_use]
    pub fn region(mut self, region: impl Into<String>) -> Self {
        self.region = region.into();
        self
    }

    /// The account in its ARN; without this, `123456789012`.
    #[must_use]
    pub fn account(mut self, account: impl Into<String>) -> Self {
        self.account = account.into();
        self
    }

    /// What a parameter of Parameter Store holds, for `env.parameter-store`. A build that asks for another
    /// fails.
    #[must_use]
    pub fn parameter(mut self, name: impl Into<String>, value: impl Into<String>) -> Self {
        self.parameters.insert(name.into(), value.into());
        self
    }

    /// What a secret of Secrets Manager holds, for `env.secrets-manager`; `id` is what the build
    /// specification calls it by, its name or its ARN. A build that asks for another fails.
    #[must_use]
    pub fn secret(mut self, id: impl Into<String>, value: impl Into<String>) -> Self {
        self.secrets.insert(id.into(), value.into());
        self
    }

    /// How long a build may take, before it is ended with all that it has started. CodeBuild allows 36 hours
    /// at most, and so does this.
    #[must_use]
    pub fn time_limit(mut self, limit: Duration) -> Self {
        self.time_limit = limit.min(Duration::from_secs(36 * 60 * 60));
        self
    }

    /// Tells each line of the log as it comes.
    #[must_use]
    pub fn on_line(mut self, on_line: impl Fn(&str) + Send + Sync + 'static) -> Self {
        self.on_line = Some(Arc::new(on_line));
        self
    }

    /// Builds a copy of the source. Dropping the future ends the build with all that it has started.
    pub async fn build(&self, source: &Path, start: Start) -> Build {
        let source = Source::Directory(source.to_owned());
        attempt::build(self, &[(String::new(), source)], &start).await
    }

    /// Builds for a pipeline. The sources are unpacked into `CODEBUILD_SRC_DIR`, and all but the first into
    /// `CODEBUILD_SRC_DIR_NAME`.
    pub async fn answer(&self, request: BuildRequest) -> BuildAnswer {
        let sources = request.sources.into_iter();
        let sources: Vec<_> = sources
            .map(|(name, zip)| (name, Source::Zip(zip)))
            .collect();
        let start = Start {
            variables: request.variables,
            buildspec: None,
            outputs: Some(request.outputs),
        };
        let build = attempt::build(self, &sources, &start).await;
        attempt::answer(build, &start)
    }

    /// Makes this what pipelines find under its name.
    pub fn define_in(&self, builds: &Builds) {
        let project = self.clone();
        builds.answer_with(&self.name, move |request| {
            let project = project.clone();
            Box::pin(async move { project.answer(request).await })
        });
    }

    pub(super) fn memory(&self) -> MutexGuard<'_, Memory> {
        // A panic elsewhere cannot leave it half changed.
        self.memory.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl fmt::Debug for Project {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // Values may be secret.
        f.debug_struct("Project")
            .field("name", &self.name)
            .field("region", &self.region)
            .field("account", &self.account)
            .field("machine", &self.machine.keys())
            .field("variables", &self.variables.keys())
            .field("parameters", &self.parameters.keys())
            .field("secrets", &self.secrets.keys())
            .field("time_limit", &self.time_limit)
            .finish_non_exhaustive()
    }
}
