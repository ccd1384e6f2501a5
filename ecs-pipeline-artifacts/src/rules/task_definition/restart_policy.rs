//! When a container is restarted.

use super::*;

pub(crate) const RULE: Rule = Rule {
    id: "restart-policy",
    severity: Severity::Error,
    summary: "a restart policy out of bounds",
    explanation: "A restartAttemptPeriod is 60 to 1800 seconds, and at most 50 exit codes can be ignored.",
    remedy: "Choose a period of 60 to 1800 seconds; without one it is 300.",
    reference: "https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_ContainerRestartPolicy.html",
    check: Check::TaskDefinition(check),
};

fn check(taskdef: &TaskDefinition<'_>, findings: &mut Findings<'_>) {
    for container in &taskdef.containers {
        let Some(policy) = container.parts.restart_policy else {
            continue;
        };
        if let Some(node) = policy.get("restartAttemptPeriod")
            && let Some(seconds) = node.as_i64()
            && !(60..=1800).contains(&seconds)
        {
            let message = format!(
                "{}: restartAttemptPeriod is 60 to 1800 seconds, not {seconds}",
                container.title()
            );
            findings.value(node, message);
        }
        let codes = policy.get("ignoredExitCodes").map(Node::items);
        if let Some(node) = codes.and_then(|codes| codes.get(50)) {
            findings.value(
                node,
                format!(
                    "{}: at most 50 exit codes can be ignored",
                    container.title()
                ),
            );
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::rules::tests::table;

    #[test]
    fn cases() {
        let codes = |count| {
            let codes = vec!["1"; count].join(",");
            format!(
                r#"{{"containerDefinitions": [{{"restartPolicy": {{"ignoredExitCodes": [{codes}]}}}}]}}"#
            )
        };
        table(
            &super::RULE,
            "taskdef.json",
            &[
                (
                    r#"{"containerDefinitions": [{"restartPolicy": {"enabled": true, "restartAttemptPeriod": 60}}, {"restartPolicy": {"restartAttemptPeriod": null}}]}"#,
                    &[],
                ),
                (&codes(50), &[]),
                (
                    &codes(51),
                    &["containerDefinitions[0].restartPolicy.ignoredExitCodes[50]"],
                ),
                (
                    r#"{"containerDefinitions": [{"restartPolicy": {"restartAttemptPeriod": 30}}]}"#,
                    &["containerDefinitions[0].restartPolicy.restartAttemptPeriod"],
                ),
            ],
        );
    }
}
