//! How many containers a task may have.

use super::*;

/// The quota, which cannot be raised.
const LIMIT: usize = 10;

pub(crate) const RULE: Rule = Rule {
    id: "too-many-containers",
    severity: Severity::Error,
    summary: "more than 10 containers",
    explanation: "A task definition has at most 10 containers; the quota cannot be raised. \
                  RegisterTaskDefinition answers `Too many containers.`",
    remedy: "Split the task definition.",
    reference: "https://docs.aws.amazon.com/general/latest/gr/ecs-service.html",
    check: Check::TaskDefinition(check),
};

fn check(taskdef: &TaskDefinition<'_>, findings: &mut Findings<'_>) {
    if let Some(first) = taskdef.containers.get(LIMIT) {
        let count = taskdef.containers.len();
        findings.value(
            first.node,
            format!("{count} containers, of which a task definition has at most {LIMIT}"),
        );
    }
}

#[cfg(test)]
mod tests {
    use crate::rules::tests::table;

    #[test]
    fn cases() {
        let of = |count: usize| {
            let containers = vec![r#"{"name": "a"}"#; count].join(",");
            format!(r#"{{"containerDefinitions": [{containers}]}}"#)
        };
        let expected: &[&str] = &["containerDefinitions[10]"];
        table(
            &super::RULE,
            "taskdef.json",
            &[(&of(10), &[]), (&of(12), expected)],
        );
    }
}
