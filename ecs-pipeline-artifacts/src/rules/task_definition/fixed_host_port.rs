//! A port that only one task of an instance can have.

use super::*;

pub(crate) const RULE: Rule = Rule {
    id: "fixed-host-port",
    severity: Severity::Warning,
    summary: "a fixed hostPort with bridge networking, which lets only one task run on each instance",
    explanation: "On one instance a host port belongs to one task. A second task of the service cannot be \
                  placed beside it, and a rolling deployment that needs the new task beside the old one \
                  waits: the service event says that the closest matching instance `is already using a port \
                  required by your task`. With hostPort 0 or none, ECS picks a free port, and the target \
                  group registers it.",
    remedy: "Set hostPort to 0, or leave it out.",
    reference: "https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_PortMapping.html",
    check: Check::TaskDefinition(check),
};

fn check(taskdef: &TaskDefinition<'_>, findings: &mut Findings<'_>) {
    if taskdef.task.network != Network::Bridge {
        return;
    }
    for (container, mapping) in port_mappings(taskdef) {
        if let Some(node) = mapping.get("hostPort")
            && let Some(port @ 1..) = node.as_i64()
        {
            let message = format!(
                "{}: with the fixed hostPort {port} an instance runs one task at a time",
                container.title()
            );
            findings.value(node, message);
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::rules::tests::table;

    #[test]
    fn cases() {
        let mappings = r#""containerDefinitions": [{"portMappings": [{"containerPort": 80}, {"containerPort": 80, "hostPort": 0}, {"containerPort": 80, "hostPort": 80}]}]"#;
        let of = |more: &str| format!("{{{more}{mappings}}}");
        let found: &[&str] = &["containerDefinitions[0].portMappings[2].hostPort"];
        table(
            &super::RULE,
            "taskdef.json",
            &[
                (&of(""), found),
                (&of(r#""networkMode": "bridge", "#), found),
                (&of(r#""networkMode": "awsvpc", "#), &[]),
                (&of(r#""networkMode": "host", "#), &[]),
                (&of(r#""requiresCompatibilities": ["FARGATE"], "#), &[]),
            ],
        );
    }
}
