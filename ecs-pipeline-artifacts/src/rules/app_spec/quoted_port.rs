//! A port in quotes.

use super::*;

pub(super) const RULE: Rule = Rule {
    id: "appspec-quoted-port",
    severity: Severity::Warning,
    summary: "the port is a string",
    explanation: "The user guide: \"Each property is specified with a string except for `ContainerPort`, \
                  which is a number.\"",
    remedy: "Remove the quotes.",
    reference: RESOURCES_PAGE,
    check: Check::AppSpec(check),
};

fn check(root: &Node<'_>, findings: &mut Findings<'_>) {
    for load_balancer in load_balancers(root) {
        let Some(node) = present(load_balancer, "ContainerPort") else {
            continue;
        };
        let Some(port) = node.as_str().and_then(|_| port_number(node)) else {
            continue;
        };
        findings
            .value(node, "`ContainerPort` is a number, and this is a string")
            .fix(
                "remove the quotes",
                [Change::Replace(node.id, port.to_string())],
            );
    }
}

#[cfg(test)]
mod tests {
    use super::super::tests::*;
    use crate::rules::tests::fixed;

    #[test]
    fn cases() {
        let path = &["Resources[0].TargetService.Properties.LoadBalancerInfo.ContainerPort"][..];
        let port = "ContainerPort: 80";
        table(
            &super::RULE,
            &[
                (port, "ContainerPort: \"80\"", path),
                (port, "ContainerPort: '80'", path),
                (port, "ContainerPort: \"<PORT>\"", &[]),
                (port, "ContainerPort: \"http\"", &[]),
            ],
        );
        let text = with(port, "ContainerPort: \"80\"");
        assert_eq!(fixed(&super::RULE, "appspec.yaml", &text), GOOD);
    }
}
