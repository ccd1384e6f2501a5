//! Names that awsvpc gives.

use super::*;

pub(crate) const RULE: Rule = Rule {
    id: "hostname-in-awsvpc",
    severity: Severity::Error,
    summary: "hostname or extraHosts with awsvpc networking",
    explanation: "With awsvpc networking the host name and /etc/hosts come from the task's network \
                  interface. RegisterTaskDefinition refuses hostname and extraHosts.",
    remedy: "Remove the member.",
    reference: "https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_ContainerDefinition.html",
    check: Check::TaskDefinition(check),
};

fn check(taskdef: &TaskDefinition<'_>, findings: &mut Findings<'_>) {
    // Of Fargate a rule of its own speaks.
    if taskdef.task.network != Network::Awsvpc || taskdef.task.fargate {
        return;
    }
    for container in &taskdef.containers {
        let hostname = container.parts.hostname;
        if let Some(node) =
            hostname.filter(|name| name.as_str().is_some_and(|name| !name.is_empty()))
        {
            findings.name(
                node,
                format!(
                    "{}: awsvpc networking takes no `hostname`",
                    container.title()
                ),
            );
        }
        if let Some(first) = container.parts.extra_hosts.first() {
            findings.value(
                first,
                format!(
                    "{}: awsvpc networking takes no `extraHosts`",
                    container.title()
                ),
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
                (
                    r#"{"containerDefinitions": [{"hostname": "a", "extraHosts": [{}]}]}"#,
                    &[],
                ),
                (
                    r#"{"networkMode": "awsvpc", "containerDefinitions": [{"hostname": null, "extraHosts": []}]}"#,
                    &[],
                ),
                (
                    r#"{"networkMode": "awsvpc", "containerDefinitions": [{"hostname": "a", "extraHosts": [{"hostname": "b"}]}]}"#,
                    &[
                        "containerDefinitions[0].hostname",
                        "containerDefinitions[0].extraHosts[0]",
                    ],
                ),
            ],
        );
    }
}
