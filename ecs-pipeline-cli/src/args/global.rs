//! What every command takes.

use std::path::PathBuf;

use clap::{Args, ValueEnum};

use super::PipelineCommand;

/// What every command takes.
#[derive(Debug, Clone, Args)]
pub(crate) struct Global {
    /// The configuration file.
    #[arg(
        long,
        short,
        global = true,
        value_name = "FILE",
        env = "ECS_PIPELINE_CONFIG",
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
    /// Write a report of the run into this directory, too: COMMAND.jsonl (its events), COMMAND.xml
    /// (JUnit) and COMMAND.html.
    #[arg(
        long,
        global = true,
        value_name = "DIR",
        env = "ECS_PIPELINE_REPORT_DIR"
    )]
    pub(crate) report_dir: Option<PathBuf>,
    /// Keep in this file what the run of the pipeline has done so far, so that its next command goes
    /// on from there, and `rollback --this-run` can undo it. Another run's is not read.
    #[arg(long, global = true, value_name = "FILE", env = "ECS_PIPELINE_STATE")]
    pub(crate) state: Option<PathBuf>,
    /// Print debugging to standard error (the same as RUST_LOG=ecs_pipeline=debug).
    #[arg(long, short, global = true)]
    pub(crate) verbose: bool,
}

impl Global {
    /// The phases of a build specification pass something on in any case, and CodeBuild collects their
    /// reports.
    pub(crate) fn for_command(mut self, command: &PipelineCommand) -> Self {
        if matches!(command, PipelineCommand::Codebuild(_)) {
            let usual = |name| Some(PathBuf::from(".ecs-pipeline").join(name));
            self.state = self.state.or_else(|| usual("state.json"));
            self.report_dir = self.report_dir.or_else(|| usual("reports"));
        }
        self
    }
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
