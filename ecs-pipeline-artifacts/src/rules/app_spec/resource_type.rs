//! The type of a resource.

use super::*;

pub(super) const RULE: Rule = Rule {
    id: "appspec-type",
    severity: Severity::Error,
    summary: "a resource is not of type `AWS::ECS::Service`",
    explanation: "The type tells CodeDeploy which compute platform the AppSpec is for, and must be that \
                  of the application.",
    remedy: "Write `Type: AWS::ECS::Service`.",
    reference: RESOURCES_PAGE,
    check: Check::AppSpec(check),
};

const SERVICE_TYPE: &str = "AWS::ECS::Service";

fn check(root: &Node<'_>, findings: &mut Findings<'_>) {
    for service in services(root) {
        if service.node.members().is_empty() {
            continue;
        }
        let Some(kind) = present(&service.node, "Type") else {
            let message = format!("`{}` has no `Type`", service.name);
            findings.name(&service.node, message);
            continue;
        };
        let is_service = |text: &str| text.trim().eq_ignore_ascii_case(SERVICE_TYPE);
        if kind.is_placeholder() || kind.as_str().is_some_and(is_service) {
            continue;
        }
        let message = format!("`{}` is not of type `{SERVICE_TYPE}`", service.name);
        let close = kind
            .as_str()
            .and_then(|text| crate::suggest::closest(text, [SERVICE_TYPE]));
        let finding = findings.value(kind, message);
        if close.is_some() {
            let change = Change::Replace(kind.id, format!("{SERVICE_TYPE:?}"));
            finding
                .did_you_mean(close)
                .fix(format!("write `{SERVICE_TYPE}`"), [change]);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::tests::*;
    use crate::rules::tests::fixed;

    #[test]
    fn cases() {
        let path = &["Resources[0].TargetService.Type"][..];
        table(
            &super::RULE,
            &[
                ("AWS::ECS::Service", "\"AWS::ECS::Service\"", &[]),
                ("AWS::ECS::Service", "aws::ecs::service", &[]),
                ("AWS::ECS::Service", "${TYPE}", &[]),
                ("AWS::ECS::Service", "AWS::EC2::Instance", path),
                ("AWS::ECS::Service", "1", path),
                (
                    "      Type: AWS::ECS::Service\n",
                    "",
                    &["Resources[0].TargetService"],
                ),
            ],
        );
        let text = with("AWS::ECS::Service", "AWS:ECS:Service");
        let expected = with("AWS::ECS::Service", "\"AWS::ECS::Service\"");
        assert_eq!(fixed(&super::RULE, "appspec.yaml", &text), expected);
    }
}
