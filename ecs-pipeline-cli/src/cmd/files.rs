//! Which files a command looks at, and how one is written.

use std::io::Read;
use std::path::{Path, PathBuf};

use ecs_pipeline_artifacts::document::DocumentKind;
use ecs_pipeline_artifacts::validate::{Options, SourceFile};

use crate::args::{FileArgs, Global};
use crate::config::{Config, ConfigError, Variables};
use crate::error::CliError;
use crate::report::print_error;
use crate::whole_file;

/// Standard input, or standard output.
pub(super) const STANDARD: &str = "-";

/// The files to look at, and where they are.
pub(super) struct Found {
    pub(super) files: Vec<SourceFile>,
    pub(super) paths: Vec<PathBuf>,
    pub(super) options: Options,
}

pub(super) fn find(global: &Global, args: &FileArgs) -> Result<Found, CliError> {
    let config = config_if_any(global)?;
    let paths = match args.paths.as_slice() {
        [] => usual(config.as_ref())?,
        named => expanded(named)?,
    };
    if paths.is_empty() {
        return Err(CliError::Refused {
            message: "there is nothing to look at".to_owned(),
            hint: "name the files; without any, taskdef.json, appspec.yaml, buildspec.yml, \
                   imagedefinitions.json, imageDetail.json, pipeline.json, Jenkinsfile and *.sh are \
                   looked for"
                .to_owned(),
        });
    }
    let files = paths.iter().map(|path| {
        let file = SourceFile::new(shown(path), read(path)?);
        Ok(match args.kind {
            Some(kind) => file.with_kind(kind.into()),
            None => file,
        })
    });
    let files = files.collect::<Result<_, CliError>>()?;
    let configured = config.and_then(|config| Some(config.codepipeline?.action));
    let mut options = Options::default();
    options.action = args.action.or(configured).map(Into::into);
    Ok(Found {
        files,
        paths,
        options,
    })
}

/// The configuration is not what is looked at: without one, or with one that is wrong, the files can be
/// judged all the same, unless it was named.
fn config_if_any(global: &Global) -> Result<Option<Config>, CliError> {
    match Config::read(&global.config, &Variables::from_environment()) {
        Ok(config) => Ok(Some(config)),
        Err(error) if global.config_is_named => Err(error.into()),
        Err(ConfigError::Missing(_)) => Ok(None),
        Err(error) => {
            print_error(&format!("note: the configuration is not used: {error}"));
            Ok(None)
        }
    }
}

/// What is in the working directory, and what the configuration names.
fn usual(config: Option<&Config>) -> Result<Vec<PathBuf>, CliError> {
    let mut paths = within(Path::new("."))?;
    let deploy = config.and_then(|config| Some((config, config.deploy.as_ref()?)));
    let named =
        deploy.and_then(|(config, deploy)| Some(config.resolve(deploy.task_definition.as_ref()?)));
    paths.extend(named.filter(|path| path.exists() && !paths.contains(path)));
    Ok(paths)
}

fn expanded(named: &[PathBuf]) -> Result<Vec<PathBuf>, CliError> {
    let mut paths = Vec::new();
    for path in named {
        if path.is_dir() {
            paths.extend(within(path)?);
        } else {
            paths.push(path.clone());
        }
    }
    let mut seen = std::collections::HashSet::new();
    paths.retain(|path| seen.insert(path.clone()));
    Ok(paths)
}

/// The files of a directory that have a usual name.
fn within(directory: &Path) -> Result<Vec<PathBuf>, CliError> {
    let unreadable = |source| CliError::File {
        path: directory.to_owned(),
        done: "read",
        source,
    };
    let mut paths = Vec::new();
    for entry in std::fs::read_dir(directory).map_err(unreadable)? {
        let entry = entry.map_err(unreadable)?;
        let name = entry.file_name();
        let usual = name.to_str().and_then(DocumentKind::of_name).is_some();
        if usual && entry.path().is_file() {
            paths.push(match directory.to_str() {
                Some(".") => PathBuf::from(name),
                _ => entry.path(),
            });
        }
    }
    paths.sort();
    Ok(paths)
}

pub(super) fn shown(path: &Path) -> String {
    match path.to_str() {
        Some(STANDARD) => "<stdin>".to_owned(),
        _ => path.display().to_string(),
    }
}

/// Whether two names lead to one file.
pub(super) fn is_same(one: &Path, other: &Path) -> bool {
    let (one, other) = (std::fs::canonicalize(one), std::fs::canonicalize(other));
    matches!((one, other), (Ok(one), Ok(other)) if one == other)
}

/// Whether nobody is to write a file.
pub(super) fn is_read_only(path: &Path) -> bool {
    path.as_os_str() != STANDARD
        && std::fs::metadata(path).is_ok_and(|file| file.permissions().readonly())
}

/// Reads a file, or standard input.
pub(super) fn read(path: &Path) -> Result<Vec<u8>, CliError> {
    let bytes = if path.as_os_str() == STANDARD {
        let mut bytes = Vec::new();
        let read = std::io::stdin().lock().read_to_end(&mut bytes);
        read.map(|_| bytes)
    } else {
        std::fs::read(path)
    };
    bytes.map_err(|source| CliError::File {
        path: path.to_owned(),
        done: "read",
        source,
    })
}

/// Writes a file, or to standard output. A file is there whole or as it was, with the permissions that
/// it had; a link leads to it still.
pub(super) fn write(path: &Path, contents: &str) -> Result<(), CliError> {
    let written = if path.as_os_str() == STANDARD {
        use std::io::Write;
        let mut out = std::io::stdout().lock();
        // A reader that has gone needs nothing more.
        let _ = out
            .write_all(contents.as_bytes())
            .and_then(|()| out.flush());
        Ok(())
    } else {
        whole_file::write(path, contents)
    };
    written.map_err(|source| CliError::File {
        path: path.to_owned(),
        done: "written",
        source,
    })
}
