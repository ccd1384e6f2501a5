//! Fargate sells tasks by their size.

use super::*;

pub(crate) const RULE: Rule = Rule {
    id: "fargate-task-size",
    severity: Severity::Error,
    summary: "a Fargate task definition without task cpu or memory",
    explanation: "Fargate runs a task on a machine of the size that the task's own `cpu` and `memory` say; those of \
                  the containers do not replace them. RegisterTaskDefinition refuses a task definition that requires \
                  FARGATE and lacks one of the two.",
    remedy: "Set `cpu` and `memory` beside `family`, such as \"256\" and \"512\".",
    reference: "https://docs.aws.amazon.com/AmazonECS/latest/developerguide/fargate-tasks-services.html",
    check: Check::TaskDefinition(check),
};

fn check(taskdef: &TaskDefinition<'_>, findings: &mut Findings<'_>) {
    let parts = &taskdef.task.parts;
    let missing = match (parts.cpu, parts.memory) {
        (Some(_), Some(_)) => return,
        (None, Some(_)) => "`cpu`",
        (Some(_), None) => "`memory`",
        (None, None) => "`cpu` and `memory`",
    };
    if let Some(node) = taskdef.root.get("requiresCompatibilities")
        && taskdef.task.fargate
    {
        findings.name(node, format!("Fargate requires {missing} of the task"));
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
                    r#"{"requiresCompatibilities": ["FARGATE"], "cpu": "256", "memory": 512, "containerDefinitions": []}"#,
                    &[],
                ),
                (
                    r#"{"requiresCompatibilities": ["EC2"], "containerDefinitions": []}"#,
                    &[],
                ),
                (
                    r#"{"requiresCompatibilities": ["FARGATE"], "cpu": "256", "containerDefinitions": []}"#,
                    &["requiresCompatibilities"],
                ),
                (
                    r#"{"requiresCompatibilities": ["FARGATE"], "cpu": null, "memory": "512", "containerDefinitions": []}"#,
                    &["requiresCompatibilities"],
                ),
            ],
        );
    }
}
