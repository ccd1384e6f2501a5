//! Ports of a task that has no network.

use super::*;

pub(crate) const RULE: Rule = Rule {
    id: "ports-without-network",
    severity: Severity::Error,
    summary: "portMappings with network mode none",
    explanation: "With network mode none the containers have no connection to anywhere, and \
                  RegisterTaskDefinition takes no portMappings.",
    remedy: "Remove portMappings, or choose another network mode.",
    reference: "https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_ContainerDefinition.html",
    check: Check::TaskDefinition(check),
};

fn check(taskdef: &TaskDefinition<'_>, findings: &mut Findings<'_>) {
    if taskdef.task.network != Network::None {
        return;
    }
    for (container, mapping) in port_mappings(taskdef) {
        let message = format!(
            "{}: with network mode `none` there are no ports to map",
            container.title()
        );
        findings.value(mapping, message);
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
                    r#"{"networkMode": "none", "containerDefinitions": [{"portMappings": []}, {}]}"#,
                    &[],
                ),
                (
                    r#"{"networkMode": "bridge", "containerDefinitions": [{"portMappings": [{"containerPort": 80}]}]}"#,
                    &[],
                ),
                (
                    r#"{"networkMode": "none", "containerDefinitions": [{"portMappings": [{"containerPort": 80}]}]}"#,
                    &["containerDefinitions[0].portMappings[0]"],
                ),
            ],
        );
    }
}
