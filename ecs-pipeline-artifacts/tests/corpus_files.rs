//! AppSpecs and image files from public repositories, where they are at hand: see `CONTRIBUTING.md`.
#![allow(
    missing_docs,
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::print_stderr
)]

mod support;

use ecs_pipeline_artifacts::app_spec::AppSpec;
use ecs_pipeline_artifacts::document::DocumentKind;
use ecs_pipeline_artifacts::finding::{Finding, Severity};
use ecs_pipeline_artifacts::image_definitions::ImageDefinitions;
use ecs_pipeline_artifacts::image_detail::ImageDetail;
use ecs_pipeline_artifacts::validate::{Options, SourceFile, validate};
use support::{Sample, samples};

/// What is found in a sample, printed.
fn findings(sample: &Sample, kind: Option<DocumentKind>) -> Vec<Finding> {
    let mut file = SourceFile::new(&sample.path, &sample.bytes);
    if let Some(kind) = kind {
        file = file.with_kind(kind);
    }
    let findings = validate(&[file], &Options::default()).findings;
    for finding in &findings {
        let origin = if sample.is_head { "head" } else { "history" };
        let place = &finding.place.start;
        eprintln!(
            "{} ({}, {origin}) {}:{}: {}[{}]: {}{}",
            sample.file,
            sample.variant,
            place.line,
            place.column,
            finding.severity(),
            finding.rule.id,
            finding.message,
            finding
                .fix
                .as_ref()
                .map(|fix| format!(" [fix: {}]", fix.title))
                .unwrap_or_default()
        );
    }
    findings
}

fn errors(findings: &[Finding]) -> Vec<&'static str> {
    let errors = findings
        .iter()
        .filter(|found| found.severity() == Severity::Error);
    errors.map(|found| found.rule.id).collect()
}

/// Rules that may call a file of today an error, each with a file that it was looked at in. An error of
/// any other rule would be a false one.
const REVIEWED: &[&str] = &[
    // Scripts of an EC2 deployment as hooks; an EC2 AppSpec and one for ECS in one file.
    "appspec-hook-event",
    "appspec-hook-function",
    "appspec-hooks-list",
    // `[YOUR_ContainerName]`.
    "appspec-container-name",
    // `imageUrl`.
    "imagedefinitions-required-member",
    // `@sha256:latest`.
    "imagedetail-image",
    // `<IMAGE_URI>` and `$IMAGE_TAG`: read as they stand unless the build writes over them.
    "imagedetail-placeholder",
    "imagedefinitions-placeholder",
];

fn assert_reviewed(errors: &[&str], sample: &Sample) {
    for rule in errors {
        assert!(REVIEWED.contains(rule), "{}: {rule}", sample.file);
    }
}

#[test]
fn app_specs_for_ecs_are_accepted() {
    let Some(samples) = samples("appspec") else {
        return;
    };
    let mut accepted = 0;
    for sample in &samples {
        let found = errors(&findings(sample, Some(DocumentKind::AppSpec)));
        if !(sample.variant.starts_with("ecs-") && sample.is_head && sample.parses) {
            continue;
        }
        assert_reviewed(&found, sample);
        let parsed = AppSpec::parse(&sample.bytes);
        match (&parsed, found.is_empty()) {
            (Ok(app_spec), true) => {
                assert_eq!(
                    &AppSpec::parse(app_spec.to_yaml_string()).unwrap(),
                    app_spec
                );
                accepted += 1;
            }
            // A port that is still to be filled in is no fault, and no number.
            (Err(error), true) => {
                let messages: Vec<_> = error.findings.iter().map(|found| &found.message).collect();
                assert_eq!(
                    messages,
                    ["`ContainerPort` cannot be read while it is a placeholder"]
                );
            }
            (Err(error), false) => assert_eq!(errors(&error.findings), found),
            (Ok(_), false) => panic!("{} was read", sample.file),
        }
    }
    eprintln!("{accepted} AppSpecs were read");
    assert!(
        accepted * 2 > samples.len(),
        "most of the corpus can be read"
    );
}

#[test]
fn app_specs_for_ec2_get_one_finding() {
    let Some(samples) = samples("appspec") else {
        return;
    };
    for sample in samples.iter().filter(|sample| sample.variant == "ec2-yaml") {
        let found = findings(sample, Some(DocumentKind::AppSpec));
        let rules: Vec<_> = found.iter().map(|found| found.rule.id).collect();
        assert_eq!(rules, ["appspec-for-ec2"], "{}", sample.file);
    }
}

#[test]
fn image_files_are_accepted_or_explained() {
    let Some(samples) = samples("imagedef") else {
        return;
    };
    for sample in samples.iter().filter(|sample| sample.parses) {
        let found = findings(sample, None);
        let is_detail = sample.path.ends_with("imageDetail.json");
        match (sample.variant.as_str(), is_detail) {
            ("imagedefinitions", true) => {
                assert_eq!(errors(&found), ["imagedetail-form"], "{}", sample.file);
            }
            (variant, true) if variant.starts_with("imageDetail-wrong-key:") => {
                let key = variant.split(':').nth(1).unwrap();
                let at: Vec<_> = found
                    .iter()
                    .map(|found| (found.rule.id, found.place.path.as_str()))
                    .collect();
                assert_eq!(at, [("imagedetail-image-uri", key)], "{}", sample.file);
                assert!(found[0].fix.is_some(), "{}", sample.file);
            }
            _ if sample.is_head => assert_reviewed(&errors(&found), sample),
            _ => {}
        }
        let parsed = if is_detail {
            ImageDetail::parse(&sample.bytes).map(|_| ())
        } else {
            ImageDefinitions::parse(&sample.bytes).map(|_| ())
        };
        assert_eq!(parsed.is_ok(), errors(&found).is_empty(), "{}", sample.file);
    }
}

/// Half a file, whatever it is taken for.
#[test]
fn no_part_of_a_file_is_too_strange() {
    for kind in ["appspec", "imagedef"] {
        for sample in samples(kind).into_iter().flatten() {
            for end in (0..sample.bytes.len()).step_by(11) {
                let part = &sample.bytes[..end];
                let parsed = [
                    AppSpec::parse(part).map(|_| ()),
                    ImageDefinitions::parse(part).map(|_| ()),
                    ImageDetail::parse(part).map(|_| ()),
                ];
                for error in parsed.into_iter().filter_map(Result::err) {
                    assert!(!error.findings.is_empty(), "{} to {end}", sample.file);
                }
            }
        }
    }
}

/// Every entry of a long file on one line is wrong: where the time grew with the square of it, this
/// would not end.
#[test]
fn a_file_full_of_faults_is_looked_through_in_time() {
    let entries = vec![r#"{"name":"a b","imageUrl":"x"}"#; 20_000].join(",");
    let file = SourceFile::new("imagedefinitions.json", format!("[{entries}]"));
    let found = validate(&[file], &Options::default()).findings;
    // The size of the file and, but for the first, that the name was there before; a wrong name and a
    // misspelt member each, of which a rule tells the first 200.
    assert_eq!(found.len(), 1 + 3 * 200);
}
