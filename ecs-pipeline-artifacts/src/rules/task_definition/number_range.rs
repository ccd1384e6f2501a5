//! A number that is too small or too large.

use super::*;
use crate::shape::FaultKind;

pub(super) const RULE: Rule = Rule {
    id: "number-range",
    severity: Severity::Error,
    summary: "a number outside the limits that RegisterTaskDefinition has for it",
    explanation: "The AWS CLI refuses what is too small (`Invalid value for parameter …, valid min value: 1`), \
                  ECS what is too large.",
    remedy: "Write a number within the limits.",
    reference: "https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_RegisterTaskDefinition.html",
    check: Check::TaskDefinitionShape(check),
};

fn check(taskdef: &TaskDefinition<'_>, findings: &mut Findings<'_>) {
    for fault in &taskdef.faults {
        let FaultKind::Range(number, bounds) = fault.kind else {
            continue;
        };
        let limit = match number < bounds.min {
            true => format!("at least {}", bounds.min),
            false => format!("at most {}", bounds.max),
        };
        let message = format!("{} is {number}, and must be {limit}", fault.subject());
        findings.value(fault.node, message);
    }
}

#[cfg(test)]
mod tests {
    use crate::rules::tests::table;

    #[test]
    fn cases() {
        let of = |percent: i64| {
            format!(
                r#"{{"family": "f", "containerDefinitions": [{{"resourceRequirements": [{{"type": "GPU",
                    "sharingStrategy": {{"nvidiaMps": {{"memory": 1, "maxComputePercent": {percent}}}}}}}]}}]}}"#
            )
        };
        let path = "containerDefinitions[0].resourceRequirements[0].sharingStrategy.nvidiaMps.maxComputePercent";
        table(
            &super::RULE,
            "taskdef.json",
            &[
                (&of(1), &[]),
                (&of(100), &[]),
                (&of(0), &[path]),
                (&of(101), &[path]),
            ],
        );
    }
}
