//! What a tag may be.

use super::*;

pub(crate) const RULE: Rule = Rule {
    id: "tags",
    severity: Severity::Error,
    summary: "a tag that AWS keeps for itself, or two of one key",
    explanation: "A task definition has one tag of a key. Keys and values that start with `aws:`, in any case, are \
                  for AWS.",
    remedy: "Remove or rename the tag.",
    reference: "https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_Tag.html",
    check: Check::TaskDefinition(check),
};

fn check(taskdef: &TaskDefinition<'_>, findings: &mut Findings<'_>) {
    let tags = taskdef.task.parts.tags;
    for tag in tags {
        for member in ["key", "value"] {
            let Some(node) = tag.get(member) else {
                continue;
            };
            let prefix = node.literal().and_then(|text| text.as_bytes().get(..4));
            if prefix.is_some_and(|prefix| prefix.eq_ignore_ascii_case(b"aws:")) {
                findings.value(
                    node,
                    format!("the {member} of a tag cannot start with `aws:`"),
                );
            }
        }
    }
    for (later, first) in repeated(tags, |tag| tag.get("key").and_then(Node::literal)) {
        let Some(node) = later.get("key") else {
            continue;
        };
        let target = findings.target(first);
        let key = node.as_str().unwrap_or_default();
        findings
            .value(node, format!("a tag with the key `{key}` is there already"))
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
                    r#"{"tags": [{"key": "team", "value": "shop"}, {"key": "Team"}, {"key": "${X}"}, {"key": "${X}"}], "containerDefinitions": []}"#,
                    &[],
                ),
                (
                    r#"{"tags": [{"key": "a", "value": "AWS:x"}, {"key": "a"}, {"key": "aws:x"}], "containerDefinitions": []}"#,
                    &["tags[0].value", "tags[1].key", "tags[2].key"],
                ),
            ],
        );
    }
}
