//! How a task's cpu and memory are written.

use super::context::number_and_unit;
use super::*;

pub(crate) const RULE: Rule = Rule {
    id: "task-size-form",
    severity: Severity::Error,
    summary: "a task cpu or memory that is no size",
    explanation: "The task's `cpu` is in CPU units (`1024`) or vCPUs (`1 vCPU`), its `memory` in MiB (`2048`) or GB \
                  (`2 GB`). RegisterTaskDefinition answers `Invalid 'cpu' setting for task.` to anything else. \
                  Outside Fargate the cpu is 128 to 196608 units.",
    remedy: "Write the number, or the number with its unit.",
    reference: "https://docs.aws.amazon.com/AmazonECS/latest/developerguide/task-cpu-memory-error.html",
    check: Check::TaskDefinition(check),
};

fn check(taskdef: &TaskDefinition<'_>, findings: &mut Findings<'_>) {
    let task = &taskdef.task;
    if let Some(node) = task.parts.cpu.filter(|_| task.cpu.is_none())
        && node
            .literal()
            .is_some_and(|text| !has_number(text, &["", "vcpu"]))
    {
        findings.value(node, "the task's cpu is no size such as `1024` or `1 vCPU`");
    }
    if let Some(node) = task.parts.memory.filter(|_| task.memory.is_none())
        && node
            .literal()
            .is_some_and(|text| !has_number(text, &["", "gb", "gib", "g", "mb", "mib", "m"]))
    {
        findings.value(
            node,
            "the task's memory is no size such as `2048` or `2 GB`",
        );
    }
    if let (Some(cpu), Some(node)) = (task.cpu, task.parts.cpu)
        && !task.fargate
        && !(128..=196_608).contains(&cpu)
    {
        let message = format!("a task has 128 to 196608 CPU units, not {cpu}");
        findings.value(node, message);
    }
}

/// Whether it may be a size after all: a number, and a unit of which it is not known that AWS
/// refuses it.
fn has_number(text: &str, units: &[&str]) -> bool {
    let (number, unit) = number_and_unit(text);
    number.parse::<f64>().is_ok() && units.iter().any(|known| known.eq_ignore_ascii_case(unit))
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
                    r#"{"cpu": "1 vCPU", "memory": "2 GB", "containerDefinitions": []}"#,
                    &[],
                ),
                (
                    r#"{"cpu": 256, "memory": 512, "containerDefinitions": []}"#,
                    &[],
                ),
                (
                    r#"{"cpu": "${CPU}", "memory": "512 MB", "containerDefinitions": []}"#,
                    &[],
                ),
                (
                    r#"{"cpu": "one", "memory": "lots", "containerDefinitions": []}"#,
                    &["cpu", "memory"],
                ),
                (
                    r#"{"cpu": "1 GB", "memory": "", "containerDefinitions": []}"#,
                    &["cpu", "memory"],
                ),
                (r#"{"cpu": "10", "containerDefinitions": []}"#, &["cpu"]),
                (
                    r#"{"cpu": "10", "requiresCompatibilities": ["FARGATE"], "containerDefinitions": []}"#,
                    &[],
                ),
            ],
        );
    }
}
