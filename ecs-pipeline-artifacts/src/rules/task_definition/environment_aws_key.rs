//! Keys where a role would do.

use super::*;

pub(crate) const RULE: Rule = Rule {
    id: "environment-aws-key",
    severity: Severity::Warning,
    summary: "AWS access keys in the environment",
    explanation: "Containers get credentials from the task role, which change by themselves. Keys in the \
                  environment are read by everyone who may describe the task definition, do not expire, and \
                  take precedence over the role.",
    remedy: "Remove the keys, give taskRoleArn a role with what the application needs, and deactivate the \
             keys.",
    reference: "https://docs.aws.amazon.com/AmazonECS/latest/developerguide/task-iam-roles.html",
    check: Check::TaskDefinition(check),
};

fn check(taskdef: &TaskDefinition<'_>, findings: &mut Findings<'_>) {
    for container in &taskdef.containers {
        for variable in container.parts.environment {
            let Some(node) = variable.get("name") else {
                continue;
            };
            let empty = variable.get("value").and_then(Node::as_str) == Some("");
            if let Some(name) = node.as_str().filter(|name| is_aws_key(name) && !empty) {
                let message = format!(
                    "{}: `{name}` is set, where the task role would do",
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
                r#"{"containerDefinitions": [{"environment": [{"name": "AWS_REGION", "value": "x"}, {"name": "AWS_ACCESS_KEY_ID", "value": ""}, {"name": "AWS_ACCESS_KEY_ID", "value": "x"}, {"name": "AWS_SECRET_ACCESS_KEY", "value": "${KEY}"}]}]}"#,
                &[
                    "containerDefinitions[0].environment[2].name",
                    "containerDefinitions[0].environment[3].name",
                ],
            )],
        );
    }
}
