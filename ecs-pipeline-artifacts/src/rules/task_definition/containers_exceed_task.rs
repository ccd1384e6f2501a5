//! What the containers want and what the task has.

use super::*;

pub(crate) const RULE: Rule = Rule {
    id: "containers-exceed-task",
    severity: Severity::Error,
    summary: "the containers want more cpu or memory than the task has",
    explanation: "A task's cpu and memory are shared by its containers. RegisterTaskDefinition answers `The \
                  'memory' setting for container '<name>' is greater than for the task.`, or `The sum of all \
                  container 'memoryReservation' values cannot be greater than the value of the task \
                  'memory'.`; so for cpu.",
    remedy: "Raise the task's size, or lower the containers'.",
    reference: "https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_ContainerDefinition.html",
    check: Check::TaskDefinition(check),
};

fn check(taskdef: &TaskDefinition<'_>, findings: &mut Findings<'_>) {
    let task = &taskdef.task;
    // On Windows instances the sizes of a task are ignored.
    if task.windows && !task.fargate {
        return;
    }
    if let (Some(node), Some(limit)) = (task.parts.cpu, task.cpu) {
        let sum = sum(taskdef, |container| container.parts.cpu);
        if sum > limit {
            let message = format!("the containers want {sum} CPU units, the task has {limit}");
            findings.value(node, message);
        }
    }
    let (Some(node), Some(limit)) = (task.parts.memory, task.memory) else {
        return;
    };
    let sum = sum(taskdef, |container| {
        container
            .parts
            .memory_reservation
            .or(container.parts.memory)
    });
    if sum > limit {
        let message = format!("the containers want {sum} MiB of memory, the task has {limit}");
        findings.value(node, message);
        return;
    }
    for container in &taskdef.containers {
        if let Some(own) = container.parts.memory
            && let Some(size) = own.as_i64().filter(|size| *size > limit)
        {
            let target = findings.target(node);
            let message = format!(
                "{}: memory {size} is more than the task's {limit}",
                container.title()
            );
            findings
                .value(own, message)
                .related(target, "the task's memory");
        }
    }
}

fn sum<'t>(
    taskdef: &TaskDefinition<'t>,
    part: impl Fn(&Container<'t>) -> Option<&'t Node<'t>>,
) -> i64 {
    let parts = taskdef.containers.iter().filter_map(part);
    let sizes = parts.filter_map(Node::as_i64).filter(|size| *size > 0);
    sizes.fold(0, i64::saturating_add)
}

#[cfg(test)]
mod tests {
    use crate::rules::tests::table;

    #[test]
    fn cases() {
        let windows = r#""runtimePlatform": {"operatingSystemFamily": "WINDOWS_SERVER_2019_CORE"}"#;
        let on_windows =
            format!(r#"{{"cpu": "256", {windows}, "containerDefinitions": [{{"cpu": 512}}]}}"#);
        table(
            &super::RULE,
            "taskdef.json",
            &[
                (
                    r#"{"cpu": ".5 vCPU", "memory": "1 GB", "containerDefinitions": [{"cpu": 256, "memory": 512}, {"cpu": 256, "memoryReservation": 512, "memory": 1024}]}"#,
                    &[],
                ),
                (
                    r#"{"cpu": "${CPU}", "memory": 1, "containerDefinitions": [{"cpu": 256, "memory": 512}]}"#,
                    &[],
                ),
                (&on_windows, &[]),
                (
                    r#"{"cpu": "256", "memory": "512", "containerDefinitions": [{"cpu": 256}, {"cpu": 10, "memory": 9223372036854775807}, {"memory": 9223372036854775807}]}"#,
                    &["cpu", "memory"],
                ),
                (
                    r#"{"memory": "512", "containerDefinitions": [{"memory": 300}, {"memory": 300}]}"#,
                    &["memory"],
                ),
                (
                    r#"{"memory": "512", "containerDefinitions": [{"memoryReservation": 300, "memory": 1024}]}"#,
                    &["containerDefinitions[0].memory"],
                ),
            ],
        );
    }
}
