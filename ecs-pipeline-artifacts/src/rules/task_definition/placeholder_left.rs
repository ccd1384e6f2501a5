//! Placeholders that nobody fills in.

use super::*;

pub(crate) const RULE: Rule = Rule {
    id: "placeholder-left",
    severity: Severity::Warning,
    summary: "a placeholder where no deploy action fills one in",
    explanation: "CodeDeployToECS replaces `<NAME>` in image alone, and the rolling ECS action nothing at \
                  all. A placeholder elsewhere reaches AWS as it stands, unless a step of the build fills it \
                  in.",
    remedy: "Write the value, or fill it in in the build before the file becomes an artifact.",
    reference: "https://docs.aws.amazon.com/codepipeline/latest/userguide/action-reference-ECSbluegreen.html",
    check: Check::TaskDefinition(check),
};

/// Members of a container that the action fills in, or whose text is the application's own.
const FREE: [&str; 4] = ["image", "command", "entryPoint", "dockerLabels"];

fn check(taskdef: &TaskDefinition<'_>, findings: &mut Findings<'_>) {
    let members = taskdef.root.members().iter();
    for member in members.filter(|member| member.name != "containerDefinitions") {
        look_into(&member.node, None, findings);
    }
    for container in &taskdef.containers {
        let members = container.node.members().iter();
        let is_free =
            |name: &str| FREE.contains(&name) || matches!(name, "healthCheck" | "environment");
        for member in members.filter(|member| !is_free(&member.name)) {
            look_into(&member.node, Some(container), findings);
        }
        for variable in container.parts.environment {
            // A value may have any text, so only one that is nothing but a placeholder is meant.
            if let Some(node) = variable.get("value")
                && let Some(text) = node.as_str()
                && placeholder(text).is_some_and(|name| name.len() == text.len())
            {
                report(node, text, Some(container), findings);
            }
        }
    }
}

/// The tree is as deep as the reader of the file allows, and so is this.
fn look_into(node: &Node<'_>, container: Option<&Container<'_>>, findings: &mut Findings<'_>) {
    if let Some(name) = node.as_str().and_then(placeholder) {
        report(node, name, container, findings);
    }
    for member in node.members() {
        look_into(&member.node, container, findings);
    }
    for item in node.items() {
        look_into(item, container, findings);
    }
}

fn report(
    node: &Node<'_>,
    name: &str,
    container: Option<&Container<'_>>,
    findings: &mut Findings<'_>,
) {
    let place = container.map(|container| format!("{}: ", container.title()));
    let place = place.unwrap_or_default();
    findings.value(
        node,
        format!("{place}no deploy action fills in `{name}` here"),
    );
}

/// The first `<NAME>`, as CodePipeline has them.
fn placeholder(text: &str) -> Option<&str> {
    let start = text.find('<')?;
    let rest = text.get(start + 1..)?;
    let length = rest.find('>')?;
    let name = rest.get(..length)?;
    let allowed = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | ' ' | '.');
    let fits = name.starts_with(|c: char| c.is_ascii_alphabetic()) && name.chars().all(allowed);
    let name = text.get(start..start + length + 2)?;
    fits.then_some(name)
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
                    r#"{"family": "f", "executionRoleArn": "arn:aws:iam::${ACCOUNT}:role/x", "containerDefinitions": [{"image": "<IMAGE1_NAME>", "command": ["echo <A>"],
                        "environment": [{"name": "HTML", "value": "a <b> c"}], "dockerLabels": {"a": "<b>"}, "user": "a < b > c"}]}"#,
                    &[],
                ),
                (
                    r#"{"executionRoleArn": "arn:aws:iam::<ACCOUNT_ID>:role/x", "containerDefinitions": [{"name": "<NAME>", "environment": [{"name": "A", "value": "<DB_HOST>"}],
                        "logConfiguration": {"options": {"awslogs-group": "/ecs/<group name>"}}}]}"#,
                    &[
                        "executionRoleArn",
                        "containerDefinitions[0].name",
                        "containerDefinitions[0].environment[0].value",
                        "containerDefinitions[0].logConfiguration.options.awslogs-group",
                    ],
                ),
            ],
        );
    }
}
