//! Who pulls the image, writes the log and reads the secrets.

use super::*;

pub(crate) const RULE: Rule = Rule {
    id: "execution-role-missing",
    severity: Severity::Error,
    summary: "no executionRoleArn, where ECS needs one",
    explanation: "ECS itself pulls the image, creates the log stream and reads the secrets, with the \
                  execution role. RegisterTaskDefinition answers `Fargate requires task definition to have \
                  execution role ARN to support ECR images.`, `… to support log driver awslogs.` or `When \
                  you are specifying container secrets, you must also specify a value for \
                  'executionRoleArn'`.",
    remedy: "Set executionRoleArn to a role with AmazonECSTaskExecutionRolePolicy, and with access to the \
             secrets.",
    reference: "https://docs.aws.amazon.com/AmazonECS/latest/developerguide/task_execution_IAM_role.html",
    check: Check::TaskDefinition(check),
};

fn check(taskdef: &TaskDefinition<'_>, findings: &mut Findings<'_>) {
    let task = &taskdef.task;
    if task.parts.execution_role.is_some() {
        return;
    }
    for container in &taskdef.containers {
        if let Some((node, what)) = needs_role(container, task.fargate) {
            let message = format!(
                "{} {what}, which needs an executionRoleArn",
                container.title()
            );
            findings.value(node, message);
        }
    }
}

/// The first of the things that need the role. Outside Fargate an instance's own role pulls and logs.
fn needs_role<'t>(
    container: &Container<'t>,
    fargate: bool,
) -> Option<(&'t Node<'t>, &'static str)> {
    let parts = &container.parts;
    if let Some(secret) = parts.secrets.first() {
        return Some((secret, "has secrets"));
    }
    if let Some(file) = parts.environment_files.first() {
        return Some((file, "has environment files"));
    }
    let options = parts
        .log_configuration
        .and_then(|log| log.get("secretOptions"));
    if let Some(secret) = options.and_then(|options| options.items().first()) {
        return Some((secret, "has secrets in its log options"));
    }
    if !fargate {
        return None;
    }
    // The registry may be known where account, region or tag are still to be filled in.
    let is_ecr = |image: &&Node<'_>| {
        image
            .as_str()
            .is_some_and(|image| image.contains(".dkr.ecr.") && image.contains(".amazonaws.com"))
    };
    let is_awslogs = |driver: &&Node<'_>| driver.as_str() == Some("awslogs");
    let driver = parts.log_configuration.and_then(|log| log.get("logDriver"));
    let ecr = parts.image.filter(is_ecr);
    let awslogs = driver.filter(is_awslogs);
    let credentials = parts.repository_credentials;
    ecr.map(|node| (node, "has a private ECR image"))
        .or(awslogs.map(|node| (node, "logs to CloudWatch")))
        .or(credentials.map(|node| (node, "has registry credentials")))
}

#[cfg(test)]
mod tests {
    use crate::rules::tests::table;

    #[test]
    fn cases() {
        let ecr = r#""image": "1.dkr.ecr.eu-west-1.amazonaws.com/app:${TAG}""#;
        let of = |launch_type: &str, container: &str, more: &str| {
            format!(
                r#"{{"requiresCompatibilities": ["{launch_type}"], "containerDefinitions": [{{{container}}}]{more}}}"#
            )
        };
        let role = r#", "executionRoleArn": "arn:aws:iam::1:role/x""#;
        let logs = r#""logConfiguration": {"logDriver": "awslogs"}"#;
        let secrets = r#""secrets": [{"name": "A", "valueFrom": "a"}]"#;
        let credentials = r#""repositoryCredentials": {"credentialsParameter": "a"}"#;
        table(
            &super::RULE,
            "taskdef.json",
            &[
                (&of("FARGATE", ecr, role), &[]),
                (
                    &of("FARGATE", r#""image": "nginx", "secrets": []"#, ""),
                    &[],
                ),
                (&of("FARGATE", r#""image": "<IMAGE1_NAME>""#, ""), &[]),
                (&of("EC2", ecr, ""), &[]),
                (&of("EC2", logs, ""), &[]),
                (&of("FARGATE", ecr, ""), &["containerDefinitions[0].image"]),
                (
                    &of("FARGATE", ecr, r#", "executionRoleArn": null"#),
                    &["containerDefinitions[0].image"],
                ),
                (
                    &of("FARGATE", logs, ""),
                    &["containerDefinitions[0].logConfiguration.logDriver"],
                ),
                (
                    &of("FARGATE", credentials, ""),
                    &["containerDefinitions[0].repositoryCredentials"],
                ),
                (
                    &of("EC2", r#""environmentFiles": [{"value": "a"}]"#, ""),
                    &["containerDefinitions[0].environmentFiles[0]"],
                ),
                (
                    &of(
                        "EC2",
                        r#""environmentFiles": [], "logConfiguration": {"secretOptions": []}"#,
                        "",
                    ),
                    &[],
                ),
                (
                    &of(
                        "EC2",
                        r#""logConfiguration": {"logDriver": "splunk", "secretOptions": [{"name": "a"}]}"#,
                        "",
                    ),
                    &["containerDefinitions[0].logConfiguration.secretOptions[0]"],
                ),
                (
                    &of("EC2", secrets, ""),
                    &["containerDefinitions[0].secrets[0]"],
                ),
            ],
        );
    }
}
