//! Commands that read and write files.

use std::path::PathBuf;

use clap::{Args, Subcommand, ValueEnum};
use ecs_pipeline_artifacts::document::DocumentKind;
use ecs_pipeline_artifacts::validate::DeployAction;

use super::values::name_and_value;

/// Which files, and what for.
#[derive(Debug, Clone, Default, Args)]
pub(crate) struct FileArgs {
    /// Files, directories (looked through without their subdirectories), or - for standard input;
    /// without any, what is in the working directory and what the configuration names.
    #[arg(value_name = "PATHS")]
    pub(crate) paths: Vec<PathBuf>,
    /// The CodePipeline action that will read the files, instead of the configuration's.
    #[arg(long, value_enum)]
    pub(crate) action: Option<Action>,
    /// What the files are, whatever they look like.
    #[arg(long, value_enum)]
    pub(crate) kind: Option<Kind>,
}

/// CodePipeline's two ways to ECS.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, ValueEnum, serde::Deserialize, schemars::JsonSchema,
)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Action {
    /// "Amazon ECS": a rolling update, from imagedefinitions.json.
    Ecs,
    /// "Amazon ECS (Blue/Green)": CodeDeploy, from appspec.yaml, taskdef.json and imageDetail.json.
    CodedeployToEcs,
}

impl From<Action> for DeployAction {
    fn from(action: Action) -> Self {
        match action {
            Action::Ecs => Self::Ecs,
            Action::CodedeployToEcs => Self::CodeDeployToEcs,
        }
    }
}

/// What a file is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Kind {
    /// taskdef.json.
    Taskdef,
    /// appspec.yaml.
    Appspec,
    /// imagedefinitions.json.
    Imagedefinitions,
    /// imageDetail.json.
    Imagedetail,
    /// buildspec.yml.
    Buildspec,
    /// pipeline.json.
    Pipeline,
    /// Jenkinsfile.
    Jenkinsfile,
    /// A shell script.
    Shell,
}

impl From<Kind> for DocumentKind {
    fn from(kind: Kind) -> Self {
        match kind {
            Kind::Taskdef => Self::TaskDefinition,
            Kind::Appspec => Self::AppSpec,
            Kind::Imagedefinitions => Self::ImageDefinitions,
            Kind::Imagedetail => Self::ImageDetail,
            Kind::Buildspec => Self::BuildSpec,
            Kind::Pipeline => Self::Pipeline,
            Kind::Jenkinsfile => Self::Jenkinsfile,
            Kind::Shell => Self::ShellScript,
        }
    }
}

#[derive(Debug, Clone, Default, Args)]
#[command(
    after_help = "Exit codes: 0 no errors; 1 errors (with --strict also warnings); 2 usage; 3 no files."
)]
pub(crate) struct ValidateArgs {
    #[command(flatten)]
    pub(crate) files: FileArgs,
    /// How findings are written; the default is text, or with --output json, json.
    #[arg(long, value_enum)]
    pub(crate) format: Option<Format>,
    /// Write them to this file, and text to standard output.
    #[arg(long, value_name = "FILE")]
    pub(crate) output_file: Option<PathBuf>,
    /// Let warnings fail the command, too.
    #[arg(long)]
    pub(crate) strict: bool,
}

/// How findings are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Format {
    /// For people.
    Text,
    /// One JSON document.
    Json,
    /// SARIF 2.1.0, for code scanning.
    Sarif,
    /// JUnit XML, for Jenkins and CodeBuild reports.
    Junit,
}

#[derive(Debug, Clone, Default, Args)]
#[command(after_help = "Exit codes: 0 no errors are left; 1 errors are left; 2 usage; 3 no files.")]
pub(crate) struct FixArgs {
    #[command(flatten)]
    pub(crate) files: FileArgs,
    /// Only print what would change; values that may be secret are masked.
    #[arg(long)]
    pub(crate) diff: bool,
}

#[derive(Debug, Subcommand)]
pub(crate) enum TaskdefCommand {
    /// Set members of a task definition; every other one stays as it is and where it is.
    Set(TaskdefSetArgs),
    /// Make a task definition what RegisterTaskDefinition takes: from the output of
    /// describe-task-definition, YAML, JSON with comments, PascalCase, a bare list of containers.
    Convert(TaskdefConvertArgs),
}

#[derive(Debug, Clone, Args)]
pub(crate) struct TaskdefSetArgs {
    /// The task definition, or - for standard input.
    pub(crate) file: PathBuf,
    /// The container to change; may be left out where there is only one.
    #[arg(long)]
    pub(crate) container: Option<String>,
    /// The container's image.
    #[arg(long)]
    pub(crate) image: Option<String>,
    /// An environment variable of the container; may be repeated.
    #[arg(long, value_name = "NAME=VALUE", value_parser = name_and_value)]
    pub(crate) env: Vec<(String, String)>,
    /// A variable of the container that is read from Secrets Manager or SSM; may be repeated.
    #[arg(long, value_name = "NAME=ARN", value_parser = name_and_value)]
    pub(crate) secret: Vec<(String, String)>,
    /// An option of the container's log driver; may be repeated.
    #[arg(long, value_name = "NAME=VALUE", value_parser = name_and_value)]
    pub(crate) log_option: Vec<(String, String)>,
    /// A tag of the task definition; may be repeated.
    #[arg(long, value_name = "KEY=VALUE", value_parser = name_and_value)]
    pub(crate) tag: Vec<(String, String)>,
    /// The task's CPU units, such as 512.
    #[arg(long)]
    pub(crate) cpu: Option<String>,
    /// The task's memory in MiB, such as 1024.
    #[arg(long)]
    pub(crate) memory: Option<String>,
    #[command(flatten)]
    pub(crate) out: OutArgs,
}

#[derive(Debug, Clone, Args)]
pub(crate) struct TaskdefConvertArgs {
    /// The file, or - for standard input.
    pub(crate) file: PathBuf,
    /// The family, for a file that is a list of containers.
    #[arg(long)]
    pub(crate) family: Option<String>,
    #[command(flatten)]
    pub(crate) out: OutArgs,
}

#[derive(Debug, Clone, Default, Args)]
pub(crate) struct OutArgs {
    /// Where to write it, instead of to the file itself; - is standard output.
    #[arg(long, value_name = "FILE")]
    pub(crate) out: Option<PathBuf>,
}

#[derive(Debug, Clone, Default, Args)]
pub(crate) struct RenderArgs {
    /// Where the files are written.
    #[arg(long, default_value = ".")]
    pub(crate) dir: PathBuf,
    /// The whole name of the pushed image, best with its digest.
    #[arg(long, value_name = "URI")]
    pub(crate) image: Option<String>,
}

#[derive(Debug, Clone, Args)]
pub(crate) struct SchemaArgs {
    /// Of what.
    #[arg(value_enum)]
    pub(crate) of: SchemaOf,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum SchemaOf {
    /// ecs-pipeline.yml.
    Config,
    /// The events of --output json.
    Events,
    /// What `doctor --output json` prints.
    Doctor,
}
