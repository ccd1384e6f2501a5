//! Report groups.

use super::*;

pub(super) const RULE: Rule = Rule {
    id: "build-spec-reports",
    severity: Severity::Warning,
    summary: "a report group lacks its files or has a format that CodeBuild does not know, or there are more than five",
    explanation: "A build has at most five report groups. Each needs `files`, and its `file-format` is one of CodeBuild's for test or coverage reports.",
    remedy: "Name the files, and use one of the formats.",
    reference: REFERENCE,
    check: Check::BuildSpec(check),
};

const FORMATS: [&str; 10] = [
    "CUCUMBERJSON",
    "JUNITXML",
    "NUNITXML",
    "NUNIT3XML",
    "TESTNGXML",
    "VISUALSTUDIOTRX",
    "CLOVERXML",
    "COBERTURAXML",
    "JACOCOXML",
    "SIMPLECOV",
];
const MAX_GROUPS: usize = 5;

fn check(spec: &BuildSpec<'_>, findings: &mut Findings<'_>) {
    let groups = spec
        .root
        .get("reports")
        .map(Node::members)
        .unwrap_or_default();
    for (index, group) in groups.iter().enumerate() {
        if index == MAX_GROUPS {
            findings.name(
                &group.node,
                format!(
                    "{} report groups, and a build has at most {MAX_GROUPS}",
                    groups.len()
                ),
            );
        }
        if group.node.present("files").is_none() {
            findings.name(
                &group.node,
                format!("report group `{}` has no `files`", group.name),
            );
        }
        let Some(format) = group.node.present("file-format") else {
            continue;
        };
        let text = format.as_str().unwrap_or_default();
        if !FORMATS.iter().any(|known| known.eq_ignore_ascii_case(text))
            && !crate::source::has_placeholder(text)
        {
            findings
                .value(format, "this is none of the formats that CodeBuild knows")
                .did_you_mean(crate::suggest::closest(text, FORMATS));
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
                    "phases: {}\nreports: {a: {files: [x], file-format: JUNITXML}, b: {files: [x], file-format: CucumberJson}}",
                    &[],
                ),
                (
                    "phases: {}\nreports: {a: {file-format: JUNIT}}",
                    &["reports.a", "reports.a.file-format"],
                ),
                (
                    "phases: {}\nreports: {a: {files: x}, b: {files: x}, c: {files: x}, d: {files: x}, e: {files: x}, f: {files: x}}",
                    &["reports.f"],
                ),
            ],
        );
    }
}
