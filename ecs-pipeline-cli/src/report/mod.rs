//! What the user sees: each output is made from the run's events and from nothing else.

pub(crate) mod examination;
mod files;
mod html;
mod json;
mod junit;
mod live;
mod plain;
mod short;
mod story;
mod summary;
#[cfg(test)]
mod tests;
mod text;
mod wrap;

use std::io::IsTerminal;

use ecs_pipeline_core::event::{Event, EventKind, EventStream};
use tokio::task::JoinHandle;

use crate::args::{Global, OutputFormat, Progress};
pub(crate) use files::Files;
pub(crate) use short::short;
pub(crate) use text::shift;

/// Shows events.
pub(crate) trait Renderer: Send {
    fn event(&mut self, event: &Event);
}

/// Shows a run's events, to `also` too, until the last one, which tells its end. The stream itself
/// stays open as long as anything may write to it, such as what watches for signals.
pub(crate) fn show(
    global: &Global,
    mut events: EventStream,
    also: Vec<Box<dyn Renderer>>,
) -> JoinHandle<()> {
    // Files come first: a screen that nobody reads does not keep them from being written.
    let mut renderers = also;
    renderers.push(choose(global));
    tokio::spawn(async move {
        while let Some(event) = events.next().await {
            for renderer in &mut renderers {
                renderer.event(&event);
            }
            if matches!(event.event, EventKind::RunFinished { .. }) {
                return;
            }
        }
    })
}

fn choose(global: &Global) -> Box<dyn Renderer> {
    match (global.output, global.progress) {
        (OutputFormat::Json, _) => Box::new(json::Json),
        (OutputFormat::Text, Progress::Live) => Box::new(live::Live::new()),
        (OutputFormat::Text, Progress::Plain) => Box::new(plain::Plain::new()),
        (OutputFormat::Text, Progress::Auto) if is_interactive() => Box::new(live::Live::new()),
        (OutputFormat::Text, Progress::Auto) => Box::new(plain::Plain::new()),
    }
}

/// Whether somebody sits in front of it: a terminal, and none of the variables that Jenkins,
/// CodeBuild and other CI systems set. Some of them give their builds a terminal.
pub(crate) fn is_interactive() -> bool {
    const CI: [&str; 4] = ["CI", "JENKINS_URL", "BUILD_NUMBER", "CODEBUILD_BUILD_ID"];
    std::io::stdout().is_terminal()
        && CI.iter().all(|name| std::env::var_os(name).is_none())
        && std::env::var_os("TERM").is_none_or(|term| term != "dumb")
}

/// Writes to standard output. A reader that has gone (`| head`) must not end a deployment, which
/// `println!` would do with a panic.
pub(crate) fn print_line(line: &str) {
    use std::io::Write;
    let mut out = std::io::stdout().lock();
    let _ = writeln!(out, "{line}").and_then(|()| out.flush());
}

/// Writes to standard error, as [`print_line`] does to standard output.
pub(crate) fn print_error(line: &str) {
    use std::io::Write;
    let _ = writeln!(std::io::stderr().lock(), "{line}");
}
