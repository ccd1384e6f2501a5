//! cfn-lint, AWS's own linter of templates, on every template.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::support::combination::ALL;
use crate::support::tools;

#[test]
fn cfn_lint_has_nothing_to_say() {
    let Some(linter) = linter() else { return };
    let directory = tempfile::tempdir().unwrap();
    let files = write(directory.path());
    let (pipelines, others): (Vec<_>, Vec<_>) = files.into_iter().partition(|path| {
        let name = path.file_name().unwrap().to_string_lossy();
        name.starts_with("pipeline-")
    });
    let output = std::thread::scope(|scope| {
        // Connections to GitHub are not in China; rules of notification are neither there nor in GovCloud.
        let pipelines = scope.spawn(|| lint(&linter, &pipelines, &REGIONS[..1]));
        lint(&linter, &others, &REGIONS) + &pipelines.join().unwrap()
    });
    assert!(
        output.is_empty(),
        "{}",
        explained(&output, directory.path())
    );
}

#[test]
fn cfn_lint_finds_what_is_wrong() {
    let Some(linter) = linter() else { return };
    let directory = tempfile::tempdir().unwrap();
    let file = directory.path().join("bad.yaml");
    std::fs::write(&file, "Resources: {Bucket: {Type: AWS::S3::Buckett}}\n").unwrap();
    assert!(lint(&linter, &[file], &REGIONS).contains("E3006"));
}

/// One of each partition: not everything is everywhere what it is in `aws`.
const REGIONS: [&str; 3] = ["us-east-1", "cn-north-1", "us-gov-west-1"];

fn lint(linter: &Path, files: &[PathBuf], regions: &[&str]) -> String {
    let mut command = Command::new(linter);
    // Informational findings, too.
    command.args(["--include-checks", "I", "--format", "parseable"]);
    command.arg("--regions").args(regions);
    let output = command.arg("--template").args(files).output().unwrap();
    let (out, err) = (output.stdout, output.stderr);
    String::from_utf8_lossy(&[out, err].concat()).into_owned()
}

/// Writes each distinct template as `KIND-NUMBER.yaml`, but for those without tags of the user's: the same
/// with more lines in its lists is linted, too, and half the templates take half the time.
fn write(directory: &Path) -> Vec<PathBuf> {
    let mut files = BTreeMap::new();
    let tagged = ALL.iter().filter(|it| it.choice.get("tags") != Some(&"{}"));
    for stack in tagged.flat_map(|combination| &combination.stacks) {
        let path = directory.join(format!("{}-{}.yaml", stack.kind.name(), files.len()));
        files.entry(&stack.template).or_insert(path);
    }
    for (template, path) in &files {
        std::fs::write(path, template).unwrap();
    }
    files.into_values().collect()
}

/// What was printed, with the lines that it is about.
fn explained(output: &str, directory: &Path) -> String {
    let mut seen = BTreeMap::new();
    for line in output.lines().filter(|line| !line.is_empty()) {
        // FILE:LINE:COLUMN:LINE:COLUMN:RULE:MESSAGE
        let parts: Vec<_> = line.splitn(7, ':').collect();
        let place = parts.get(1).and_then(|number| number.parse::<usize>().ok());
        let text = std::fs::read_to_string(parts.first().unwrap_or(&"")).unwrap_or_default();
        let text = place.and_then(|number| text.lines().nth(number - 1));
        let line = line.replace(&*directory.to_string_lossy(), "");
        let about = format!("{line}\n    {}\n", text.unwrap_or_default().trim());
        let message = parts.get(5..).unwrap_or_default().join(":");
        seen.entry(message).or_insert(about);
    }
    seen.into_values().collect()
}

fn linter() -> Option<PathBuf> {
    tools::required("cfn-lint", tools::program("cfn-lint"))
}
