//! The two pipelines that people have, word for word, on a machine where AWS's names lead to a
//! sandbox.
//!
//! Their commands and files are beside this file, exactly as their authors have published them.
//! Only the application is ours: its Dockerfile packs the example, for which no base image has to
//! be pulled.

mod codepipeline;
mod jenkins;
mod verbatim;

use std::path::PathBuf;

/// One of the originals' files.
fn original(name: &str) -> String {
    let path = format!("{}/it/originals/{name}", env!("CARGO_MANIFEST_DIR"));
    std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{path}: {error}"))
}

/// Where the write-ups are quoted; it is not part of this project.
fn write_ups() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../shared/originals.md")
}
