//! What every command has at hand.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::time::Duration;

use ecs_pipeline_core::aws::AwsConfig;
use ecs_pipeline_core::engine::{Run, Settings, Until};
use ecs_pipeline_core::event::{EventKind, Events, Step};
use ecs_pipeline_core::model::ServiceRef;
use tokio::sync::OnceCell;
use tokio_util::sync::CancellationToken;

use crate::args::{Global, PipelineCommand, ServiceArgs, WaitArgs};
use crate::config::{Config, ConfigError, Variables};
use crate::error::CliError;
use crate::state::{State, StateFile};

/// The settings, the streams, and the connections of one invocation.
#[derive(Debug)]
pub(crate) struct Context {
    pub(crate) global: Global,
    pub(crate) variables: Variables,
    events: Events,
    cancel: CancellationToken,
    /// How fast the time of the AWS at hand passes; 1 but in a rehearsal.
    speed: f64,
    aws: OnceCell<AwsConfig>,
    /// What this run of the pipeline did so far, where it is to be kept.
    state: Option<StateFile>,
}

impl Context {
    pub(crate) fn new(global: Global, events: Events, cancel: CancellationToken) -> Self {
        let variables = Variables::from_environment();
        let is_named = |path: &&PathBuf| !path.as_os_str().is_empty();
        let state = global.state.as_ref().filter(is_named);
        let state = state.map(|path| StateFile::new(path, variables.run()));
        Self {
            global,
            variables,
            events,
            cancel,
            speed: 1.0,
            aws: OnceCell::new(),
            state,
        }
    }

    /// Where this run's state is kept.
    pub(crate) fn state(&self) -> Option<&StateFile> {
        self.state.as_ref()
    }

    /// What this run did so far; nothing, where that is not kept.
    pub(crate) fn done_so_far(&self) -> Result<State, CliError> {
        self.state()
            .map(StateFile::read)
            .transpose()
            .map(Option::unwrap_or_default)
    }

    /// Begins this run anew: it has done nothing yet.
    pub(crate) fn begin(&self) -> Result<(), CliError> {
        self.keep(State::forget)
    }

    /// Keeps what this run has done now, where it is kept.
    pub(crate) fn keep(&self, change: impl FnOnce(&mut State)) -> Result<(), CliError> {
        self.state().map_or(Ok(()), |file| file.update(change))
    }

    /// The same for another AWS, whose time passes `speed` times as fast.
    pub(crate) fn within(&self, aws: AwsConfig, speed: f64, variables: Variables) -> Self {
        Self {
            global: self.global.clone(),
            variables,
            events: self.events.clone(),
            cancel: self.cancel.clone(),
            speed,
            aws: OnceCell::new_with(Some(aws)),
            // A rehearsal is no run of the pipeline.
            state: None,
        }
    }

    /// The connections to AWS, made when first needed, from the SDK's usual chain.
    pub(crate) async fn aws(&self) -> &AwsConfig {
        self.aws.get_or_init(AwsConfig::load).await
    }

    pub(crate) fn cancel(&self) -> &CancellationToken {
        &self.cancel
    }

    pub(crate) fn speed(&self) -> f64 {
        self.speed
    }

    pub(crate) fn config(&self) -> Result<Config, ConfigError> {
        Config::read(&self.global.config, &self.variables)
    }

    /// A run with the default settings.
    pub(crate) fn run(&self) -> Run {
        Run::new(
            Settings::default(),
            self.events.clone(),
            self.cancel.clone(),
        )
    }

