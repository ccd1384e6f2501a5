//! Options of the awslogs driver, misspelt.

use super::*;

pub(crate) const RULE: Rule = Rule {
    id: "awslogs-option-name",
    severity: Severity::Warning,
    summary: "an option that is close to one of the awslogs driver's",
    explanation: "The log driver knows its options by name, and refuses or ignores any other.",
    remedy: "Write the name of the option as the driver has it.",
    reference: "https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_LogConfiguration.html",
    check: Check::TaskDefinition(check),
};

const KNOWN: [&str; 12] = [
    "awslogs-create-group",
    "awslogs-region",
    "awslogs-endpoint",
    "awslogs-group",
    "awslogs-stream",
    "awslogs-stream-prefix",
    "awslogs-datetime-format",
    "awslogs-multiline-pattern",
    "awslogs-credentials-endpoint",
    "awslogs-format",
    "mode",
    "max-buffer-size",
];

fn check(taskdef: &TaskDefinition<'_>, findings: &mut Findings<'_>) {
    for container in &taskdef.containers {
        let Some(log) = container.parts.log_configuration else {
            continue;
        };
        if log.get("logDriver").and_then(Node::as_str) != Some("awslogs") {
            continue;
        }
        let options = log.get("options").map(Node::members).unwrap_or_default();
        let unknown = options.iter().filter(|option| {
            option.name.starts_with("awslogs") && !KNOWN.contains(&option.name.as_ref())
        });
        // Each is compared with all that are known; a driver has a dozen options.
        for option in unknown.take(20) {
            let Some(meant) = crate::suggest::closest(&option.name, KNOWN) else {
                continue;
            };
            let message = format!(
                "{}: the awslogs driver has no option of this name",
                container.title()
            );
            findings
                .name(&option.node, message)
                .did_you_mean(Some(meant));
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
            &[
                (
                    r#"{"containerDefinitions": [{"logConfiguration": {"logDriver": "awslogs", "options": {"awslogs-group": "a", "awslogs-force-flush-interval-seconds": "5", "tag": "x"}}}]}"#,
                    &[],
                ),
                (
                    r#"{"containerDefinitions": [{"logConfiguration": {"logDriver": "splunk", "options": {"awslogs-stream_prefix": "a"}}}]}"#,
                    &[],
                ),
                (
                    r#"{"containerDefinitions": [{"logConfiguration": {"logDriver": "awslogs", "options": {"awslogs-stream_prefix": "a"}}}]}"#,
                    &["containerDefinitions[0].logConfiguration.options.awslogs-stream_prefix"],
                ),
            ],
        );
    }
}
