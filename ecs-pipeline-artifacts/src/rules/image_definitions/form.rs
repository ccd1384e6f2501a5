//! What the file is.

use super::*;

pub(super) const RULE: Rule = Rule {
    id: "imagedefinitions-form",
    severity: Severity::Error,
    summary: "not a list of objects",
    explanation: "CodePipeline's ECS action reads a list of objects with `name` and `imageUri`, one for \
                  each container whose image changes.",
    remedy: "Write `[{\"name\": \"CONTAINER\", \"imageUri\": \"IMAGE\"}]`.",
    reference: PAGE,
    check: Check::ImageDefinitions(check),
};

fn check(root: &Node<'_>, findings: &mut Findings<'_>) {
    if !matches!(root.value, Value::List(_)) {
        let what = match root.get("ImageURI") {
            Some(_) => "what imageDetail.json has, which the blue/green action reads",
            None => root.kind(),
        };
        findings.value(
            root,
            format!("imagedefinitions.json is a list, and this is {what}"),
        );
    }
    for item in root.items() {
        if !matches!(item.value, Value::Object(_)) {
            let message = format!(
                "an entry is an object with `name` and `imageUri`, and this is {}",
                item.kind()
            );
            findings.value(item, message);
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
                (r#"[]"#, &[]),
                (r#"[{}]"#, &[]),
                (r#"{}"#, &[""]),
                (r#"{"ImageURI": "x"}"#, &[""]),
                (r#"[{}, 3, [{}]]"#, &["[1]", "[2]"]),
            ],
        );
    }
}
