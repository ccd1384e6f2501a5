//! A task definition without containers.

use super::*;

pub(crate) const RULE: Rule = Rule {
    id: "no-containers",
    severity: Severity::Error,
    summary: "containerDefinitions is an empty list",
    explanation: "RegisterTaskDefinition answers `Container list cannot be empty.`",
    remedy: "Add a container.",
    reference: "https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_RegisterTaskDefinition.html",
    check: Check::TaskDefinition(check),
};

fn check(taskdef: &TaskDefinition<'_>, findings: &mut Findings<'_>) {
    if let Some(node) = taskdef.root.get("containerDefinitions")
        && matches!(&node.value, Value::List(items) if items.is_empty())
    {
        findings.value(node, "a task definition has at least one container");
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
                (r#"{"containerDefinitions": [{}]}"#, &[]),
                (r#"{"containerDefinitions": "<CONTAINERS>"}"#, &[]),
                (r#"{"containerDefinitions": null}"#, &[]),
                ("[]", &[]),
                (r#"{"containerDefinitions": []}"#, &["containerDefinitions"]),
                (
                    r#"{"taskDefinition": {"containerDefinitions": []}}"#,
                    &["taskDefinition.containerDefinitions"],
                ),
            ],
        );
    }
}
