//! The least memory of a container.

use super::*;

pub(crate) const RULE: Rule = Rule {
    id: "memory-minimum",
    severity: Severity::Error,
    summary: "less than 6 MiB of memory for a container",
    explanation: "Docker sets aside at least 6 MiB for a container and starts none with less: `Minimum \
                  memory limit allowed is 6MB`. The usual reason is a size in GB, where MiB are meant.",
    remedy: "Give the size in MiB.",
    reference: "https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_ContainerDefinition.html",
    check: Check::TaskDefinition(check),
};

fn check(taskdef: &TaskDefinition<'_>, findings: &mut Findings<'_>) {
    for container in &taskdef.containers {
        for node in [container.parts.memory, container.parts.memory_reservation] {
            if let Some((node, size)) = node.and_then(|node| Some((node, node.as_i64()?)))
                && (1..6).contains(&size)
            {
                let message = format!(
                    "{}: {size} MiB of memory, of which a container needs 6",
                    container.title()
                );
                findings.value(node, message);
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
            &[(
                r#"{"containerDefinitions": [{"memory": 6}, {"memory": 0}, {"memory": 2}, {"memoryReservation": 5}]}"#,
                &[
                    "containerDefinitions[2].memory",
                    "containerDefinitions[3].memoryReservation",
                ],
            )],
        );
    }
}
