//! An event that stands twice.

use super::*;
use crate::app_spec::HookEvent;

pub(super) const RULE: Rule = Rule {
    id: "appspec-duplicate-hook",
    severity: Severity::Warning,
    summary: "an event has two hooks",
    explanation: "The user guide has one function for an event, called once in a deployment. Which of \
                  two is called, it does not say.",
    remedy: "Call one function, which does the work of both.",
    reference: HOOKS_PAGE,
    check: Check::AppSpec(check),
};

fn check(root: &Node<'_>, findings: &mut Findings<'_>) {
    let mut first: [Option<&Node<'_>>; HookEvent::ALL.len()] = [None; HookEvent::ALL.len()];
    for hook in hooks(root) {
        let Some(event) = HookEvent::of_name(&hook.name) else {
            continue;
        };
        match first.get_mut(event as usize) {
            Some(Some(first)) => {
                let first = findings.target(first);
                findings
                    .name(&hook.node, format!("`{}` has a hook already", event.name()))
                    .related(first, "the first");
            }
            Some(first) => *first = Some(&hook.node),
            None => {}
        }
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
                (
                    "AfterAllowTraffic",
                    "beforeInstall",
                    &["Hooks[1].beforeInstall"],
                ),
                ("AfterAllowTraffic", "AfterInstall", &[]),
            ],
        );
    }
}
