//! The report of a run in files: its events as they happen, and at its end a page and test results.

use std::fs::File;
use std::io::{ErrorKind, Write};
use std::path::{Path, PathBuf};

use ecs_pipeline_core::event::Event;

use super::story::{Ending, Story};
use super::{Renderer, html, junit, print_error};
use crate::args::Global;
use crate::error::CliError;
use crate::whole_file;

/// Where a run's report goes.
pub(crate) struct Files {
    directory: PathBuf,
    command: &'static str,
    /// The events' file, until it cannot be written.
    events: Option<File>,
    story: Story,
}

impl Files {
    /// Makes the directory and begins the events' file, where a report is asked for. What an earlier run
    /// of the command left is taken away: a run that is killed must not leave another one's verdict.
    pub(crate) fn open(global: &Global, command: &'static str) -> Result<Option<Self>, CliError> {
        let Some(directory) = &global.report_dir else {
            return Ok(None);
        };
        let events = begin(directory, command).map_err(|error| CliError::Usage {
            message: format!(
                "no report of `{command}` can be written to {}: {error}; nothing was done",
                directory.display()
            ),
            hint: "name a directory that can be written, with --report-dir or \
                   ECS_PIPELINE_REPORT_DIR, or leave the report out"
                .to_owned(),
        })?;
        Ok(Some(Self {
            directory: directory.clone(),
            command,
            events: Some(events),
            story: Story::of(command),
        }))
    }

    /// One event a line, at once on its way to the disk: there is no buffer that a killed run would lose.
    fn append(&mut self, event: &Event) {
        let Some(file) = &mut self.events else {
            return;
        };
        // An event is made of texts and numbers: it always has a JSON form.
        let Ok(line) = serde_json::to_string(event) else {
            return;
        };
        if let Err(error) = file.write_all(format!("{line}\n").as_bytes()) {
            warn(&path(&self.directory, self.command, "jsonl"), &error);
            self.events = None;
        }
    }

    fn conclude(&self, end: &Ending) {
        let reports = [
            ("xml", junit::render(&self.story, end)),
            ("html", html::render(&self.story, end)),
        ];
        for (extension, text) in reports {
            let path = path(&self.directory, self.command, extension);
            if let Err(error) = whole_file::write(&path, &text) {
                warn(&path, &error);
            }
        }
    }
}

impl Renderer for Files {
    fn event(&mut self, event: &Event) {
        self.append(event);
        self.story.add(event);
        if let Some(end) = Ending::of(event) {
            self.conclude(&end);
        }
    }
}

fn begin(directory: &Path, command: &str) -> std::io::Result<File> {
    std::fs::create_dir_all(directory)?;
    for extension in ["xml", "html"] {
        match std::fs::remove_file(path(directory, command, extension)) {
            Err(error) if error.kind() != ErrorKind::NotFound => return Err(error),
            _ => {}
        }
    }
    File::create(path(directory, command, "jsonl"))
}

fn path(directory: &Path, command: &str, extension: &str) -> PathBuf {
    directory.join(format!("{command}.{extension}"))
}

/// A report that cannot be written must not end a deployment.
fn warn(path: &Path, error: &std::io::Error) {
    print_error(&format!(
        "warning: {} cannot be written: {error}",
        path.display()
    ));
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use clap::Parser;
    use ecs_pipeline_core::event::{EventKind, VERSION};
    use ecs_pipeline_core::model::End;

    use super::*;
    use crate::args::Cli;

    fn asked_for(directory: &Path) -> Global {
        let directory = directory.to_str().unwrap();
        let line = ["ecs-pipeline", "--report-dir", directory, "deploy"];
        Cli::try_parse_from(line).unwrap().global
    }

    fn event(seq: u64, event: EventKind) -> Event {
        Event {
            v: VERSION,
            seq,
            elapsed_ms: seq * 1000,
            event,
        }
    }

    fn the_end() -> EventKind {
        EventKind::RunFinished {
            end: End::Succeeded,
            exit_code: 0,
            summary: "done".to_owned(),
            hint: None,
        }
    }

    fn names(directory: &Path) -> Vec<String> {
        let entries = std::fs::read_dir(directory).unwrap();
        let names = entries.map(|entry| entry.unwrap().file_name().into_string().unwrap());
        let mut names: Vec<String> = names.collect();
        names.sort();
        names
    }

    #[test]
    fn events_are_there_as_they_happen_and_reports_at_the_end() {
        let root = tempfile::tempdir().unwrap();
        let directory = root.path().join("not/there/yet");
        let mut files = Files::open(&asked_for(&directory), "deploy")
            .unwrap()
            .unwrap();
        let note = event(
            0,
            EventKind::Note {
                text: "a\nb".to_owned(),
            },
        );
        files.event(&note);
        let written = std::fs::read_to_string(directory.join("deploy.jsonl")).unwrap();
        assert_eq!(serde_json::from_str::<Event>(&written).unwrap(), note);
        assert_eq!(names(&directory), ["deploy.jsonl"]);
        files.event(&event(1, the_end()));
        assert_eq!(
            names(&directory),
            ["deploy.html", "deploy.jsonl", "deploy.xml"]
        );
    }

    /// A killed run must not leave the verdict of the one before it.
    #[test]
    fn nothing_is_left_of_an_earlier_run_of_the_command() {
        let directory = tempfile::tempdir().unwrap();
        for name in ["deploy.jsonl", "deploy.xml", "deploy.html", "build.xml"] {
            std::fs::write(directory.path().join(name), "earlier").unwrap();
        }
        let _files = Files::open(&asked_for(directory.path()), "deploy").unwrap();
        assert_eq!(names(directory.path()), ["build.xml", "deploy.jsonl"]);
        let events = std::fs::read(directory.path().join("deploy.jsonl")).unwrap();
        assert!(events.is_empty());
    }

    #[test]
    fn what_cannot_be_written_is_refused_at_once() {
        let root = tempfile::tempdir().unwrap();
        let file = root.path().join("file");
        std::fs::write(&file, "").unwrap();
        let taken = root.path().join("taken");
        std::fs::create_dir_all(taken.join("deploy.xml")).unwrap();
        for directory in [file, taken] {
            let refused = Files::open(&asked_for(&directory), "deploy").err().unwrap();
            let report = refused.into_report();
            assert_eq!(report.exit_code, ecs_pipeline_core::exit::USAGE);
            assert!(report.summary.contains(directory.to_str().unwrap()));
            assert!(report.hint.unwrap().contains("--report-dir"));
        }
    }

    /// A directory that goes away, too, ends nothing.
    #[test]
    fn what_cannot_be_written_later_is_left_out() {
        let root = tempfile::tempdir().unwrap();
        let directory = root.path().join("reports");
        let mut files = Files::open(&asked_for(&directory), "deploy")
            .unwrap()
            .unwrap();
        std::fs::remove_dir_all(&directory).unwrap();
        files.event(&event(0, the_end()));
        assert!(!directory.exists());
    }
}
