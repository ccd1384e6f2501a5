//! References to containers.

use super::*;

pub(crate) const RULE: Rule = Rule {
    id: "unknown-container",
    severity: Severity::Error,
    summary: "a reference to a container that is not there",
    explanation: "dependsOn, links, volumesFrom and proxyConfiguration name another container of the same \
                  task definition. Where there is none of that name, AWS refuses the task definition or the \
                  task cannot start.",
    remedy: "Write the name of a container of this task definition.",
    reference: "https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_ContainerDefinition.html",
    check: Check::TaskDefinition(check),
};

fn check(taskdef: &TaskDefinition<'_>, findings: &mut Findings<'_>) {
    let mut references = references(taskdef).peekable();
    if references.peek().is_none() {
        return;
    }
    let names = Names::of(taskdef.containers.iter().map(|container| container.node));
    for (member, node) in references {
        let Some(text) = node.literal() else { continue };
        // A link is `name`, or `name:alias`.
        let name = match member {
            "links" => text.split(':').next().unwrap_or(text),
            _ => text,
        };
        // Empty ones, as of a generated skeleton, are for another rule.
        if !name.is_empty() && names.lack(name) {
            findings
                .value(
                    node,
                    format!("{member} names `{name}`, and there is no such container"),
                )
                .did_you_mean(names.closest(name));
        }
    }
}

fn references<'a>(
    taskdef: &'a TaskDefinition<'_>,
) -> impl Iterator<Item = (&'static str, &'a Node<'a>)> {
    let member = |nodes: &'a [Node<'a>], of: &'static str, name: &'static str| {
        let names = nodes.iter().filter_map(move |node| node.present(name));
        names.map(move |node| (of, node))
    };
    let proxy = taskdef.task.parts.proxy;
    let proxied = proxy.and_then(|proxy| proxy.present("containerName"));
    let containers = taskdef.containers.iter().map(|container| &container.parts);
    containers
        .flat_map(move |parts| {
            let links = parts.links.iter().map(|link| ("links", link));
            member(parts.depends_on, "dependsOn", "containerName")
                .chain(links)
                .chain(member(parts.volumes_from, "volumesFrom", "sourceContainer"))
        })
        .chain(proxied.map(|node| ("proxyConfiguration", node)))
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
                    r#"{"proxyConfiguration": {"containerName": "db"}, "containerDefinitions": [{"name": "web", "links": ["db:database"], "dependsOn": [{"containerName": "db"}], "volumesFrom": [{"sourceContainer": "${X}"}]}, {"name": "db"}]}"#,
                    &[],
                ),
                (
                    r#"{"containerDefinitions": [{"name": "web", "links": ["db"]}, {"name": "<DB>"}]}"#,
                    &[],
                ),
                (
                    r#"{"containerDefinitions": [{"name": "web", "links": ["bd:database"], "dependsOn": [{"containerName": "wbe", "condition": "START"}], "volumesFrom": [{"sourceContainer": "x"}]}],
                        "proxyConfiguration": {"containerName": "envoy"}}"#,
                    &[
                        "containerDefinitions[0].links[0]",
                        "containerDefinitions[0].dependsOn[0].containerName",
                        "containerDefinitions[0].volumesFrom[0].sourceContainer",
                        "proxyConfiguration.containerName",
                    ],
                ),
            ],
        );
    }
}
