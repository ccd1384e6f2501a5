//! Files of environment variables.

use super::*;

pub(crate) const RULE: Rule = Rule {
    id: "environment-file",
    severity: Severity::Error,
    summary: "an environment file that is no .env object in S3",
    explanation: "An environment file is named by the ARN of an S3 object whose name ends with `.env`.",
    remedy: "Write `arn:aws:s3:::<bucket>/<path>.env`.",
    reference: "https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_EnvironmentFile.html",
    check: Check::TaskDefinition(check),
};

fn check(taskdef: &TaskDefinition<'_>, findings: &mut Findings<'_>) {
    for container in &taskdef.containers {
        for file in container.parts.environment_files {
            let Some(node) = file.get("value") else {
                continue;
            };
            let Some(text) = node.literal() else { continue };
            let is_arn = text.starts_with("arn:") && text.contains(":s3:::");
            if !is_arn {
                findings.value(
                    node,
                    format!(
                        "{}: an environment file is the ARN of an S3 object",
                        container.title()
                    ),
                );
            } else if !text.ends_with(".env") {
                findings.value(
                    node,
                    format!(
                        "{}: the name of an environment file ends with `.env`",
                        container.title()
                    ),
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
                r#"{"containerDefinitions": [{"environmentFiles": [{"value": "arn:aws:s3:::b/prod.env", "type": "s3"}, {"value": "${FILE}"}, {}, {"value": "s3://b/prod.env"}, {"value": "arn:aws:s3:::b/prod.txt"}]}]}"#,
                &[
                    "containerDefinitions[0].environmentFiles[3].value",
                    "containerDefinitions[0].environmentFiles[4].value",
                ],
            )],
        );
    }
}
