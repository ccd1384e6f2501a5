//! A file that names no container.

use super::*;

pub(super) const RULE: Rule = Rule {
    id: "imagedefinitions-empty",
    severity: Severity::Warning,
    summary: "the list is empty",
    explanation: "Containers that the file does not name keep their image: with an empty list the \
                  deployment changes nothing.",
    remedy: "Name at least one container.",
    reference: PAGE,
    check: Check::ImageDefinitions(check),
};

pub(super) fn check(root: &Node<'_>, findings: &mut Findings<'_>) {
    if matches!(&root.value, Value::List(items) if items.is_empty()) {
        findings.value(root, "the list is empty: it names no container to change");
    }
}

#[cfg(test)]
mod tests {
    use crate::rules::tests::table;

    #[test]
    fn cases() {
        table(
            &super::RULE,
            "imagedefinitions.json",
            &[(r#"[{}]"#, &[]), (r#"{}"#, &[]), (r#"[]"#, &[""])],
        );
    }
}
