//! An image file under nearly its name.

use super::*;

pub(super) const RULE: Rule = Rule {
    id: "image-file-name",
    severity: Severity::Warning,
    summary: "a file is nearly, but not quite, named as a deploy action reads it",
    explanation: "The blue/green action reads `imageDetail.json` alone, with a capital D and no s. The rolling action reads `imagedefinitions.json`, unless its `FileName` says otherwise.",
    remedy: "Use the exact name.",
    reference: "https://docs.aws.amazon.com/codepipeline/latest/userguide/file-reference.html",
    check: Check::BuildSpec(check),
};

const NAMES: [&str; 2] = ["imagedefinitions.json", "imageDetail.json"];

fn check(spec: &BuildSpec<'_>, findings: &mut Findings<'_>) {
    for written in spec.script().writes() {
        if let Some(name) = written.path.literal() {
            named(name, written.site.node, findings);
        }
    }
    for files in spec
        .artifacts()
        .filter_map(|artifacts| artifacts.get("files"))
    {
        let single = files.as_str().map(|_| files);
        for item in files.items().iter().chain(single) {
            named(item.as_str().unwrap_or_default(), item, findings);
        }
    }
}

fn named(path: &str, node: &Node<'_>, findings: &mut Findings<'_>) {
    let name = path.rsplit('/').next().unwrap_or_default();
    let begins = name
        .get(..5)
        .is_some_and(|begin| begin.eq_ignore_ascii_case("image"));
    if !begins || name.contains('*') || NAMES.contains(&name) {
        return;
    }
    if let Some(meant) =
        crate::suggest::closest(name, NAMES).filter(|meant| name.len().abs_diff(meant.len()) <= 3)
    {
        findings
            .value(
                node,
                format!("no deploy action reads `{name}`, unless it is told to"),
            )
            .did_you_mean(Some(meant));
    }
}

#[cfg(test)]
mod tests {
    use crate::rules::tests::table;

    #[test]
    fn cases() {
        table(
            &super::RULE,
            "buildspec.yml",
            &[
                (
                    "phases: {build: {commands: [echo a > imageDetail.json]}}\nartifacts: {files: [imagedefinitions.json, '**/*', image.png]}",
                    &[],
                ),
                (
                    "phases: {build: {commands: [echo a > imageDetails.json, echo a > x/imagedetail.json]}}",
                    &["phases.build.commands[0]", "phases.build.commands[1]"],
                ),
                (
                    "phases: {}\nartifacts: {files: [imagedefinitons.json, imagedefinitions.jso]}",
                    &["artifacts.files[0]", "artifacts.files[1]"],
                ),
                (
                    "phases: {}\nartifacts: {files: imagedefinition.json}",
                    &["artifacts.files"],
                ),
            ],
        );
    }
}
