//! Fargate's network mode.

use super::*;

pub(crate) const RULE: Rule = Rule {
    id: "fargate-network-mode",
    severity: Severity::Error,
    summary: "a Fargate task definition whose network mode is not awsvpc",
    explanation: "A Fargate task has its own network interface. RegisterTaskDefinition refuses a task definition that \
                  requires FARGATE and has any other network mode than `awsvpc`, or none.",
    remedy: "Set `\"networkMode\": \"awsvpc\"`, and leave `hostPort` out.",
    reference: "https://docs.aws.amazon.com/AmazonECS/latest/developerguide/fargate-tasks-services.html",
    check: Check::TaskDefinition(check),
};

fn check(taskdef: &TaskDefinition<'_>, findings: &mut Findings<'_>) {
    let task = &taskdef.task;
    if !task.fargate {
        return;
    }
    match task.parts.network_mode {
        None => {
            if let Some(node) = taskdef.root.get("requiresCompatibilities") {
                let finding = findings.name(node, "Fargate requires `networkMode` to be `awsvpc`");
                // A null is there already, and would then stand beside the new member.
                if taskdef.root.get("networkMode").is_none() {
                    finding.fix(
                        "add `networkMode`",
                        [Change::Insert {
                            into: taskdef.root.id,
                            name: "networkMode".to_owned(),
                            value: "\"awsvpc\"".to_owned(),
                        }],
                    );
                }
            }
        }
        Some(node) => {
            if let Some(mode @ ("bridge" | "host" | "none")) = node.as_str() {
                let message = format!("Fargate requires the network mode `awsvpc`, not `{mode}`");
                findings.value(node, message);
            }
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
                (
                    r#"{"requiresCompatibilities": ["FARGATE"], "networkMode": "awsvpc", "containerDefinitions": []}"#,
                    &[],
                ),
                (
                    r#"{"requiresCompatibilities": ["FARGATE"], "networkMode": "${MODE}", "containerDefinitions": []}"#,
                    &[],
                ),
                (
                    r#"{"requiresCompatibilities": ["EC2"], "containerDefinitions": []}"#,
                    &[],
                ),
                (
                    r#"{"requiresCompatibilities": ["EC2", "FARGATE"], "networkMode": "bridge", "containerDefinitions": []}"#,
                    &["networkMode"],
                ),
                (
                    r#"{"requiresCompatibilities": ["FARGATE"], "containerDefinitions": []}"#,
                    &["requiresCompatibilities"],
                ),
                (
                    r#"{"requiresCompatibilities": ["FARGATE"], "networkMode": null, "containerDefinitions": []}"#,
                    &["requiresCompatibilities"],
                ),
            ],
        );
    }
}
