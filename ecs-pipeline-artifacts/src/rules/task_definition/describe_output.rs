//! The output of describe-task-definition, kept as it is.

use super::*;

pub(super) const RULE: Rule = Rule {
    id: "describe-output",
    severity: Severity::Error,
    summary: "the output of describe-task-definition in place of a task definition",
    explanation: "`aws ecs describe-task-definition` wraps the task definition into `taskDefinition`, with \
                  its tags beside it. RegisterTaskDefinition takes what is inside; the AWS CLI refuses \
                  the wrapper: `Unknown parameter in input: \"taskDefinition\"`.",
    remedy: "Write what stands in `taskDefinition` alone, without the members that AWS sets, and with the \
             tags as its `tags`: `ecs-pipeline taskdef convert` does that.",
    reference: "https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_DescribeTaskDefinition.html",
    check: Check::TaskDefinitionShape(check),
};

fn check(taskdef: &TaskDefinition<'_>, findings: &mut Findings<'_>) {
    if let Form::Described(inner) = taskdef.form {
        findings
            .name(
                inner,
                "the task definition is wrapped in `taskDefinition`, as describe-task-definition prints it",
            )
            .help("`ecs-pipeline taskdef convert` takes it out, tags and all");
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
                    r#"{"taskDefinition": {"family": "f", "containerDefinitions": []}, "tags": []}"#,
                    &["taskDefinition"],
                ),
                (r#"{"taskDefinition": "f:1", "family": "f"}"#, &[]),
            ],
        );
    }
}
