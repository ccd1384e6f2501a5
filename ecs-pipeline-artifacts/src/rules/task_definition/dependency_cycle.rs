//! Containers that wait for each other.

use super::*;

pub(crate) const RULE: Rule = Rule {
    id: "dependency-cycle",
    severity: Severity::Error,
    summary: "containers that wait for each other",
    explanation: "dependsOn says what must be up before a container starts. Containers that wait for each \
                  other, or for themselves, never start.",
    remedy: "Take one of the dependencies out.",
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
    let names = containers.iter().enumerate();
    let names: HashMap<_, _> = names
        .filter_map(|(index, container)| Some((container.name?, index)))
        .collect();
    let mut state = vec![State::New; containers.len()];
    for start in 0..containers.len() {
        visit(start, containers, &names, &mut state, findings);
    }
}

#[derive(Clone, Copy, PartialEq)]
enum State {
    New,
    /// On the way from the start to here.
    Open,
    Done,
}

/// Depth first, with a stack of our own, since the nesting is the input's.
fn visit(
    start: usize,
    containers: &[Container<'_>],
    names: &HashMap<&str, usize>,
    state: &mut [State],
    findings: &mut Findings<'_>,
) {
    // Containers on the way, each with its dependencies that are still to be looked at.
    let mut way = Vec::new();
    let open = |index: usize, way: &mut Vec<_>, state: &mut [State]| {
        if let (Some(container), Some(state)) = (containers.get(index), state.get_mut(index))
            && *state == State::New
        {
            *state = State::Open;
            way.push((index, container.parts.depends_on.iter()));
        }
    };
    open(start, &mut way, state);
    while let Some((index, dependencies)) = way.last_mut() {
        let index = *index;
        let Some(dependency) = dependencies.next() else {
            way.pop();
            if let Some(state) = state.get_mut(index) {
                *state = State::Done;
            }
            continue;
        };
        let Some(node) = dependency.get("containerName") else {
            continue;
        };
        let Some(target) = node.as_str().and_then(|name| names.get(name)).copied() else {
            continue;
        };
        if state.get(target) == Some(&State::Open) {
            let names = way.iter().skip_while(|(index, _)| *index != target);
            let names = names.filter_map(|(index, _)| containers.get(*index)?.name.map(shortened));
            report(node, &names.take(10).collect::<Vec<_>>(), findings);
        } else {
            open(target, &mut way, state);
        }
    }
}

fn report(node: &Node<'_>, names: &[&str], findings: &mut Findings<'_>) {
    let message = match names {
        [one] => format!("container `{one}` waits for itself"),
        names => format!(
            "containers that wait for each other: `{}`",
            names.join("`, `")
        ),
    };
    findings.value(node, message);
}

#[cfg(test)]
mod tests {
    use crate::rules::tests::table;

    #[test]
    fn cases() {
        let of = |dependencies: &[(&str, &str)]| {
            let containers = dependencies.iter().map(|(name, on)| {
                let on = on.split_whitespace();
                let on =
                    on.map(|on| format!(r#"{{"containerName": "{on}", "condition": "START"}}"#));
                format!(
                    r#"{{"name": "{name}", "dependsOn": [{}]}}"#,
                    on.collect::<Vec<_>>().join(",")
                )
            });
            format!(
                r#"{{"containerDefinitions": [{}]}}"#,
                containers.collect::<Vec<_>>().join(",")
            )
        };
        table(
            &super::RULE,
            "taskdef.json",
            &[
                (
                    &of(&[
                        ("a", "b c"),
                        ("b", "c d"),
                        ("c", "d"),
                        ("d", ""),
                        ("e", "nowhere"),
                    ]),
                    &[],
                ),
                (
                    &of(&[("a", "a")]),
                    &["containerDefinitions[0].dependsOn[0].containerName"],
                ),
                (
                    &of(&[("a", "b"), ("b", "c"), ("c", "a")]),
                    &["containerDefinitions[2].dependsOn[0].containerName"],
                ),
                (
                    &of(&[("a", "b"), ("b", "a"), ("c", "d"), ("d", "c")]),
                    &[
                        "containerDefinitions[1].dependsOn[0].containerName",
                        "containerDefinitions[3].dependsOn[0].containerName",
                    ],
                ),
            ],
        );
    }

    #[test]
    fn a_long_chain_takes_neither_stack_nor_time() {
        let containers = (0..20_000).map(|n| {
            format!(
                r#"{{"name": "c{n}", "dependsOn": [{{"containerName": "c{}"}}]}}"#,
                (n + 1) % 20_000
            )
        });
        let text = format!(
            r#"{{"containerDefinitions": [{}]}}"#,
            containers.collect::<Vec<_>>().join(",")
        );
        let found = crate::rules::tests::lines(&super::RULE, "taskdef.json", text);
        assert_eq!(found, [1]);
    }
}
