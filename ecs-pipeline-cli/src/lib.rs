//! The `ecs-pipeline` command line: thin, so that a Jenkins stage, a CodeBuild phase and a test
//! can call it. Everything that it does is in `ecs-pipeline-core`.

mod args;
mod cmd;
mod config;
mod context;
mod error;
mod report;
mod signals;
mod state;
mod whole_file;
mod wiring;

use std::process::ExitCode;

use clap::parser::ValueSource;
use clap::{CommandFactory, FromArgMatches};
use ecs_pipeline_core::event::{EventKind, Events};
use tokio::runtime::Runtime;
use tokio_util::sync::CancellationToken;

use args::{Cli, Command, Global, LookCommand, PipelineCommand};
use context::Context;
use error::CliError;
use report::Renderer;
use state::{Recorder, StateFile};

/// Runs the command line of this process, and tells its exit code: one of
/// [`ecs_pipeline_core::exit`].
#[must_use]
pub fn main() -> ExitCode {
    let cli = parse();
    start_tracing(cli.global.verbose);
    match cli.command {
        Command::Pipeline(command) => pipeline(cli.global.for_command(&command), command),
        Command::Look(command) => look(cli.global, command),
        Command::Files(command) => told(cmd::run_on_files(&cli.global, command)),
    }
}

fn parse() -> Cli {
    let matches = Cli::command().get_matches();
    let mut cli = Cli::from_arg_matches(&matches).unwrap_or_else(|error| error.exit());
    cli.global.config_is_named = matches!(
        matches.value_source("config"),
        Some(ValueSource::CommandLine | ValueSource::EnvVariable)
    );
    cli
}

/// The exit code of a command without events; where it did not do what it is for, its error is told.
fn told(done: Result<u8, CliError>) -> ExitCode {
    let code = done.unwrap_or_else(|error| {
        let report = error.into_report();
        report::print_error(&format!("error: {}", report.summary));
        if let Some(hint) = report.hint {
            report::print_error(&format!("hint: {hint}"));
        }
        report.exit_code
    });
    ExitCode::from(code)
}

fn look(global: Global, command: LookCommand) -> ExitCode {
    let context = Context::new(global, Events::discard(), CancellationToken::new());
    match one_thread() {
        Ok(runtime) => told(runtime.block_on(cmd::look(&context, command))),
        Err(error) => no_runtime(&error),
    }
}

/// One thread is enough for a tool that mostly waits.
fn one_thread() -> std::io::Result<Runtime> {
    tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
}

fn no_runtime(error: &std::io::Error) -> ExitCode {
    report::print_error(&format!("error: no runtime: {error}"));
    ExitCode::from(ecs_pipeline_core::exit::INTERNAL)
}

fn pipeline(global: Global, command: PipelineCommand) -> ExitCode {
    // A sandbox moves real traffic.
    let runtime = match command {
        PipelineCommand::Sandbox(_) | PipelineCommand::Rehearse(_) => {
            tokio::runtime::Builder::new_multi_thread()
                .enable_all()
                .build()
        }
        _ => one_thread(),
    };
    match runtime {
        Ok(runtime) => ExitCode::from(runtime.block_on(run(global, command))),
        Err(error) => no_runtime(&error),
    }
}

async fn run(global: Global, command: PipelineCommand) -> u8 {
    let (events, stream) = Events::channel();
    let cancel = CancellationToken::new();
    let abandon = signals::watch(&cancel, &events);
    let context = Context::new(global, events.clone(), cancel);
    let (files, opened) = match report::Files::open(&context.global, command.name()) {
        Ok(files) => (files, Ok(())),
        Err(error) => (None, Err(error)),
    };
    let mut also: Vec<Box<dyn Renderer>> = Vec::new();
    if let Some(file) = context.state() {
        also.push(Box::new(Recorder::new(file.clone())));
    }
    if let Some(files) = files {
        also.push(Box::new(files));
    }
    let shown = report::show(&context.global, stream, also);
    let service = context.service_of(&command);
    events.send(EventKind::RunStarted { service });
    let done = async {
        opened?;
        context.state().map_or(Ok(()), StateFile::check)?;
        cmd::run(&context, command).await
    };
    let report = tokio::select! {
        done = done => done.unwrap_or_else(|error| error.into_report()),
        () = abandon.cancelled() => error::abandoned(),
    };
    context.run().finish(&report);
    // The last event is the last line; only a reader that does not read keeps it from ending.
    let _ = tokio::time::timeout(std::time::Duration::from_secs(1), shown).await;
    report.exit_code
}

fn start_tracing(verbose: bool) {
    use tracing_subscriber::EnvFilter;
    let filter = if verbose {
        EnvFilter::new("ecs_pipeline=debug,ecs_pipeline_core=debug,ecs_pipeline_sandbox=debug")
    } else {
        EnvFilter::from_default_env()
    };
    tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(std::io::stderr)
        .init();
}
