//! A number that readers would round, each in its own way.

use super::*;

pub(super) const RULE: Rule = Rule {
    id: "inexact-number",
    severity: Severity::Error,
    summary: "a number with more digits than a double or a 64-bit integer holds",
    explanation: "Whoever reads the file gets another number than the one that is written there.",
    remedy: "Write it as a string, or with fewer digits.",
    reference: "https://www.rfc-editor.org/rfc/rfc8259#section-6",
    check: Check::Syntax,
};

#[cfg(test)]
mod tests {
    use crate::rules::tests::lines;

    #[test]
    fn cases() {
        for (text, expected) in [
            (r#"{"a": [0.1, 18446744073709551615]}"#, &[][..]),
            ("{\"a\":\n 18446744073709551617}", &[2]),
        ] {
            assert_eq!(
                lines(&super::RULE, "taskdef.json", text),
                expected,
                "{text}"
            );
        }
    }
}
