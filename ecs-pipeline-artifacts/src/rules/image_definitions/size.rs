//! The size of the file.

use super::*;
use crate::document::DocumentKind;
use crate::image_definitions::MAX_BYTES;
use crate::rules::FileSet;

pub(super) const RULE: Rule = Rule {
    id: "imagedefinitions-size",
    severity: Severity::Error,
    summary: "the file is larger than 100 KB",
    explanation: "CodePipeline reads at most 100 KB of an image definitions file.",
    remedy: "Name only the containers whose image changes.",
    reference: "https://docs.aws.amazon.com/codepipeline/latest/userguide/limits.html",
    check: Check::Across(check),
};

fn check(set: &FileSet<'_>, findings: &mut Findings<'_>) {
    for file in set.of_kind(DocumentKind::ImageDefinitions) {
        if file.bytes > MAX_BYTES {
            let message = format!(
                "the file has {} bytes, and CodePipeline reads at most {MAX_BYTES}",
                file.bytes
            );
            findings.in_file(file.index).value(file.root, message);
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::rules::tests::lines;

    #[test]
    fn cases() {
        let of = |length: usize| " ".repeat(length - 2) + "[]";
        assert_eq!(
            lines(&super::RULE, "imagedefinitions.json", of(super::MAX_BYTES)),
            [0; 0]
        );
        assert_eq!(
            lines(
                &super::RULE,
                "imagedefinitions.json",
                of(super::MAX_BYTES + 1)
            ),
            [1]
        );
    }
}
