//! What one run of a pipeline did so far, in a file: commands that are processes of their own pass it on.
//!
//! It holds what cannot be looked up later: which image this run pushed, and which deployment it
//! started. A file of another run (a workspace that Jenkins uses again) counts as empty, and is replaced.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use ecs_pipeline_core::event::{Event, EventKind};
use ecs_pipeline_core::model::{DeploymentId, End, PublishedImage, ServiceRef, TaskDefinitionArn};
use serde::{Deserialize, Serialize};

use crate::error::CliError;
use crate::report::{Renderer, print_error};
use crate::whole_file;

/// The file's version. One of another version is not read.
const VERSION: u32 = 1;

/// What a run did so far.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub(crate) struct State {
    v: u32,
    /// What tells the run from others.
    run: String,
    /// The images that it built, by application: the names that the builder finds them by.
    pub(crate) built: BTreeMap<String, String>,
    /// The images that it pushed, by application.
    pub(crate) images: BTreeMap<String, PublishedImage>,
    /// The deployments that it asked for, one for each service, in their order.
    pub(crate) deployments: Vec<Deployed>,
}

impl State {
    /// Nothing was done yet.
    pub(crate) fn forget(&mut self) {
        self.built.clear();
        self.images.clear();
        self.deployments.clear();
    }

    /// Takes note of a deployment. What the service ran before this run stays what it goes back to: what
    /// the run itself deployed in between is none of that.
    fn deploys(&mut self, mut deployed: Deployed) {
        let mut earlier = self.deployments.iter();
        let earlier = earlier.position(|one| one.service == deployed.service);
        if let Some(earlier) = earlier.map(|index| self.deployments.remove(index))
            && !matches!(earlier.end, Some(End::RolledBack | End::Superseded))
        {
            deployed.last_good = earlier.last_good.or(deployed.last_good);
        }
        self.deployments.push(deployed);
    }

    /// Takes note of how the deployment of a service ended.
    pub(crate) fn ended(&mut self, service: &ServiceRef, end: End) {
        let mut deployments = self.deployments.iter_mut();
        if let Some(deployed) = deployments.find(|one| one.service == *service) {
            deployed.end = Some(end);
        }
    }
}

/// A deployment that a run asked for, or took up.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct Deployed {
    pub(crate) service: ServiceRef,
    /// None where the answer to the request did not arrive: whether it is there, the service tells.
    pub(crate) id: Option<DeploymentId>,
    pub(crate) task_definition: TaskDefinitionArn,
    /// What the service ran before this run.
    pub(crate) last_good: Option<TaskDefinitionArn>,
    /// How it ended; none while it is going, or where the command was killed.
    pub(crate) end: Option<End>,
}

/// Where a run's state is kept.
#[derive(Debug, Clone)]
pub(crate) struct StateFile {
    path: PathBuf,
    run: Option<String>,
}

impl StateFile {
    pub(crate) fn new(path: &Path, run: Option<String>) -> Self {
        Self {
            path: path.to_owned(),
            run,
        }
    }

    /// Refuses where nothing tells this run from others: another one's image would be deployed, and
    /// another one's deployment undone.
    pub(crate) fn check(&self) -> Result<(), CliError> {
        self.run().map(drop)
    }

    fn run(&self) -> Result<&str, CliError> {
        self.run.as_deref().ok_or_else(|| CliError::Usage {
            message: format!(
                "{} is to keep what this run does, and nothing here tells this run from others",
                self.path.display()
            ),
            hint: "set ECS_PIPELINE_RUN to what is this run's own, the same for all its commands"
                .to_owned(),
        })
    }

    /// What this run did so far: nothing, where there is no file, or another run's.
    pub(crate) fn read(&self) -> Result<State, CliError> {
        let run = self.run()?;
        let there = self.there()?;
        let ours = there.filter(|state| state.v == VERSION && state.run == run);
        Ok(ours.unwrap_or_else(|| State {
            v: VERSION,
            run: run.to_owned(),
            ..State::default()
        }))
    }

    /// Another run whose deployments the file holds.
    pub(crate) fn other_run(&self) -> Result<Option<String>, CliError> {
        let run = self.run()?;
        let other = self.there()?.filter(|state| state.run != run);
        let other = other.filter(|state| !state.deployments.is_empty());
        Ok(other.map(|state| state.run))
    }

    fn there(&self) -> Result<Option<State>, CliError> {
        let text = match std::fs::read(&self.path) {
            Ok(text) => text,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(None),
            Err(source) => {
                return Err(CliError::File {
                    path: self.path.clone(),
                    done: "read",
                    source,
                });
            }
        };
        let state = serde_json::from_slice(&text).map_err(|error| CliError::Refused {
            message: format!("{} is no state of a run: {error}", self.path.display()),
            hint: "remove it, or name another file with --state".to_owned(),
        })?;
        Ok(Some(state))
    }

