//! A command that the AWS CLI no longer has.

use super::*;

pub(super) const RULE: Rule = Rule {
    id: "ecr-get-login",
    severity: Severity::Warning,
    summary: "`aws ecr get-login`, which version 2 of the AWS CLI does not have",
    explanation: "CodeBuild's present images have version 2 of the AWS CLI, which refuses the command as an invalid choice. Only old images still have it.",
    remedy: "Use `aws ecr get-login-password | docker login --username AWS --password-stdin REGISTRY`.",
    reference: "https://docs.aws.amazon.com/cli/latest/userguide/cliv2-migration-changes.html",
    check: Check::Commands(check),
};

fn check(script: &Script<'_>, findings: &mut Findings<'_>) {
    for (step, command) in script.each() {
        if Call::of(command).is_some_and(|call| call.is("ecr", "get-login")) {
            findings.command(
                &step.site(command),
                "version 2 of the AWS CLI has no `aws ecr get-login`",
            );
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::rules::tests::table;

    #[test]
    fn cases() {
        table(
            &super::RULE,
            "buildspec.yml",
            &[
                (
                    "phases: {pre_build: {commands: [aws ecr get-login-password --region r | docker login]}}",
                    &[],
                ),
                (
                    "phases: {pre_build: {commands: [$(aws ecr get-login --no-include-email)]}}",
                    &["phases.pre_build.commands[0]"],
                ),
                (
                    "phases: {pre_build: {commands: [echo aws ecr get-login]}}",
                    &[],
                ),
            ],
        );
    }
}
