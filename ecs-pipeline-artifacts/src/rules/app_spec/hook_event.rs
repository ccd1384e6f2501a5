//! The events of hooks.

use super::*;
use crate::app_spec::HookEvent;

pub(super) const RULE: Rule = Rule {
    id: "appspec-hook-event",
    severity: Severity::Error,
    summary: "an event that can have no hook in an ECS deployment",
    explanation: "An ECS deployment has hooks at BeforeInstall, AfterInstall, AfterAllowTestTraffic, \
                  BeforeAllowTraffic and AfterAllowTraffic. Install, AllowTestTraffic and AllowTraffic \
                  are CodeDeploy's own work, and the events of EC2 deployments do not exist.",
    remedy: "Name one of the five events.",
    reference: HOOKS_PAGE,
    check: Check::AppSpec(check),
};

/// Events of every ECS deployment at which CodeDeploy works and calls nobody.
const OWN: [&str; 3] = ["Install", "AllowTestTraffic", "AllowTraffic"];
/// Events of EC2 and on-premises deployments alone.
const EC2: [&str; 7] = [
    "ApplicationStop",
    "DownloadBundle",
    "ApplicationStart",
    "ValidateService",
    "BeforeBlockTraffic",
    "BlockTraffic",
    "AfterBlockTraffic",
];

fn check(root: &Node<'_>, findings: &mut Findings<'_>) {
    for hook in hooks(root) {
        let name = hook.name.as_ref();
        if HookEvent::of_name(name).is_some() || crate::source::has_placeholder(name) {
            continue;
        }
        let is = |event: &&str| event.eq_ignore_ascii_case(name);
        if OWN.iter().any(&is) {
            let message = format!("`{name}` is CodeDeploy's own work and can have no hook");
            findings.name(&hook.node, message);
        } else if EC2.iter().any(is) {
            let message =
                format!("`{name}` is an event of EC2 deployments; ECS deployments have none such");
            findings.name(&hook.node, message);
        } else {
            let known = HookEvent::ALL.map(HookEvent::name);
            findings
                .name(
                    &hook.node,
                    format!("an ECS deployment has no event `{name}`"),
                )
                .did_you_mean(crate::suggest::closest(name, known));
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
                ("BeforeInstall", "beforeinstall", &[]),
                ("BeforeInstall", "AfterAllowTestTraffic", &[]),
                ("BeforeInstall", "AllowTraffic", &["Hooks[0].AllowTraffic"]),
                (
                    "BeforeInstall",
                    "ApplicationStop",
                    &["Hooks[0].ApplicationStop"],
                ),
                ("BeforeInstall", "BeforeInstal", &["Hooks[0].BeforeInstal"]),
                (
                    "- BeforeInstall",
                    "- ValidateService: x\n  - BeforeInstall",
                    &["Hooks[0].ValidateService"],
                ),
            ],
        );
    }
}
