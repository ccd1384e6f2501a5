//! What a build begins with: its directory, its source, its build specification, its shell.

use std::env;
use std::io;
use std::path::{Path, PathBuf};

use ecs_pipeline_artifacts::build_spec::{BuildSpec, OnFailure};
use tokio::time::Instant;

use super::attempt::{Attempt, blocking};
use super::environment;
use super::report::{Failure, PhaseName};
use super::shell::Shell;
use super::source::{Place, Source};

/// What the phases run in.
pub(super) struct Ready {
    pub(super) place: Place,
    pub(super) home: PathBuf,
    pub(super) spec: BuildSpec,
    pub(super) shell: Shell,
}

impl Attempt<'_> {
    /// PROVISIONING and DOWNLOAD_SOURCE.
    pub(super) async fn prepare(&mut self, sources: &[(String, Source)]) -> Option<Ready> {
        let began = Instant::now();
        let place =
            Place::new().map_err(|error| Failure::fault("a directory for the build", error));
        let place = self.ended(PhaseName::Provisioning, began, place)?;
        let began = Instant::now();
        let ready = self.download(place, sources.to_vec()).await;
        self.ended(PhaseName::DownloadSource, began, ready)
    }

    async fn download(
        &mut self,
        place: Place,
        sources: Vec<(String, Source)>,
    ) -> Result<Ready, Failure> {
        self.log.says("Phase is DOWNLOAD_SOURCE");
        let filled = blocking(move || {
            let directories = place.fill(&sources);
            (place, directories)
        });
        let (place, directories) = filled.await?;
        let mut directories =
            directories.map_err(|message| Failure::new("CLIENT_ERROR", message))?;
        let source = place.source();
        directories.insert("CODEBUILD_SRC_DIR".to_owned(), source.display().to_string());
        self.log
            .says(format_args!("CODEBUILD_SRC_DIR={}", source.display()));

        let spec = self.build_spec(&source)?;
        self.log.says("Processing environment variables");
        let variables = environment::variables(
            self.project,
            self.start,
            &spec.env,
            &self.identity,
            directories,
            &mut self.log,
        );
        let mut variables = variables?;
        let home = place.home().display().to_string();
        let home = PathBuf::from(variables.entry("HOME".to_owned()).or_insert(home).as_str());
        let program = shell_program(&spec, variables.get("PATH"))?;
        self.say_what_is_not_done(&spec);

        self.log
            .says(format_args!("Moving to directory {}", source.display()));
        self.restore_cache(&spec, &source, &home).await?;
        let shell = Shell::start(program, place.notes(), &source, variables)
            .map_err(|error| Failure::fault("a shell", error))?;
        self.log
            .says(format_args!("Phases found in YAML: {}", spec.phases.len()));
        for phase in &spec.phases {
            let (name, commands) = (PhaseName::of(phase.name), phase.commands.len());
            self.log.says(format_args!(" {name}: {commands} commands"));
        }
        Ok(Ready {
            place,
            home,
            spec,
            shell,
        })
    }

    fn build_spec(&mut self, source: &Path) -> Result<BuildSpec, Failure> {
        let wrong = |message: String| Failure::new("YAML_FILE_ERROR", message);
        let asked = self
            .start
            .buildspec
            .as_ref()
            .or(self.project.buildspec.as_ref());
        let text = match asked {
            Some(text) if text.contains('\n') => text.clone().into_bytes(),
            path => {
                let path = source.join(path.map_or("buildspec.yml", String::as_str));
                self.log
                    .says(format_args!("YAML location is {}", path.display()));
                std::fs::read(&path).map_err(|error| match error.kind() {
                    io::ErrorKind::NotFound => wrong("YAML file does not exist".to_owned()),
                    _ => wrong(format!("{}: {error}", path.display())),
                })?
            }
        };
        let spec = BuildSpec::parse(&text).map_err(|error| wrong(error.to_string()))?;
        for phase in &spec.phases {
            if let Some(OnFailure::Retry {
                pattern: Some(pattern),
                ..
            }) = &phase.on_failure
                && let Err(error) = regex_lite::Regex::new(pattern)
            {
                return Err(wrong(format!("on-failure of {}: {error}", phase.name)));
            }
        }
        Ok(spec)
    }

    fn say_what_is_not_done(&mut self, spec: &BuildSpec) {
        let users = spec.phases.iter().filter_map(|phase| phase.run_as.as_ref());
        for user in spec.run_as.iter().chain(users) {
            self.note(format!(
                "run-as: {user} is not done: commands run as this user"
            ));
        }
        let runtimes = spec.phases.iter().flat_map(|phase| &phase.runtime_versions);
        for (runtime, version) in runtimes {
            self.note(format!(
                "runtime-versions: {runtime} {version} is not installed: commands get what this machine has"
            ));
        }
        if spec.proxy.upload_artifacts || spec.proxy.logs {
            self.note("proxy is not used".to_owned());
        }
        if spec.env.git_credential_helper {
            self.note("git-credential-helper is not there: git gets no credentials".to_owned());
        }
        let artifacts = spec.artifacts.iter();
        let secondary = artifacts.clone().flat_map(|artifacts| &artifacts.secondary);
        let mut all = artifacts.chain(secondary.map(|(_, artifacts)| artifacts));
        if all.any(|artifacts| artifacts.enable_symlinks) {
            self.note(
                "enable-symlinks is not done: a link is packed as the file it leads to".to_owned(),
            );
        }
        let key = spec.cache.as_ref().and_then(|cache| cache.key.as_ref());
        if let Some(key) = key.filter(|key| key.contains('$')) {
            self.note(format!("the cache's key is taken as it stands: {key}"));
        }
    }
}

/// Where `env.shell` is on this machine.
fn shell_program(spec: &BuildSpec, path: Option<&String>) -> Result<PathBuf, Failure> {
    let wrong = |message: String| Failure::new("YAML_FILE_ERROR", message);
    match spec.env.shell.as_deref() {
        None | Some("/bin/sh" | "sh") => Ok(PathBuf::from("/bin/sh")),
        Some("bash") => {
            let path = path.map(String::as_str).unwrap_or_default();
            let mut programs = env::split_paths(path).map(|directory| directory.join("bash"));
            let program = programs.find(|program| program.is_file());
            program
                .ok_or_else(|| wrong("env.shell: there is no bash in the build's PATH".to_owned()))
        }
        Some(other) => Err(wrong(format!("env.shell: {other} does not run here"))),
    }
}
