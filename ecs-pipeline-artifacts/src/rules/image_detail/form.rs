//! What the file is.

use super::*;

pub(super) const RULE: Rule = Rule {
    id: "imagedetail-form",
    severity: Severity::Error,
    summary: "not an object",
    explanation: REFUSED,
    remedy: "Write `{\"ImageURI\": \"IMAGE\"}`.",
    reference: PAGE,
    check: Check::ImageDetail(check),
};

fn check(root: &Node<'_>, findings: &mut Findings<'_>) {
    if matches!(root.value, Value::Object(_)) {
        return;
    }
    let has_image = |item: &Node<'_>| item.get("imageUri").is_some();
    let what = if root.items().iter().any(has_image) {
        "what imagedefinitions.json has, which the rolling action reads"
    } else {
        root.kind()
    };
    findings.value(
        root,
        format!("imageDetail.json is an object, and this is {what}"),
    );
}

#[cfg(test)]
mod tests {
    use crate::rules::tests::table;

    #[test]
    fn cases() {
        table(
            &super::RULE,
            "imageDetail.json",
            &[
                (r#"{}"#, &[]),
                (r#"[]"#, &[""]),
                (r#""x""#, &[""]),
                (r#"[{"name": "web", "imageUri": "x"}]"#, &[""]),
            ],
        );
    }
}
