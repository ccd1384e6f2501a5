//! Build specifications from public repositories, where they are at hand: see `CONTRIBUTING.md`.
#![allow(
    missing_docs,
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::print_stderr
)]

mod support;

use std::collections::BTreeMap;

use ecs_pipeline_artifacts::{
    build_spec::BuildSpec,
    finding::Severity,
    validate::{Options, SourceFile, validate},
};

/// Rules that may call files that stand together an error, each with what it was looked at in.
const REVIEWED: &[&str] = &[
    // `strapi`, where the container is `strapi-container`.
    "app-spec-container",
    // The name of the family; `"#"`, handed over with imageDetail.json and taskdef.json.
    "app-spec-task-definition",
    // Port 8080, where the container maps 80.
    "app-spec-container-port",
];

#[test]
fn what_is_found_in_real_build_specifications() {
    let Some(samples) = support::samples("buildspec") else {
        return;
    };
    let mut rates = BTreeMap::<_, (usize, usize)>::new();
    for sample in &samples {
        let files = [SourceFile::new(sample.file.as_str(), &sample.bytes)];
        let report = validate(&files, &Options::default());
        for found in &report.findings {
            let (all, head) = rates.entry((found.severity(), found.rule.id)).or_default();
            *all += 1;
            *head += usize::from(sample.is_head);
            eprintln!(
                "{}:{}:{} {} {}: {}",
                sample.file,
                found.place.start.line,
                found.place.start.column,
                found.severity(),
                found.rule.id,
                found.message
            );
            // CodeBuild's answer: `Expected Commands[n] to be of string type: found subkeys`.
            let reviewed = ["build-spec-command-not-text", "yaml-syntax"];
            let is_error = found.severity() == Severity::Error && sample.is_head;
            assert!(
                !is_error || reviewed.contains(&found.rule.id),
                "{}: {}",
                sample.file,
                found.rule.id
            );
        }
        assert_eq!(
            BuildSpec::parse(&sample.bytes).is_ok(),
            !report.has_errors(),
            "{}",
            sample.file
        );
        assert!(
            sample.parses || report.has_errors(),
            "{} is no YAML",
            sample.file
        );
    }
    eprintln!("\n{rates:#?}");
}

/// The files of each folder of a repository, as they stand together.
#[test]
fn what_is_found_across_real_files() {
    let Some(mut samples) = support::all() else {
        return;
    };
    samples.retain(|sample| sample.kind != "jenkinsfile");
    let mut folders = BTreeMap::<_, Vec<_>>::new();
    for sample in samples.iter().filter(|sample| sample.is_head) {
        let folder = sample
            .path
            .rsplit_once('/')
            .map_or("", |(folder, _)| folder);
        folders
            .entry((&sample.repo, folder))
            .or_default()
            .push(sample);
    }
    for ((repo, folder), samples) in folders {
        let files = samples
            .iter()
            .map(|sample| SourceFile::new(sample.path.as_str(), &sample.bytes));
        let files: Vec<_> = files.collect();
        for found in validate(&files, &Options::default()).findings {
            if found.rule.subject() != "across files" {
                continue;
            }
            let place = format!(
                "{repo}/{folder} {}:{}",
                files[found.place.file].name(),
                found.place.start.line
            );
            eprintln!(
                "{place} {} {}: {}",
                found.severity(),
                found.rule.id,
                found.message
            );
            assert!(
                found.severity() == Severity::Warning || REVIEWED.contains(&found.rule.id),
                "{place}: {}",
                found.rule.id
            );
        }
    }
}
