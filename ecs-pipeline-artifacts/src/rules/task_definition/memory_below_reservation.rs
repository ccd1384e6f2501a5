//! The limit and what is set aside.

use super::*;

pub(crate) const RULE: Rule = Rule {
    id: "memory-below-reservation",
    severity: Severity::Error,
    summary: "a container's memory is less than its memoryReservation",
    explanation: "memory is the limit at which a container is killed, memoryReservation what an instance \
                  sets aside for it. RegisterTaskDefinition refuses a limit below the reservation.",
    remedy: "Raise memory, or lower memoryReservation.",
    reference: "https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_ContainerDefinition.html",
    check: Check::TaskDefinition(check),
};

fn check(taskdef: &TaskDefinition<'_>, findings: &mut Findings<'_>) {
    for container in &taskdef.containers {
        let (Some(node), Some(reserved)) =
            (container.parts.memory, container.parts.memory_reservation)
        else {
            continue;
        };
        if let (Some(limit @ 1..), Some(soft)) = (node.as_i64(), reserved.as_i64())
            && limit < soft
        {
            let target = findings.target(reserved);
            let message = format!(
                "{}: memory {limit} is less than memoryReservation {soft}",
                container.title()
            );
            findings
                .value(node, message)
                .related(target, "the reservation");
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
                r#"{"containerDefinitions": [{"memory": 512, "memoryReservation": 512}, {"memory": 0, "memoryReservation": 8},
                    {"memory": "1", "memoryReservation": 8}, {"memory": 128, "memoryReservation": 256}]}"#,
                &["containerDefinitions[3].memory"],
            )],
        );
    }
}
