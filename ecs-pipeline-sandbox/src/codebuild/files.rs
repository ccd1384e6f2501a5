//! Finds files by patterns and packs them.

use std::collections::{BTreeMap, BTreeSet};
use std::fs::{self, Metadata};
use std::io::{self, Read};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use ecs_pipeline_artifacts::bundle::Bundle;

use super::pattern::Pattern;

/// What is packed at most: what a [`Bundle`] is read back from.
const MAX_BYTES: u64 = 256 * 1024 * 1024;

/// Which files.
#[derive(Debug)]
pub(super) struct Selection {
    /// Where the patterns begin, and what the files' paths are relative to.
    pub(super) bases: Vec<PathBuf>,
    pub(super) patterns: Vec<String>,
    pub(super) excluded: Vec<String>,
    pub(super) discard_paths: bool,
}

/// The files that were found.
#[derive(Debug, Default)]
pub(super) struct Found {
    pub(super) files: BTreeMap<String, PathBuf>,
    /// The patterns that no file matches.
    pub(super) unmatched: Vec<String>,
}

impl Selection {
    /// # Errors
    ///
    /// If a directory cannot be read.
    pub(super) fn find(&self) -> io::Result<Found> {
        let excluded: Vec<_> = self
            .excluded
            .iter()
            .map(|text| Pattern::new(text))
            .collect();
        let mut found = Found::default();
        let mut matched = BTreeSet::new();
        for base in &self.bases {
            let patterns = self
                .patterns
                .iter()
                .map(|text| Pattern::new(below(base, text)));
            let patterns: Vec<_> = patterns.collect();
            for (name, path) in walk(base)? {
                let mut is_meant = false;
                for (at, pattern) in patterns.iter().enumerate() {
                    if pattern.matches(&name) {
                        matched.insert(at);
                        is_meant = true;
                    }
                }
                if is_meant && !excluded.iter().any(|pattern| pattern.matches(&name)) {
                    found.files.insert(self.name(name), path);
                }
            }
        }
        let patterns = self.patterns.iter().enumerate();
        let unmatched = patterns.filter(|(at, _)| !matched.contains(at));
        found.unmatched = unmatched.map(|(_, text)| text.clone()).collect();
        Ok(found)
    }

    fn name(&self, path: String) -> String {
        match path.rsplit_once('/') {
            Some((_, name)) if self.discard_paths => name.to_owned(),
            _ => path,
        }
    }
}

impl Found {
    /// # Errors
    ///
    /// If a file cannot be read, or there is too much of them.
    pub(super) fn pack(&self) -> io::Result<Bundle> {
        let mut bundle = Bundle::default();
        let mut left = MAX_BYTES;
        for (name, path) in &self.files {
            let named = |error: io::Error| io::Error::new(error.kind(), format!("{name}: {error}"));
            let file = fs::File::open(path).map_err(named)?;
            let mode = file.metadata().map_err(named)?.permissions().mode() & 0o777;
            let mut contents = Vec::new();
            file.take(left + 1)
                .read_to_end(&mut contents)
                .map_err(named)?;
            left = left.checked_sub(contents.len() as u64).ok_or_else(|| {
                io::Error::other(format!("more than {} MiB", MAX_BYTES / 1024 / 1024))
            })?;
            bundle.insert_with_mode(name, contents, mode);
        }
        Ok(bundle)
    }
}

/// Writes the files below a directory.
///
/// # Errors
///
/// If one cannot be written.
pub(super) fn unpack(bundle: &Bundle, directory: &Path) -> io::Result<()> {
    for (name, contents, mode) in bundle.files() {
        let path = directory.join(name);
        if let Some(parent) = path.parent() {
            fs::create_dir_all(parent)?;
        }
        fs::write(&path, contents)?;
        fs::set_permissions(&path, fs::Permissions::from_mode(mode))?;
    }
    Ok(())
}

/// The directories below `root` that a base directory means: `.`, `dist`, `my-build*`.
///
/// # Errors
///
/// If a directory cannot be read.
pub(super) fn bases(root: &Path, base: &str) -> io::Result<Vec<PathBuf>> {
    let pattern = Pattern::new(base);
    if pattern.is_plain() {
        // Without a `.` in it, as patterns name it.
        let base: PathBuf = root.join(base).components().collect();
        return Ok(if base.is_dir() {
            vec![base]
        } else {
            Vec::new()
        });
    }
    let mut bases = Vec::new();
    visit(root, "", &mut |name, path, metadata| {
        if metadata.is_dir() && pattern.matches(&name) {
            bases.push(path);
        }
    })?;
    Ok(bases)
}

/// A pattern as it is below its base: `/src/a/*` is `a/*` below `/src`.
fn below<'p>(base: &Path, pattern: &'p str) -> &'p str {
    let base = base.to_str().and_then(|base| pattern.strip_prefix(base));
    base.and_then(|rest| rest.strip_prefix('/'))
        .unwrap_or(pattern)
}

/// Every file below a directory: links are files where they lead to one, and are not followed where they
/// lead to a directory.
fn walk(base: &Path) -> io::Result<Vec<(String, PathBuf)>> {
    let mut files = Vec::new();
    visit(base, "", &mut |name, path, metadata| {
        let is_file = metadata.is_file() || (metadata.is_symlink() && path.is_file());
        if is_file {
            files.push((name, path));
        }
    })?;
    Ok(files)
}

fn visit(
    directory: &Path,
    prefix: &str,
    see: &mut impl FnMut(String, PathBuf, &Metadata),
) -> io::Result<()> {
    let mut entries = fs::read_dir(directory)?.collect::<io::Result<Vec<_>>>()?;
    entries.sort_by_key(fs::DirEntry::file_name);
    for entry in entries {
        // No pattern can name what is no text.
        let Ok(name) = entry.file_name().into_string() else {
            continue;
        };
        let (name, path) = (format!("{prefix}{name}"), entry.path());
        // A process that the build left running may have removed it meanwhile.
        let Ok(metadata) = entry.metadata() else {
            continue;
        };
        let inside = metadata
            .is_dir()
            .then(|| (path.clone(), format!("{name}/")));
        see(name, path, &metadata);
        if let Some((path, prefix)) = inside {
            visit(&path, &prefix, see)?;
        }
    }
    Ok(())
}
