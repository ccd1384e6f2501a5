//! A build, from its source to its artifacts.

use std::collections::BTreeMap;
use std::hash::{BuildHasher, RandomState};
use std::time::Duration;

use bytes::Bytes;
use ecs_pipeline_artifacts::build_spec::{PhaseName as SpecPhase, Version};
use tokio::time::{Instant, timeout_at};

use super::environment::Identity;
use super::log::{Log, now};
use super::next::{Next, after};
use super::prepare::Ready;
use super::project::{Project, Start};
use super::report::{Artifact, Build, Failure, Phase, PhaseName, Report, Status};
use super::source::Source;
use crate::builds::BuildAnswer;

/// Builds, and builds anew as often as `on-failure: RETRY` says.
pub(super) async fn build(project: &Project, sources: &[(String, Source)], start: &Start) -> Build {
    let mut log = Log::new(project.on_line.clone());
    let mut retries = 0;
    loop {
        let mut attempt = Attempt::new(project, start, log);
        let again = attempt.run(sources).await;
        let again = again.is_some_and(|times| retries < times);
        if !again {
            return attempt.into_build(retries);
        }
        retries += 1;
        log = attempt.log;
        log.notes(&format!("the build is tried again: {retries}"));
    }
}

/// What a pipeline gets of a build.
pub(super) fn answer(build: Build, start: &Start) -> BuildAnswer {
    let mut answer = BuildAnswer {
        succeeded: build.succeeded(),
        id: build.id.clone(),
        message: build.message(),
        exported: build.exported,
        ..BuildAnswer::default()
    };
    let outputs = start.outputs.iter().flatten();
    for name in outputs {
        let secondary = build.secondary_artifacts.get(name);
        let Some(artifact) = secondary.or(build.artifact.as_ref()) else {
            continue;
        };
        match artifact.files.to_zip() {
            Ok(zip) => {
                answer.artifacts.insert(name.clone(), Bytes::from(zip));
            }
            Err(error) => {
                answer.succeeded = false;
                answer.message = format!("The artifact {name} could not be packed: {error}");
            }
        }
    }
    answer
}

/// One of them.
pub(super) struct Attempt<'p> {
    pub(super) project: &'p Project,
    pub(super) start: &'p Start,
    pub(super) identity: Identity,
    pub(super) deadline: Instant,
    pub(super) log: Log,
    pub(super) phases: Vec<Phase>,
    pub(super) notes: Vec<String>,
    pub(super) handed_on: HandedOn,
}

/// What a build leaves.
#[derive(Default)]
pub(super) struct HandedOn {
    pub(super) artifact: Option<Artifact>,
    pub(super) secondary: BTreeMap<String, Artifact>,
    pub(super) exported: BTreeMap<String, String>,
    pub(super) reports: Vec<Report>,
}

impl<'p> Attempt<'p> {
    fn new(project: &'p Project, start: &'p Start, log: Log) -> Self {
        let number = {
            let mut memory = project.memory();
            memory.builds += 1;
            memory.builds
        };
        let id = format!("{}:{}", project.name, uuid());
        let Project {
            region, account, ..
        } = project;
        Self {
            project,
            start,
            identity: Identity {
                arn: format!("arn:aws:codebuild:{region}:{account}:build/{id}"),
                id,
                number,
                started: now().as_millis(),
            },
            deadline: Instant::now() + project.time_limit,
            log,
            phases: Vec::new(),
            notes: Vec::new(),
            handed_on: HandedOn::default(),
        }
    }

    /// How often it may be tried again, if that is what comes next.
    async fn run(&mut self, sources: &[(String, Source)]) -> Option<u32> {
        self.log.notes(
            "this stands for CodeBuild: commands run on this machine, as this user, without CodeBuild's image",
        );
        self.passed(PhaseName::Submitted);
        self.passed(PhaseName::Queued);
        let again = match self.prepare(sources).await {
            Some(mut ready) => {
                let again = self.phases(&mut ready).await;
                self.keep(&ready).await;
                again
            }
            None => None,
        };
        self.passed(PhaseName::Finalizing);
        self.passed(PhaseName::Completed);
        again
    }

    /// INSTALL to UPLOAD_ARTIFACTS.
    async fn phases(&mut self, ready: &mut Ready) -> Option<u32> {
        let mut next = Next::Phase(SpecPhase::Install);
        let again = loop {
            next = match next {
                Next::Phase(name) => {
                    let failure = self.phase(name, ready).await;
                    let phase = ready.spec.phase(name);
                    let on_failure = phase.and_then(|phase| phase.on_failure.as_ref());
                    after(name, failure.as_ref(), on_failure)
                }
                Next::UploadArtifacts => {
                    let began = Instant::now();
                    let uploaded = self.upload(ready).await;
                    self.ended(PhaseName::UploadArtifacts, began, uploaded);
                    Next::End
                }
                Next::End => break None,
                Next::Retry(times) => break Some(times),
            }
        };
        self.handed_on.exported = exported(ready);
        again
    }

