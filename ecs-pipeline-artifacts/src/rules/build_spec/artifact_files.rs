//! Artifacts without files.

use super::*;

pub(super) const RULE: Rule = Rule {
    id: "build-spec-artifact-files",
    severity: Severity::Error,
    summary: "`artifacts` does not say which files",
    explanation: "`files` is required: without it CodeBuild hands on nothing, and the deploy action finds none of its files.",
    remedy: "List the files, or leave `artifacts` out.",
    reference: REFERENCE,
    check: Check::BuildSpec(check),
};

fn check(spec: &BuildSpec<'_>, findings: &mut Findings<'_>) {
    for (at, artifacts) in spec.artifacts().enumerate() {
        let elsewhere = at == 0 && artifacts.get("secondary-artifacts").is_some();
        let none = artifacts
            .get("files")
            .is_none_or(|files| files.is_null() || files.as_str() == Some(""));
        if none && !elsewhere && !no_object(artifacts) {
            findings.name(artifacts, "these artifacts have no `files`");
        }
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
                    "phases: {}\nartifacts: {files: a, secondary-artifacts: {b: {files: [c]}}}",
                    &[],
                ),
                (
                    "phases: {}\nartifacts: {secondary-artifacts: {b: {files: [c]}}}",
                    &[],
                ),
                ("phases: {}\nartifacts: {name: a}", &["artifacts"]),
                (
                    "phases: {}\nartifacts: {secondary-artifacts: {b: {name: c}}}",
                    &["artifacts.secondary-artifacts.b"],
                ),
            ],
        );
    }
}
