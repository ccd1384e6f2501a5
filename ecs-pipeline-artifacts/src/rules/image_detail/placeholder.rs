//! Placeholders that nothing replaces.

use super::*;

pub(super) const RULE: Rule = Rule {
    id: "imagedetail-placeholder",
    severity: Severity::Error,
    summary: "a placeholder was not replaced",
    explanation: "CodePipeline puts the text into the task definition as it is, and ECS refuses what is \
                  no image; the build has to write the value.",
    remedy: "Write the file in the build, with double quotes or `printf`, so that the shell fills in its \
             variables.",
    reference: PAGE,
    check: Check::ImageDetail(check),
};

fn check(root: &Node<'_>, findings: &mut Findings<'_>) {
    let uri = root.get("ImageURI");
    if let Some(node) = uri.filter(|node| node.is_placeholder()) {
        findings.value(
            node,
            "`ImageURI` has a placeholder, and CodePipeline replaces none here",
        );
    }
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
                (r#"{"ImageURI": "x"}"#, &[]),
                (r#"{"ImageURI": "<IMAGE_URI>"}"#, &["ImageURI"]),
                (r#"{"ImageURI": "$REPOSITORY:$TAG"}"#, &["ImageURI"]),
                (r#"{"ImageTags": ["$TAG"]}"#, &[]),
            ],
        );
    }
}
