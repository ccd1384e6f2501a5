//! Images.

use super::*;
use crate::rules::image_form;

pub(super) const RULE: Rule = Rule {
    id: "imagedefinitions-image",
    severity: Severity::Error,
    summary: "a text that cannot be an image",
    explanation: image_form::EXPLANATION,
    remedy: image_form::REMEDY,
    reference: image_form::REFERENCE,
    check: Check::ImageDefinitions(check),
};

fn check(root: &Node<'_>, findings: &mut Findings<'_>) {
    for entry in entries(root) {
        if let Some(node) = entry.get("imageUri") {
            image_form::check(node, findings);
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::rules::tests::table;

    #[test]
    fn cases() {
        let of = |image: &str| format!(r#"[{{"imageUri": "{image}"}}]"#);
        let digest = format!("shop:1@sha256:{}", "a".repeat(64));
        let path = &["[0].imageUri"][..];
        for (image, expected) in [
            ("shop", &[][..]),
            ("123456789012.dkr.ecr.eu-west-1.amazonaws.com/shop:42", &[]),
            (&digest, &[]),
            ("shop:$TAG", &[]),
            (&"x".repeat(255), &[]),
            (&"x".repeat(256), path),
            ("sh op", path),
            ("shop:$", path),
            ("shop@sha256:latest", path),
            ("@sha256:1", path),
        ] {
            table(
                &super::RULE,
                "imagedefinitions.json",
                &[(&of(image), expected)],
            );
        }
    }
}
