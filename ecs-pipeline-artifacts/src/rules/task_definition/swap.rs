//! Swap of a container.

use super::*;

pub(crate) const RULE: Rule = Rule {
    id: "swap",
    severity: Severity::Error,
    summary: "swap settings out of bounds",
    explanation: "swappiness is 0 to 100 and maxSwap is not negative; Docker starts no container with \
                  others.",
    remedy: "Choose a swappiness of 0 to 100, and a maxSwap of 0 or more MiB.",
    reference: "https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_LinuxParameters.html",
    check: Check::TaskDefinition(check),
};

fn check(taskdef: &TaskDefinition<'_>, findings: &mut Findings<'_>) {
    for container in &taskdef.containers {
        let Some(linux) = container.parts.linux_parameters else {
            continue;
        };
        for (member, most) in [("swappiness", 100), ("maxSwap", i64::MAX)] {
            if let Some(node) = linux.get(member)
                && let Some(number) = node.as_i64()
                && !(0..=most).contains(&number)
            {
                findings.value(
                    node,
                    format!("{}: {member} cannot be {number}", container.title()),
                );
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
                r#"{"containerDefinitions": [{"linuxParameters": {"swappiness": 100, "maxSwap": 4096}}, {"linuxParameters": {"swappiness": 101, "maxSwap": -1}}, {"linuxParameters": null}]}"#,
                &[
                    "containerDefinitions[1].linuxParameters.swappiness",
                    "containerDefinitions[1].linuxParameters.maxSwap",
                ],
            )],
        );
    }
}
