//! What a build hands on when its phases are through: artifacts and reports.

use std::io;
use std::path::{Path, PathBuf};

use ecs_pipeline_artifacts::build_spec::{Artifacts, ReportGroup};
use ecs_pipeline_artifacts::bundle::Bundle;

use super::files::{Found, Selection, bases};
use super::log::Log;
use super::project::Project;
use super::report::{Failure, Report};
use super::shell::Shell;

/// Of CodeBuild, for whatever the build specification is to blame for.
const CLIENT_ERROR: &str = "CLIENT_ERROR";

/// Files as a build specification names them, in an artifact or in a report group.
#[derive(Debug, Clone)]
struct Wanted {
    base: String,
    patterns: Vec<String>,
    excluded: Vec<String>,
    discard_paths: bool,
}

/// What was found of them.
enum Collected {
    Files(Bundle),
    NoBase(String),
    NoFiles,
}

/// The files of an artifact.
///
/// # Errors
///
/// If there are none.
pub(super) async fn artifact(
    artifacts: &Artifacts,
    source: &Path,
    shell: &Shell,
    log: &mut Log,
) -> Result<Bundle, Failure> {
    let wanted = Wanted {
        base: artifacts.base_directory.clone().unwrap_or(".".to_owned()),
        patterns: artifacts.files.clone(),
        excluded: artifacts.exclude_paths.clone(),
        discard_paths: artifacts.discard_paths,
    };
    match collect(wanted, source, shell, log).await? {
        Collected::Files(files) => Ok(files),
        Collected::NoBase(base) => Err(Failure::new(
            CLIENT_ERROR,
            format!("no matching base directory path found for {base}"),
        )),
        Collected::NoFiles => Err(Failure::new(
            CLIENT_ERROR,
            "no matching artifact paths found",
        )),
    }
}

/// The files of a report group; none are no failure.
///
/// # Errors
///
/// If a file cannot be read.
pub(super) async fn report(
    project: &Project,
    group: &ReportGroup,
    source: &Path,
    shell: &Shell,
    log: &mut Log,
) -> Result<Option<Report>, Failure> {
    log.says(format_args!("Preparing to copy TEST report {}", group.name));
    let wanted = Wanted {
        base: group.base_directory.clone().unwrap_or(".".to_owned()),
        patterns: group.files.clone(),
        excluded: Vec::new(),
        discard_paths: group.discard_paths,
    };
    let Collected::Files(files) = collect(wanted, source, shell, log).await? else {
        log.says("No matching report paths found");
        log.says(format_args!(
            "Error in UPLOAD_ARTIFACTS phase: [{}: [report files not found in build]]",
            group.name
        ));
        return Ok(None);
    };
    let name = &group.name;
    Ok(Some(Report {
        group: match name.starts_with("arn:") {
            true => name.clone(),
            false => format!("{}-{name}", project.name),
        },
        file_format: group
            .file_format
            .as_deref()
            .map_or_else(|| "JUNITXML".to_owned(), str::to_ascii_uppercase),
        files,
    }))
}

async fn collect(
    wanted: Wanted,
    source: &Path,
    shell: &Shell,
    log: &mut Log,
) -> Result<Collected, Failure> {
    let base = expanded(&wanted.base, shell);
    log.says(format_args!("Expanding base directory path: {base}"));
    log.says("Assembling file list");
    log.says(format_args!("Expanding {base}"));
    let patterns: Vec<_> = wanted
        .patterns
        .iter()
        .map(|text| expanded(text, shell))
        .collect();
    let excluded = wanted.excluded.iter().map(|text| expanded(text, shell));
    let found = find(
        source.to_owned(),
        base.clone(),
        Selection {
            bases: Vec::new(),
            patterns: patterns.clone(),
            excluded: excluded.collect(),
            discard_paths: wanted.discard_paths,
        },
    );
    let found = found.await.map_err(not_read)?;
    let Some((found, files)) = found else {
        return Ok(Collected::NoBase(base));
    };
    log.says(format_args!(
        "Expanding file paths for base directory {base}"
    ));
    log.says("Assembling file list");
    for pattern in &patterns {
        log.says(format_args!("Expanding {pattern}"));
        if found.unmatched.contains(pattern) {
            log.says(format_args!("Skipping invalid file path {pattern}"));
        }
    }
    if found.files.is_empty() {
        return Ok(Collected::NoFiles);
    }
    log.says(format_args!("Found {} file(s)", found.files.len()));
    Ok(Collected::Files(files))
}

fn not_read(error: io::Error) -> Failure {
    Failure::new(
        CLIENT_ERROR,
        format!("the files could not be read: {error}"),
    )
}

/// `None` where there is no such base directory.
async fn find(
    source: PathBuf,
    base: String,
    mut selection: Selection,
) -> io::Result<Option<(Found, Bundle)>> {
    let read = tokio::task::spawn_blocking(move || {
        selection.bases = bases(&source, &base)?;
        if selection.bases.is_empty() {
            return Ok(None);
        }
        let found = selection.find()?;
        let files = found.pack()?;
        Ok(Some((found, files)))
    });
    read.await.map_err(io::Error::other)?
}

/// With the variables in it replaced as the last command left them.
pub(super) fn expanded(text: &str, shell: &Shell) -> String {
    let mut expanded = String::new();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('$') {
        expanded.push_str(before);
        let braced = after
            .strip_prefix('{')
            .and_then(|after| after.split_once('}'));
        let (name, after) = braced.unwrap_or_else(|| {
            let is_name = |character: char| character.is_ascii_alphanumeric() || character == '_';
            after.split_at(
                after
                    .find(|character| !is_name(character))
                    .unwrap_or(after.len()),
            )
        });
        if name.is_empty() {
            expanded.push('$');
        }
        expanded.push_str(&shell.variable(name).unwrap_or_default());
        rest = after;
    }
    expanded + rest
}