    /// Changes what is there. The file is there whole or as it was.
    pub(crate) fn update(&self, change: impl FnOnce(&mut State)) -> Result<(), CliError> {
        let mut state = self.read()?;
        change(&mut state);
        let text = serde_json::to_string_pretty(&state)
            .map_err(|error| crate::error::internal("state", error))?;
        self.write(&(text + "\n")).map_err(|source| CliError::File {
            path: self.path.clone(),
            done: "written",
            source,
        })
    }

    fn write(&self, text: &str) -> std::io::Result<()> {
        if let Some(directory) = self.path.parent() {
            std::fs::create_dir_all(directory)?;
        }
        whole_file::write(&self.path, text)
    }
}

/// Writes the deployment into the file before it is asked for, as soon as it has an id, and how it ended: also
/// a command that is killed leaves word of what it started.
pub(crate) struct Recorder {
    file: StateFile,
    /// The service whose deployment this is, once there is one.
    service: Option<ServiceRef>,
}

impl Recorder {
    pub(crate) fn new(file: StateFile) -> Self {
        Self {
            file,
            service: None,
        }
    }

    fn deploys(
        &mut self,
        id: Option<&DeploymentId>,
        service: &ServiceRef,
        task_definition: &TaskDefinitionArn,
        last_good: &Option<TaskDefinitionArn>,
    ) -> Result<(), CliError> {
        self.service = Some(service.clone());
        let deployed = Deployed {
            service: service.clone(),
            id: id.cloned(),
            task_definition: task_definition.clone(),
            last_good: last_good.clone(),
            end: None,
        };
        self.file.update(|state| state.deploys(deployed))
    }

    fn ended(&self, end: End) -> Result<(), CliError> {
        let service = self.service.as_ref();
        service.map_or(Ok(()), |service| {
            self.file.update(|state| state.ended(service, end))
        })
    }
}

impl Renderer for Recorder {
    fn event(&mut self, event: &Event) {
        let written = match &event.event {
            EventKind::DeploymentRequested {
                service,
                task_definition,
                last_good,
            } => self.deploys(None, service, task_definition, last_good),
            EventKind::DeploymentStarted {
                service,
                deployment,
                task_definition,
                last_good,
                ..
            } => self.deploys(Some(deployment), service, task_definition, last_good),
            EventKind::RunFinished { end, .. } => self.ended(*end),
            _ => return,
        };
        // The deployment goes on: that it cannot be written down must not end it.
        if let Err(error) = written {
            print_error(&format!("warning: {}", error.into_report().summary));
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;

    fn file(directory: &Path, run: &str) -> StateFile {
        StateFile::new(&directory.join("a/state.json"), Some(run.to_owned()))
    }

    #[test]
    fn a_run_finds_what_it_wrote_and_nothing_of_another_run() {
        let directory = tempfile::tempdir().unwrap();
        let first = file(directory.path(), "build/1");
        assert!(first.read().unwrap().built.is_empty());
        let built = |state: &mut State| {
            state.built.insert("web".to_owned(), "web:1".to_owned());
            state.deploys(deployed("web:2", "web:1"));
        };
        first.update(built).unwrap();
        assert_eq!(first.read().unwrap().built["web"], "web:1");
        assert_eq!(first.other_run().unwrap(), None);
        let second = file(directory.path(), "build/2");
        assert!(second.read().unwrap().built.is_empty());
        assert_eq!(second.other_run().unwrap().as_deref(), Some("build/1"));
    }

    fn deployed(revision: &str, before: &str) -> Deployed {
        let arn = |revision: &str| {
            let arn = format!("arn:aws:ecs:us-east-1:123456789012:task-definition/{revision}");
            arn.parse().unwrap()
        };
        Deployed {
            service: ServiceRef::new("c", "web"),
            id: None,
            task_definition: arn(revision),
            last_good: Some(arn(before)),
            end: Some(End::Succeeded),
        }
    }

    #[test]
    fn a_run_goes_back_behind_all_that_it_deployed() {
        let mut state = State::default();
        state.deploys(deployed("web:2", "web:1"));
        state.deploys(deployed("web:3", "web:2"));
        let [only] = state.deployments.as_slice() else {
            panic!("{state:?}");
        };
        assert_eq!(only.task_definition.short(), "web:3");
        assert_eq!(only.last_good.as_ref().unwrap().short(), "web:1");
    }

    #[test]
    fn a_run_that_nothing_tells_from_others_keeps_nothing() {
        let directory = tempfile::tempdir().unwrap();
        let file = StateFile::new(&directory.path().join("state.json"), None);
        assert!(matches!(file.check(), Err(CliError::Usage { .. })));
        assert!(file.update(State::forget).is_err());
    }

    #[test]
    fn what_is_no_state_is_refused() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("taskdef.json");
        std::fs::write(&path, "{\"family\": 1}").unwrap();
        let file = StateFile::new(&path, Some("build/1".to_owned()));
        let error = file.read().unwrap_err();
        assert!(matches!(error, CliError::Refused { .. }), "{error:?}");
    }
}
