//! The capacity provider strategy.

use super::*;

pub(super) const RULE: Rule = Rule {
    id: "appspec-capacity-provider",
    severity: Severity::Error,
    summary: "a base or weight that ECS refuses, or two bases",
    explanation: "A base is a whole number from 0 to 100000 and only one capacity provider of a strategy \
                  can have one; a weight is from 0 to 1000.",
    remedy: "Keep the base of one provider, and write whole numbers.",
    reference: "https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_CapacityProviderStrategyItem.html",
    check: Check::AppSpec(check),
};

/// API reference, `CapacityProviderStrategyItem`.
const LIMITS: [(&str, i64); 2] = [("Base", 100_000), ("Weight", 1_000)];

fn check(root: &Node<'_>, findings: &mut Findings<'_>) {
    for items in strategies(root) {
        let mut first = None;
        for item in items {
            for (name, limit) in LIMITS {
                check_number(item, name, limit, findings);
            }
            // A base of 0 is what every provider has that names none.
            let base = present(item, "Base").filter(|base| base.as_i64() != Some(0));
            match (base, first) {
                (Some(base), Some(first)) => {
                    let first = findings.target(first);
                    findings
                        .name(base, "only one capacity provider can have a `Base`")
                        .related(first, "the first");
                }
                (Some(base), None) => first = Some(base),
                (None, _) => {}
            }
        }
    }
}

fn check_number(item: &Node<'_>, name: &str, limit: i64, findings: &mut Findings<'_>) {
    let Some(node) = present(item, name) else {
        return;
    };
    let is_right = node
        .as_i64()
        .is_some_and(|number| (0..=limit).contains(&number));
    if !is_right && !node.is_placeholder() {
        findings.value(
            node,
            format!("`{name}` is a whole number from 0 to {limit}, and this is none"),
        );
    }
}

#[cfg(test)]
mod tests {
    use super::super::tests::*;

    #[test]
    fn cases() {
        let second = "Resources[0].TargetService.Properties.CapacityProviderStrategy[1]";
        let weight = "Weight: 4";
        table(
            &super::RULE,
            &[
                (weight, "Base: 0", &[]),
                (weight, "Weight: ${WEIGHT}", &[]),
                (weight, "Base: 2", &[&format!("{second}.Base")]),
                (weight, "Weight: 1001", &[&format!("{second}.Weight")]),
                (weight, "Weight: -1", &[&format!("{second}.Weight")]),
                (weight, "Weight: many", &[&format!("{second}.Weight")]),
            ],
        );
    }
}
