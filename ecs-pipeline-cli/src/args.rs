//! The command line.

use std::path::PathBuf;
use std::time::Duration;

use clap::{Args, Parser, Subcommand, ValueEnum};
use ecs_pipeline_artifacts::document::DocumentKind;
use ecs_pipeline_artifacts::validate::DeployAction;
use ecs_pipeline_core::engine;

use crate::config::StrategyName;

/// From a Dockerfile to a healthy Amazon ECS service, and back when the new version is not healthy.
#[derive(Debug, Parser)]
#[command(name = "ecs-pipeline", version, after_long_help = exit_codes(), max_term_width = 100)]
pub(crate) struct Cli {
    #[command(flatten)]
    pub(crate) global: Global,
    #[command(subcommand)]
    pub(crate) command: Command,
}

/// What every command takes.
#[derive(Debug, Clone, Args)]
pub(crate) struct Global {
    /// The configuration file.
    #[arg(
        long,
        short,
        global = true,
        value_name = "FILE",
        default_value = "ecs-pipeline.yml"
    )]
    pub(crate) config: PathBuf,
    /// Whether somebody named it; the usual one need not be there.
    #[arg(skip)]
    pub(crate) config_is_named: bool,
    /// What standard output gets: text for people, or one JSON event a line.
    #[arg(long, global = true, value_enum, default_value_t)]
    pub(crate) output: OutputFormat,
    /// Live progress on the terminal, or plain lines; auto decides by the terminal and by CI
    /// variables.
    #[arg(long, global = true, value_enum, default_value_t)]
    pub(crate) progress: Progress,
    /// Print debugging to standard error (the same as RUST_LOG=ecs_pipeline=debug).
    #[arg(long, short, global = true)]
    pub(crate) verbose: bool,
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, ValueEnum)]
pub(crate) enum OutputFormat {
    #[default]
    Text,
    Json,
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, ValueEnum)]
pub(crate) enum Progress {
    #[default]
    Auto,
    Live,
    Plain,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    #[command(flatten)]
    Pipeline(PipelineCommand),
    #[command(flatten)]
    Files(FileCommand),
}

/// Commands that do something outside of this directory, and tell it as events.
#[derive(Debug, Subcommand)]
pub(crate) enum PipelineCommand {
    /// Build the image.
    Build(BuildArgs),
    /// Push the built image to the registry.
    Push(PushArgs),
    /// Deploy a pushed image, follow that deployment to its end, and read the gates.
    Deploy(DeployArgs),
    /// Read the health gates; nothing is changed.
    Gate(ServiceArgs),
    /// Show what the service runs and how its deployments stand.
    Status(ServiceArgs),
    /// Bring back what the service ran before.
    Rollback(RollbackArgs),
    /// Let a deployment go on that is held at a stage, and follow it to its end.
    Continue(ContinueArgs),
    /// Build, push, deploy and gate.
    Run(RunArgs),
    /// Serve a sandbox that speaks the AWS protocols on 127.0.0.1, until stopped.
    Sandbox(SandboxArgs),
    /// Run the pipeline in a sandbox of its own, with traffic through the load balancer.
    Rehearse(RehearseArgs),
}

/// Commands that read and write files, and nothing else.
#[derive(Debug, Subcommand)]
pub(crate) enum FileCommand {
    /// Look for what is wrong in task definitions, AppSpecs, build specifications and image files.
    Validate(ValidateArgs),
    /// Put right what can be put right without harm.
    Fix(FixArgs),
    /// Change a task definition, or bring one into the form that AWS takes.
    #[command(subcommand)]
    Taskdef(TaskdefCommand),
    /// Write the files that CodePipeline's deploy action reads.
    Render(RenderArgs),
    /// Print a JSON Schema.
    Schema(SchemaArgs),
}

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
}

#[derive(Debug, Clone, Default, Args)]
pub(crate) struct BuildArgs {
    /// The platform to build for, such as linux/amd64.
    #[arg(long, value_name = "OS/ARCH")]
    pub(crate) platform: Option<String>,
    /// The Dockerfile's stage to build.
    #[arg(long)]
    pub(crate) target: Option<String>,
    /// A build argument; may be repeated.
    #[arg(long = "build-arg", value_name = "NAME=VALUE", value_parser = name_and_value)]
    pub(crate) build_args: Vec<(String, String)>,
    /// An image whose layers may serve as cache; may be repeated.
    #[arg(long, value_name = "IMAGE")]
    pub(crate) cache_from: Vec<String>,
    /// Build every layer anew.
    #[arg(long)]
    pub(crate) no_cache: bool,
    #[command(flatten)]
    pub(crate) tags: TagArgs,
    #[command(flatten)]
    pub(crate) builder: BuilderArgs,
}

