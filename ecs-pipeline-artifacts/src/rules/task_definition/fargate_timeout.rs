//! How long Fargate waits.

use super::*;

pub(crate) const RULE: Rule = Rule {
    id: "fargate-timeout",
    severity: Severity::Error,
    summary: "a startTimeout or stopTimeout that Fargate does not take",
    explanation: "On Fargate startTimeout and stopTimeout are 2 to 120 seconds.",
    remedy: "Choose 2 to 120 seconds; without stopTimeout it is 30.",
    reference: "https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_ContainerDefinition.html",
    check: Check::TaskDefinition(check),
};

fn check(taskdef: &TaskDefinition<'_>, findings: &mut Findings<'_>) {
    if !taskdef.task.fargate {
        return;
    }
    for container in &taskdef.containers {
        let parts = &container.parts;
        for (member, node) in [
            ("startTimeout", parts.start_timeout),
            ("stopTimeout", parts.stop_timeout),
        ] {
            if let Some((node, seconds)) = node.and_then(|node| Some((node, node.as_i64()?)))
                && !(2..=120).contains(&seconds)
            {
                let message = format!(
                    "{}: on Fargate {member} is 2 to 120 seconds, not {seconds}",
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
            &[
                (r#"{"containerDefinitions": [{"stopTimeout": 300}]}"#, &[]),
                (
                    r#"{"requiresCompatibilities": ["FARGATE"], "containerDefinitions": [{"stopTimeout": 120, "startTimeout": 2}, {"stopTimeout": null}]}"#,
                    &[],
                ),
                (
                    r#"{"requiresCompatibilities": ["FARGATE"], "containerDefinitions": [{"startTimeout": 1, "stopTimeout": 300}]}"#,
                    &[
                        "containerDefinitions[0].startTimeout",
                        "containerDefinitions[0].stopTimeout",
                    ],
                ),
            ],
        );
    }
}
