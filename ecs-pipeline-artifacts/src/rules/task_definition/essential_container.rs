//! A task needs something that keeps it running.

use super::*;

pub(crate) const RULE: Rule = Rule {
    id: "no-essential-container",
    severity: Severity::Error,
    summary: "no container is essential",
    explanation: "A task ends when an essential container ends, so RegisterTaskDefinition wants at least one. \
                  A container that does not say otherwise is essential.",
    remedy: "Make the container that does the work essential.",
    reference: "https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_ContainerDefinition.html",
    check: Check::TaskDefinition(check),
};

fn check(taskdef: &TaskDefinition<'_>, findings: &mut Findings<'_>) {
    let inessential = |container: &Container<'_>| {
        let essential = container.parts.essential;
        essential.and_then(Node::as_bool) == Some(false)
    };
    if !taskdef.containers.iter().all(inessential) {
        return;
    }
    let first = taskdef.containers.first();
    if let Some(node) = first.and_then(|container| container.parts.essential) {
        findings.value(
            node,
            "no container is essential; AWS wants at least one that is",
        );
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
                (r#"{"containerDefinitions": []}"#, &[]),
                (
                    r#"{"containerDefinitions": [{"essential": false}, {}]}"#,
                    &[],
                ),
                (
                    r#"{"containerDefinitions": [{"essential": false}, {"essential": null}]}"#,
                    &[],
                ),
                (r#"{"containerDefinitions": [{"essential": "false"}]}"#, &[]),
                (
                    r#"{"containerDefinitions": [{"essential": false}, {"essential": false}]}"#,
                    &["containerDefinitions[0].essential"],
                ),
            ],
        );
    }
}
