//! The text is not YAML.

use super::*;

pub(super) const RULE: Rule = Rule {
    id: "yaml-syntax",
    severity: Severity::Error,
    summary: "the file is not YAML",
    explanation: "CodeBuild and CodeDeploy refuse the file as a whole, before anything runs.",
    remedy: "Correct the text where the finding points: indent with spaces, and quote text that \
             contains `: ` or begins with a character that has a meaning in YAML.",
    reference: "https://yaml.org/spec/1.2.2/",
    check: Check::Syntax,
};

#[cfg(test)]
mod tests {
    use crate::rules::tests::lines;

    #[test]
    fn cases() {
        for (text, expected) in [
            ("version: 0.2\nphases: {}\n", &[][..]),
            ("version: 0.2\nphases:\n\tbuild:\n", &[3]),
            ("a: b: c\n", &[1]),
            ("a: &x [*x]\n", &[1]),
            ("a: 1\n---\nb: 2\n", &[2]),
            ("", &[1]),
        ] {
            assert_eq!(
                lines(&super::RULE, "buildspec.yml", text),
                expected,
                "{text:?}"
            );
        }
    }
}
