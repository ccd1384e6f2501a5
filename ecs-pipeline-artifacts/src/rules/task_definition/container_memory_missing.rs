//! How much memory a container gets.

use super::*;

pub(crate) const RULE: Rule = Rule {
    id: "container-memory-missing",
    severity: Severity::Error,
    summary: "neither the task nor a container says how much memory",
    explanation: "Where the task has no memory, ECS needs to know that of each container to find an instance \
                  with room. RegisterTaskDefinition answers `Invalid setting for container '<name>'. At \
                  least one of 'memory' or 'memoryReservation' must be specified.`",
    remedy: "Set memory or memoryReservation of the container, in MiB, or memory of the task.",
    reference: "https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_ContainerDefinition.html",
    check: Check::TaskDefinition(check),
};

fn check(taskdef: &TaskDefinition<'_>, findings: &mut Findings<'_>) {
    // Fargate needs the task's memory in any case, and a rule of its own says so.
    if taskdef.task.parts.memory.is_some() || taskdef.task.fargate {
        return;
    }
    let says = |part: Option<&Node<'_>>| part.is_some_and(|size| size.as_i64() != Some(0));
    for container in &taskdef.containers {
        if !says(container.parts.memory) && !says(container.parts.memory_reservation) {
            let message = format!(
                "{} has neither `memory` nor `memoryReservation`, and the task no memory",
                container.title()
            );
            findings.value(container.node, message);
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
                    r#"{"memory": "512", "containerDefinitions": [{"name": "a"}]}"#,
                    &[],
                ),
                (
                    r#"{"containerDefinitions": [{"memory": 512}, {"memoryReservation": 128}, {"memory": "${M}"}]}"#,
                    &[],
                ),
                (
                    r#"{"requiresCompatibilities": ["FARGATE"], "containerDefinitions": [{"name": "a"}]}"#,
                    &[],
                ),
                (
                    r#"{"memory": null, "containerDefinitions": [{"name": "a"}, {"memory": 0, "memoryReservation": null}]}"#,
                    &["containerDefinitions[0]", "containerDefinitions[1]"],
                ),
            ],
        );
    }
}
