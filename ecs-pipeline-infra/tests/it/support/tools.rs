//! What others wrote and the tests run or read.

use std::io::Write;
use std::path::{Path, PathBuf};

/// A program among the Python tools (`ECS_PIPELINE_PYTHON_BIN`, or where CI installs them), or on `PATH`.
pub(crate) fn program(name: &str) -> Option<PathBuf> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let all = python_bin().into_iter().chain(std::env::split_paths(&path));
    let mut programs = all.map(|directory| directory.join(name));
    programs.find(|path| path.is_file())
}

/// A file of a package beside the Python tools.
pub(crate) fn beside(file: &Path) -> Option<PathBuf> {
    let libraries = python_bin()?.parent()?.join("lib");
    let versions = std::fs::read_dir(libraries).ok()?.filter_map(Result::ok);
    let mut files = versions.map(|version| version.path().join("site-packages").join(file));
    files.find(|path| path.is_file())
}

/// What was found. If it is nowhere, that is said and the test is skipped, or fails if
/// `ECS_PIPELINE_REQUIRE` lists it.
pub(crate) fn required(name: &str, found: Option<PathBuf>) -> Option<PathBuf> {
    if found.is_none() {
        let required = std::env::var("ECS_PIPELINE_REQUIRE").unwrap_or_default();
        let is_required = required.split([' ', ',']).any(|it| it == name);
        assert!(
            !is_required,
            "ECS_PIPELINE_REQUIRE lists {name}, which is not there"
        );
        // The test harness swallows what macros print.
        let _ = writeln!(std::io::stderr(), "skipped: {name} is not there");
    }
    found
}

fn python_bin() -> Option<PathBuf> {
    let variable = |name| std::env::var_os(name).map(PathBuf::from);
    variable("ECS_PIPELINE_PYTHON_BIN").or_else(|| {
        let cache = variable("XDG_CACHE_HOME").or_else(|| Some(variable("HOME")?.join(".cache")));
        Some(cache?.join("ecs-pipeline/python/bin"))
    })
}
