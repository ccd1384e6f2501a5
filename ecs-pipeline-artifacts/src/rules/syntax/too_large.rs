//! The file is larger than anything that AWS reads.

use super::*;

pub(super) const RULE: Rule = Rule {
    id: "too-large",
    severity: Severity::Error,
    summary: "the file is larger than anything that AWS reads of its kind, and was not looked at",
    explanation: "ECS takes a task definition of at most 64 KB, CodePipeline an imagedefinitions.json of \
                  100 KB. A file of more than 4 MiB is none of these.",
    remedy: "Check whether it is the file that was meant.",
    reference: "https://docs.aws.amazon.com/codepipeline/latest/userguide/limits.html",
    check: Check::Syntax,
};

#[cfg(test)]
mod tests {
    use crate::rules::tests::lines;

    #[test]
    fn cases() {
        let limit = crate::source::MAX_BYTES;
        let of = |length: usize| " ".repeat(length - 2) + "{}";
        assert_eq!(lines(&super::RULE, "taskdef.json", of(limit)), [0; 0]);
        assert_eq!(lines(&super::RULE, "taskdef.json", of(limit + 1)), [1]);
    }
}
