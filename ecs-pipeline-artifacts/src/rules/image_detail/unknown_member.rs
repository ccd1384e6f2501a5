//! Members that nobody knows.

use super::*;

pub(super) const RULE: Rule = Rule {
    id: "imagedetail-unknown-member",
    severity: Severity::Warning,
    summary: "a member that the ECR source action does not write",
    explanation: "The action reads `ImageURI` alone; the other members that are known come from \
                  CodePipeline's ECR source.",
    remedy: "Remove it, or correct its name.",
    reference: PAGE,
    check: Check::ImageDetail(check),
};

fn check(root: &Node<'_>, findings: &mut Findings<'_>) {
    for (member, meant) in DETAIL.unknown(root) {
        findings
            .name(
                &member.node,
                format!("imageDetail.json has no `{}`", member.name),
            )
            .did_you_mean(meant);
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
                (
                    r#"{"ImageURI": "x", "ImageTags": ["1"], "RegistryId": "1"}"#,
                    &[],
                ),
                (r#"{"imageUri": "x"}"#, &[]),
                (r#"{"ImageURI": "x", "name": "web"}"#, &["name"]),
                (r#"{"ImageURI": "x", "imageUri": "y"}"#, &["imageUri"]),
            ],
        );
    }
}
