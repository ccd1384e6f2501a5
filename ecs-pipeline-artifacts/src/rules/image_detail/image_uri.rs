//! The one member that is read.

use super::*;

pub(super) const RULE: Rule = Rule {
    id: "imagedetail-image-uri",
    severity: Severity::Error,
    summary: "`ImageURI` is missing or misspelt",
    explanation: REFUSED,
    remedy: "Add `ImageURI`, written exactly so.",
    reference: PAGE,
    check: Check::ImageDetail(check),
};

fn check(root: &Node<'_>, findings: &mut Findings<'_>) {
    if !matches!(root.value, Value::Object(_)) {
        return;
    }
    for (name, missing) in DETAIL.missing(root) {
        match missing {
            Missing::Nothing => {
                findings.value(root, format!("`{name}` is missing"));
            }
            Missing::Empty(node) => {
                findings.name(node, format!("`{name}` is empty"));
            }
            Missing::Misspelt(member) => {
                let message = format!("the action reads `{name}`, and not `{}`", member.name);
                findings
                    .name(&member.node, message)
                    .did_you_mean(Some(name))
                    .rename(&member.node, name);
            }
        }
    }
    let uri = root.present("ImageURI");
    if let Some(node) = uri.filter(|node| node.as_str().is_none()) {
        findings.value(
            node,
            format!("`ImageURI` is a string, and this is {}", node.kind()),
        );
    }
}

#[cfg(test)]
mod tests {
    use crate::rules::tests::{fixed, table};

    #[test]
    fn cases() {
        table(
            &super::RULE,
            "imageDetail.json",
            &[
                (r#"{"ImageURI": "x"}"#, &[]),
                (r#"[]"#, &[]),
                (r#"{}"#, &[""]),
                (r#"{"ImageURI": ""}"#, &["ImageURI"]),
                (r#"{"ImageURI": 1}"#, &["ImageURI"]),
                (r#"{"Version": "1.0", "imageUri": "x"}"#, &["imageUri"]),
                (r#"{"imageURI": "x"}"#, &["imageURI"]),
            ],
        );
    }

    #[test]
    fn a_misspelt_name_is_put_right() {
        for text in [r#"{"imageUri": "x"}"#, r#"{"imageURI": "x"}"#] {
            assert_eq!(
                fixed(&super::RULE, "imageDetail.json", text),
                r#"{"ImageURI": "x"}"#
            );
        }
    }
}
