//! Members that AWS returns and does not take.

use super::*;
use crate::task_definition::READ_ONLY;

pub(crate) const RULE: Rule = Rule {
    id: "read-only-member",
    severity: Severity::Error,
    summary: "a member that DescribeTaskDefinition returns and RegisterTaskDefinition refuses",
    explanation: "The output of `aws ecs describe-task-definition` and the JSON that the console shows have \
                  members that only AWS sets. The AWS CLI refuses them: `Unknown parameter in input`.",
    remedy: "Remove the member.",
    reference: "https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_RegisterTaskDefinition.html",
    check: Check::TaskDefinition(check),
};

fn check(taskdef: &TaskDefinition<'_>, findings: &mut Findings<'_>) {
    for member in taskdef.root.members() {
        if READ_ONLY.contains(&member.name.as_ref()) {
            findings
                .name(
                    &member.node,
                    format!("`{}` is set by AWS alone", member.name),
                )
                .fix(
                    format!("remove `{}`", member.name),
                    [Change::Remove(member.node.id)],
                );
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
                (r#"{"family": "f", "containerDefinitions": []}"#, &[]),
                (
                    r#"{"family": "f", "revision": 7, "containerDefinitions": [{"status": 1}], "status": "ACTIVE"}"#,
                    &["revision", "status"],
                ),
            ],
        );
    }
}
