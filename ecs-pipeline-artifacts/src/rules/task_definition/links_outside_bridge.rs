//! Links between containers.

use super::*;

pub(crate) const RULE: Rule = Rule {
    id: "links-outside-bridge",
    severity: Severity::Error,
    summary: "links without bridge networking",
    explanation: "Docker links exist in bridge networking alone. With awsvpc and host the containers of a \
                  task reach each other at localhost; RegisterTaskDefinition refuses links there.",
    remedy: "Remove links, and let the container connect to localhost.",
    reference: "https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_ContainerDefinition.html",
    check: Check::TaskDefinition(check),
};

fn check(taskdef: &TaskDefinition<'_>, findings: &mut Findings<'_>) {
    // Of Fargate a rule of its own speaks.
    let mode = match taskdef.task.network {
        Network::Awsvpc if !taskdef.task.fargate => "awsvpc",
        Network::Host => "host",
        Network::None => "none",
        _ => return,
    };
    for container in &taskdef.containers {
        if let Some(first) = container.parts.links.first() {
            let message = format!(
                "{}: links need bridge networking, and this is `{mode}`",
                container.title()
            );
            findings.value(first, message);
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
                (r#"{"containerDefinitions": [{"links": ["db"]}]}"#, &[]),
                (
                    r#"{"networkMode": "awsvpc", "containerDefinitions": [{"links": []}, {"links": null}]}"#,
                    &[],
                ),
                (
                    r#"{"networkMode": "awsvpc", "containerDefinitions": [{"links": ["db"]}]}"#,
                    &["containerDefinitions[0].links[0]"],
                ),
            ],
        );
    }
}
