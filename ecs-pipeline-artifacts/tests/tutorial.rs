//! The blue/green tutorial's own files, with their faults and without: `examples/blue-green-tutorial`.
#![allow(missing_docs, clippy::unwrap_used)]

use std::{fs, path::Path};

use ecs_pipeline_artifacts::{
    document::DocumentKind,
    validate::{Options, Report, SourceFile, validate},
};

const FILES: [&str; 3] = ["appspec.yaml", "buildspec.yml", "taskdef.json"];

fn report(folder: &str) -> Report {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../examples/blue-green-tutorial")
        .join(folder);
    let files = FILES.map(|name| SourceFile::new(name, fs::read(folder.join(name)).unwrap()));
    validate(&files, &Options::default())
}

/// What was found, as file, line and rule.
fn found(report: &Report) -> Vec<String> {
    let findings = report.findings.iter();
    findings
        .map(|found| {
            format!(
                "{}:{} {}",
                FILES[found.place.file], found.place.start.line, found.rule.id
            )
        })
        .collect()
}

#[test]
fn every_fault_of_the_tutorial_is_found() {
    let report = report("before");
    assert_eq!(
        report.kinds,
        [
            DocumentKind::AppSpec,
            DocumentKind::BuildSpec,
            DocumentKind::TaskDefinition
        ]
        .map(Some)
    );
    assert_eq!(
        found(&report),
        [
            "buildspec.yml:18 push-after-failed-build",
            "buildspec.yml:19 image-definitions-for-blue-green",
            "buildspec.yml:19 pushed-tag",
            "taskdef.json:2 read-only-member",
            "taskdef.json:6 image-tag-latest",
            "taskdef.json:6 literal-image",
            "taskdef.json:38 read-only-member",
            "taskdef.json:40 read-only-member",
            "taskdef.json:41 read-only-member",
            "taskdef.json:59 read-only-member",
            "taskdef.json:71 read-only-member",
            "taskdef.json:72 read-only-member",
        ]
    );
}

#[test]
fn both_places_of_the_wrong_tag_are_shown() {
    let report = report("before");
    let tag = report
        .findings
        .iter()
        .find(|found| found.rule.id == "pushed-tag")
        .unwrap();
    assert_eq!(
        tag.message,
        "this names the tag `latest`, and `$IMAGE_TAG` is what is pushed"
    );
    assert_eq!(
        (tag.place.start.line, tag.related[0].0.start.line),
        (19, 18)
    );
}

#[test]
fn nothing_is_found_once_they_are_fixed() {
    assert_eq!(found(&report("after")), [""; 0]);
}
