//! Sizes of task that Fargate has.

use super::*;

pub(crate) const RULE: Rule = Rule {
    id: "fargate-cpu-memory",
    severity: Severity::Error,
    summary: "a pair of task cpu and memory that Fargate does not have",
    explanation: "Fargate has tasks of 256 CPU units (0.25 vCPU) to 32768 (32 vCPU), each with certain amounts of \
                  memory; Windows tasks of 1024, 2048 and 4096. For any other pair RegisterTaskDefinition answers \
                  `Invalid 'cpu' setting for task.` or `No Fargate configuration exists for given values.`",
    remedy: "Choose a pair that Fargate has.",
    reference: "https://docs.aws.amazon.com/AmazonECS/latest/developerguide/fargate-tasks-services.html",
    check: Check::TaskDefinition(check),
};

/// CPU units, and the memory in MiB that goes with them: least, most and step. One row has no even step.
const SIZES: [(i64, Memory); 8] = [
    (256, Memory::Of(&[512, 1024, 2048])),
    (512, Memory::Steps(1024, 4096, 1024)),
    (1024, Memory::Steps(2048, 8192, 1024)),
    (2048, Memory::Steps(4096, 16384, 1024)),
    (4096, Memory::Steps(8192, 30720, 1024)),
    (8192, Memory::Steps(16384, 61440, 4096)),
    (16384, Memory::Steps(32768, 122_880, 8192)),
    (32768, Memory::Of(&[61440, 122_880, 249_856])),
];

#[derive(Clone, Copy)]
enum Memory {
    Of(&'static [i64]),
    Steps(i64, i64, i64),
}

impl Memory {
    fn takes(self, memory: i64) -> bool {
        match self {
            Self::Of(list) => list.contains(&memory),
            Self::Steps(least, most, step) => {
                (least..=most).contains(&memory) && (memory - least) % step == 0
            }
        }
    }

    fn nearest(self, memory: i64) -> i64 {
        match self {
            Self::Of(list) => {
                let near = list.iter().min_by_key(|size| size.abs_diff(memory));
                near.copied().unwrap_or(memory)
            }
            Self::Steps(least, most, step) => {
                let steps = (memory.clamp(least, most) - least + step / 2) / step;
                (least + steps * step).min(most)
            }
        }
    }
}

fn sizes(windows: bool) -> impl Iterator<Item = (i64, Memory)> {
    let all = SIZES.into_iter();
    all.filter(move |(cpu, _)| !windows || (1024..=4096).contains(cpu))
}

fn check(taskdef: &TaskDefinition<'_>, findings: &mut Findings<'_>) {
    let task = &taskdef.task;
    let Some(cpu) = task.cpu.filter(|_| task.fargate) else {
        return;
    };
    let memory = task.memory;
    match sizes(task.windows).find(|(size, _)| *size == cpu) {
        None => {
            let Some(node) = task.parts.cpu else { return };
            let system = if task.windows { " for Windows" } else { "" };
            let message = format!("Fargate has no tasks of {cpu} CPU units{system}");
            findings
                .value(node, message)
                .help(nearest(cpu, memory.unwrap_or(0), task.windows));
        }
        Some((_, memories)) => {
            let (Some(memory), Some(node)) = (memory, task.parts.memory) else {
                return;
            };
            if memories.takes(memory) {
                return;
            }
            let cpu_node = task.parts.cpu.map(|node| findings.target(node));
            let message =
                format!("Fargate has no tasks of {cpu} CPU units with {memory} MiB of memory");
            let finding = findings.value(node, message);
            finding.help(nearest(cpu, memory, task.windows));
            if let Some(target) = cpu_node {
                finding.related(target, "the CPU units");
            }
        }
    }
}

/// The nearest pair of the nearest cpu, and the nearest that has this memory.
fn nearest(cpu: i64, memory: i64, windows: bool) -> String {
    let distance = |(size, _): &(i64, Memory)| size.abs_diff(cpu);
    let by_cpu = sizes(windows).min_by_key(distance);
    let fitting = sizes(windows).filter(|(_, memories)| memories.takes(memory));
    let by_memory = fitting.min_by_key(distance);
    let pairs = by_cpu.into_iter().chain(by_memory);
    let mut pairs: Vec<_> = pairs
        .map(|(cpu, memories)| format!("cpu {cpu} with memory {}", memories.nearest(memory)))
        .collect();
    pairs.dedup();
    format!("the nearest: {}", pairs.join(", or "))
}

#[cfg(test)]
mod tests {
    use super::{nearest, sizes};
    use crate::rules::tests::table;

