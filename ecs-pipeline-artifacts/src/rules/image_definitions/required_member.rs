//! What every entry must have.

use super::*;

pub(super) const RULE: Rule = Rule {
    id: "imagedefinitions-required-member",
    severity: Severity::Error,
    summary: "an entry without `name` or `imageUri`",
    explanation: "An entry says which container gets which image. Both names are read exactly as they \
                  are written here.",
    remedy: "Add the member, or correct its name.",
    reference: PAGE,
    check: Check::ImageDefinitions(check),
};

fn check(root: &Node<'_>, findings: &mut Findings<'_>) {
    for entry in entries(root) {
        for (name, missing) in ENTRY.missing(entry) {
            match missing {
                Missing::Nothing => {
                    findings.value(entry, format!("the entry has no `{name}`"));
                }
                Missing::Empty(node) => {
                    findings.name(node, format!("`{name}` is empty"));
                }
                Missing::Misspelt(member) => {
                    let message = format!(
                        "the entry has no `{name}`, and `{}` is not read",
                        member.name
                    );
                    findings
                        .name(&member.node, message)
                        .did_you_mean(Some(name))
                        .rename(&member.node, name);
                }
            }
        }
        for name in ENTRY.required {
            if let Some(node) = entry.present(name).filter(|node| node.as_str().is_none()) {
                findings.value(
                    node,
                    format!("`{name}` is a string, and this is {}", node.kind()),
                );
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::rules::tests::{fixed, table};

    #[test]
    fn cases() {
        table(
            &super::RULE,
            "imagedefinitions.json",
            &[
                (r#"[{"name": "web", "imageUri": "x"}]"#, &[]),
                (r#"[{"name": "web"}, {}]"#, &["[0]", "[1]", "[1]"]),
                (r#"[{"name": "web", "imageURI": "x"}]"#, &["[0].imageURI"]),
                (r#"[{"name": "web", "imageUrl": "x"}]"#, &["[0].imageUrl"]),
                (
                    r#"[{"name": "", "imageUri": null}]"#,
                    &["[0].name", "[0].imageUri"],
                ),
                (
                    r#"[{"name": 1, "imageUri": ["x"]}]"#,
                    &["[0].name", "[0].imageUri"],
                ),
            ],
        );
    }

    #[test]
    fn a_misspelt_name_is_put_right() {
        let text = r#"[{"name": "web", "imageUrl": "x"}]"#;
        let expected = r#"[{"name": "web", "imageUri": "x"}]"#;
        assert_eq!(fixed(&super::RULE, "imagedefinitions.json", text), expected);
    }
}
