//! What the awslogs driver needs.

use super::*;

pub(crate) const RULE: Rule = Rule {
    id: "awslogs-options",
    severity: Severity::Error,
    summary: "the awslogs driver lacks an option that it needs",
    explanation: "The awslogs driver needs awslogs-group and awslogs-region, and on Fargate \
                  awslogs-stream-prefix: without it RegisterTaskDefinition refuses the task definition. On \
                  EC2 the log driver cannot start the container without a group.",
    remedy: "Add the option.",
    reference: "https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_LogConfiguration.html",
    check: Check::TaskDefinition(check),
};

fn check(taskdef: &TaskDefinition<'_>, findings: &mut Findings<'_>) {
    for container in &taskdef.containers {
        let Some(log) = container.parts.log_configuration else {
            continue;
        };
        if log.get("logDriver").and_then(Node::as_str) != Some("awslogs") {
            continue;
        }
        let options = log.present("options");
        let needed: &[&str] = match taskdef.task.fargate {
            true => &["awslogs-group", "awslogs-region", "awslogs-stream-prefix"],
            false => &["awslogs-group", "awslogs-region"],
        };
        let lacks = |option: &&str| options.is_none_or(|options| options.present(option).is_none());
        for option in needed.iter().copied().filter(lacks) {
            let message = format!(
                "{}: the awslogs driver needs the option `{option}`",
                container.title()
            );
            findings.name(options.unwrap_or(log), message);
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::rules::tests::table;

    #[test]
    fn cases() {
        let of = |launch_type: &str, log: &str| {
            format!(
                r#"{{"requiresCompatibilities": ["{launch_type}"], "containerDefinitions": [{{"logConfiguration": {{{log}}}}}]}}"#
            )
        };
        let both =
            r#""logDriver": "awslogs", "options": {"awslogs-group": "a", "awslogs-region": "b"}"#;
        let all = r#""logDriver": "awslogs", "options": {"awslogs-group": "a", "awslogs-region": "${R}", "awslogs-stream-prefix": "c"}"#;
        table(
            &super::RULE,
            "taskdef.json",
            &[
                (&of("FARGATE", all), &[]),
                (&of("EC2", both), &[]),
                (&of("FARGATE", r#""logDriver": "splunk""#), &[]),
                (
                    &of("FARGATE", both),
                    &["containerDefinitions[0].logConfiguration.options"],
                ),
                (
                    &of("EC2", r#""logDriver": "awslogs""#),
                    &[
                        "containerDefinitions[0].logConfiguration",
                        "containerDefinitions[0].logConfiguration",
                    ],
                ),
            ],
        );
    }
}
