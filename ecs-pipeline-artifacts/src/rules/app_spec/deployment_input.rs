//! The input of `create-deployment` in the AppSpec's place.

use super::*;

pub(super) const RULE: Rule = Rule {
    id: "appspec-deployment-input",
    severity: Severity::Error,
    summary: "the input of `create-deployment`, not an AppSpec",
    explanation: "`aws deploy create-deployment --cli-input-yaml` takes this, with an AppSpec as text in \
                  `revision.appSpecContent.content`. CodePipeline and an S3 revision take the AppSpec \
                  itself.",
    remedy: "Give it to `create-deployment`, or keep only what `content` holds.",
    reference: STRUCTURE_PAGE,
    check: Check::AppSpec(check),
};

fn check(root: &Node<'_>, findings: &mut Findings<'_>) {
    if form(root) == Form::DeploymentInput {
        findings.value(
            root,
            "this is the input of `create-deployment`, which contains an AppSpec and is none",
        );
    }
}

#[cfg(test)]
mod tests {
    use super::super::tests::*;

    #[test]
    fn cases() {
        texts(
            &super::RULE,
            &[
                (
                    "applicationName: a\nrevision:\n  revisionType: AppSpecContent\n",
                    &[""],
                ),
                (
                    "revisionType: AppSpecContent\nappSpecContent: {content: \"\"}\n",
                    &[""],
                ),
            ],
        );
    }
}
