//! Members that nobody knows.

use super::*;

pub(super) const RULE: Rule = Rule {
    id: "appspec-unknown-member",
    severity: Severity::Warning,
    summary: "a member that an AppSpec for ECS does not have",
    explanation: "CodeDeploy's user guide does not know it. What is misspelt is not read, and the \
                  service keeps the setting that it has.",
    remedy: "Correct the name, or remove the member.",
    reference: RESOURCES_PAGE,
    check: Check::AppSpec(check),
};

fn check(root: &Node<'_>, findings: &mut Findings<'_>) {
    objects(root, |object, shape| {
        for (member, meant) in shape.unknown(object) {
            if object.id == root.id && EC2_MEMBERS.contains(&member.name.as_ref()) {
                let message = format!(
                    "`{}` belongs to an AppSpec for EC2, not for ECS",
                    member.name
                );
                findings.name(&member.node, message);
                continue;
            }
            findings
                .name(
                    &member.node,
                    format!("an AppSpec for ECS has no `{}` here", member.name),
                )
                .did_you_mean(meant);
        }
    });
}

#[cfg(test)]
mod tests {
    use super::super::tests::*;

    #[test]
    fn cases() {
        table(
            &super::RULE,
            &[
                ("version: 0.0", "version: 0.0\nos: linux", &["os"]),
                (
                    "PlatformVersion",
                    "PlatfromVersion",
                    &[&at("PlatfromVersion")],
                ),
                ("PlatformVersion", "platformversion", &[]),
                (
                    "ContainerPort: 80",
                    "ContainerPort: 80\n          TargetGroup: x",
                    &[&at("LoadBalancerInfo.TargetGroup")],
                ),
                // That is an error, and said as one.
                ("TaskDefinition:", "TaskDefintion:", &[]),
            ],
        );
    }
}
