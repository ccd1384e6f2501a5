//! Container definitions without the task definition around them.

use super::*;

pub(super) const RULE: Rule = Rule {
    id: "bare-container-list",
    severity: Severity::Error,
    summary: "a list of container definitions in place of a task definition",
    explanation: "RegisterTaskDefinition takes an object with `family` and `containerDefinitions`. A bare \
                  list is what Terraform's `container_definitions` and the AWS CLI's \
                  `--container-definitions` take: for these the file is right, and it is no taskdef.json.",
    remedy: "Put the list into an object: `{\"family\": …, \"containerDefinitions\": [ … ]}`.",
    reference: "https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_RegisterTaskDefinition.html",
    check: Check::TaskDefinitionShape(check),
};

fn check(taskdef: &TaskDefinition<'_>, findings: &mut Findings<'_>) {
    if matches!(taskdef.form, Form::ContainerList) {
        findings.value(
            taskdef.root,
            "this is a list of container definitions, without the task definition around it",
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
            "taskdef.json",
            &[
                (r#"{"family": "f", "containerDefinitions": []}"#, &[]),
                (r#"[{"name": "web", "image": "web:1"}]"#, &[""]),
                ("[]", &[""]),
                (r#"[{"name": "web", "imageUri": "web:1"}]"#, &[]),
            ],
        );
    }

    /// What is inside is still looked at.
    #[test]
    fn inside() {
        let text = r#"[{"name": "web", "image": "web:1", "cpu": "256", "imag": 1}]"#;
        let rules = [
            &super::super::wrong_type::RULE,
            &super::super::unknown_member::RULE,
        ];
        for (rule, path) in rules.into_iter().zip(["[0].cpu", "[0].imag"]) {
            table(rule, "taskdef.json", &[(text, &[path])]);
        }
    }
}