#[derive(Debug, Clone, Default, Args)]
pub(crate) struct TagArgs {
    /// A tag for the image, instead of the configuration's; may be repeated.
    #[arg(long = "tag", value_name = "TAG")]
    pub(crate) tags: Vec<String>,
}

#[derive(Debug, Clone, Default, Args)]
pub(crate) struct BuilderArgs {
    /// What builds the image: the Docker engine, or this tool, which packs the context as an OCI
    /// image without running the Dockerfile's instructions.
    #[arg(long, value_enum)]
    pub(crate) builder: Option<Builder>,
}

#[derive(
    Debug, Clone, Copy, PartialEq, Eq, ValueEnum, serde::Deserialize, schemars::JsonSchema,
)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Builder {
    /// `docker build` and `docker push`.
    Docker,
    /// Pack and push without an engine.
    Pack,
}

#[derive(Debug, Clone, Default, Args)]
pub(crate) struct PushArgs {
    #[command(flatten)]
    pub(crate) tags: TagArgs,
    #[command(flatten)]
    pub(crate) builder: BuilderArgs,
}

#[derive(Debug, Clone, Default, Args)]
pub(crate) struct ServiceArgs {
    /// The cluster, instead of the configuration's.
    #[arg(long)]
    pub(crate) cluster: Option<String>,
    /// The service, instead of the configuration's.
    #[arg(long)]
    pub(crate) service: Option<String>,
}

/// How the new revision takes over.
#[derive(Debug, Clone, Default, Args)]
pub(crate) struct StrategyArgs {
    /// How the new revision takes over, instead of the configuration's way.
    #[arg(long, value_enum)]
    pub(crate) strategy: Option<StrategyName>,
    /// Where CodeDeploy is busy with another deployment: wait for it to end.
    #[arg(long, conflicts_with = "supersede")]
    pub(crate) wait_for_previous: bool,
    /// Where CodeDeploy is busy with another deployment: stop it, and roll it back.
    #[arg(long)]
    pub(crate) supersede: bool,
}

#[derive(Debug, Clone, Default, Args)]
pub(crate) struct ContinueArgs {
    #[command(flatten)]
    pub(crate) service: ServiceArgs,
    #[command(flatten)]
    pub(crate) wait: WaitArgs,
}

#[derive(Debug, Clone, Default, Args)]
pub(crate) struct WaitArgs {
    /// Follow the deployment so far and no further: until `traffic` has moved, or until a stage,
    /// such as BAKE_TIME or AllowTraffic, is reached.
    #[arg(long, value_name = "traffic|STAGE")]
    pub(crate) until: Option<String>,
    /// How long the deployment may take, such as 15m.
    #[arg(long, value_name = "TIME", value_parser = humantime::parse_duration)]
    pub(crate) timeout: Option<Duration>,
    /// What becomes of a deployment under way when this command is told to stop.
    #[arg(long, value_enum)]
    pub(crate) on_abort: Option<OnAbort>,
    /// What becomes of a deployment under way when its time is up.
    #[arg(long, value_enum)]
    pub(crate) on_timeout: Option<OnTimeout>,
}

#[derive(
    Debug, Clone, Copy, PartialEq, Eq, ValueEnum, serde::Deserialize, schemars::JsonSchema,
)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum OnAbort {
    /// It goes on without this command.
    Detach,
    /// The former revision is brought back.
    Rollback,
    /// The command goes on to the deployment's end.
    Wait,
}

impl From<OnAbort> for engine::OnAbort {
    fn from(policy: OnAbort) -> Self {
        match policy {
            OnAbort::Detach => Self::Detach,
            OnAbort::Rollback => Self::Rollback,
            OnAbort::Wait => Self::Wait,
        }
    }
}

#[derive(
    Debug, Clone, Copy, PartialEq, Eq, ValueEnum, serde::Deserialize, schemars::JsonSchema,
)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum OnTimeout {
    /// It goes on without this command.
    Detach,
    /// The former revision is brought back.
    Rollback,
}

impl From<OnTimeout> for engine::OnTimeout {
    fn from(policy: OnTimeout) -> Self {
        match policy {
            OnTimeout::Detach => Self::Detach,
            OnTimeout::Rollback => Self::Rollback,
        }
    }
}

#[derive(Debug, Clone, Default, Args)]
pub(crate) struct DeployArgs {
    #[command(flatten)]
    pub(crate) service: ServiceArgs,
    /// The pushed image's tag or digest (sha256:…), instead of the configuration's first tag.
    #[arg(long, value_name = "TAG|DIGEST")]
    pub(crate) image: Option<String>,
    /// Deploy again what the service runs now: no new revision is registered.
    #[arg(long, conflicts_with = "image")]
    pub(crate) force_new_deployment: bool,
    #[command(flatten)]
    pub(crate) strategy: StrategyArgs,
    #[command(flatten)]
    pub(crate) wait: WaitArgs,
}

