//! Jenkinsfiles from public repositories, where they are at hand: see `CONTRIBUTING.md`.
#![allow(
    missing_docs,
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::print_stderr
)]

mod support;

use std::collections::BTreeMap;

use ecs_pipeline_artifacts::{
    document::DocumentKind,
    finding::Severity,
    validate::{Options, Report, SourceFile, validate},
};

fn look(name: &str, text: &[u8]) -> Report {
    let files = [SourceFile::new(name, text)];
    let report = validate(&files, &Options::default());
    for found in &report.findings {
        assert!(
            files[0].text().get(found.place.span.clone()).is_some(),
            "{found:?} in {name}"
        );
    }
    report
}

#[test]
fn what_is_found_in_real_jenkinsfiles() {
    let Some(samples) = support::samples("jenkinsfile") else {
        return;
    };
    let mut rates = BTreeMap::<_, usize>::new();
    for sample in &samples {
        let report = look(&sample.file, &sample.bytes);
        assert_eq!(
            report.kinds,
            [Some(DocumentKind::Jenkinsfile)],
            "{}",
            sample.file
        );
        for found in &report.findings {
            *rates.entry((found.severity(), found.rule.id)).or_default() += 1;
            eprintln!(
                "{}:{}:{} {} {}: {}",
                sample.file,
                found.place.start.line,
                found.place.start.column,
                found.severity(),
                found.rule.id,
                found.message
            );
            assert!(
                found.severity() == Severity::Warning,
                "{}: {}",
                sample.file,
                found.rule.id
            );
        }
    }
    eprintln!("\n{rates:#?}");
}

/// A file that is cut off may end within a string, an expression, a step.
#[test]
fn a_jenkinsfile_that_is_cut_off_is_looked_at() {
    let Some(samples) = support::samples("jenkinsfile") else {
        return;
    };
    for sample in samples.iter().filter(|sample| sample.bytes.len() < 4000) {
        for end in (0..sample.bytes.len()).step_by(37) {
            look("Jenkinsfile", sample.bytes.get(..end).unwrap());
            look("Jenkinsfile", sample.bytes.get(end..).unwrap());
        }
    }
}
