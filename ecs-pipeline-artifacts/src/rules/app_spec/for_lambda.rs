//! An AppSpec for Lambda.

use super::*;

pub(super) const RULE: Rule = Rule {
    id: "appspec-for-lambda",
    severity: Severity::Error,
    summary: "an AppSpec for Lambda",
    explanation: "Its resource is an `AWS::Lambda::Function`, which shifts an alias from one version of \
                  a function to another. A deployment to ECS needs an `AWS::ECS::Service`.",
    remedy: "Write an AppSpec for ECS; `ecs-pipeline render` makes one.",
    reference: RESOURCES_PAGE,
    check: Check::AppSpec(check),
};

fn check(root: &Node<'_>, findings: &mut Findings<'_>) {
    if form(root) == Form::Lambda {
        findings.value(
            root,
            "this AppSpec is for Lambda; one for ECS has a resource of type `AWS::ECS::Service`",
        );
    }
}

#[cfg(test)]
mod tests {
    use super::super::tests::*;

    #[test]
    fn cases() {
        table(
            &super::RULE,
            &[
                ("AWS::ECS::Service", "AWS::Lambda::Function", &[""]),
                ("AWS::ECS::Service", "AWS::EC2::Instance", &[]),
            ],
        );
    }

    #[test]
    fn no_other_rule_speaks_of_it() {
        let text = "version: 1\nResources:\n  - f:\n      Type: AWS::Lambda::Function\n      Properties: {Name: f, Alias: live}\nHooks:\n  - BeforeAllowTraffic: 1\n";
        only(&super::RULE, text);
    }
}
