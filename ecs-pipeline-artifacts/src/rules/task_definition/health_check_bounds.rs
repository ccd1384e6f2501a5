//! Numbers of a health check.

use super::*;

pub(crate) const RULE: Rule = Rule {
    id: "health-check-bounds",
    severity: Severity::Error,
    summary: "a health check number out of bounds",
    explanation: "A health check has an interval of 5 to 300 seconds, a timeout of 2 to 60, 1 to 10 retries \
                  and a startPeriod of 0 to 300.",
    remedy: "Choose a number within the bounds.",
    reference: "https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_HealthCheck.html",
    check: Check::TaskDefinition(check),
};

const BOUNDS: [(&str, i64, i64); 4] = [
    ("interval", 5, 300),
    ("timeout", 2, 60),
    ("retries", 1, 10),
    ("startPeriod", 0, 300),
];

fn check(taskdef: &TaskDefinition<'_>, findings: &mut Findings<'_>) {
    for container in &taskdef.containers {
        let Some(health) = container.parts.health_check else {
            continue;
        };
        for (member, least, most) in BOUNDS {
            if let Some(node) = health.get(member)
                && let Some(number) = node.as_i64()
                && !(least..=most).contains(&number)
            {
                let message = format!(
                    "{}: the {member} of a health check is {least} to {most}, not {number}",
                    container.title()
                );
                findings.value(node, message);
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
                r#"{"containerDefinitions": [{"healthCheck": {"interval": 5, "timeout": 60, "retries": 1, "startPeriod": 0}},
                    {"healthCheck": {"interval": 301, "timeout": 1, "retries": 0, "startPeriod": 301}}, {"healthCheck": null}, {"healthCheck": {"interval": "1"}}]}"#,
                &[
                    "containerDefinitions[1].healthCheck.interval",
                    "containerDefinitions[1].healthCheck.timeout",
                    "containerDefinitions[1].healthCheck.retries",
                    "containerDefinitions[1].healthCheck.startPeriod",
                ],
            )],
        );
    }
}