    async fn phase(&mut self, name: SpecPhase, ready: &mut Ready) -> Option<Failure> {
        let began = Instant::now();
        self.log
            .says(format_args!("Entering phase {}", PhaseName::of(name)));
        let succeeding = if self.status() == Status::Succeeded {
            "1"
        } else {
            "0"
        };
        ready.shell.set("CODEBUILD_BUILD_SUCCEEDING", succeeding);
        let mut result = Ok(());
        if let Some(phase) = ready.spec.phase(name).cloned() {
            result = self.commands(&phase.commands, ready).await;
            let in_time = !matches!(&result, Err(failure) if failure.status == Status::TimedOut);
            if in_time {
                let finally = self.commands(&phase.finally, ready).await;
                result = result.and(finally);
            }
        }
        let failure = result.clone().err();
        self.ended(PhaseName::of(name), began, result);
        failure
    }

    /// One after the other, until one fails.
    async fn commands(&mut self, commands: &[String], ready: &mut Ready) -> Result<(), Failure> {
        let is_old = ready.spec.version == Version::V0_1;
        for command in commands {
            let command = command.trim_end();
            self.log.says(format_args!("Running command {command}"));
            let (shell, log) = (&mut ready.shell, &mut self.log);
            let line = |line: &str| log.printed(line);
            let ended = if is_old {
                timeout_at(self.deadline, shell.run_alone(command, line)).await
            } else {
                timeout_at(self.deadline, shell.run(command, line)).await
            };
            let reason = match ended {
                Err(_) => return Err(Failure::timed_out()),
                Ok(Ok(ended)) if ended.success() => continue,
                Ok(Ok(ended)) => ended.to_string(),
                Ok(Err(error)) => error.to_string(),
            };
            self.log.says(format_args!(
                "Command did not exit successfully {command} {reason}"
            ));
            let message = format!("Error while executing command: {command}. Reason: {reason}");
            return Err(Failure::new("COMMAND_EXECUTION_ERROR", message));
        }
        Ok(())
    }

    pub(super) fn status(&self) -> Status {
        let phases = self.phases.iter().map(|phase| phase.status);
        phases.max().unwrap_or(Status::Succeeded)
    }

    pub(super) fn note(&mut self, note: String) {
        self.log.notes(&note);
        self.notes.push(note);
    }

    /// A phase in which nothing is to be done here.
    fn passed(&mut self, name: PhaseName) {
        self.phases.push(Phase {
            name,
            status: Status::Succeeded,
            duration: Duration::ZERO,
            code: String::new(),
            message: String::new(),
        });
    }

    pub(super) fn ended<T>(
        &mut self,
        name: PhaseName,
        began: Instant,
        result: Result<T, Failure>,
    ) -> Option<T> {
        let failure = result.as_ref().err();
        let phase = Phase {
            name,
            status: failure.map_or(Status::Succeeded, |failure| failure.status),
            duration: began.elapsed(),
            code: failure
                .map(|failure| failure.code.to_owned())
                .unwrap_or_default(),
            message: failure
                .map(|failure| self.log.masked(&failure.message))
                .unwrap_or_default(),
        };
        let Phase {
            status,
            code,
            message,
            ..
        } = &phase;
        if name != PhaseName::Provisioning || failure.is_some() {
            self.log
                .says(format_args!("Phase complete: {name} State: {status}"));
            self.log.says(format_args!(
                "Phase context status code: {code} Message: {message}"
            ));
        }
        self.phases.push(phase);
        result.ok()
    }

    fn into_build(mut self, retries: u32) -> Build {
        Build {
            status: self.status(),
            id: self.identity.id,
            arn: self.identity.arn,
            number: self.identity.number,
            phases: self.phases,
            log: self.log.take(),
            artifact: self.handed_on.artifact,
            secondary_artifacts: self.handed_on.secondary,
            exported: self.handed_on.exported,
            reports: self.handed_on.reports,
            notes: self.notes,
            retries,
        }
    }
}

/// The variables to export that have a value; those of AWS's own are never exported.
fn exported(ready: &Ready) -> BTreeMap<String, String> {
    let names = ready.spec.env.exported_variables.iter();
    let names = names.filter(|name| !name.starts_with("AWS_"));
    let values = names.filter_map(|name| Some((name.clone(), ready.shell.variable(name)?)));
    values.collect()
}

/// Work that waits for this machine's disk.
pub(super) async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> T + Send + 'static,
) -> Result<T, Failure> {
    let done = tokio::task::spawn_blocking(work).await;
    done.map_err(|error| Failure::fault("this process's own work", error))
}

/// Of the machine's randomness, by way of the standard library's.
fn uuid() -> String {
    let random = || RandomState::new().hash_one(());
    let (high, low) = (random(), random());
    format!(
        "{:08x}-{:04x}-4{:03x}-a{:03x}-{:012x}",
        high >> 32,
        high >> 16 & 0xffff,
        high & 0xfff,
        low >> 48 & 0xfff,
        low & 0xffff_ffff_ffff
    )
}
