//! The network configuration.

use super::*;

pub(super) const RULE: Rule = Rule {
    id: "appspec-network",
    severity: Severity::Error,
    summary: "only some of `Subnets`, `SecurityGroups` and `AssignPublicIp`",
    explanation: "The user guide: \"All or none of the settings under `NetworkConfiguration` must be \
                  specified. For example, if you want to specify `Subnets`, you must also specify \
                  `SecurityGroups` and `AssignPublicIp`.\" With none of them the service keeps its \
                  network.",
    remedy: "Write all three, or leave `NetworkConfiguration` out.",
    reference: RESOURCES_PAGE,
    check: Check::AppSpec(check),
};

fn check(root: &Node<'_>, findings: &mut Findings<'_>) {
    for network in networks(root) {
        let has = |name: &&str| present(network, name).is_some_and(|node| !is_empty(node));
        let present = AWSVPC.optional.iter().filter(|name| has(name)).count();
        if present == 0 || present == AWSVPC.optional.len() {
            continue;
        }
        let missing = AWSVPC.optional.iter().filter(|name| !has(name));
        let missing: Vec<_> = missing.map(|name| format!("`{name}`")).collect();
        let message = format!(
            "the network is given without {}: all three or none",
            missing.join(" and ")
        );
        findings.name(network, message);
    }
}

fn is_empty(node: &Node<'_>) -> bool {
    match &node.value {
        Value::List(items) => items.is_empty(),
        Value::String(text) => text.is_empty(),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::super::tests::*;

    #[test]
    fn cases() {
        let path =
            &["Resources[0].TargetService.Properties.NetworkConfiguration.AwsvpcConfiguration"][..];
        table(
            &super::RULE,
            &[
                ("            Subnets: [subnet-1]\n", "", path),
                ("            AssignPublicIp: ENABLED\n", "", path),
                ("[sg-1]", "[]", path),
                ("[sg-1]", "<SECURITY_GROUPS>", &[]),
                (
                    "            Subnets: [subnet-1]\n            SecurityGroups: [sg-1]\n            AssignPublicIp: ENABLED\n",
                    "            {}\n",
                    &[],
                ),
            ],
        );
    }
}
