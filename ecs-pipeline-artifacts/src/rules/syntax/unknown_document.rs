//! A file that is none of the pipeline's.

use super::*;

pub(super) const RULE: Rule = Rule {
    id: "unknown-document",
    severity: Severity::Error,
    summary: "neither name nor content show which of the pipeline's files it is",
    explanation: "A task definition has `containerDefinitions`, an AppSpec `version` and `Resources`, a \
                  build specification `phases`, imagedefinitions.json is a list with `imageUri`, \
                  imageDetail.json has `ImageURI`, and a pipeline definition has `stages`. Jenkinsfiles and \
                  shell scripts are known by their names alone.",
    remedy: "Give the file its usual name, or say what it is with `--kind`.",
    reference: "",
    check: Check::Syntax,
};

pub(super) fn check(root: &Node<'_>, findings: &mut Findings<'_>) {
    findings.value(
        root,
        "this is none of the files of a pipeline to ECS, as far as can be seen",
    );
}

#[cfg(test)]
mod tests {
    use crate::rules::tests::lines;

    #[test]
    fn cases() {
        for (name, text, expected) in [
            ("x.json", "{}", &[1][..]),
            ("taskdef.json", "{}", &[]),
            ("x.json", r#"{"containerDefinitions": []}"#, &[]),
            ("x", "version: 0.2\nphases: {}", &[]),
        ] {
            assert_eq!(lines(&super::RULE, name, text), expected, "{name} {text}");
        }
    }
}
