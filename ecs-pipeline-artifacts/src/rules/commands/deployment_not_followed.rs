//! A deployment that nobody waits for.

use super::*;

pub(super) const RULE: Rule = Rule {
    id: "deployment-not-followed",
    severity: Severity::Warning,
    summary: "a deployment is started, and no command looks at what becomes of it",
    explanation: "`aws ecs update-service` and `aws deploy create-deployment` come back as soon as the deployment has begun. The pipeline is green before a new task runs, stays green where none ever gets healthy, and what it does on failure is never done.",
    remedy: "Use `ecs-pipeline deploy`, which ends when the deployment has: with 0 where the new version runs, with 4 where the former one is back.",
    reference: "https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_UpdateService.html",
    check: Check::Commands(check),
};

/// Words of commands that look, or may look, at what became of a deployment.
const LOOKS: [&str; 7] = [
    "wait",
    "describe-services",
    "service-deployment",
    "describe-tasks",
    "get-deployment",
    "rolloutState",
    "ecs-pipeline",
];

fn check(script: &Script<'_>, findings: &mut Findings<'_>) {
    let looks = |word: &&str| script.mentions(word) || script.may_otherwise(word);
    if LOOKS.iter().any(looks) {
        return;
    }
    let mut started = script.each().filter(|(_, command)| {
        Call::of(command)
            .is_some_and(|call| deploys(&call) || call.is("deploy", "create-deployment"))
    });
    if let Some((step, command)) = started.next() {
        findings.command(
            &step.site(command),
            "nothing looks at what becomes of this deployment: the pipeline is green even where it fails",
        );
    }
}

#[cfg(test)]
mod tests {
    use crate::rules::commands::tests::{commands, jenkinsfiles};

    #[test]
    fn cases() {
        let update = "aws ecs update-service --service s --force-new-deployment";
        let create = "aws deploy create-deployment --application-name a --revision r";
        let and = |command: &str| format!("{update}\n{command}");
        commands(
            &super::RULE,
            &[
                (update, &[update]),
                (create, &[create]),
                (&and(create), &[update]),
                (&and("echo done"), &[update]),
                (&and("aws ecs wait services-stable --services s"), &[]),
                (&and("./wait-for-service.sh"), &[]),
                (&and("aws ecs describe-services --services s"), &[]),
                ("aws ecs update-service --service s --desired-count 2", &[]),
                ("ecs-pipeline deploy", &[]),
            ],
        );
    }

    #[test]
    fn groovy_may_wait_as_well() {
        let update = "sh 'aws ecs update-service --service s --task-definition t'";
        jenkinsfiles(
            &super::RULE,
            &[
                (update, &["sh[0]"]),
                (&format!("{update}\nwaitForDeployment()"), &[]),
                (&format!("{update}\nlibrary.awaitDeployment()"), &[]),
                (&format!("waitForQualityGate()\n{update}"), &["sh[0]"]),
                (&format!("{update}\nsh check"), &[]),
                (
                    &format!("{update}\nif (rolloutState == 'FAILED') {{}}"),
                    &[],
                ),
            ],
        );
    }
}
