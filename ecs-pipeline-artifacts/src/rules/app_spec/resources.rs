//! The list of resources.

use super::*;

pub(super) const RULE: Rule = Rule {
    id: "appspec-resources",
    severity: Severity::Error,
    summary: "`Resources` is missing, or not a list of objects of one member",
    explanation: REFUSED,
    remedy: "Write `Resources` as a list with one item, `- TargetService:`, below which stand `Type` and \
             `Properties`.",
    reference: RESOURCES_PAGE,
    check: Check::AppSpec(check),
};

fn check(root: &Node<'_>, findings: &mut Findings<'_>) {
    if form(root) != Form::Ecs {
        return;
    }
    if !matches!(root.value, Value::Object(_)) {
        let message = format!(
            "an AppSpec is an object with `version` and `Resources`, and this is {}",
            root.kind()
        );
        findings.value(root, message);
        return;
    }
    let Some(resources) = root.get_any_case("Resources") else {
        findings.value(root, "the AppSpec has no `Resources`");
        return;
    };
    match &resources.value {
        Value::List(items) if items.is_empty() => {
            findings.value(
                resources,
                "`Resources` is empty: it names the service to deploy to",
            );
        }
        Value::List(items) => items.iter().for_each(|item| check_item(item, findings)),
        _ if resources.is_placeholder() => {}
        _ => {
            let message = format!("`Resources` is a list, and this is {}", resources.kind());
            findings
                .name(resources, message)
                .help("write `- ` before the name of the service");
        }
    }
}

fn check_item(item: &Node<'_>, findings: &mut Findings<'_>) {
    match item.members() {
        [service] if !matches!(service.node.value, Value::Object(_)) => {
            let message = format!(
                "`{}` is an object with `Type` and `Properties`, and this is {}",
                service.name,
                service.node.kind()
            );
            findings
                .value(&service.node, message)
                .help("indent `Type` and `Properties` deeper than the name of the service");
        }
        [_] => {}
        _ if item.is_placeholder() => {}
        [] => {
            findings.value(
                item,
                "an item of `Resources` is an object with the name of the service",
            );
        }
        [..] => {
            findings
                .value(
                    item,
                    "an item of `Resources` has one member, the name of the service",
                )
                .help("indent `Type` and `Properties` deeper than the name of the service");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::tests::*;

    #[test]
    fn cases() {
        texts(
            &super::RULE,
            &[
                ("version: 0.0\n", &[""]),
                ("- a\n", &[""]),
                ("text\n", &[""]),
                ("version: 0.0\nResources:\n", &["Resources"]),
                ("version: 0.0\nResources: []\n", &["Resources"]),
                ("Resources: ${RESOURCES}\n", &[]),
                (
                    "Resources:\n  TargetService:\n    Type: x\n",
                    &["Resources"],
                ),
                (
                    "Resources:\n  - TargetService:\n",
                    &["Resources[0].TargetService"],
                ),
                (
                    "Resources:\n  - TargetService:\n    Type: x\n    Properties: {}\n",
                    &["Resources[0]"],
                ),
                (
                    "Resources:\n  - text\n  - {}\n",
                    &["Resources[0]", "Resources[1]"],
                ),
            ],
        );
    }
}
