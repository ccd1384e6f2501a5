//! What a container may be called.

use super::*;

pub(crate) const RULE: Rule = Rule {
    id: "container-name",
    severity: Severity::Error,
    summary: "a container name that AWS does not take",
    explanation: "RegisterTaskDefinition takes up to 255 letters, digits, underscores and hyphens as the \
                  name of a container.",
    remedy: "Give the container a name of letters, digits, `_` and `-`, and use it in appspec, \
             imagedefinitions.json and service too.",
    reference: "https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_ContainerDefinition.html",
    check: Check::TaskDefinition(check),
};

fn check(taskdef: &TaskDefinition<'_>, findings: &mut Findings<'_>) {
    for container in &taskdef.containers {
        let Some(node) = container.node.get("name") else {
            continue;
        };
        if let Some(name) = node.literal().filter(|name| !is_plain_name(name)) {
            findings.value(node, format!("the container name {}", why_not_plain(name)));
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
                    r#"{"containerDefinitions": [{"name": "web-1_A"}, {"name": "<NAME>"}, {"name": null}, {}]}"#,
                    &[],
                ),
                (
                    r#"{"containerDefinitions": [{"name": "web app"}, {"name": "shop/web"}, {"name": ""}]}"#,
                    &[
                        "containerDefinitions[0].name",
                        "containerDefinitions[1].name",
                        "containerDefinitions[2].name",
                    ],
                ),
            ],
        );
    }
}
