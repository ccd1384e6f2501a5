//! A member that must be there.

use super::*;
use crate::shape::FaultKind;

pub(super) const RULE: Rule = Rule {
    id: "missing-member",
    severity: Severity::Error,
    summary: "a member that RegisterTaskDefinition requires is missing",
    explanation: "The AWS CLI and the SDKs refuse the task definition: `Missing required parameter in \
                  input: \"family\"`.",
    remedy: "Add the member.",
    reference: "https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_RegisterTaskDefinition.html",
    check: Check::TaskDefinitionShape(check),
};

fn check(taskdef: &TaskDefinition<'_>, findings: &mut Findings<'_>) {
    for fault in &taskdef.faults {
        if let FaultKind::Missing(name) = fault.kind {
            let message = match fault.name {
                "" => format!("the task definition has no `{name}`"),
                _ => format!("{} has no `{name}`", fault.subject()),
            };
            findings.name(fault.node, message);
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::rules::tests::{spans, table};

    #[test]
    fn cases() {
        table(
            &super::RULE,
            "taskdef.json",
            &[
                (
                    r#"{"family": "f", "containerDefinitions": [{"secrets": [{"name": "a", "valueFrom": "b"}]}]}"#,
                    &[],
                ),
                (r#"{"cpu": "1"}"#, &["", ""]),
                (
                    r#"{"family": "f", "containerDefinitions": [{"secrets": [{"name": "a"}], "logConfiguration": {}}]}"#,
                    &[
                        "containerDefinitions[0].secrets[0]",
                        "containerDefinitions[0].logConfiguration",
                    ],
                ),
                // A union of one member.
                (
                    r#"{"family": "f", "containerDefinitions": [{"resourceRequirements": [{"type": "GPU", "sharingStrategy": {}}]}]}"#,
                    &["containerDefinitions[0].resourceRequirements[0].sharingStrategy"],
                ),
            ],
        );
        let text = r#"{"family": "f", "containerDefinitions": [{"healthCheck": {"retries": 1}}]}"#;
        assert_eq!(
            spans(&super::RULE, "taskdef.json", text),
            ["\"healthCheck\""]
        );
    }
}
