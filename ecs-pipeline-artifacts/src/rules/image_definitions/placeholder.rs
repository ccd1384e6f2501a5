//! Placeholders that nothing replaces.

use super::*;

pub(super) const RULE: Rule = Rule {
    id: "imagedefinitions-placeholder",
    severity: Severity::Error,
    summary: "a placeholder was not replaced",
    explanation: "CodePipeline takes the file as it is. ECS refuses what is neither the name of a \
                  container nor an image; the build has to write the values.",
    remedy: "Write the file in the build, with double quotes or `printf`, so that the shell fills in its \
             variables.",
    reference: PAGE,
    check: Check::ImageDefinitions(check),
};

fn check(root: &Node<'_>, findings: &mut Findings<'_>) {
    for entry in entries(root) {
        for name in ENTRY.required {
            if let Some(text) = entry.get(name).filter(|node| node.is_placeholder()) {
                findings.value(
                    text,
                    format!("`{name}` has a placeholder, and CodePipeline replaces none here"),
                );
            }
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
                (r#"[{"name": "web", "imageUri": "x:1"}]"#, &[]),
                (
                    r#"[{"name": "<NAME>", "imageUri": "${REPOSITORY}:$TAG"}]"#,
                    &["[0].name", "[0].imageUri"],
                ),
            ],
        );
    }
}
