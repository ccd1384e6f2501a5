//! One variable, two values.

use super::*;

pub(crate) const RULE: Rule = Rule {
    id: "duplicate-environment",
    severity: Severity::Warning,
    summary: "an environment variable stands twice",
    explanation: "A container has one value for a variable; which of the two is not documented.",
    remedy: "Remove one of them.",
    reference: "https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_KeyValuePair.html",
    check: Check::TaskDefinition(check),
};

fn check(taskdef: &TaskDefinition<'_>, findings: &mut Findings<'_>) {
    for container in &taskdef.containers {
        for (later, first) in repeated(container.parts.environment, variable_name) {
            let Some(node) = later.get("name") else {
                continue;
            };
            let target = findings.target(first);
            let name = node.as_str().unwrap_or_default();
            let message = format!(
                "{}: the environment variable `{name}` is there already",
                container.title()
            );
            findings.value(node, message).related(target, "the first");
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
                    r#"{"containerDefinitions": [{"environment": [{"name": "A"}, {"name": "a"}, {"name": "${X}"}, {"name": "${X}"}]}, {"environment": [{"name": "A"}]}]}"#,
                    &[],
                ),
                (
                    r#"{"containerDefinitions": [{"environment": [{"name": "A", "value": "1"}, {"name": "B"}, {"name": "A", "value": "2"}]}]}"#,
                    &["containerDefinitions[0].environment[2].name"],
                ),
            ],
        );
    }
}
