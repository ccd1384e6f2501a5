//! What `cache.paths` keeps from one build of a project for the next, in this process's memory.

use std::collections::BTreeMap;
use std::io;
use std::path::Path;

use ecs_pipeline_artifacts::build_spec::Cache;
use ecs_pipeline_artifacts::bundle::Bundle;

use super::files::{Selection, unpack};

/// CodeBuild's builds run as root, and their caches name its home.
const HOME: [&str; 3] = ["/root/", "~/", "$HOME/"];

/// What is kept, by key; without one, under the empty key.
pub(super) type Caches = BTreeMap<String, Kept>;

/// What was found below the two directories in which a build's own files are.
#[derive(Debug, Clone, Default)]
pub(super) struct Kept {
    source: Bundle,
    home: Bundle,
}

/// The first of the cache's keys under which something is kept.
pub(super) fn find<'c>(cache: &Cache, caches: &'c Caches) -> Option<&'c Kept> {
    let keys = [cache.key.clone().unwrap_or_default()];
    let mut keys = keys.iter().chain(&cache.fallback_keys);
    keys.find_map(|key| caches.get(key))
}

impl Kept {
    /// # Errors
    ///
    /// If a file cannot be written.
    pub(super) fn restore(&self, source: &Path, home: &Path) -> io::Result<()> {
        unpack(&self.source, source)?;
        unpack(&self.home, home)
    }

    /// What there is to keep, and the paths that are neither in the source nor in the home directory:
    /// those are this machine's, and stay as they are.
    ///
    /// # Errors
    ///
    /// If a file cannot be read, or there is too much of them.
    pub(super) fn of(cache: &Cache, source: &Path, home: &Path) -> io::Result<(Self, Vec<String>)> {
        let (mut in_source, mut in_home, mut elsewhere) = (Vec::new(), Vec::new(), Vec::new());
        for path in &cache.paths {
            let below_home = HOME.iter().find_map(|home| path.strip_prefix(home));
            match below_home {
                Some(path) => in_home.push(path.to_owned()),
                None if path.starts_with(['/', '~', '$']) => elsewhere.push(path.clone()),
                None => in_source.push(path.clone()),
            }
        }
        let kept = Self {
            source: found(source, in_source)?,
            home: found(home, in_home)?,
        };
        Ok((kept, elsewhere))
    }
}

/// A directory is kept with all that is in it.
fn found(base: &Path, patterns: Vec<String>) -> io::Result<Bundle> {
    if patterns.is_empty() {
        return Ok(Bundle::default());
    }
    let directories = patterns.iter().filter(|path| base.join(path).is_dir());
    let all: Vec<_> = directories
        .map(|path| format!("{}/**/*", path.trim_end_matches('/')))
        .collect();
    let selection = Selection {
        bases: vec![base.to_owned()],
        patterns: patterns.into_iter().chain(all).collect(),
        excluded: Vec::new(),
        discard_paths: false,
    };
    selection.find()?.pack()
}
