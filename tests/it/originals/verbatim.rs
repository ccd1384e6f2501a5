//! The files here say what the write-ups say, faults included.

use std::collections::BTreeSet;

use ecs_pipeline_artifacts::validate::{Options, SourceFile, validate};
use ecs_pipeline_tests::say;

use super::{original, write_ups};

#[test]
fn the_originals_are_as_they_were_written() {
    let Ok(written) = std::fs::read_to_string(write_ups()) else {
        say("skipped the_originals_are_as_they_were_written: the write-ups are not there");
        return;
    };
    for name in ["jenkins.sh", "jenkins-rollback.sh"] {
        let mut rest = written.as_str();
        for line in original(name).lines() {
            let found = rest.find(line);
            let at = found.unwrap_or_else(|| panic!("{name}: not written there: {line}"));
            rest = &rest[at + line.len()..];
        }
    }
    for name in ["codepipeline/buildspec.yml", "codepipeline/appspec.yaml"] {
        let quoted = format!("```yaml\n{}```\n", original(name));
        assert!(written.contains(&quoted), "{name} is written otherwise");
    }
}

#[test]
fn what_is_wrong_with_them_is_said() {
    let both = ["jenkins.sh", "jenkins-rollback.sh"];
    let expected = [
        ("jenkins-rollback.sh", "aws-cli-option"),
        ("jenkins.sh", "deployment-not-followed"),
    ];
    assert_eq!(found(&both), expected.map(owned).into());

    let names = [
        "appspec.yaml",
        "buildspec.yml",
        "pipeline.json",
        "taskdef.json",
    ];
    let files = names.map(|name| format!("codepipeline/{name}"));
    let expected = [
        (
            "codepipeline/buildspec.yml",
            "image-definitions-for-blue-green",
        ),
        ("codepipeline/buildspec.yml", "push-after-failed-build"),
        ("codepipeline/buildspec.yml", "pushed-tag"),
        ("codepipeline/taskdef.json", "image-tag-latest"),
        ("codepipeline/taskdef.json", "literal-image"),
        ("codepipeline/taskdef.json", "read-only-member"),
    ];
    assert_eq!(found(&files), expected.map(owned).into());
}

/// What is found in these files together: each rule once a file.
fn found<N: AsRef<str>>(names: &[N]) -> BTreeSet<(String, String)> {
    let file = |name: &N| SourceFile::new(name.as_ref(), original(name.as_ref()));
    let files: Vec<SourceFile> = names.iter().map(file).collect();
    let report = validate(&files, &Options::default());
    let findings = report.findings.iter();
    findings
        .map(|finding| owned((names[finding.place.file].as_ref(), finding.rule.id)))
        .collect()
}

fn owned((file, rule): (&str, &str)) -> (String, String) {
    (file.to_owned(), rule.to_owned())
}
