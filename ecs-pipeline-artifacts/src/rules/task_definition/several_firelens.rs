//! More than one log router.

use super::*;

pub(crate) const RULE: Rule = Rule {
    id: "several-firelens-containers",
    severity: Severity::Error,
    summary: "more than one container has a firelensConfiguration",
    explanation: "A task has at most one log router: only one container may have a firelensConfiguration.",
    remedy: "Remove the firelensConfiguration of all but one container.",
    reference: "https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_FirelensConfiguration.html",
    check: Check::TaskDefinition(check),
};

fn check(taskdef: &TaskDefinition<'_>, findings: &mut Findings<'_>) {
    let containers = taskdef.containers.iter();
    let mut routers = containers.filter_map(|container| container.parts.firelens);
    let Some(first) = routers.next() else { return };
    for node in routers {
        let target = findings.target(first);
        findings
            .name(
                node,
                "a task has only one container with a firelensConfiguration",
            )
            .related(target, "the first");
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
                    r#"{"containerDefinitions": [{"firelensConfiguration": {"type": "fluentbit"}}, {"firelensConfiguration": null}]}"#,
                    &[],
                ),
                (
                    r#"{"containerDefinitions": [{"firelensConfiguration": {}}, {"firelensConfiguration": {}}]}"#,
                    &["containerDefinitions[1].firelensConfiguration"],
                ),
            ],
        );
    }
}
