//! A mapping of no port.

use super::*;

pub(crate) const RULE: Rule = Rule {
    id: "port-missing",
    severity: Severity::Error,
    summary: "a port mapping without a port",
    explanation: "A port mapping maps a containerPort or a containerPortRange. RegisterTaskDefinition refuses one that has neither.",
    remedy: "Add containerPort, or remove the mapping.",
    reference: "https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_PortMapping.html",
    check: Check::TaskDefinition(check),
};

fn check(taskdef: &TaskDefinition<'_>, findings: &mut Findings<'_>) {
    for (container, mapping) in port_mappings(taskdef) {
        let has = |name| mapping.get(name).is_some();
        if matches!(mapping.value, Value::Object(_))
            && !has("containerPort")
            && !has("containerPortRange")
        {
            let message = format!(
                "{}: the port mapping has neither containerPort nor containerPortRange",
                container.title()
            );
            findings.value(mapping, message);
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
                    r#"{"containerDefinitions": [{"portMappings": [{"containerPort": 80}, {"containerPortRange": "1-2"}, "${PORTS}", {"containerPort": null}]}]}"#,
                    &[],
                ),
                (
                    r#"{"containerDefinitions": [{"portMappings": [{"hostPort": 80}, {}]}]}"#,
                    &[
                        "containerDefinitions[0].portMappings[0]",
                        "containerDefinitions[0].portMappings[1]",
                    ],
                ),
            ],
        );
    }
}
