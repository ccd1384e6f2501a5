//! A value that an enumeration does not have, and that ECS has been seen to take.

use super::*;
use crate::shape::FaultKind;

pub(super) const RULE: Rule = Rule {
    id: "enum-ignored",
    severity: Severity::Warning,
    summary: "a value that is none of those that the member can have, and may be taken for its default",
    explanation: "These are taken in silence: ECS made tcp of a `protocol` that is neither tcp nor udp; the \
                  `networkMode` `default` stands in samples of AWS's own; and the deploy action for GitHub \
                  drops empty text before it registers.",
    remedy: "Write one of the values that are named, or remove the member.",
    reference: "https://github.com/hashicorp/terraform-provider-aws/issues/3645",
    check: Check::TaskDefinitionShape(check),
};

fn check(taskdef: &TaskDefinition<'_>, findings: &mut Findings<'_>) {
    for fault in taskdef.faults.iter().filter(|fault| is_lenient(fault)) {
        enum_value::report(fault, findings);
    }
}

/// Whether it is one of the values that ECS may take although its model has them not.
pub(super) fn is_lenient(fault: &Fault<'_>) -> bool {
    let text = fault.node.as_str();
    matches!(fault.kind, FaultKind::Enum(_))
        && match fault.name {
            "protocol" => true,
            "networkMode" => matches!(text, Some("" | "default")),
            _ => text == Some(""),
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
                (
                    r#"{"family": "f", "networkMode": "vpc", "containerDefinitions": [{"portMappings": [{"protocol": "udp"}]}]}"#,
                    &[],
                ),
                (
                    r#"{"family": "f", "networkMode": "default", "pidMode": "", "containerDefinitions": [{"portMappings": [{"protocol": "http"}]}]}"#,
                    &[
                        "networkMode",
                        "pidMode",
                        "containerDefinitions[0].portMappings[0].protocol",
                    ],
                ),
            ],
        );
    }
}
