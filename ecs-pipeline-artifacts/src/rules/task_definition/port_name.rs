//! What a port mapping may be called.

use super::*;

pub(crate) const RULE: Rule = Rule {
    id: "port-name",
    severity: Severity::Error,
    summary: "a port mapping name that AWS does not take",
    explanation: "Service Connect and VPC Lattice find a port by the name of its mapping: up to 64 lower-case \
                  letters, digits, underscores and hyphens, of which a hyphen cannot be the first.",
    remedy: "Give the mapping a name of lower-case letters, digits, `_` and `-`.",
    reference: "https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_PortMapping.html",
    check: Check::TaskDefinition(check),
};

fn check(taskdef: &TaskDefinition<'_>, findings: &mut Findings<'_>) {
    for container in &taskdef.containers {
        for mapping in container.parts.port_mappings {
            let Some(node) = mapping.get("name") else {
                continue;
            };
            // The old console and Terraform write empty names, as they do nulls.
            let name = node.literal().filter(|name| !name.is_empty());
            if let Some(problem) = name.and_then(problem) {
                findings.value(node, format!("the port mapping name {problem}"));
            }
        }
    }
}

fn problem(name: &str) -> Option<&'static str> {
    let allowed = |byte: u8| matches!(byte, b'a'..=b'z' | b'0'..=b'9' | b'_' | b'-');
    if name.len() > 64 {
        Some("is longer than 64 characters")
    } else if name.starts_with('-') {
        Some("may not start with `-`")
    } else if !name.bytes().all(allowed) {
        Some("may have only lower-case letters, digits, `_` and `-`")
    } else {
        None
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
                r#"{"containerDefinitions": [{"portMappings": [
                    {"name": "web-80_tcp"}, {"name": "Web"}, {"name": "-web"}, {"name": "web.80"}, {"name": "${N}"}, {"name": ""}, {}]}]}"#,
                &[
                    "containerDefinitions[0].portMappings[1].name",
                    "containerDefinitions[0].portMappings[2].name",
                    "containerDefinitions[0].portMappings[3].name",
                ],
            )],
        );
    }
}
