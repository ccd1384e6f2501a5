//! `ecs-pipeline.yml`: read, filled from the environment, and checked before anything is done.

mod gates;
mod git;
mod interpolate;
mod strategy;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::time::Duration;

use ecs_pipeline_artifacts::suggest::closest;
use ecs_pipeline_core::model::Platform;
use schemars::JsonSchema;
use serde::{Deserialize, Deserializer};

use crate::args::{Action, Builder, OnAbort, OnTimeout};
pub(crate) use gates::{GateConfig, HttpGate, PlainGate};
pub(crate) use interpolate::Variables;
use strategy::{Canary, Linear};
pub(crate) use strategy::{CodeDeploy, StrategyName};

/// The whole file. Keys are in kebab case; an unknown one is an error.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub(crate) struct Config {
    /// The application's name.
    pub(crate) application: String,
    /// How the image is made.
    #[serde(default)]
    pub(crate) build: Build,
    /// Where the image goes.
    pub(crate) registry: Option<Registry>,
    /// What is deployed, and where.
    pub(crate) deploy: Option<Deploy>,
    /// Tasks of the new revision that run before anything is deployed, in order: a migration.
    #[serde(default)]
    pub(crate) before: Vec<TaskConfig>,
    /// What must be well afterwards, in order.
    #[serde(default)]
    pub(crate) gates: Vec<GateConfig>,
    /// Tasks of the new revision that run when the gates have passed, in order: a smoke test.
    #[serde(default)]
    pub(crate) after: Vec<TaskConfig>,
    /// The files that CodePipeline deploys from, where it does.
    pub(crate) codepipeline: Option<Codepipeline>,
    /// What `infra` makes templates of; whatever is left out has a default.
    #[serde(default)]
    pub(crate) infra: ecs_pipeline_infra::options::Options,
    /// The tags in which nothing is filled in: the same at every run.
    #[serde(skip)]
    pub(crate) fixed_tags: Vec<String>,
    /// The directory that relative paths start from: the file's own.
    #[serde(skip)]
    pub(crate) directory: PathBuf,
}

#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case", deny_unknown_fields, default)]
pub(crate) struct Build {
    /// The directory that is sent to the builder.
    pub(crate) context: PathBuf,
    pub(crate) dockerfile: Option<PathBuf>,
    /// The Dockerfile's stage.
    pub(crate) target: Option<String>,
    pub(crate) platform: Option<String>,
    pub(crate) args: BTreeMap<String, String>,
    pub(crate) cache_from: Vec<String>,
    pub(crate) no_cache: bool,
    /// Shell commands to run in the file's directory before the build.
    pub(crate) prepare: Vec<String>,
    pub(crate) builder: Builder,
}

impl Default for Build {
    fn default() -> Self {
        Self {
            context: PathBuf::from("."),
            dockerfile: None,
            target: None,
            platform: None,
            args: BTreeMap::new(),
            cache_from: Vec::new(),
            no_cache: false,
            prepare: Vec::new(),
            builder: Builder::Docker,
        }
    }
}

#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub(crate) struct Registry {
    /// The ECR repository's name.
    pub(crate) repository: String,
    /// `host[:port]` of the registry, in place of the one that ECR names: for an AWS emulator,
    /// which names Amazon's.
    #[serde(default)]
    pub(crate) host: Option<String>,
    /// The tags that the image gets; the first one is what `deploy` looks up. Left out: one that is
    /// made of the commit, the branch and the build's number.
    #[serde(default)]
    pub(crate) tags: Vec<String>,
    /// Create the repository where it does not exist.
    #[serde(default)]
    pub(crate) create: Option<CreateRepository>,
}

#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub(crate) struct CreateRepository {
    #[serde(default = "yes")]
    pub(crate) scan_on_push: bool,
    #[serde(default)]
    pub(crate) immutable_tags: bool,
}

fn yes() -> bool {
    true
}

#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub(crate) struct Deploy {
    pub(crate) cluster: String,
    pub(crate) service: String,
    /// A file with RegisterTaskDefinition's input; without it, what the service runs now is the
    /// model, and only the image changes.
    pub(crate) task_definition: Option<PathBuf>,
    /// The container that gets the image.
    pub(crate) container: String,
    /// How the new revision takes over; left out: as the service has it.
    pub(crate) strategy: Option<StrategyName>,
    /// How long old and new are kept side by side after all traffic has moved, in whole minutes;
    /// left out: 5 minutes.
    #[serde(default, deserialize_with = "duration")]
    #[schemars(with = "Option<String>")]
    pub(crate) bake: Option<Duration>,
    pub(crate) linear: Option<Linear>,
    pub(crate) canary: Option<Canary>,
    #[serde(default)]
    pub(crate) codedeploy: CodeDeploy,
    /// A file with CreateService's input, for a service that does not exist yet.
    pub(crate) create: Option<PathBuf>,
    /// How far the deployment is followed, when not to its end: `traffic`, or the name of a stage.
    pub(crate) until: Option<String>,
    #[serde(default, deserialize_with = "duration")]
    #[schemars(with = "Option<String>")]
    pub(crate) timeout: Option<Duration>,
    pub(crate) on_abort: Option<OnAbort>,
    pub(crate) on_timeout: Option<OnTimeout>,
}

