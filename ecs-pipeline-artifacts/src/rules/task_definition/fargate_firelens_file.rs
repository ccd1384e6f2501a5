//! Where Fargate reads a log router's configuration.

use super::*;

pub(crate) const RULE: Rule = Rule {
    id: "fargate-firelens-config",
    severity: Severity::Error,
    summary: "a log router configuration from S3 on Fargate",
    explanation: "On Fargate a log router's config-file-type can only be file: a file of the image.",
    remedy: "Put the file into the log router's image and set config-file-type to file, or use the init \
             image of AWS for Fluent Bit, which reads S3.",
    reference: "https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_FirelensConfiguration.html",
    check: Check::TaskDefinition(check),
};

fn check(taskdef: &TaskDefinition<'_>, findings: &mut Findings<'_>) {
    if !taskdef.task.fargate {
        return;
    }
    for container in &taskdef.containers {
        let options = container
            .parts
            .firelens
            .and_then(|firelens| firelens.get("options"));
        if let Some(node) = options.and_then(|options| options.get("config-file-type"))
            && node.as_str() == Some("s3")
        {
            findings.value(
                node,
                format!(
                    "{}: on Fargate config-file-type can only be `file`",
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
        let of = |launch_type: &str, from: &str| {
            format!(
                r#"{{"requiresCompatibilities": ["{launch_type}"], "containerDefinitions": [{{"firelensConfiguration": {{"options": {{"config-file-type": "{from}"}}}}}}]}}"#
            )
        };
        table(
            &super::RULE,
            "taskdef.json",
            &[
                (&of("FARGATE", "file"), &[]),
                (&of("EC2", "s3"), &[]),
                (
                    &of("FARGATE", "s3"),
                    &["containerDefinitions[0].firelensConfiguration.options.config-file-type"],
                ),
            ],
        );
    }
}
