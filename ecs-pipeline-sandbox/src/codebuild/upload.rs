//! What a build leaves: artifacts and reports for whoever asked for it, a cache for the next build.

use std::path::Path;

use ecs_pipeline_artifacts::build_spec::{Artifacts, BuildSpec};
use tokio::time::timeout_at;

use super::attempt::{Attempt, blocking};
use super::cache::{self, Kept};
use super::collect;
use super::prepare::Ready;
use super::report::{Artifact, Failure, Status};

impl Attempt<'_> {
    pub(super) async fn restore_cache(
        &mut self,
        spec: &BuildSpec,
        source: &Path,
        home: &Path,
    ) -> Result<(), Failure> {
        let asked = spec
            .cache
            .as_ref()
            .filter(|cache| is_asked(cache.action.as_deref(), "restore"));
        let Some(cache) = asked else {
            return Ok(());
        };
        let Some(kept) = cache::find(cache, &self.project.memory().caches).cloned() else {
            return Ok(());
        };
        let (source, home) = (source.to_owned(), home.to_owned());
        let restored = blocking(move || kept.restore(&source, &home)).await?;
        self.log.notes("the cache of a former build is restored");
        restored.map_err(|error| Failure::fault("the cache", error))
    }

    /// Reports and artifacts are collected whether the build failed or not.
    pub(super) async fn upload(&mut self, ready: &Ready) -> Result<(), Failure> {
        let source = ready.place.source();
        for group in &ready.spec.reports {
            let report = collect::report(self.project, group, &source, &ready.shell, &mut self.log);
            self.handed_on.reports.extend(report.await?);
        }
        let Some(artifacts) = &ready.spec.artifacts else {
            return match self.start.outputs.as_deref() {
                None | Some([]) => Ok(()),
                Some(_) => Err(Failure::new(
                    "CLIENT_ERROR",
                    "no artifacts in the build specification",
                )),
            };
        };
        for wanted in wanted(artifacts, self.start.outputs.as_deref())? {
            let artifact = self.artifact(wanted.artifacts, ready).await?;
            match wanted.secondary {
                Some(name) => {
                    let name = name.to_owned();
                    self.handed_on.secondary.insert(name, artifact);
                }
                None => self.handed_on.artifact = Some(artifact),
            }
        }
        Ok(())
    }

    async fn artifact(
        &mut self,
        artifacts: &Artifacts,
        ready: &Ready,
    ) -> Result<Artifact, Failure> {
        let (source, shell) = (ready.place.source(), &ready.shell);
        let files = collect::artifact(artifacts, &source, shell, &mut self.log).await?;
        let name = match &artifacts.name {
            Some(name) => {
                let word = timeout_at(self.deadline, shell.word(name)).await;
                let word = word.map_err(|_| Failure::timed_out())?;
                Some(word.map_err(|error| Failure::fault("the artifact's name", error))?)
            }
            None => None,
        };
        Ok(Artifact { name, files })
    }

    /// After a build that succeeded.
    pub(super) async fn keep(&mut self, ready: &Ready) {
        let asked = ready.spec.cache.clone();
        let asked = asked.filter(|cache| is_asked(cache.action.as_deref(), "save"));
        let Some(cache) = asked.filter(|_| self.status() == Status::Succeeded) else {
            return;
        };
        let key = cache.key.clone().unwrap_or_default();
        let (source, home) = (ready.place.source(), ready.home.clone());
        match blocking(move || Kept::of(&cache, &source, &home)).await {
            Ok(Ok((kept, elsewhere))) => {
                self.project.memory().caches.insert(key, kept);
                for path in elsewhere {
                    self.note(format!(
                        "the cache does not keep {path}: it is neither in the source nor in the home directory"
                    ));
                }
            }
            Ok(Err(error)) => self.note(format!("the cache is not kept: {error}")),
            Err(failure) => self.note(format!("the cache is not kept: {}", failure.message)),
        }
    }
}

/// An artifact to collect.
struct Wanted<'a> {
    /// Its identifier, unless it is the primary one.
    secondary: Option<&'a str>,
    artifacts: &'a Artifacts,
}

/// Outside a pipeline all of them. A pipeline's action with several outputs gets the secondary artifacts of
/// their names. (CodePipeline user guide, "CodeBuild".)
fn wanted<'a>(
    artifacts: &'a Artifacts,
    outputs: Option<&[String]>,
) -> Result<Vec<Wanted<'a>>, Failure> {
    let primary = || Wanted {
        secondary: None,
        artifacts,
    };
    let secondary = artifacts.secondary.iter().map(|(name, artifacts)| Wanted {
        secondary: Some(name),
        artifacts,
    });
    let named = |output: &String| {
        secondary
            .clone()
            .find(|wanted| wanted.secondary == Some(output))
    };
    match outputs {
        None => Ok([primary()].into_iter().chain(secondary).collect()),
        Some([output]) => Ok(vec![named(output).unwrap_or_else(primary)]),
        Some(outputs) => {
            let each = outputs.iter().map(|output| {
                named(output).ok_or_else(|| {
                    let message =
                        format!("no secondary artifact named {output} in the build specification");
                    Failure::new("CLIENT_ERROR", message)
                })
            });
            each.collect()
        }
    }
}

/// Whether a cache is used so; without an `action` it is restored and saved.
fn is_asked(action: Option<&str>, asked: &str) -> bool {
    action.is_none_or(|action| action == asked)
}
