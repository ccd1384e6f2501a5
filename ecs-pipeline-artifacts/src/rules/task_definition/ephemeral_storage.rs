//! Room on Fargate's disk.

use super::*;

pub(crate) const RULE: Rule = Rule {
    id: "ephemeral-storage",
    severity: Severity::Error,
    summary: "ephemeralStorage out of bounds",
    explanation: "A task can have 21 to 200 GiB; the 20 GiB that it has without ephemeralStorage cannot be \
                  written.",
    remedy: "Choose 21 to 200, or leave ephemeralStorage out.",
    reference: "https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_EphemeralStorage.html",
    check: Check::TaskDefinition(check),
};

fn check(taskdef: &TaskDefinition<'_>, findings: &mut Findings<'_>) {
    let storage = taskdef.task.parts.ephemeral_storage;
    if let Some(node) = storage.and_then(|storage| storage.get("sizeInGiB"))
        && let Some(size) = node.as_i64()
        && !(21..=200).contains(&size)
    {
        findings.value(
            node,
            format!("ephemeralStorage is 21 to 200 GiB, not {size}"),
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
                (
                    r#"{"ephemeralStorage": {"sizeInGiB": 21}, "containerDefinitions": []}"#,
                    &[],
                ),
                (
                    r#"{"ephemeralStorage": {"sizeInGiB": "20"}, "containerDefinitions": []}"#,
                    &[],
                ),
                (
                    r#"{"ephemeralStorage": {"sizeInGiB": 20}, "containerDefinitions": []}"#,
                    &["ephemeralStorage.sizeInGiB"],
                ),
                (
                    r#"{"ephemeralStorage": {"sizeInGiB": 201}, "containerDefinitions": []}"#,
                    &["ephemeralStorage.sizeInGiB"],
                ),
            ],
        );
    }
}
