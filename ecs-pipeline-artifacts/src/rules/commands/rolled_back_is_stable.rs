//! A wait that a rollback satisfies.

use super::*;

pub(super) const RULE: Rule = Rule {
    id: "rolled-back-is-stable",
    severity: Severity::Warning,
    summary: "`aws ecs wait services-stable` is what tells whether a deployment succeeded",
    explanation: "It waits until the service has one deployment and all of its tasks. After the circuit breaker has rolled back that is so as well: the command ends with 0, and the pipeline is green with the former version running. Where nothing rolls back it gives up after 10 minutes, and the deployment goes on.",
    remedy: "Use `ecs-pipeline deploy`, which follows the deployment that it started, and fails where that was not what became of the service; or look at the `status` of `aws ecs describe-service-deployments`.",
    reference: "https://docs.aws.amazon.com/AmazonECS/latest/developerguide/deployment-circuit-breaker.html",
    check: Check::Commands(check),
};

/// Words that show that the outcome is looked at in another way, too.
const LOOKS: [&str; 3] = [
    "rolloutState",
    "describe-service-deployments",
    "list-service-deployments",
];

fn check(script: &Script<'_>, findings: &mut Findings<'_>) {
    if script.may_otherwise("rolloutState") || LOOKS.iter().any(|word| script.mentions(word)) {
        return;
    }
    let mut deployed = None;
    for (step, command) in script.each() {
        let Some(call) = Call::of(command) else {
            continue;
        };
        if deploys(&call) {
            deployed = Some(step.site(command));
        }
        if !call.is("ecs", "wait services-stable") {
            continue;
        }
        if let Some(deployed) = &deployed {
            let target = findings.target_command(deployed);
            findings
                .command(
                    &step.site(command),
                    "this also succeeds after the deployment was rolled back",
                )
                .related(target, "this is the deployment");
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::rules::commands::tests::{commands, jenkinsfiles};

    #[test]
    fn cases() {
        let wait = "aws ecs wait services-stable --cluster c --services s";
        let after = |before: &str| format!("{before}\n{wait}");
        commands(
            &super::RULE,
            &[
                (
                    &after("aws ecs update-service --service s --force-new-deployment"),
                    &[wait],
                ),
                (
                    &after("aws ecs update-service --service s --task-definition t"),
                    &[wait],
                ),
                (
                    &after("aws ecs update-service --service s --desired-count 3"),
                    &[],
                ),
                (
                    &after("aws ecs create-service --service-name s --task-definition t"),
                    &[],
                ),
                (wait, &[]),
                (
                    &after(
                        "aws ecs update-service --service s --task-definition t\necho rolloutState",
                    ),
                    &[],
                ),
                (
                    "aws ecs update-service --service s --task-definition t",
                    &[],
                ),
            ],
        );
    }

    #[test]
    fn a_wait_in_a_later_step_is_one() {
        jenkinsfiles(
            &super::RULE,
            &[(
                "sh 'aws ecs update-service --task-definition t'\nsh \"aws ecs wait services-stable --services ${env.S}\"",
                &["sh[1]"],
            )],
        );
    }
}
