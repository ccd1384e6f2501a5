//! A member that stands twice in one object.

use std::collections::HashSet;

use super::*;

pub(super) const RULE: Rule = Rule {
    id: "duplicate-member",
    severity: Severity::Warning,
    summary: "a member stands twice in one object",
    explanation: "The AWS CLI and most other readers take the last one and drop the others in silence; \
                  some take the first, and YAML forbids it.",
    remedy: "Keep one of them.",
    reference: "https://www.rfc-editor.org/rfc/rfc8259#section-4",
    check: Check::Syntax,
};

/// Objects of more members than this are looked up by hash: comparing each with each takes too long.
const FEW: usize = 16;

pub(super) fn check(node: &Node<'_>, findings: &mut Findings<'_>) {
    let members = node.members();
    if members.len() <= FEW {
        for (at, member) in members.iter().enumerate() {
            if members
                .iter()
                .take(at)
                .any(|former| former.name == member.name)
            {
                findings.name(&member.node, message(&member.name));
            }
        }
    } else {
        let mut seen = HashSet::new();
        for member in members {
            if !seen.insert(&member.name) {
                findings.name(&member.node, message(&member.name));
            }
        }
    }
    for member in members {
        check(&member.node, findings);
    }
    for item in node.items() {
        check(item, findings);
    }
}

fn message(name: &str) -> String {
    format!("`{name}` stands twice in one object; most readers take the last")
}

#[cfg(test)]
mod tests {
    use crate::rules::tests::table;

    #[test]
    fn cases() {
        table(
            &super::RULE,
            "taskdef.json",
            &[
                (r#"{"a": {"b": 1}, "b": {"b": 1}}"#, &[]),
                (
                    r#"{"a": 1, "b": [{"c": 1, "c": 2}], "a": 2}"#,
                    &["b[0].c", "a"],
                ),
            ],
        );
        let many: Vec<_> = (0..20).map(|n| format!("\"{n}\": 0")).collect();
        let text = format!("{{{}, \"7\": 1}}", many.join(","));
        table(&super::RULE, "taskdef.json", &[(&text, &["7"])]);
    }
}