#[derive(Debug, Clone, Default, Args)]
pub(crate) struct RollbackArgs {
    #[command(flatten)]
    pub(crate) service: ServiceArgs,
    /// The revision to go back to (FAMILY:REVISION or its ARN), instead of the one that the
    /// service ran in its last completed deployment before the present one.
    #[arg(long, value_name = "REVISION")]
    pub(crate) to: Option<String>,
    #[command(flatten)]
    pub(crate) wait: WaitArgs,
}

#[derive(Debug, Clone, Default, Args)]
pub(crate) struct RunArgs {
    #[command(flatten)]
    pub(crate) build: BuildArgs,
    #[command(flatten)]
    pub(crate) service: ServiceArgs,
    #[command(flatten)]
    pub(crate) strategy: StrategyArgs,
    #[command(flatten)]
    pub(crate) wait: WaitArgs,
}

/// What runs a sandbox's tasks.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, ValueEnum)]
pub(crate) enum Tasks {
    /// Containers where a Docker engine answers, otherwise in process.
    #[default]
    Auto,
    /// Real containers.
    Docker,
    /// Served by this process.
    InProcess,
}

#[derive(Debug, Clone, Args)]
pub(crate) struct SandboxArgs {
    /// The port for the AWS API and the registry; 0 takes a free one.
    #[arg(long, default_value_t = 4566)]
    pub(crate) port: u16,
    /// How many times as fast as real time the sandbox's time passes.
    #[arg(long, default_value_t = 1.0, value_parser = speed)]
    pub(crate) speed: f64,
    /// The Region in every ARN.
    #[arg(long, env = "AWS_REGION", default_value = "us-east-1")]
    pub(crate) region: String,
    /// What runs tasks.
    #[arg(long, value_enum, default_value_t)]
    pub(crate) tasks: Tasks,
}

#[derive(Debug, Clone, Args)]
pub(crate) struct RehearseArgs {
    /// The application's directory, with its ecs-pipeline.yml.
    #[arg(default_value = ".")]
    pub(crate) directory: PathBuf,
    /// How the new revision takes over; without it, the configuration's way, or else rolling.
    #[arg(long, value_enum)]
    pub(crate) strategy: Option<StrategyName>,
    /// What is to happen; without it, nothing does.
    #[arg(long, value_enum)]
    pub(crate) scenario: Option<Scenario>,
    /// Rehearse every strategy in every scenario, each in a sandbox of its own, and print a table;
    /// with --strategy or --scenario, only those of the table.
    #[arg(long)]
    pub(crate) matrix: bool,
    /// How many times as fast as real time the sandbox's time passes; without it 10, or for a
    /// strategy that waits by design so much that its waits take half a minute, at most 120.
    #[arg(long, value_parser = speed)]
    pub(crate) speed: Option<f64>,
    /// What runs tasks.
    #[arg(long, value_enum, default_value_t)]
    pub(crate) tasks: Tasks,
    /// Tasks of the service.
    #[arg(long, default_value_t = 3, value_parser = clap::value_parser!(u32).range(1..=50))]
    pub(crate) desired_count: u32,
    /// Requests a second through the load balancer.
    #[arg(long, default_value_t = 50, value_parser = clap::value_parser!(u32).range(1..=2000))]
    pub(crate) rate: u32,
    #[command(flatten)]
    pub(crate) wait: WaitArgs,
}

/// What happens in a rehearsal.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, ValueEnum)]
pub(crate) enum Scenario {
    /// Nothing: the new version is well.
    #[default]
    Good,
    /// The load balancer's health checks of the new version are answered with 503.
    Unhealthy,
    /// Every task of the new version is killed moments after it started.
    CrashLoop,
    /// The new version's image is gone from the registry when ECS wants it.
    MissingImage,
    /// A CloudWatch alarm of the service goes off half-way.
    Alarm,
    /// Somebody rolls back by hand half-way, as `ecs-pipeline rollback` does.
    Rollback,
    /// The new version is well, and is rolled back by hand afterwards.
    RollbackAfter,
}

fn name_and_value(text: &str) -> Result<(String, String), String> {
    match text.split_once('=') {
        Some((name, value)) if !name.is_empty() => Ok((name.to_owned(), value.to_owned())),
        _ => Err("it must be NAME=VALUE".to_owned()),
    }
}

fn speed(text: &str) -> Result<f64, String> {
    match text.parse::<f64>() {
        Ok(speed) if (0.1..=1000.0).contains(&speed) => Ok(speed),
        _ => Err("it must be a number from 0.1 to 1000".to_owned()),
    }
}

/// The table of exit codes for `--help`.
fn exit_codes() -> String {
    let mut text = String::from("Exit codes:\n");
    for (code, name, meaning) in ecs_pipeline_core::exit::TABLE {
        text.push_str(&format!("  {code:>2}  {name:<13} {meaning}\n"));
    }
    text
}
