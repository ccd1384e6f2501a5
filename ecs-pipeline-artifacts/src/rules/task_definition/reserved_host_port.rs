//! Host ports that others have.

use super::*;

pub(crate) const RULE: Rule = Rule {
    id: "reserved-host-port",
    severity: Severity::Warning,
    summary: "a host port that the instance keeps for itself",
    explanation: "ECS counts 22 (SSH), 2375 and 2376 (Docker) and 51678 to 51680 (its agent) as taken on \
                  every instance, unless the agent is told otherwise, so that no instance has room for the \
                  task. Ports from 32768 on are what Docker gives to others at random, so they may be taken \
                  at any time.",
    remedy: "Choose a port below 32768, or hostPort 0.",
    reference: "https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_PortMapping.html",
    check: Check::TaskDefinition(check),
};

fn check(taskdef: &TaskDefinition<'_>, findings: &mut Findings<'_>) {
    let of_host = match taskdef.task.network {
        Network::Bridge => "hostPort",
        Network::Host => "containerPort",
        _ => return,
    };
    for (container, mapping) in port_mappings(taskdef) {
        let Some(node) = mapping.get(of_host) else {
            continue;
        };
        let whose = match node.as_i64() {
            Some(22 | 2375 | 2376 | 51678..=51680) => "is reserved on every instance",
            Some(32768..=65535) => "is in the range from which Docker gives ports to others",
            _ => continue,
        };
        let port = node.as_i64().unwrap_or_default();
        findings.value(
            node,
            format!("{}: host port {port} {whose}", container.title()),
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
                    r#"{"containerDefinitions": [{"portMappings": [{"containerPort": 22, "hostPort": 2222}, {"containerPort": 80, "hostPort": 32767},
                        {"containerPort": 80, "hostPort": 22}, {"containerPort": 80, "hostPort": 32768}, {"containerPort": 80, "hostPort": 51679}]}]}"#,
                    &[
                        "containerDefinitions[0].portMappings[2].hostPort",
                        "containerDefinitions[0].portMappings[3].hostPort",
                        "containerDefinitions[0].portMappings[4].hostPort",
                    ],
                ),
                (
                    r#"{"networkMode": "host", "containerDefinitions": [{"portMappings": [{"containerPort": 22}]}]}"#,
                    &["containerDefinitions[0].portMappings[0].containerPort"],
                ),
                (
                    r#"{"networkMode": "awsvpc", "containerDefinitions": [{"portMappings": [{"containerPort": 22}]}]}"#,
                    &[],
                ),
            ],
        );
    }
}
