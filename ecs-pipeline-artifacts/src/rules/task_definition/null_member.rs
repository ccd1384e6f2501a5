//! Null where there should be nothing.

use super::*;
use crate::shape::FaultKind;

pub(super) const RULE: Rule = Rule {
    id: "null-member",
    severity: Severity::Error,
    summary: "a member that is null",
    explanation: "The old ECS console showed every member that was not set as null. The AWS CLI and boto3 \
                  refuse that: `Invalid type for parameter pidMode, value: None, type: <class 'NoneType'>, \
                  valid types: <class 'str'>`. The deploy action for GitHub drops nulls before it \
                  registers.",
    remedy: "Remove the member: a member that is not there is not set.",
    reference: "https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_RegisterTaskDefinition.html",
    check: Check::TaskDefinitionShape(check),
};

fn check(taskdef: &TaskDefinition<'_>, findings: &mut Findings<'_>) {
    for fault in &taskdef.faults {
        let FaultKind::Null { required } = fault.kind else {
            continue;
        };
        let message = format!("{} is null", fault.subject());
        if fault.is_item || fault.name.is_empty() {
            findings.value(fault.node, message);
            continue;
        }
        let finding = findings.name(fault.node, message);
        if !required {
            finding.fix(
                format!("remove `{}`", fault.name),
                [Change::Remove(fault.node.id)],
            );
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use crate::rules::tests::table;
    use crate::validate::{Options, SourceFile, validate};

    const NULLS: &str = r#"{"family": null, "pidMode": null, "containerDefinitions": [
        {"name": "web", "command": ["a", null], "logConfiguration": {"logDriver": "awslogs", "options": {"mode": null}}}]}"#;

    #[test]
    fn cases() {
        table(
            &super::RULE,
            "taskdef.json",
            &[
                (r#"{"family": "f", "containerDefinitions": []}"#, &[]),
                (
                    NULLS,
                    &[
                        "family",
                        "pidMode",
                        "containerDefinitions[0].command[1]",
                        "containerDefinitions[0].logConfiguration.options.mode",
                    ],
                ),
            ],
        );
    }

    #[test]
    fn what_may_be_left_out_is_removed() {
        let file = SourceFile::new("taskdef.json", NULLS);
        let findings = validate(&[file], &Options::default()).findings;
        let fixes = findings
            .iter()
            .filter(|found| found.rule == &super::RULE)
            .map(|found| Some(found.fix.as_ref()?.title.as_str()));
        let fixes: Vec<_> = fixes.collect();
        assert_eq!(
            fixes,
            [None, Some("remove `pidMode`"), None, Some("remove `mode`")]
        );
    }
}
