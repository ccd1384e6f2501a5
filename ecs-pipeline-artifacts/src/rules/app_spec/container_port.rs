//! The port that gets the requests.

use super::*;

pub(super) const RULE: Rule = Rule {
    id: "appspec-container-port",
    severity: Severity::Error,
    summary: "a port that is not a number from 1 to 65535",
    explanation: "`ContainerPort` is \"the port on the container where traffic will be routed to\", a \
                  number.",
    remedy: "Write the port that the task definition maps.",
    reference: RESOURCES_PAGE,
    check: Check::AppSpec(check),
};

/// The port of a `ContainerPort`, in quotes or not.
pub(crate) fn port_number(node: &Node<'_>) -> Option<u16> {
    let number = match node.as_str() {
        Some(text) => text.trim().parse().ok(),
        None => node.as_i64().and_then(|number| u16::try_from(number).ok()),
    };
    number.filter(|port| *port != 0)
}

fn check(root: &Node<'_>, findings: &mut Findings<'_>) {
    for load_balancer in load_balancers(root) {
        let Some(node) = present(load_balancer, "ContainerPort") else {
            continue;
        };
        let is_empty = node.as_str().is_some_and(|text| text.trim().is_empty());
        if port_number(node).is_none() && !node.is_placeholder() && !is_empty {
            findings.value(
                node,
                "`ContainerPort` is a number from 1 to 65535, and this is none",
            );
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::tests::*;

    #[test]
    fn cases() {
        let path = &["Resources[0].TargetService.Properties.LoadBalancerInfo.ContainerPort"][..];
        let port = "ContainerPort: 80";
        table(
            &super::RULE,
            &[
                (port, "ContainerPort: 1", &[]),
                (port, "ContainerPort: 65535", &[]),
                (port, "ContainerPort: \"80\"", &[]),
                (port, "ContainerPort: <PORT>", &[]),
                (port, "ContainerPort: 0", path),
                (port, "ContainerPort: 65536", path),
                (port, "ContainerPort: -1", path),
                (port, "ContainerPort: 80.5", path),
                (port, "ContainerPort: http", path),
                (port, "ContainerPort: [80]", path),
            ],
        );
    }
}
