//! The image.

use super::*;
use crate::rules::image_form;

pub(super) const RULE: Rule = Rule {
    id: "imagedetail-image",
    severity: Severity::Error,
    summary: "a text that cannot be an image",
    explanation: image_form::EXPLANATION,
    remedy: image_form::REMEDY,
    reference: image_form::REFERENCE,
    check: Check::ImageDetail(check),
};

fn check(root: &Node<'_>, findings: &mut Findings<'_>) {
    if let Some(node) = root.get("ImageURI") {
        image_form::check(node, findings);
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
                    r#"{"ImageURI": "123456789012.dkr.ecr.eu-west-1.amazonaws.com/shop:1"}"#,
                    &[],
                ),
                (r#"{"ImageURI": "${IMAGE}"}"#, &[]),
                (r#"{"ImageURI": "shop@sha256:latest"}"#, &["ImageURI"]),
                (r#"{"ImageURI": "sh op"}"#, &["ImageURI"]),
            ],
        );
    }
}
