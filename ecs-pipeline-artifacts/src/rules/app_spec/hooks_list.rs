//! The list of hooks.

use super::*;

pub(super) const RULE: Rule = Rule {
    id: "appspec-hooks-list",
    severity: Severity::Error,
    summary: "`Hooks` is not a list of objects of one member",
    explanation: "An AppSpec for ECS lists its hooks, each an event with one function; the object of \
                  events belongs to EC2. CodeDeploy refuses the file with `The deployment failed because \
                  the AppSpec file that specifies the deployment configuration is missing or has an \
                  invalid configuration`.",
    remedy: "Write `- ` before each event.",
    reference: HOOKS_PAGE,
    check: Check::AppSpec(check),
};

fn check(root: &Node<'_>, findings: &mut Findings<'_>) {
    let hooks = Some(root).filter(|root| form(root) == Form::Ecs);
    let Some(hooks) = hooks.and_then(|root| present(root, "Hooks")) else {
        return;
    };
    match &hooks.value {
        Value::List(items) => {
            for item in items {
                if item.members().len() != 1 && !item.is_null() && !item.is_placeholder() {
                    findings.value(item, "an item of `Hooks` has one member, the event");
                }
            }
        }
        Value::Object(members) => {
            let finding = findings.name(hooks, "`Hooks` is a list, and this is an object");
            let is_plain = |member: &Member<'_>| member.node.as_str().is_some();
            if !members.is_empty() && members.iter().all(is_plain) {
                finding.fix("make it a list", [Change::Itemize(hooks.id)]);
            }
        }
        _ if hooks.is_placeholder() => {}
        _ => {
            let message = format!("`Hooks` is a list, and this is {}", hooks.kind());
            findings.value(hooks, message);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::tests::*;
    use crate::rules::tests::fixed;

    const HOOKS: &str = "  - BeforeInstall: check\n  - AfterAllowTraffic: \"arn:aws:lambda:eu-west-1:123456789012:function:check\"\n";

    #[test]
    fn cases() {
        table(
            &super::RULE,
            &[
                (HOOKS, "", &[]),
                (HOOKS, "  []\n", &[]),
                (HOOKS, "  BeforeInstall: check\n", &["Hooks"]),
                (HOOKS, "  check\n", &["Hooks"]),
                (HOOKS, "  - check\n", &["Hooks[0]"]),
                (
                    HOOKS,
                    "  - BeforeInstall: a\n    AfterInstall: b\n",
                    &["Hooks[0]"],
                ),
            ],
        );
    }

    #[test]
    fn an_object_becomes_a_list_and_keeps_its_comments() {
        let text = with(
            HOOKS,
            "  # first\n  BeforeInstall: a # one\n  # second\n  AfterInstall: \"b\"\n",
        );
        let expected = with(
            HOOKS,
            "  # first\n  - BeforeInstall: a # one\n  # second\n  - AfterInstall: \"b\"\n",
        );
        assert_eq!(fixed(&super::RULE, "appspec.yaml", &text), expected);
        assert_eq!(
            fixed(
                &super::RULE,
                "appspec.json",
                r#"{"Resources": [], "Hooks": {"BeforeInstall": "a", "AfterInstall": "b"}}"#
            ),
            r#"{"Resources": [], "Hooks": [{"BeforeInstall": "a"}, {"AfterInstall": "b"}]}"#
        );
    }
}
