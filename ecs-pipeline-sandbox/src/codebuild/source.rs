//! What a build is made from, and the directories that it has.

use std::collections::BTreeMap;
use std::fs;
use std::io;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};

use bytes::Bytes;
use ecs_pipeline_artifacts::bundle::Bundle;
use tempfile::TempDir;

use super::files;

/// A source as it is given.
#[derive(Debug, Clone)]
pub(super) enum Source {
    /// A directory, which is copied.
    Directory(PathBuf),
    /// A pipeline's artifact.
    Zip(Bytes),
}

/// The directories of one build; gone when this is.
#[derive(Debug)]
pub(super) struct Place {
    root: PathBuf,
    _directory: TempDir,
}

impl Place {
    pub(super) fn new() -> io::Result<Self> {
        let directory = tempfile::Builder::new().prefix("codebuild-").tempdir()?;
        // A shell's `pwd` may go without links, and is compared with this.
        let root = directory.path().canonicalize()?;
        let place = Self {
            root,
            _directory: directory,
        };
        for made in [place.source(), place.home(), place.notes()] {
            fs::create_dir(made)?;
        }
        Ok(place)
    }

    pub(super) fn source(&self) -> PathBuf {
        self.root.join("src")
    }

    /// A further source, by its name.
    fn secondary(&self, name: &str) -> PathBuf {
        self.root.join("secondary").join(name)
    }

    pub(super) fn home(&self) -> PathBuf {
        self.root.join("home")
    }

    /// Of the shell.
    pub(super) fn notes(&self) -> PathBuf {
        self.root.join("notes")
    }

    /// Puts the sources where commands find them: the first into [`Place::source`]. Gives the variables
    /// that name them.
    ///
    /// # Errors
    ///
    /// In a sentence.
    pub(super) fn fill(
        &self,
        sources: &[(String, Source)],
    ) -> Result<BTreeMap<String, String>, String> {
        let mut variables = BTreeMap::new();
        for (at, (name, source)) in sources.iter().enumerate() {
            let (variable, directory) = match at {
                0 => ("CODEBUILD_SRC_DIR".to_owned(), self.source()),
                _ => (format!("CODEBUILD_SRC_DIR_{name}"), self.secondary(name)),
            };
            if name.contains(['/', '\\']) || name.starts_with('.') {
                return Err(format!("{name:?} cannot be a source's name"));
            }
            let put = fs::create_dir_all(&directory).map_err(|error| error.to_string());
            put.and_then(|()| source.put(&directory))
                .map_err(|error| format!("the source {name} could not be put down: {error}"))?;
            variables.insert(variable, directory.to_string_lossy().into_owned());
        }
        Ok(variables)
    }
}

impl Source {
    fn put(&self, directory: &Path) -> Result<(), String> {
        match self {
            Self::Directory(from) => copy_into(from, directory)
                .map_err(|error| format!("{} could not be copied: {error}", from.display())),
            Self::Zip(zip) => {
                let bundle = Bundle::from_zip(zip).map_err(|error| error.to_string())?;
                files::unpack(&bundle, directory).map_err(|error| error.to_string())
            }
        }
    }
}

/// Links stay links. What is neither file, directory nor link is left out.
fn copy_into(from: &Path, to: &Path) -> io::Result<()> {
    if to.starts_with(from.canonicalize()?) {
        // It would be copied into itself, without an end.
        return Err(io::Error::other("this machine's temporary files are in it"));
    }
    copy(from, to)
}

fn copy(from: &Path, to: &Path) -> io::Result<()> {
    for entry in fs::read_dir(from)? {
        let entry = entry?;
        let (path, to) = (entry.path(), to.join(entry.file_name()));
        let kind = entry.file_type()?;
        if kind.is_dir() {
            fs::create_dir(&to)?;
            copy(&path, &to)?;
        } else if kind.is_symlink() {
            symlink(fs::read_link(&path)?, &to)?;
        } else if kind.is_file() {
            fs::copy(&path, &to)?;
        }
    }
    Ok(())
}
