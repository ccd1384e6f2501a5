//! What a container can wait for.

use super::*;

pub(crate) const RULE: Rule = Rule {
    id: "depends-on-condition",
    severity: Severity::Error,
    summary: "a dependsOn condition that the other container cannot meet",
    explanation: "COMPLETE and SUCCESS wait until the other container has ended, and when an essential \
                  container ends, the task does: AWS does not allow them of an essential container. HEALTHY \
                  waits for the other container's healthCheck, which has to be in the task definition; ECS \
                  does not look at the HEALTHCHECK of a Dockerfile.",
    remedy: "Set `\"essential\": false` of a container that is to end; give one that is to be healthy a \
             healthCheck; or wait for START.",
    reference: "https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_ContainerDependency.html",
    check: Check::TaskDefinition(check),
};

use std::collections::HashMap;

fn check(taskdef: &TaskDefinition<'_>, findings: &mut Findings<'_>) {
    let containers = &taskdef.containers;
    if containers
        .iter()
        .all(|container| container.parts.depends_on.is_empty())
    {
        return;
    }
    let names = containers.iter();
    let names: HashMap<_, _> = names
        .filter_map(|container| Some((container.name?, container)))
        .collect();
    for dependency in containers
        .iter()
        .flat_map(|container| container.parts.depends_on)
    {
        let Some(node) = dependency.get("condition") else {
            continue;
        };
        let name = dependency.get("containerName").and_then(Node::as_str);
        let Some(target) = name.and_then(|name| names.get(name)) else {
            continue;
        };
        if let Some(problem) = node
            .as_str()
            .and_then(|condition| problem(condition, target))
        {
            let related = findings.target(target.node);
            findings
                .value(node, format!("{} {problem}", target.title()))
                .related(related, "the container that is waited for");
        }
    }
}

fn problem(condition: &str, target: &Container<'_>) -> Option<&'static str> {
    let parts = &target.parts;
    let essential = parts
        .essential
        .is_none_or(|node| node.as_bool() == Some(true));
    match condition {
        "COMPLETE" | "SUCCESS" if essential => {
            Some("is essential, so that nothing can wait for its end")
        }
        "HEALTHY" if parts.health_check.is_none() => {
            Some("has no healthCheck, so that it never becomes healthy")
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use crate::rules::tests::table;

    #[test]
    fn cases() {
        let of = |condition: &str, target: &str| {
            format!(
                r#"{{"containerDefinitions": [{{"dependsOn": [{{"containerName": "b", "condition": "{condition}"}}, {{"containerName": "c", "condition": "{condition}"}}]}}, {{"name": "b"{target}}}]}}"#
            )
        };
        let found: &[&str] = &["containerDefinitions[0].dependsOn[0].condition"];
        table(
            &super::RULE,
            "taskdef.json",
            &[
                (&of("START", ""), &[]),
                (&of("SUCCESS", r#", "essential": false"#), &[]),
                (&of("COMPLETE", r#", "essential": "${E}""#), &[]),
                (
                    &of(
                        "HEALTHY",
                        r#", "healthCheck": {"command": ["CMD-SHELL", "true"]}"#,
                    ),
                    &[],
                ),
                (&of("SUCCESS", ""), found),
                (&of("COMPLETE", r#", "essential": true"#), found),
                (&of("HEALTHY", ""), found),
                (&of("HEALTHY", r#", "healthCheck": null"#), found),
            ],
        );
    }
}
