//! The name of the file.

use super::*;
use crate::document::DocumentKind;
use crate::rules::FileSet;

pub(super) const RULE: Rule = Rule {
    id: "imagedetail-file-name",
    severity: Severity::Error,
    summary: "the file is not named `imageDetail.json`",
    explanation: REFUSED,
    remedy: "Name it `imageDetail.json`: no setting of the action changes that.",
    reference: PAGE,
    check: Check::Across(check),
};

fn check(set: &FileSet<'_>, findings: &mut Findings<'_>) {
    for file in set.of_kind(DocumentKind::ImageDetail) {
        // A file of another name may be a source from which the build makes this one.
        let variants = [
            "imageDetails.json",
            "image-detail.json",
            "image_detail.json",
        ];
        if let Some(name) = file.misnamed("imageDetail.json", &variants) {
            let message = format!("the action reads `imageDetail.json`, and not `{name}`");
            findings.in_file(file.index).value(file.root, message);
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::rules::tests::lines;

    #[test]
    fn cases() {
        for (name, expected) in [
            ("imageDetail.json", &[][..]),
            ("build/imageDetail.json", &[]),
            ("imageDetail-template.json", &[]),
            ("image.json", &[]),
            ("imageDetails.json", &[1]),
            ("build/imagedetail.json", &[1]),
        ] {
            assert_eq!(
                lines(&super::RULE, name, r#"{"ImageURI": "x"}"#),
                expected,
                "{name}"
            );
        }
    }
}
