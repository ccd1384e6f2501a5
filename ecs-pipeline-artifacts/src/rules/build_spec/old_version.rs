//! Version 0.1.

use super::*;

pub(super) const RULE: Rule = Rule {
    id: "build-spec-old-version",
    severity: Severity::Warning,
    summary: "version 0.1, which runs each command in a shell of its own",
    explanation: "In version 0.1 a command does not see the directory or the variables that the one before it set. AWS recommends 0.2.",
    remedy: "Write `version: 0.2`, unless commands rely on not sharing a shell.",
    reference: REFERENCE,
    check: Check::BuildSpec(check),
};

fn check(spec: &BuildSpec<'_>, findings: &mut Findings<'_>) {
    let version = spec.root.present("version");
    if let Some(version) = version.filter(|version| version::is(version, "0.1", 0.1)) {
        findings.value(
            version,
            "version 0.1 runs each command in a shell of its own",
        );
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
                ("version: 0.1\nphases: {}", &["version"]),
                ("version: '0.1'\nphases: {}", &["version"]),
                ("version: 0.2\nphases: {}", &[]),
            ],
        );
    }
}
