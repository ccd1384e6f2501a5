//! imagedefinitions.json, which the blue/green action does not read.

use super::*;

pub(super) const RULE: Rule = Rule {
    id: "image-definitions-for-blue-green",
    severity: Severity::Warning,
    summary: "imagedefinitions.json is written or given for the blue/green action, which reads imageDetail.json",
    explanation: "imagedefinitions.json is for the rolling action. The blue/green action takes the image from imageDetail.json, and passes imagedefinitions.json over: without imageDetail.json it ends with `Exception while trying to read the image artifact file from: …`, or deploys the task definition as it is.",
    remedy: "Write `printf '{\"ImageURI\":\"%s\"}' IMAGE > imageDetail.json`, and hand that over.",
    reference: FILES,
    check: Check::Across(check),
};

fn check(set: &FileSet<'_>, findings: &mut Findings<'_>) {
    let detail = set.of_kind(DocumentKind::ImageDetail).next().is_some()
        || set.build_specs().iter().any(|(_, spec)| {
            spec.script().written("imageDetail.json").is_some()
                || spec.script().mentions("imageDetail.json")
        });
    if set.is_blue_green().is_none() || detail {
        return;
    }
    const MESSAGE: &str = "the blue/green action reads imageDetail.json, not imagedefinitions.json";
    for file in set.of_kind(DocumentKind::ImageDefinitions) {
        findings.in_file(file.index).value(file.root, MESSAGE);
    }
    for (file, spec) in set.build_specs() {
        if let Some(written) = spec.script().written("imagedefinitions.json") {
            findings.in_file(file.index).command(&written.site, MESSAGE);
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::rules::across::tests::*;

    #[test]
    fn cases() {
        let appspec = appspec("web", 80, "<TASK_DEFINITION>");
        let definitions = buildspec(&["printf x > imagedefinitions.json"], "{files: '**/*'}");
        let both = buildspec(
            &[
                "printf x > imagedefinitions.json",
                "printf x > imageDetail.json",
            ],
            "{files: '**/*'}",
        );
        sets(
            &super::RULE,
            &[
                (&[("buildspec.yml", &definitions)], &[]),
                (&[("appspec.yaml", &appspec), ("buildspec.yml", &both)], &[]),
                (
                    &[("appspec.yaml", &appspec), ("buildspec.yml", &definitions)],
                    &["buildspec.yml phases.build.commands[0]"],
                ),
                (
                    &[("appspec.yaml", &appspec), ("imagedefinitions.json", "[]")],
                    &["imagedefinitions.json "],
                ),
                (
                    &[
                        ("appspec.yaml", &appspec),
                        ("imagedefinitions.json", "[]"),
                        ("imageDetail.json", "{}"),
                    ],
                    &[],
                ),
            ],
        );
    }
}
