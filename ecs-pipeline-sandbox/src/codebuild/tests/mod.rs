#![allow(clippy::unwrap_used, clippy::print_stderr)]

mod corpus;
mod left;
mod phases;
mod processes;
mod shell;

use std::fs;

use tempfile::TempDir;

use super::*;

/// A source with these files.
fn source(files: &[(&str, &str)]) -> TempDir {
    let directory = tempfile::tempdir().unwrap();
    for (name, contents) in files {
        let path = directory.path().join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, contents).unwrap();
    }
    directory
}

async fn build(project: &Project, spec: &str) -> Build {
    let source = source(&[("buildspec.yml", spec)]);
    project.build(source.path(), Start::default()).await
}

async fn run(spec: &str) -> Build {
    build(&Project::new("shop"), spec).await
}

/// What its commands printed.
fn printed(build: &Build) -> Vec<&str> {
    let lines = build.log.iter().map(String::as_str);
    lines
        .filter(|line| !line.starts_with('[') && !line.is_empty())
        .collect()
}

/// The phases that run commands and what follows them, with their status.
fn ran(build: &Build) -> Vec<String> {
    let phases = build.phases.iter();
    let phases = phases
        .filter(|phase| (PhaseName::Install..=PhaseName::UploadArtifacts).contains(&phase.name));
    phases
        .map(|phase| format!("{} {}", phase.name, phase.status))
        .collect()
}
