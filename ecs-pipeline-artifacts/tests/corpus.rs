//! Task definitions from public repositories, where they are at hand: see `CONTRIBUTING.md`.
#![allow(
    missing_docs,
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::print_stderr
)]

mod support;

use ecs_pipeline_artifacts::{
    image_definitions::ImageDefinitions, task_definition::TaskDefinitionDocument,
};
use serde_json::Value;
use support::samples;

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
                sample.botocore != "ok",
                "{} ({}): {error}",
                sample.file,
                sample.variant
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
