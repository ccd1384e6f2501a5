//! The text is not JSON.

use super::*;

pub(super) const RULE: Rule = Rule {
    id: "json-syntax",
    severity: Severity::Error,
    summary: "the file is not JSON",
    explanation: "CodePipeline, the AWS CLI and every SDK read exactly JSON: no comments, no trailing \
                  commas, no placeholder without quotes.",
    remedy: "Correct the text where the finding points. `ecs-pipeline fix` does it where it can mean \
             only one thing.",
    reference: "https://www.rfc-editor.org/rfc/rfc8259",
    check: Check::Syntax,
};

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use crate::rules::tests::spans;

    #[test]
    fn cases() {
        for (text, expected) in [
            (r#"{"family": "f"}"#, &[][..]),
            ("{\"family\": \"f\",}", &[","]),
            (
                "{\"image\": <IMAGE1_NAME>, // x\n \"b\": [1,]}",
                &["<IMAGE1_NAME>", "// x", ","],
            ),
            ("{\"a\": \"\\ud800\"}", &[""]),
        ] {
            assert_eq!(
                spans(&super::RULE, "taskdef.json", text),
                expected,
                "{text}"
            );
        }
    }
}
