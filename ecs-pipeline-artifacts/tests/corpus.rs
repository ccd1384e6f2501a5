//! Task definitions from public repositories, where they are at hand: see `CONTRIBUTING.md`.
#![allow(
    missing_docs,
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::print_stderr
)]

use std::{env, fs, path::PathBuf};

use ecs_pipeline_artifacts::{
    image_definitions::ImageDefinitions,
    task_definition::{TaskDefinitionDocument, lost_members},
};
use serde_json::Value;

/// One file of the corpus with what its index says of it.
struct Sample {
    file: String,
    variant: String,
    /// Whether an independent JSON parser read it.
    parses: bool,
    /// Whether botocore's parameter validation accepts it as an input of `RegisterTaskDefinition`.
    botocore_accepts: bool,
    bytes: Vec<u8>,
}

/// The samples of a kind; `None`, with the reason printed, where there is no corpus.
fn samples(kind: &str) -> Option<Vec<Sample>> {
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
    let column = |name: &str| {
        header
            .iter()
            .position(|title| *title == name)
            .expect("a column")
    };
    let (kind_at, parse_at, variant_at) = (column("kind"), column("parse_ok"), column("variant"));
    let (botocore_at, file_at) = (column("botocore"), column("file"));
    let samples: Vec<_> = lines
        .filter(|row| row[kind_at] == kind)
        .map(|row| Sample {
            file: row[file_at].to_owned(),
            variant: row[variant_at].to_owned(),
            parses: row[parse_at] == "ok",
            botocore_accepts: row[botocore_at] == "ok",
            bytes: fs::read(root.join(row[file_at])).expect("a file of the index"),
        })
        .collect();
    assert!(!samples.is_empty(), "no {kind} in the index");
    Some(samples)
}

#[test]
fn task_definitions_that_botocore_accepts_are_read() {
    let Some(samples) = samples("taskdef") else {
        return;
    };
    let mut read = 0;
    for sample in &samples {
        match TaskDefinitionDocument::parse(&sample.bytes) {
            Ok(_) => read += 1,
            Err(error) => assert!(
                !sample.botocore_accepts,
                "{} ({}): {error}",
                sample.file, sample.variant
            ),
        }
    }
    eprintln!("{read} of {} task definitions were read", samples.len());
}

#[test]
fn what_is_not_json_is_refused_with_a_place() {
    let Some(samples) = samples("taskdef") else {
        return;
    };
    for sample in samples.iter().filter(|sample| !sample.parses) {
        let text = String::from_utf8_lossy(&sample.bytes).into_owned();
        let Err(error) = TaskDefinitionDocument::parse(&sample.bytes) else {
            panic!("{} was read, although it is not JSON", sample.file)
        };
        assert!(
            error.line <= text.split('\n').count(),
            "{}: {error}",
            sample.file
        );
        eprintln!(
            "{} ({}): {error}\n{}\n{:?}\n",
            sample.file, sample.variant, error.snippet, error.hint
        );
    }
}

#[test]
fn an_edited_task_definition_differs_only_in_the_edit() {
    let Some(samples) = samples("taskdef") else {
        return;
    };
    let mut edited = 0;
    for sample in &samples {
        let Ok(document) = TaskDefinitionDocument::parse(&sample.bytes) else {
            continue;
        };
        let before = document.clone().into_register_input();
        let Some(container) = document
            .container_names()
            .first()
            .map(|name| (*name).to_owned())
        else {
            continue;
        };
        let before_image = document.image_of(&container).map(str::to_owned);
        let mut document = document;
        document.set_image(&container, "edited:1").unwrap();
        let after = TaskDefinitionDocument::parse(document.to_json_string())
            .unwrap()
            .into_register_input();

        let mut expected = before.clone();
        for definition in expected["containerDefinitions"].as_array_mut().unwrap() {
            if definition["name"] == container.as_str() {
                definition["image"] = "edited:1".into();
            }
        }
        assert_eq!(expected.to_string(), after.to_string(), "{}", sample.file);
        assert_eq!(lost_members(&after, &after), [""; 0], "{}", sample.file);
        let noticed = !lost_members(&before, &after).is_empty();
        assert!(
            noticed || before == expected || before_image.is_none(),
            "{}",
            sample.file
        );
        edited += 1;
    }
    eprintln!("{edited} of {} task definitions were edited", samples.len());
    assert!(
        edited * 2 > samples.len(),
        "most of the corpus can be edited"
    );
}

/// What is read and written differs from the source only in the members that were dropped.
#[test]
fn reading_drops_only_what_it_says() {
    let Some(samples) = samples("taskdef") else {
        return;
    };
    for sample in &samples {
        let Ok(document) = TaskDefinitionDocument::parse(&sample.bytes) else {
            continue;
        };
        let bytes = sample
            .bytes
            .strip_prefix(b"\xEF\xBB\xBF")
            .unwrap_or(&sample.bytes);
        let mut source: Value = serde_json::from_slice(bytes).unwrap();
        if let Some(inner) = source
            .get("taskDefinition")
            .filter(|inner| inner.is_object())
        {
            source = inner.clone();
        }
        let dropped = document.dropped_members().to_vec();
        let kept = document.into_register_input();
        let mut source = source.as_object().unwrap().clone();
        source.retain(|member, _| !dropped.contains(member) || kept.get(member).is_some());
        for (member, value) in &source {
            if member != "tags" {
                assert_eq!(
                    value.to_string(),
                    kept[member].to_string(),
                    "{}: {member}",
                    sample.file
                );
            }
        }
    }
}

#[test]
fn image_definitions_are_read_or_explained() {
    let Some(samples) = samples("imagedef") else {
        return;
    };
    for sample in &samples {
        if let Err(error) = ImageDefinitions::parse(&sample.bytes) {
            assert!(!error.to_string().is_empty());
            eprintln!("{} ({}): {error}", sample.file, sample.variant);
        }
    }
}