/// A one-off task of the new revision.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub(crate) struct TaskConfig {
    /// What it is called in the log.
    pub(crate) name: String,
    /// The command, by its words.
    pub(crate) command: Vec<String>,
    /// The container that runs it; left out: the one that gets the image.
    pub(crate) container: Option<String>,
    /// Environment variables beside the task definition's.
    #[serde(default)]
    pub(crate) environment: BTreeMap<String, String>,
    /// How long it may take; left out: 10 minutes.
    #[serde(default, deserialize_with = "duration")]
    #[schemars(with = "Option<String>")]
    pub(crate) timeout: Option<Duration>,
}

/// What `render` writes, for a CodePipeline deploy action to read.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub(crate) struct Codepipeline {
    /// The action that reads the files.
    pub(crate) action: Action,
    /// What CodePipeline replaces by the image, without its brackets.
    #[serde(default = "image1_name")]
    pub(crate) placeholder: String,
    /// The container's port that the load balancer sends requests to; left out: its only one.
    pub(crate) container_port: Option<u16>,
}

impl Codepipeline {
    /// The action, and what is usual with it.
    pub(crate) fn of(action: Action) -> Self {
        Self {
            action,
            placeholder: image1_name(),
            container_port: None,
        }
    }
}

/// The name that AWS's own tutorials have.
fn image1_name() -> String {
    "IMAGE1_NAME".to_owned()
}

/// For the schema alone.
#[derive(JsonSchema)]
#[serde(untagged)]
#[allow(dead_code, reason = "only its schema is used")]
enum NumberOrText {
    Number(u16),
    Text(String),
}

/// The JSON Schema of the file.
pub(crate) fn schema() -> serde_json::Value {
    let settings = schemars::generate::SchemaSettings::draft2020_12();
    let mut schema = settings.into_generator().into_root_schema_for::<Config>();
    schema.insert("title".to_owned(), "ecs-pipeline.yml".into());
    schema.to_value()
}

/// What is wrong with a configuration.
#[derive(Debug, thiserror::Error)]
pub(crate) enum ConfigError {
    #[error("there is no configuration file {}", .0.display())]
    Missing(PathBuf),
    #[error("{} cannot be read", .path.display())]
    Unreadable {
        path: PathBuf,
        #[source]
        source: std::io::Error,
    },
    #[error("{}: {message}", .path.display())]
    Invalid { path: PathBuf, message: String },
    #[error("{}: {member} is needed for this command", .path.display())]
    Lacks { path: PathBuf, member: &'static str },
}

impl ConfigError {
    pub(crate) fn hint(&self) -> Option<String> {
        match self {
            Self::Missing(_) => Some(
                "write an ecs-pipeline.yml (examples/hello-web has one), or name yours with --config; \
                 status, rollback and deploy --force-new-deployment need none with --cluster and \
                 --service"
                    .to_owned(),
            ),
            Self::Invalid { message, .. } => did_you_mean(message).or_else(|| {
                let compare = "correct it; examples/hello-web has a whole file to compare with";
                let known = message.contains("is not set, and");
                Some(if known { "set it in the environment, or give it a default" } else { compare }.to_owned())
            }),
            Self::Lacks { member, .. } => Some(format!("add {member}: to the file")),
            Self::Unreadable { .. } => None,
        }
    }
}

impl Config {
    /// Reads a file and fills its `${…}` from `variables`.
    pub(crate) fn read(path: &Path, variables: &Variables) -> Result<Self, ConfigError> {
        let text = std::fs::read_to_string(path).map_err(|source| match source.kind() {
            std::io::ErrorKind::NotFound => ConfigError::Missing(path.to_owned()),
            _ => ConfigError::Unreadable {
                path: path.to_owned(),
                source,
            },
        })?;
        let mut config = Self::parse(&text, variables).map_err(|message| ConfigError::Invalid {
            path: path.to_owned(),
            message,
        })?;
        config.directory = path
            .parent()
            .filter(|parent| !parent.as_os_str().is_empty())
            .unwrap_or(Path::new("."))
            .to_owned();
        Ok(config)
    }

    fn parse(text: &str, variables: &Variables) -> Result<Self, String> {
        let mut value: serde_yaml::Value =
            serde_yaml::from_str(text).map_err(|error| error.to_string())?;
        let fixed_tags = fixed_tags(&value);
        variables.fill(&mut value)?;
        let mut config: Self = serde_yaml::from_value(value).map_err(|error| {
            // Values have lost their place in the file: the text itself tells where, unless only
            // what was filled in is wrong.
            match serde_yaml::from_str::<Self>(text) {
                Err(placed) => placed.to_string(),
                Ok(_) => error.to_string(),
            }
        })?;
        config.check()?;
        config.fixed_tags = fixed_tags;
        Ok(config)
    }

