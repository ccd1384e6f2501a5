//! An AppSpec for EC2 and on-premises machines.

use super::*;

pub(super) const RULE: Rule = Rule {
    id: "appspec-for-ec2",
    severity: Severity::Error,
    summary: "an AppSpec for EC2 or on-premises machines",
    explanation: "`os`, `files` and `permissions` tell the CodeDeploy agent what to copy to a machine. A \
                  deployment to ECS reads `Resources`, and has no agent and no scripts.",
    remedy: "Write an AppSpec with `Resources`; `ecs-pipeline render` makes one.",
    reference: STRUCTURE_PAGE,
    check: Check::AppSpec(check),
};

fn check(root: &Node<'_>, findings: &mut Findings<'_>) {
    if form(root) == Form::Ec2 {
        findings.value(
            root,
            "this AppSpec is for EC2 or on-premises machines; one for ECS has `Resources`",
        );
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
                ("version: 0.0\nos: linux\nfiles: []\n", &[""]),
                ("version: 0.0\npermissions: []\nhooks: {}\n", &[""]),
                ("version: 0.0\nos: linux\nResources: []\n", &[]),
            ],
        );
    }

    #[test]
    fn no_other_rule_speaks_of_it() {
        let text = "version: 1\nos: linux\nhooks:\n  ApplicationStop:\n    - location: x\n";
        only(&super::RULE, text);
    }
}
