//! The names of containers.

use super::*;
use crate::image_definitions::is_container_name;

pub(super) const RULE: Rule = Rule {
    id: "imagedefinitions-container-name",
    severity: Severity::Error,
    summary: "a name that no container can have",
    explanation: "`name` is a container of the task definition, and ECS takes for these 1 to 255 \
                  letters, digits, `-` and `_`. It is not the name of the image.",
    remedy: "Write the name that the task definition has.",
    reference: PAGE,
    check: Check::ImageDefinitions(check),
};

fn check(root: &Node<'_>, findings: &mut Findings<'_>) {
    for entry in entries(root) {
        let Some(node) = entry.get("name") else {
            continue;
        };
        let is_wrong = |name: &&str| !name.trim().is_empty() && !is_container_name(name);
        if let Some(name) = node.literal().filter(is_wrong) {
            findings.value(node, format!("`{name}` cannot be the name of a container"));
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::rules::tests::table;

    #[test]
    fn cases() {
        let long = |length: usize| format!(r#"[{{"name": "{}"}}]"#, "x".repeat(length));
        table(
            &super::RULE,
            "imagedefinitions.json",
            &[
                (
                    r#"[{"name": "web-1_A"}, {"name": ""}, {"name": "$NAME"}]"#,
                    &[],
                ),
                (
                    r#"[{"name": "a b"}, {"name": "a/b"}]"#,
                    &["[0].name", "[1].name"],
                ),
                (&long(255), &[]),
                (&long(256), &["[0].name"]),
            ],
        );
    }
}
