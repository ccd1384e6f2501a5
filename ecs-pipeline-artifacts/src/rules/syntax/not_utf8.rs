//! The bytes are not UTF-8.

use super::*;

pub(super) const RULE: Rule = Rule {
    id: "not-utf8",
    severity: Severity::Error,
    summary: "the file is not UTF-8",
    explanation: "CodePipeline reads UTF-8, as do the AWS CLI and the SDKs. PowerShell's `>` writes UTF-16.",
    remedy: "Save the file as UTF-8.",
    reference: "https://docs.aws.amazon.com/codepipeline/latest/userguide/file-reference.html",
    check: Check::Syntax,
};

#[cfg(test)]
mod tests {
    use crate::rules::tests::lines;

    #[test]
    fn cases() {
        for (bytes, expected) in [
            (&b"\xEF\xBB\xBF{\"family\": \"\xC3\xBC\"}"[..], &[][..]),
            (b"{\n\"family\": \"\xFF\"}", &[2]),
            (b"\xFF\xFE{\0}\0", &[1]),
        ] {
            assert_eq!(
                lines(&super::RULE, "taskdef.json", bytes),
                expected,
                "{bytes:?}"
            );
        }
    }
}
