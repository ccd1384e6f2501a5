//! The tutorials' own files, with their faults and without: `examples/blue-green-tutorial`, `examples/rolling-tutorial`.
#![allow(missing_docs, clippy::unwrap_used, clippy::indexing_slicing)]

use std::{fs, path::Path};

use ecs_pipeline_artifacts::{
    document::DocumentKind,
    validate::{Options, Report, SourceFile, validate},
};

const FILES: [&str; 3] = ["appspec.yaml", "buildspec.yml", "taskdef.json"];

fn report(folder: &str) -> Report {
    let folder = Path::new("examples/blue-green-tutorial").join(folder);
    look(&FILES.map(|name| file(&folder, name)))
}

/// A file of the project.
fn file(folder: &Path, name: &str) -> SourceFile {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    SourceFile::new(name, fs::read(root.join(folder).join(name)).unwrap())
}

fn look(files: &[SourceFile]) -> Report {
    validate(files, &Options::default())
}

/// What was found in one file, as line, text and rule.
fn found_in(folder: &str, name: &str) -> Vec<String> {
    let files = [file(Path::new(folder), name)];
    let findings = look(&files).findings.into_iter();
    findings
        .map(|found| {
            let text = &files[0].text()[found.place.span];
            format!("{} {text}: {}", found.place.start.line, found.rule.id)
        })
        .collect()
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
            "buildspec.yml:19 pushed-tag",
            "buildspec.yml:19 image-definitions-for-blue-green",
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

#[test]
fn every_fault_of_the_rolling_tutorial_is_found_at_its_command() {
    let image = "123456789012.dkr.ecr.ap-northeast-2.amazonaws.com/my-app:latest";
    let service = "--cluster my-cluster --service my-service";
    assert_eq!(
        found_in("examples/rolling-tutorial/before", "Jenkinsfile"),
        [
            format!("15 docker push {image}: latest-tag-only"),
            format!(
                "21 aws ecs update-service {service} --force-new-deployment: deployment-not-followed"
            ),
            "28 --rollback-deployment: aws-cli-option".to_owned(),
        ]
    );
    assert_eq!(
        found_in("examples/rolling-tutorial/after", "Jenkinsfile"),
        [""; 0]
    );
}

/// What this project tells others to copy.
#[test]
fn nothing_is_found_in_our_own_pipelines() {
    for (folder, name) in [
        ("", "Jenkinsfile"),
        ("", "buildspec.yml"),
        ("examples/jenkins-shared-library", "vars/ecsPipeline.groovy"),
        ("examples/hello-web", "taskdef.json"),
    ] {
        assert_eq!(found_in(folder, name), [""; 0], "{folder}/{name}");
    }
}
