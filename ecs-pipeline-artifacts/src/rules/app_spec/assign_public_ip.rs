//! Public addresses.

use super::*;

pub(super) const RULE: Rule = Rule {
    id: "appspec-assign-public-ip",
    severity: Severity::Error,
    summary: "`AssignPublicIp` is neither `ENABLED` nor `DISABLED`",
    explanation: "The user guide: \"The valid values are `ENABLED` and `DISABLED`.\" ECS, which gets the \
                  value, has no others.",
    remedy: "Write `ENABLED` or `DISABLED`.",
    reference: RESOURCES_PAGE,
    check: Check::AppSpec(check),
};

/// Whether an `AssignPublicIp` asks for public addresses.
pub(crate) fn assigns_public_ip(node: &Node<'_>) -> Option<bool> {
    match node.as_str()? {
        "ENABLED" => Some(true),
        "DISABLED" => Some(false),
        _ => None,
    }
}

fn check(root: &Node<'_>, findings: &mut Findings<'_>) {
    for network in networks(root) {
        let Some(node) = present(network, "AssignPublicIp") else {
            continue;
        };
        let is_empty = node.as_str().is_some_and(str::is_empty);
        if assigns_public_ip(node).is_some() || node.is_placeholder() || is_empty {
            continue;
        }
        let finding = findings.value(node, "`AssignPublicIp` is `ENABLED` or `DISABLED`");
        if let Some(meant) = meant(node) {
            finding.did_you_mean(Some(meant)).fix(
                format!("write `{meant}`"),
                [Change::Replace(node.id, format!("{meant:?}"))],
            );
        }
    }
}

fn meant(node: &Node<'_>) -> Option<&'static str> {
    let is_true = match (&node.value, node.as_str()) {
        (Value::Bool(value), _) => *value,
        (_, Some("true")) => true,
        (_, Some("false")) => false,
        (_, text) => return crate::suggest::closest(text?, ["ENABLED", "DISABLED"]),
    };
    Some(if is_true { "ENABLED" } else { "DISABLED" })
}

#[cfg(test)]
mod tests {
    use super::super::tests::*;
    use crate::rules::tests::fixed;

    #[test]
    fn cases() {
        let path = &[
            "Resources[0].TargetService.Properties.NetworkConfiguration.AwsvpcConfiguration.AssignPublicIp",
        ][..];
        let enabled = "AssignPublicIp: ENABLED";
        table(
            &super::RULE,
            &[
                (enabled, "AssignPublicIp: DISABLED", &[]),
                (enabled, "AssignPublicIp: ${PUBLIC}", &[]),
                (enabled, "AssignPublicIp: 1", path),
                (enabled, "AssignPublicIp: ENABLED-or-DISABLED", path),
            ],
        );
        for (value, expected) in [
            ("enabled", "ENABLED"),
            ("true", "ENABLED"),
            ("'false'", "DISABLED"),
        ] {
            let text = with(enabled, &format!("AssignPublicIp: {value}"));
            let expected = with(enabled, &format!("AssignPublicIp: \"{expected}\""));
            assert_eq!(fixed(&super::RULE, "appspec.yaml", &text), expected);
        }
    }
}
