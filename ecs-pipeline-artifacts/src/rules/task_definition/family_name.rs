//! What a family may be called.

use super::*;

pub(crate) const RULE: Rule = Rule {
    id: "family-name",
    severity: Severity::Error,
    summary: "a family name that AWS does not take",
    explanation: "RegisterTaskDefinition takes up to 255 letters, digits, underscores and hyphens as a \
                  family.",
    remedy: "Give the family a name of letters, digits, `_` and `-`.",
    reference: "https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_RegisterTaskDefinition.html",
    check: Check::TaskDefinition(check),
};

fn check(taskdef: &TaskDefinition<'_>, findings: &mut Findings<'_>) {
    let Some(node) = taskdef.task.parts.family else {
        return;
    };
    if let Some(name) = node.literal().filter(|name| !is_plain_name(name)) {
        findings.value(node, format!("the family {}", why_not_plain(name)));
    }
}

#[cfg(test)]
mod tests {
    use crate::rules::tests::table;

    #[test]
    fn cases() {
        let long = format!(
            r#"{{"family": "{}", "containerDefinitions": []}}"#,
            "f".repeat(256)
        );
        table(
            &super::RULE,
            "taskdef.json",
            &[
                (r#"{"family": "Shop_web-1"}"#, &[]),
                (r#"{"family": "${FAMILY}.x"}"#, &[]),
                (r#"{"family": 7}"#, &[]),
                (r#"{"family": "shop.web"}"#, &["family"]),
                (r#"{"family": "shop:3"}"#, &["family"]),
                (&long, &["family"]),
            ],
        );
    }
}
