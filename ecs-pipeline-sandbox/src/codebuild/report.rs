//! What is known of a build: AWS's names for its phases and its status, and what it leaves.

use std::collections::BTreeMap;
use std::fmt;
use std::time::Duration;

use ecs_pipeline_artifacts::build_spec::PhaseName as SpecPhase;
use ecs_pipeline_artifacts::bundle::Bundle;

/// A build that has ended.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Build {
    /// `PROJECT:UUID`.
    pub id: String,
    /// Its ARN, in the project's region and account.
    pub arn: String,
    /// Counts the project's builds from 1.
    pub number: u64,
    /// How it ended.
    pub status: Status,
    /// The phases that it came to, in their order.
    pub phases: Vec<Phase>,
    /// The lines of its log. Where it was tried again, those of all attempts.
    pub log: Vec<String>,
    /// The artifact; none where the build specification has none, or it could not be collected.
    pub artifact: Option<Artifact>,
    /// The secondary artifacts, by their identifiers.
    pub secondary_artifacts: BTreeMap<String, Artifact>,
    /// The variables that it exported and that have a value.
    pub exported: BTreeMap<String, String>,
    /// The files of its report groups.
    pub reports: Vec<Report>,
    /// What the build specification asks for and a build on this machine does not do, in sentences. The
    /// log has them too.
    pub notes: Vec<String>,
    /// How often it was tried again, as `on-failure: RETRY` asks.
    pub retries: u32,
}

impl Build {
    /// Whether its status is [`Status::Succeeded`].
    #[must_use]
    pub fn succeeded(&self) -> bool {
        self.status == Status::Succeeded
    }

    /// A phase, if the build came to it.
    #[must_use]
    pub fn phase(&self, name: PhaseName) -> Option<&Phase> {
        self.phases.iter().find(|phase| phase.name == name)
    }

    /// The phase that it failed in: the first that ended as the build did.
    #[must_use]
    pub fn failed_phase(&self) -> Option<&Phase> {
        let mut phases = self.phases.iter();
        let phase = phases.find(|phase| phase.status == self.status)?;
        (!self.succeeded()).then_some(phase)
    }

    /// Why it failed, in CodePipeline's words for a build action; empty where it succeeded.
    #[must_use]
    pub fn message(&self) -> String {
        let Some(phase) = self.failed_phase() else {
            return String::new();
        };
        format!(
            "Build terminated with state: {}. Phase: {}, Code: {}, Message: {}",
            self.status, phase.name, phase.code, phase.message
        )
    }
}

/// How a build or a phase ended; a build as the worst of its phases. The worse is the greater.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
#[non_exhaustive]
pub enum Status {
    /// All went well.
    Succeeded,
    /// A command, or something in the build specification, failed.
    Failed,
    /// It took longer than the project allows.
    TimedOut,
    /// This machine could not do its part, such as making a directory.
    Fault,
}

impl fmt::Display for Status {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Succeeded => "SUCCEEDED",
            Self::Failed => "FAILED",
            Self::TimedOut => "TIMED_OUT",
            Self::Fault => "FAULT",
        })
    }
}

/// The phases of every build, whether its build specification names them or not. (CodeBuild API,
/// `BuildPhase`.)
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum PhaseName {
    /// The build was asked for.
    Submitted,
    /// It waits for its turn; nothing waits here.
    Queued,
    /// The build environment is made; here, a directory.
    Provisioning,
    /// The source is fetched and the build specification is read.
    DownloadSource,
    /// `install`.
    Install,
    /// `pre_build`.
    PreBuild,
    /// `build`.
    Build,
    /// `post_build`.
    PostBuild,
    /// Artifacts and reports are collected.
    UploadArtifacts,
    /// The build environment is taken down.
    Finalizing,
    /// The end.
    Completed,
}

impl PhaseName {
    pub(super) fn of(phase: SpecPhase) -> Self {
        match phase {
            SpecPhase::Install => Self::Install,
            SpecPhase::PreBuild => Self::PreBuild,
            SpecPhase::Build => Self::Build,
            SpecPhase::PostBuild => Self::PostBuild,
        }
    }
}

impl fmt::Display for PhaseName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Submitted => "SUBMITTED",
            Self::Queued => "QUEUED",
            Self::Provisioning => "PROVISIONING",
            Self::DownloadSource => "DOWNLOAD_SOURCE",
            Self::Install => "INSTALL",
            Self::PreBuild => "PRE_BUILD",
            Self::Build => "BUILD",
            Self::PostBuild => "POST_BUILD",
            Self::UploadArtifacts => "UPLOAD_ARTIFACTS",
            Self::Finalizing => "FINALIZING",
            Self::Completed => "COMPLETED",
        })
    }
}

/// One phase of a build.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Phase {
    /// Which one.
    pub name: PhaseName,
    /// How it ended.
    pub status: Status,
    /// How long it took.
    pub duration: Duration,
    /// CodeBuild's code for the failure, such as `COMMAND_EXECUTION_ERROR`; empty where it succeeded.
    pub code: String,
    /// The failure in a sentence; empty where it succeeded.
    pub message: String,
}

/// What a phase failed with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Failure {
    pub(super) status: Status,
    pub(super) code: &'static str,
    pub(super) message: String,
}

impl Failure {
    pub(super) fn new(code: &'static str, message: impl Into<String>) -> Self {
        Self {
            status: Status::Failed,
            code,
            message: message.into(),
        }
    }

    pub(super) fn timed_out() -> Self {
        Self {
            status: Status::TimedOut,
            code: "BUILD_TIMED_OUT",
            message: "Build has timed out.".to_owned(),
        }
    }

    /// Of this machine: `what` could not be done.
    pub(super) fn fault(what: &str, error: impl fmt::Display) -> Self {
        Self {
            status: Status::Fault,
            code: "MACHINE_ERROR",
            message: format!("{what}: {error}"),
        }
    }
}

/// Files that a build hands on.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Artifact {
    /// The name that the build specification gives it, as the shell made it.
    pub name: Option<String>,
    /// Its files.
    pub files: Bundle,
}

/// The files of a report group, as they were found: nobody reads them here.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Report {
    /// `PROJECT-NAME` for a group that is named, and otherwise its ARN.
    pub group: String,
    /// Such as `JUNITXML`.
    pub file_format: String,
    /// The files.
    pub files: Bundle,
}
