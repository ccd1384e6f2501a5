//! What a volume may be called.

use super::*;

pub(crate) const RULE: Rule = Rule {
    id: "volume-name",
    severity: Severity::Error,
    summary: "a volume name that AWS does not take",
    explanation: "RegisterTaskDefinition takes up to 255 letters, digits, underscores and hyphens as the \
                  name of a volume.",
    remedy: "Give the volume a name of letters, digits, `_` and `-`, and use it in `mountPoints` too.",
    reference: "https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_Volume.html",
    check: Check::TaskDefinition(check),
};

fn check(taskdef: &TaskDefinition<'_>, findings: &mut Findings<'_>) {
    for volume in taskdef.task.parts.volumes {
        let Some(node) = volume.get("name") else {
            continue;
        };
        if let Some(name) = node.literal().filter(|name| !is_plain_name(name)) {
            findings.value(node, format!("the volume name {}", why_not_plain(name)));
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
                r#"{"containerDefinitions": [], "volumes": [{"name": "data-1_A"}, {"name": "/data"}, {"name": "${V}"}, {}]}"#,
                &["volumes[1].name"],
            )],
        );
    }
}
