//! Where Fargate can send logs.

use super::*;

pub(crate) const RULE: Rule = Rule {
    id: "fargate-log-driver",
    severity: Severity::Error,
    summary: "a log driver that Fargate does not have",
    explanation: "Fargate has the log drivers awslogs, splunk and awsfirelens alone.",
    remedy: "Use awslogs, or awsfirelens with a log router container.",
    reference: "https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_LogConfiguration.html",
    check: Check::TaskDefinition(check),
};

const EC2_ONLY: [&str; 5] = ["json-file", "syslog", "journald", "gelf", "fluentd"];

fn check(taskdef: &TaskDefinition<'_>, findings: &mut Findings<'_>) {
    if !taskdef.task.fargate {
        return;
    }
    for container in &taskdef.containers {
        let log = container.parts.log_configuration;
        let Some(node) = log.and_then(|log| log.get("logDriver")) else {
            continue;
        };
        if let Some(driver) = node.as_str().filter(|driver| EC2_ONLY.contains(driver)) {
            let message = format!(
                "{}: Fargate has no log driver `{driver}`, but awslogs, splunk and awsfirelens",
                container.title()
            );
            findings.value(node, message);
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
                    r#"{"requiresCompatibilities": ["FARGATE"], "containerDefinitions": [{"logConfiguration": {"logDriver": "splunk"}}, {"logConfiguration": null}]}"#,
                    &[],
                ),
                (
                    r#"{"requiresCompatibilities": ["EC2"], "containerDefinitions": [{"logConfiguration": {"logDriver": "syslog"}}]}"#,
                    &[],
                ),
                (
                    r#"{"requiresCompatibilities": ["FARGATE"], "containerDefinitions": [{"logConfiguration": {"logDriver": "json-file"}}]}"#,
                    &["containerDefinitions[0].logConfiguration.logDriver"],
                ),
            ],
        );
    }
}
