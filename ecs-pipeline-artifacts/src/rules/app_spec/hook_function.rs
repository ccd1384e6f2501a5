//! The functions of hooks.

use super::*;
use crate::app_spec::HookEvent;

pub(super) const RULE: Rule = Rule {
    id: "appspec-hook-function",
    severity: Severity::Error,
    summary: "a hook that does not name one Lambda function",
    explanation: "\"An AWS Lambda hook is one Lambda function specified with a string.\" Scripts with \
                  `location` and `runas` are for EC2: no machine of an ECS deployment could run them.",
    remedy: "Write the name or the ARN of one Lambda function.",
    reference: HOOKS_PAGE,
    check: Check::AppSpec(check),
};

fn check(root: &Node<'_>, findings: &mut Findings<'_>) {
    // Where the event is wrong, nothing can be said of its function.
    let has_event = |hook: &&Member<'_>| HookEvent::of_name(&hook.name).is_some();
    for hook in hooks(root).filter(has_event) {
        let name = &hook.name;
        match &hook.node.value {
            Value::String(text) if text.trim().is_empty() => {
                findings.value(&hook.node, format!("`{name}` names no function"));
            }
            Value::Null => {
                findings.name(&hook.node, format!("`{name}` names no function"));
            }
            Value::String(_) | Value::Number(_) => {}
            _ => {
                let message = format!(
                    "`{name}` is the name of one Lambda function, and this is {}",
                    hook.node.kind()
                );
                let finding = findings.value(&hook.node, message);
                if hook
                    .node
                    .items()
                    .iter()
                    .any(|item| item.get("location").is_some())
                {
                    finding.help("scripts are for EC2; ECS deployments call a Lambda function");
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::tests::*;

    #[test]
    fn cases() {
        let path = &["Hooks[0].BeforeInstall"][..];
        let hook = "BeforeInstall: check";
        table(
            &super::RULE,
            &[
                (hook, "BeforeInstall: ${FUNCTION}", &[]),
                (hook, "ApplicationStop: [a, b]", &[]),
                (hook, "BeforeInstall:", path),
                (hook, "BeforeInstall: \"\"", path),
                (hook, "BeforeInstall: [a, b]", path),
                (hook, "BeforeInstall:\n      - location: x.sh", path),
            ],
        );
    }
}
