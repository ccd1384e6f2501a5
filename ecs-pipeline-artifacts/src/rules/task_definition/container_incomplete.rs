//! What every container needs, though botocore asks for neither.

use super::*;

pub(crate) const RULE: Rule = Rule {
    id: "container-incomplete",
    severity: Severity::Error,
    summary: "a container without a name or an image",
    explanation: "RegisterTaskDefinition answers `Container.name should not be null or empty.` or `Container.image should not be null or empty.`, though the AWS CLI and the SDKs let such a file pass.",
    remedy: "Add the member; the image may be a placeholder that the deployment fills in.",
    reference: "https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_ContainerDefinition.html",
    check: Check::TaskDefinition(check),
};

fn check(taskdef: &TaskDefinition<'_>, findings: &mut Findings<'_>) {
    for container in &taskdef.containers {
        let Value::Object(_) = container.node.value else {
            continue;
        };
        // A null, or an empty text, is there, and other rules speak of it.
        for member in ["name", "image"] {
            if container.node.get(member).is_none() {
                let message = format!("{} has no `{member}`", container.title());
                findings.value(container.node, message);
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
                (
                    r#"{"containerDefinitions": [{"name": "web", "image": "<IMAGE1_NAME>"}, "${SIDECAR}", {"name": null, "image": ""}]}"#,
                    &[],
                ),
                (
                    r#"{"containerDefinitions": [{"name": "web"}, {"image": "x"}, {}]}"#,
                    &[
                        "containerDefinitions[0]",
                        "containerDefinitions[1]",
                        "containerDefinitions[2]",
                        "containerDefinitions[2]",
                    ],
                ),
            ],
        );
    }
}
