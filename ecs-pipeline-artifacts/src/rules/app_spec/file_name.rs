//! The name of the file.

use super::*;
use crate::document::DocumentKind;
use crate::rules::FileSet;
use crate::validate::DeployAction;

pub(super) const RULE: Rule = Rule {
    id: "appspec-file-name",
    severity: Severity::Warning,
    summary: "the file is not named `appspec.yaml`, which is what CodePipeline looks for",
    explanation: "CodePipeline's blue/green action reads `appspec.yaml` unless its `AppSpecTemplatePath` \
                  says otherwise; `appspec.yml` is the name for EC2 deployments.",
    remedy: "Rename the file, or set `AppSpecTemplatePath`.",
    reference: "https://docs.aws.amazon.com/codepipeline/latest/userguide/action-reference-ECSbluegreen.html",
    check: Check::Across(check),
};

fn check(set: &FileSet<'_>, findings: &mut Findings<'_>) {
    if set.options.action == Some(DeployAction::Ecs) {
        return;
    }
    for file in set.of_kind(DocumentKind::AppSpec) {
        let misnamed = file.misnamed("appspec.yaml", &["appspec.yml"]);
        if misnamed.is_some() && form(file.root) == Form::Ecs {
            let message = "CodePipeline looks for `appspec.yaml` unless it is told otherwise";
            findings.in_file(file.index).value(file.root, message);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::tests::*;

    use crate::rules::tests::lines;

    #[test]
    fn cases() {
        for (name, expected) in [
            ("appspec.yaml", &[][..]),
            ("deploy/appspec.yaml", &[]),
            ("appspec-prod.yml", &[]),
            ("appspec.json", &[]),
            ("appspec.yml", &[1]),
            ("deploy/AppSpec.yaml", &[1]),
        ] {
            assert_eq!(lines(&super::RULE, name, GOOD), expected, "{name}");
        }
    }
}
