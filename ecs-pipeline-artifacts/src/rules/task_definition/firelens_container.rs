//! Who routes the logs.

use super::*;

pub(crate) const RULE: Rule = Rule {
    id: "firelens-container-missing",
    severity: Severity::Error,
    summary: "the awsfirelens driver without a log router",
    explanation: "The awsfirelens driver hands logs to a container of the same task that has a \
                  firelensConfiguration. Without one there is nobody to take them, and AWS refuses the task \
                  definition or the task cannot start.",
    remedy: "Add a log router container, such as AWS for Fluent Bit, with a firelensConfiguration.",
    reference: "https://docs.aws.amazon.com/AmazonECS/latest/developerguide/using_firelens.html",
    check: Check::TaskDefinition(check),
};

fn check(taskdef: &TaskDefinition<'_>, findings: &mut Findings<'_>) {
    let mut containers = taskdef.containers.iter();
    if containers.any(|container| container.parts.firelens.is_some()) {
        return;
    }
    for container in &taskdef.containers {
        let log = container.parts.log_configuration;
        if let Some(node) = log.and_then(|log| log.get("logDriver"))
            && node.as_str() == Some("awsfirelens")
        {
            let message = format!(
                "{}: awsfirelens needs a container with a firelensConfiguration",
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
                    r#"{"containerDefinitions": [{"logConfiguration": {"logDriver": "awsfirelens"}}, {"firelensConfiguration": {"type": "fluentbit"}}]}"#,
                    &[],
                ),
                (
                    r#"{"containerDefinitions": [{"logConfiguration": {"logDriver": "awsfirelens"}}, {"firelensConfiguration": null}]}"#,
                    &["containerDefinitions[0].logConfiguration.logDriver"],
                ),
            ],
        );
    }
}