    /// A run that waits as the flags say, then the configuration, then the defaults.
    pub(crate) fn run_with(&self, config: Option<&Config>, wait: &WaitArgs) -> Run {
        let deploy = config.and_then(|config| config.deploy.as_ref());
        let mut settings = Settings::default();
        let timeout = wait.timeout.or(deploy.and_then(|deploy| deploy.timeout));
        settings.limit = timeout.unwrap_or(settings.limit);
        let on_abort = wait.on_abort.or(deploy.and_then(|deploy| deploy.on_abort));
        settings.on_abort = on_abort.map_or(settings.on_abort, Into::into);
        let on_timeout = wait
            .on_timeout
            .or(deploy.and_then(|deploy| deploy.on_timeout));
        settings.on_timeout = on_timeout.map_or(settings.on_timeout, Into::into);
        let until = wait.until.as_ref();
        let until = until.or(deploy.and_then(|deploy| deploy.until.as_ref()));
        settings.until = until.map(|name| match name.eq_ignore_ascii_case("traffic") {
            true => Until::Traffic,
            false => Until::Stage(name.clone()),
        });
        if self.speed != 1.0 {
            settings.pace = settings.pace.scaled(self.speed);
            settings.heartbeat = Duration::from_secs(10);
        }
        Run::new(settings, self.events.clone(), self.cancel.clone())
    }

    /// The service that the flags name, or the configuration.
    pub(crate) fn service(
        &self,
        config: Option<&Config>,
        args: &ServiceArgs,
    ) -> Result<ServiceRef, CliError> {
        let deploy = config.and_then(|config| config.deploy.as_ref());
        let cluster = args.cluster.clone().or(deploy.map(|d| d.cluster.clone()));
        let service = args.service.clone().or(deploy.map(|d| d.service.clone()));
        match (cluster, service) {
            (Some(cluster), Some(service)) => Ok(ServiceRef { cluster, service }),
            _ => Err(ConfigError::Lacks {
                path: self.global.config.clone(),
                member: "deploy",
            }
            .into()),
        }
    }

    /// The service that a command is about, as far as that can be known before it begins.
    pub(crate) fn service_of(&self, command: &PipelineCommand) -> Option<ServiceRef> {
        let args = command.service()?;
        let config = self.config_unless_named(args).ok()?;
        self.service(config.as_ref(), args).ok()
    }

    /// The configuration, or none where the flags name cluster and service and no file is there.
    pub(crate) fn config_unless_named(
        &self,
        args: &ServiceArgs,
    ) -> Result<Option<Config>, ConfigError> {
        match self.config() {
            Ok(config) => Ok(Some(config)),
            Err(ConfigError::Missing(_)) if args.cluster.is_some() && args.service.is_some() => {
                Ok(None)
            }
            Err(error) => Err(error),
        }
    }

    /// Tells a line that a tool wrote during a step.
    pub(crate) fn output(&self, step: Step, line: String) {
        self.events.send(EventKind::StepOutput { step, line });
    }

    /// The same, but of its events only what tools write is told: it is not the run that the user
    /// asked for.
    pub(crate) fn backstage(self) -> Self {
        let (events, mut stream) = Events::channel();
        let told = self.events.clone();
        tokio::spawn(async move {
            while let Some(event) = stream.next().await {
                if let output @ EventKind::StepOutput { .. } = event.event {
                    told.send(output);
                }
            }
        });
        Self { events, ..self }
    }

    /// The same, but nothing of it is told.
    pub(crate) fn silently(&self) -> Self {
        let (events, _unread) = Events::channel();
        Self {
            global: self.global.clone(),
            variables: self.variables.clone(),
            events,
            cancel: self.cancel.clone(),
            speed: self.speed,
            aws: OnceCell::new(),
            state: None,
        }
    }

    /// Tells what the traffic of a rehearsal came to so far.
    pub(crate) fn traffic(&self, requests: u64, failed: u64, by_revision: BTreeMap<String, u64>) {
        self.events.send(EventKind::Traffic {
            requests,
            failed,
            by_revision,
        });
    }

    /// Tells something to know.
    pub(crate) fn note(&self, text: impl Into<String>) {
        self.events.send(EventKind::Note { text: text.into() });
    }

    /// Tells something that may be wrong.
    pub(crate) fn warn(&self, text: impl Into<String>) {
        self.events.send(EventKind::Warning { text: text.into() });
    }
}