    #[test]
    fn the_table() {
        let count = |cpu: i64| {
            let memories = sizes(false).find(|size| size.0 == cpu).unwrap().1;
            let sizes = (0..300).map(|gigabytes| gigabytes * 512);
            sizes.filter(|memory| memories.takes(*memory)).count()
        };
        let counts = [256, 512, 1024, 2048, 4096, 8192, 16384].map(count);
        assert_eq!(counts, [3, 4, 7, 13, 23, 12, 12]);
        assert_eq!(
            sizes(true).map(|size| size.0).collect::<Vec<_>>(),
            [1024, 2048, 4096]
        );
    }

    #[test]
    fn nearest_pairs() {
        for (cpu, memory, expected) in [
            (
                256,
                4096,
                "cpu 256 with memory 2048, or cpu 512 with memory 4096",
            ),
            (
                1024,
                512,
                "cpu 1024 with memory 2048, or cpu 256 with memory 512",
            ),
            (1000, 2048, "cpu 1024 with memory 2048"),
            (
                32768,
                65536,
                "cpu 32768 with memory 61440, or cpu 16384 with memory 65536",
            ),
        ] {
            assert!(
                nearest(cpu, memory, false).contains(expected),
                "{}",
                nearest(cpu, memory, false)
            );
        }
    }

    #[test]
    fn cases() {
        let of = |cpu: &str, memory: &str, more: &str| {
            format!(
                r#"{{"requiresCompatibilities": ["FARGATE"], "cpu": {cpu}, "memory": {memory}{more}, "containerDefinitions": []}}"#
            )
        };
        let windows =
            r#", "runtimePlatform": {"operatingSystemFamily": "WINDOWS_SERVER_2022_CORE"}"#;
        let system = |memory| of(r#""256""#, memory, windows);
        let fine: &[&str] = &[];
        table(
            &super::RULE,
            "taskdef.json",
            &[
                (&of(r#""256""#, r#""512""#, ""), fine),
                (&of(r#"".25 vCPU""#, r#""0.5 GB""#, ""), fine),
                (&of(r#""1 vcpu""#, r#""8GB""#, ""), fine),
                (&of(r#""32 vCPU""#, r#""244 GB""#, ""), fine),
                (&of(r#""32768""#, r#""249856""#, ""), fine),
                (&of(r#""${CPU}""#, r#""1""#, ""), fine),
                (&of("256", r#""1""#, ""), fine),
                (&of(r#""256""#, "4096", ""), fine),
                (&of(r#""2048""#, r#""4096""#, windows), fine),
                (&of(r#""256""#, r#""4096""#, ""), &["memory"]),
                (&of(r#""8192""#, r#""17408""#, ""), &["memory"]),
                (&of(r#""32 vCPU""#, r#""64 GB""#, ""), &["memory"]),
                (&of(r#""10""#, r#""512""#, ""), &["cpu"]),
                (&system(r#""512""#), &["cpu"]),
                (
                    r#"{"cpu": "10", "memory": "512", "containerDefinitions": []}"#,
                    fine,
                ),
                (
                    r#"{"requiresCompatibilities": ["EC2"], "cpu": "128", "memory": "512", "containerDefinitions": []}"#,
                    fine,
                ),
            ],
        );
    }
}
