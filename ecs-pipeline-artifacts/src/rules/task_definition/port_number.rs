//! What is a port.

use super::*;

pub(crate) const RULE: Rule = Rule {
    id: "port-number",
    severity: Severity::Error,
    summary: "a port that is no port",
    explanation: "Ports are 1 to 65535; a hostPort may also be 0, for any free port. RegisterTaskDefinition \
                  answers `Invalid 'containerPort' setting for container '<name>'.`",
    remedy: "Write the port on which the container listens.",
    reference: "https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_PortMapping.html",
    check: Check::TaskDefinition(check),
};

fn check(taskdef: &TaskDefinition<'_>, findings: &mut Findings<'_>) {
    for (container, mapping) in port_mappings(taskdef) {
        for (member, least) in [("containerPort", 1), ("hostPort", 0)] {
            let Some(node) = mapping.get(member) else {
                continue;
            };
            // With a range, `describe-task-definition` may show 0 for the single port.
            let ranged = mapping.present("containerPortRange").is_some();
            let Some(port) = node.as_i64().filter(|port| !(ranged && *port == 0)) else {
                continue;
            };
            if !(least..=65535).contains(&port) {
                let message = format!(
                    "{}: {member} is {least} to 65535, not {port}",
                    container.title()
                );
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
            &[(
                r#"{"containerDefinitions": [{"portMappings": [{"containerPort": 1, "hostPort": 0}, {"containerPort": 65535, "hostPort": 65535},
                    {"containerPort": "0"}, {"containerPort": 0}, {"containerPort": 80, "hostPort": 65536}, {"containerPort": -1}]}]}"#,
                &[
                    "containerDefinitions[0].portMappings[3].containerPort",
                    "containerDefinitions[0].portMappings[4].hostPort",
                    "containerDefinitions[0].portMappings[5].containerPort",
                ],
            )],
        );
    }
}
