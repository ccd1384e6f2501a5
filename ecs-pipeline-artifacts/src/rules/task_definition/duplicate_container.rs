//! Two containers of one name.

use super::*;

pub(crate) const RULE: Rule = Rule {
    id: "duplicate-container",
    severity: Severity::Error,
    summary: "two containers have one name",
    explanation: "Links, dependencies, load balancers and image definitions find a container by its name, so a name \
                  can stand only once in a task definition.",
    remedy: "Rename one of them.",
    reference: "https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_ContainerDefinition.html",
    check: Check::TaskDefinition(check),
};

fn check(taskdef: &TaskDefinition<'_>, findings: &mut Findings<'_>) {
    let repeated = repeated(&taskdef.containers, |container| {
        container.node.get("name").and_then(Node::literal)
    });
    for (later, first) in repeated {
        let (Some(node), Some(earlier)) = (later.node.get("name"), first.node.get("name")) else {
            continue;
        };
        let earlier = findings.target(earlier);
        let message = format!("{} is there already", later.title());
        findings.value(node, message).related(earlier, "the first");
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
                    r#"{"containerDefinitions": [{"name": "a"}, {"name": "b"}, {"name": "<X>"}, {"name": "<X>"}, {}, {}]}"#,
                    &[],
                ),
                (
                    r#"{"containerDefinitions": [{"name": "a"}, {"name": "b"}, {"name": "a"}]}"#,
                    &["containerDefinitions[2].name"],
                ),
            ],
        );
    }
}
