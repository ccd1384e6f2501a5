//! Soft and hard limits.

use super::*;

pub(crate) const RULE: Rule = Rule {
    id: "ulimit-order",
    severity: Severity::Error,
    summary: "a soft limit above the hard limit",
    explanation: "A soft limit is at most the hard limit; Docker starts no container with others.",
    remedy: "Raise hardLimit, or lower softLimit.",
    reference: "https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_Ulimit.html",
    check: Check::TaskDefinition(check),
};

fn check(taskdef: &TaskDefinition<'_>, findings: &mut Findings<'_>) {
    for container in &taskdef.containers {
        for ulimit in container.parts.ulimits {
            let (Some(node), Some(hard)) = (ulimit.get("softLimit"), ulimit.get("hardLimit"))
            else {
                continue;
            };
            // A negative limit is none.
            if let (Some(soft), Some(limit @ 0..)) = (node.as_i64(), hard.as_i64())
                && soft > limit
            {
                let target = findings.target(hard);
                let message = format!(
                    "{}: softLimit {soft} is above hardLimit {limit}",
                    container.title()
                );
                findings
                    .value(node, message)
                    .related(target, "the hard limit");
            }
        }
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
            &[(
                r#"{"containerDefinitions": [{"ulimits": [{"softLimit": 1, "hardLimit": 1}, {"softLimit": 1, "hardLimit": -1}, {"softLimit": 2, "hardLimit": 1}, {"softLimit": "2", "hardLimit": 1}]}]}"#,
                &["containerDefinitions[0].ulimits[2].softLimit"],
            )],
        );
    }
}
