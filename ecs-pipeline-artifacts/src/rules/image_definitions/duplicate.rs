//! A container that stands twice.

use super::*;
use std::collections::HashMap;

pub(super) const RULE: Rule = Rule {
    id: "imagedefinitions-duplicate",
    severity: Severity::Warning,
    summary: "a container is named twice",
    explanation: "Which of the two images CodePipeline takes, its user guide does not say.",
    remedy: "Keep one entry for each container.",
    reference: PAGE,
    check: Check::ImageDefinitions(check),
};

pub(super) fn check(root: &Node<'_>, findings: &mut Findings<'_>) {
    if root.items().len() < 2 {
        return;
    }
    let mut first: HashMap<&str, &Node<'_>> = HashMap::new();
    for entry in entries(root) {
        let Some(node) = entry.get("name") else {
            continue;
        };
        let Some(name) = node.as_str() else {
            continue;
        };
        if let Some(first) = first.get(name).copied() {
            let first = findings.target(first);
            findings
                .value(node, format!("container `{name}` is named twice"))
                .related(first, "the first");
        } else {
            first.insert(name, node);
        }
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
            &[
                (r#"[{"name": "a"}, {"name": "b"}]"#, &[]),
                (
                    r#"[{"name": "a"}, {"name": "b"}, {"name": "a"}, {"name": "a"}]"#,
                    &["[2].name", "[3].name"],
                ),
            ],
        );
    }
}