    fn check(&self) -> Result<(), String> {
        for (index, gate) in self.gates.iter().enumerate() {
            if gate.kinds() != 1 {
                return Err(format!(
                    "gates[{index}]: each gate is one of {}",
                    GateConfig::KINDS
                ));
            }
        }
        if let Some(deploy) = &self.deploy {
            deploy.check_strategy()?;
        }
        for (member, tasks) in [("before", &self.before), ("after", &self.after)] {
            if let Some(index) = tasks.iter().position(|task| task.command.is_empty()) {
                return Err(format!("{member}[{index}].command: it is empty"));
            }
        }
        if let Some(platform) = &self.build.platform {
            platform
                .parse::<Platform>()
                .map_err(|error| format!("build.platform: {error}"))?;
        }
        Ok(())
    }

    /// A path of the file, from where the file is.
    pub(crate) fn resolve(&self, path: &Path) -> PathBuf {
        match self.directory.to_str() {
            Some(".") => path.to_owned(),
            _ => self.directory.join(path),
        }
    }
}

/// The tags of a file that is not filled in yet, without those that a variable changes.
fn fixed_tags(file: &serde_yaml::Value) -> Vec<String> {
    let tags = &file["registry"]["tags"];
    let tags = tags.as_sequence().map_or(&[][..], Vec::as_slice).iter();
    let fixed = tags.filter_map(|tag| tag.as_str().filter(|tag| !tag.contains("${")));
    fixed.map(str::to_owned).collect()
}

/// serde's message names what was found and what is known: the nearest known name is the advice.
fn did_you_mean(message: &str) -> Option<String> {
    let mut quoted = message
        .split_once("unknown field ")?
        .1
        .split('`')
        .skip(1)
        .step_by(2);
    let found = quoted.next()?;
    closest(found, quoted).map(|nearest| format!("did you mean {nearest}?"))
}

fn duration<'de, D: Deserializer<'de>>(from: D) -> Result<Option<Duration>, D::Error> {
    let Some(text) = Option::<String>::deserialize(from)? else {
        return Ok(None);
    };
    time(&text).map(Some).map_err(serde::de::Error::custom)
}

fn time(text: &str) -> Result<Duration, String> {
    humantime::parse_duration(text).map_err(|_| format!("{text:?} is no time such as 90s or 15m"))
}

fn number_or_text<'de, D: Deserializer<'de>>(from: D) -> Result<Option<String>, D::Error> {
    match serde_yaml::Value::deserialize(from)? {
        serde_yaml::Value::Null => Ok(None),
        serde_yaml::Value::Number(number) => Ok(Some(number.to_string())),
        serde_yaml::Value::String(text) => Ok(Some(text)),
        _ => Err(serde::de::Error::custom("it must be a number or a text")),
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;

    fn variables() -> Variables {
        Variables::from_pairs([("COMMIT", "abc123")])
    }

    #[test]
    fn a_whole_file_is_read() {
        let config = Config::parse(
            "application: web\nregistry: {repository: web, tags: ['${COMMIT}', '${BRANCH:-main}', latest]}\n\
             deploy: {cluster: c, service: s, container: web, timeout: 15m}\n\
             gates: [{target-health: {}}, {http: {path: /health, status: 200, successes: 3}}]\n",
            &variables(),
        )
        .unwrap();
        assert_eq!(config.registry.unwrap().tags, ["abc123", "main", "latest"]);
        assert_eq!(config.fixed_tags, ["latest"]);
        assert_eq!(
            config.deploy.unwrap().timeout,
            Some(Duration::from_secs(900))
        );
        assert_eq!(config.gates.len(), 2);
    }

    #[test]
    fn what_is_wrong_is_told_with_its_place() {
        let table = [
            ("application: web\nbiuld: {}\n", "unknown field `biuld`"),
            ("application: web\nbuild: {platfrom: x}\n", "line 2"),
            ("application: '${NOT_SET}'\n", "NOT_SET"),
            ("application: web\ngates: [{}]\n", "gates[0]"),
            (
                "application: web\ndeploy: {cluster: c, service: s, container: w, timeout: soon}\n",
                "no time such as",
            ),
            ("{", "at line 2"),
        ];
        for (text, part) in table {
            let message = Config::parse(text, &variables()).unwrap_err();
            assert!(message.contains(part), "{text}: {message}");
        }
    }

    #[test]
    fn a_misspelt_key_gets_a_suggestion() {
        let message = Config::parse("application: web\nbiuld: {}\n", &variables()).unwrap_err();
        assert_eq!(did_you_mean(&message).unwrap(), "did you mean build?");
        assert_eq!(did_you_mean("something else"), None);
    }
}
