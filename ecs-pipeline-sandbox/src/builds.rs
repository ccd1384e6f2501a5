//! CodeBuild projects, as far as a pipeline starts them: what stands for each.

use std::collections::{BTreeMap, HashMap};
use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};

use bytes::Bytes;
use futures::future::BoxFuture;

/// What a pipeline asks of a project. Its `Debug` form has no contents and no values.
#[derive(Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct BuildRequest {
    /// The project's name.
    pub project: String,
    /// The input artifacts as zips, by name, the primary one first.
    pub sources: Vec<(String, Bytes)>,
    /// The variables that the pipeline sets: the action's, and those of CodeBuild that depend on
    /// the pipeline, such as `CODEBUILD_RESOLVED_SOURCE_VERSION` and `CODEBUILD_INITIATOR`.
    pub variables: BTreeMap<String, String>,
    /// The names of the output artifacts that the action declares.
    pub outputs: Vec<String>,
}

impl BuildRequest {
    /// A request without sources, variables and outputs: they are set one by one.
    #[must_use]
    pub fn new(project: impl Into<String>) -> Self {
        Self {
            project: project.into(),
            sources: Vec::new(),
            variables: BTreeMap::new(),
            outputs: Vec::new(),
        }
    }
}

/// What came of a build. Its `Debug` form has no contents and no values.
#[derive(Clone, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct BuildAnswer {
    /// Whether the build succeeded.
    pub succeeded: bool,
    /// CodeBuild's id of it, `PROJECT:UUID`.
    pub id: String,
    /// Why it failed, in a sentence.
    pub message: String,
    /// The output artifacts as zips, by name.
    pub artifacts: BTreeMap<String, Bytes>,
    /// The variables that it exported.
    pub exported: BTreeMap<String, String>,
}

impl fmt::Debug for BuildRequest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let sources = self.sources.iter().map(|(name, zip)| (name, zip.len()));
        f.debug_struct("BuildRequest")
            .field("project", &self.project)
            .field("sources", &sources.collect::<Vec<_>>())
            .field("variables", &self.variables.keys())
            .field("outputs", &self.outputs)
            .finish()
    }
}

impl fmt::Debug for BuildAnswer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let artifacts = self.artifacts.iter().map(|(name, zip)| (name, zip.len()));
        f.debug_struct("BuildAnswer")
            .field("succeeded", &self.succeeded)
            .field("id", &self.id)
            .field("message", &self.message)
            .field("artifacts", &artifacts.collect::<Vec<_>>())
            .field("exported", &self.exported.keys())
            .finish()
    }
}

type Project = Arc<dyn Fn(BuildRequest) -> BoxFuture<'static, BuildAnswer> + Send + Sync>;

/// The projects that are defined; clones share them. A pipeline's action that starts one that
/// nobody defined fails, and says so.
#[derive(Clone, Default)]
pub struct Builds {
    projects: Arc<Mutex<HashMap<String, Project>>>,
}

impl Builds {
    /// Defines a project, or replaces it.
    pub fn answer_with(
        &self,
        project: &str,
        build: impl Fn(BuildRequest) -> BoxFuture<'static, BuildAnswer> + Send + Sync + 'static,
    ) {
        self.lock().insert(project.to_owned(), Arc::new(build));
    }

    /// Runs a build; `None` where nobody defined the project.
    pub(crate) async fn build(&self, request: BuildRequest) -> Option<BuildAnswer> {
        let project = self.lock().get(&request.project).cloned()?;
        Some(project(request).await)
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, HashMap<String, Project>> {
        // A panic elsewhere cannot leave the map half changed.
        self.projects.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl fmt::Debug for Builds {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut names: Vec<String> = self.lock().keys().cloned().collect();
        names.sort();
        f.debug_set().entries(names).finish()
    }
}
