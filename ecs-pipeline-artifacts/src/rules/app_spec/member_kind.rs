//! Values of the wrong kind.

use super::*;

pub(crate) const RULE: Rule = Rule {
    id: "appspec-member-kind",
    severity: Severity::Error,
    summary: "an object, a list or a string where CodeDeploy expects another of them",
    explanation: REFUSED,
    remedy: "Write the value as the kind that the finding names.",
    reference: RESOURCES_PAGE,
    check: Check::AppSpec(check),
};

#[derive(Clone, Copy)]
enum Kind {
    Object,
    List,
    /// A string, or what YAML reads as a number: CodeDeploy sees the same characters.
    Text,
}

/// Every member whose kind is fixed. Ports, names in lists and hooks have rules of their own.
const KINDS: [(&str, Kind); 11] = [
    ("Properties", Kind::Object),
    ("LoadBalancerInfo", Kind::Object),
    ("NetworkConfiguration", Kind::Object),
    ("AwsvpcConfiguration", Kind::Object),
    ("Subnets", Kind::List),
    ("SecurityGroups", Kind::List),
    ("CapacityProviderStrategy", Kind::List),
    ("TaskDefinition", Kind::Text),
    ("ContainerName", Kind::Text),
    ("PlatformVersion", Kind::Text),
    ("CapacityProvider", Kind::Text),
];

fn check(root: &Node<'_>, findings: &mut Findings<'_>) {
    objects(root, |object, _| {
        for member in object.members() {
            let mut kinds = KINDS.iter();
            if let Some((name, kind)) =
                kinds.find(|(name, _)| name.eq_ignore_ascii_case(&member.name))
            {
                check_value(name, *kind, &member.node, findings);
            }
        }
    });
    for item in strategies(root).flatten() {
        check_value("CapacityProviderStrategy", Kind::Object, item, findings);
    }
}

fn check_value(name: &str, kind: Kind, node: &Node<'_>, findings: &mut Findings<'_>) {
    let expected = match (kind, &node.value) {
        (Kind::Object, Value::Object(_))
        | (Kind::List, Value::List(_))
        | (Kind::Text, Value::String(_) | Value::Number(_))
        | (_, Value::Null) => return,
        _ if node.is_placeholder() => return,
        (Kind::Object, _) => "an object",
        (Kind::List, _) => "a list",
        (Kind::Text, _) => "a string",
    };
    let message = match kind {
        Kind::Object if name == "CapacityProviderStrategy" => {
            format!(
                "an item of `{name}` is {expected}, and this is {}",
                node.kind()
            )
        }
        _ => format!("`{name}` is {expected}, and this is {}", node.kind()),
    };
    findings.value(node, message);
}

#[cfg(test)]
mod tests {
    use super::super::tests::*;

    #[test]
    fn cases() {
        table(
            &super::RULE,
            &[
                ("<TASK_DEFINITION>", "[a]", &[&at("TaskDefinition")]),
                ("ContainerName: web", "ContainerName: 1", &[]),
                (
                    "ContainerName: web",
                    "ContainerName: {a: b}",
                    &[&at("LoadBalancerInfo.ContainerName")],
                ),
                (
                    "          ContainerName: web\n          ContainerPort: 80\n",
                    "          - ContainerName: web\n",
                    &[&at("LoadBalancerInfo")],
                ),
                (
                    "[subnet-1]",
                    "subnet-1",
                    &[&at("NetworkConfiguration.AwsvpcConfiguration.Subnets")],
                ),
                ("[subnet-1]", "${SUBNETS}", &[]),
                ("PlatformVersion: LATEST", "PlatformVersion:", &[]),
                (
                    "  - CapacityProvider: FARGATE_SPOT\n            Weight: 4",
                    "  - FARGATE_SPOT",
                    &[&at("CapacityProviderStrategy[1]")],
                ),
            ],
        );
    }
}
