//! The corpus: real pipeline files from public repositories, where they are at hand (see `CONTRIBUTING.md`).
#![allow(dead_code, unreachable_pub)]

use std::{env, fs, path::PathBuf};

/// One file of the corpus with what its index says of it.
pub struct Sample {
    /// Where it stands in the corpus.
    pub file: String,
    /// `taskdef`, `appspec`, …
    pub kind: String,
    pub repo: String,
    /// Where it stood in its repository.
    pub path: String,
    pub variant: String,
    /// Whether an independent parser of JSON or YAML read it.
    pub parses: bool,
    /// What botocore's parameter validation says of it as an input of `RegisterTaskDefinition`.
    pub botocore: String,
    /// Whether it stands in its repository today; otherwise it is an older version.
    pub is_head: bool,
    pub bytes: Vec<u8>,
}

/// The samples of a kind; `None`, with the reason printed, where there is no corpus.
pub fn samples(kind: &str) -> Option<Vec<Sample>> {
    let mut samples = all()?;
    samples.retain(|sample| sample.kind == kind);
    assert!(!samples.is_empty(), "no {kind} in the index");
    Some(samples)
}

/// Every sample; `None`, with the reason printed, where there is no corpus.
pub fn all() -> Option<Vec<Sample>> {
    let root = env::var_os("ECS_PIPELINE_CORPUS").map_or_else(
        || PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../shared/corpus"),
        PathBuf::from,
    );
    let Ok(index) = fs::read_to_string(root.join("index.tsv")) else {
        let required = env::var("ECS_PIPELINE_REQUIRE").unwrap_or_default();
        assert!(
            !required.split([' ', ',']).any(|name| name == "corpus"),
            "ECS_PIPELINE_REQUIRE lists `corpus`, and {} has none",
            root.display()
        );
        eprintln!("skipped: no corpus at {}", root.display());
        return None;
    };
    let mut lines = index
        .lines()
        .map(|line| line.split('\t').collect::<Vec<_>>());
    let header = lines.next().expect("a header");
    let of = |row: &[&str], name: &str| {
        let at = header.iter().position(|title| *title == name);
        row[at.expect("a column")].to_owned()
    };
    let samples = lines.map(|row| Sample {
        file: of(&row, "file"),
        kind: of(&row, "kind"),
        repo: of(&row, "repo"),
        path: of(&row, "path"),
        variant: of(&row, "variant"),
        parses: of(&row, "parse_ok") == "ok",
        botocore: of(&row, "botocore"),
        is_head: of(&row, "origin") == "head",
        bytes: fs::read(root.join(of(&row, "file"))).expect("a file of the index"),
    });
    Some(samples.collect())
}
