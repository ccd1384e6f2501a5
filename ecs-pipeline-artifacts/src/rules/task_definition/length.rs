//! Text or a list that is too short or too long.

use super::*;
use crate::shape::FaultKind;

pub(super) const RULE: Rule = Rule {
    id: "length",
    severity: Severity::Error,
    summary: "text or a list that is shorter or longer than RegisterTaskDefinition takes",
    explanation: "The API has limits: up to 50 tags, a tag's key of 1 to 128 characters, its value of up to \
                  256. The AWS CLI refuses what is too short (`Invalid length for parameter tags[0].key, \
                  value: 0, valid min length: 1`), ECS what is too long.",
    remedy: "Shorten it, or fill it in.",
    reference: "https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_Tag.html",
    check: Check::TaskDefinitionShape(check),
};

fn check(taskdef: &TaskDefinition<'_>, findings: &mut Findings<'_>) {
    for fault in &taskdef.faults {
        let FaultKind::Length(length, bounds) = fault.kind else {
            continue;
        };
        let unit = match fault.node.as_str() {
            Some(_) => "characters",
            None => "items",
        };
        let message = match length {
            0 => format!("{} is empty", fault.subject()),
            _ if length < bounds.min => {
                format!(
                    "{} has {length} {unit}; at least {} are wanted",
                    fault.subject(),
                    bounds.min
                )
            }
            _ => format!(
                "{} has {length} {unit}; at most {} may be",
                fault.subject(),
                bounds.max
            ),
        };
        findings.value(fault.node, message);
    }
}

#[cfg(test)]
mod tests {
    use crate::rules::tests::table;

    #[test]
    fn cases() {
        let of = |key: &str, count: usize| {
            let tags = vec![format!(r#"{{"key": "{key}", "value": ""}}"#); count].join(",");
            format!(r#"{{"family": "f", "containerDefinitions": [], "tags": [{tags}]}}"#)
        };
        table(
            &super::RULE,
            "taskdef.json",
            &[
                (&of("k", 50), &[]),
                (&of("k", 51), &["tags"]),
                (&of(&"ü".repeat(128), 1), &[]),
                (&of(&"k".repeat(129), 1), &["tags[0].key"]),
                (&of("", 2), &["tags[0].key", "tags[1].key"]),
            ],
        );
    }
}
