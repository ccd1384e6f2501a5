//! A version that CodeBuild does not know.

use super::*;
use crate::source::Value;

pub(super) const RULE: Rule = Rule {
    id: "build-spec-version",
    severity: Severity::Error,
    summary: "`version` is missing, or neither 0.1 nor 0.2",
    explanation: "CodeBuild reads only build specifications that begin with the version of their format.",
    remedy: "Write `version: 0.2`.",
    reference: REFERENCE,
    check: Check::BuildSpec(check),
};

fn check(spec: &BuildSpec<'_>, findings: &mut Findings<'_>) {
    match spec.root.present("version") {
        None if spec.root.members().is_empty() => {}
        None => {
            findings
                .value(spec.root, "`version` is missing")
                .help("begin with `version: 0.2`");
        }
        Some(version) if version.is_placeholder() => {}
        Some(version) if is(version, "0.1", 0.1) || is(version, "0.2", 0.2) => {}
        Some(version) => {
            findings
                .value(
                    version,
                    "the version of a build specification is 0.1 or 0.2",
                )
                .help("write `version: 0.2`");
        }
    }
}

/// Whether it is that version, as a text or as a number.
pub(super) fn is(version: &Node<'_>, text: &str, number: f64) -> bool {
    match &version.value {
        Value::String(own) => own == text,
        Value::Number(own) => own.as_f64() == Some(number),
        _ => false,
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
                ("version: 0.2\nphases: {}", &[]),
                ("version: '0.1'\nphases: {}", &[]),
                ("phases: {}", &[""]),
                ("version:\nphases: {}", &[""]),
                ("version: 0.3\nphases: {}", &["version"]),
                ("version: 2\nphases: {}", &["version"]),
            ],
        );
    }
}
