//! Names that should be one thing's only.

use super::*;

pub(crate) const RULE: Rule = Rule {
    id: "duplicate-name",
    severity: Severity::Warning,
    summary: "two volumes or two port mappings have one name",
    explanation: "Mount points find a volume by its name, and Service Connect and VPC Lattice a port; of two that have one name, only one can be meant.",
    remedy: "Rename one of them.",
    reference: "https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_RegisterTaskDefinition.html",
    check: Check::TaskDefinition(check),
};

fn check(taskdef: &TaskDefinition<'_>, findings: &mut Findings<'_>) {
    let volumes: Vec<_> = taskdef
        .task
        .parts
        .volumes
        .iter()
        .filter_map(named)
        .collect();
    report("volume", &volumes, findings);
    let ports: Vec<_> = port_mappings(taskdef)
        .filter_map(|(_, mapping)| named(mapping))
        .collect();
    report("port mapping", &ports, findings);
}

fn named<'t>(node: &'t Node<'t>) -> Option<(&'t str, &'t Node<'t>)> {
    let node = node.get("name")?;
    let name = node.literal().filter(|name| !name.is_empty())?;
    Some((name, node))
}

fn report(what: &str, named: &[(&str, &Node<'_>)], findings: &mut Findings<'_>) {
    for ((name, node), (_, first)) in repeated(named, |(name, _)| Some(name)) {
        let target = findings.target(first);
        findings
            .value(
                node,
                format!("a {what} `{}` is there already", shortened(name)),
            )
            .related(target, "the first");
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
                    r#"{"volumes": [{"name": "a"}, {"name": "b"}, {"name": "${V}"}, {"name": "${V}"}], "containerDefinitions": [{"portMappings": [{"name": "a"}, {"name": ""}, {"name": ""}, {}]}]}"#,
                    &[],
                ),
                (
                    r#"{"volumes": [{"name": "a"}, {"name": "a"}], "containerDefinitions": [{"portMappings": [{"name": "a"}]}, {"portMappings": [{"name": "a"}]}]}"#,
                    &[
                        "volumes[1].name",
                        "containerDefinitions[1].portMappings[0].name",
                    ],
                ),
            ],
        );
    }
}
