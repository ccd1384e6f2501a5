//! Members that nobody knows.

use super::*;

pub(super) const RULE: Rule = Rule {
    id: "imagedefinitions-unknown-member",
    severity: Severity::Warning,
    summary: "an entry with a member other than `name` and `imageUri`",
    explanation: "The user guide knows no other: what it says is not read.",
    remedy: "Remove it, or correct its name.",
    reference: PAGE,
    check: Check::ImageDefinitions(check),
};

fn check(root: &Node<'_>, findings: &mut Findings<'_>) {
    for entry in entries(root) {
        for (member, meant) in ENTRY.unknown(entry) {
            findings
                .name(&member.node, format!("an entry has no `{}`", member.name))
                .did_you_mean(meant);
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
                (r#"[{"name": "web", "imageUri": "x"}]"#, &[]),
                (r#"[{"name": "web", "imageUrl": "x"}]"#, &[]),
                (
                    r#"[{"name": "web", "imageUri": "x", "tag": "1"}]"#,
                    &["[0].tag"],
                ),
            ],
        );
    }
}
