//! An option that the AWS CLI surely does not have.

use super::*;

pub(super) const RULE: Rule = Rule {
    id: "aws-cli-option",
    severity: Severity::Error,
    summary: "a command of the AWS CLI is given an option that it does not have",
    explanation: "The AWS CLI does nothing but say `Unknown options: …`, and ends with 252, 255 in older versions. A pipeline that goes on after that has not done what the line says.",
    remedy: "Use the option that was meant.",
    reference: CLI,
    check: Check::Commands(check),
};

/// Options that people have made up: the operation, the option, and what to do instead.
const MADE_UP: &[(&str, &str, &str)] = &[
    ("update-service", "rollback-deployment", ROLLBACK),
    ("update-service", "rollback", ROLLBACK),
];

fn check(script: &Script<'_>, findings: &mut Findings<'_>) {
    for (step, command) in script.each() {
        let Some(call) = Call::of(command) else {
            continue;
        };
        for option in call.unknown_options() {
            let Some(advice) = advice(&call, option.text) else {
                continue;
            };
            findings
                .command(
                    &step.site_of(&option.span),
                    format!("`{}` has no option `--{}`", call.show(), option.text),
                )
                .help(advice);
        }
    }
}

/// What to do about an option that surely is none; `None` where a newer AWS CLI may have it.
pub(super) fn advice(call: &Call<'_>, option: &str) -> Option<String> {
    let mut made_up = MADE_UP.iter();
    let made_up = made_up.find(|(operation, name, _)| *name == option && call.is("ecs", operation));
    if let Some((.., advice)) = made_up {
        return Some((*advice).to_owned());
    }
    let meant = misspelt(option, call.known_options()?)?;
    Some(format!("did you mean `--{meant}`?"))
}

#[cfg(test)]
mod tests {
    use crate::rules::commands::tests::commands;

    #[test]
    fn cases() {
        commands(
            &super::RULE,
            &[
                (
                    "aws ecs update-service --cluster c --service s --desired-count 2 --rollback-deployment",
                    &["--rollback-deployment"],
                ),
                (
                    "aws ecs update-service --cluster c \\\n  --service s \\\n  --rollback",
                    &["--rollback"],
                ),
                (
                    "aws ecs update-service --servce s --taskdefinition t --task_definition=t",
                    &["--servce", "--taskdefinition", "--task_definition=t"],
                ),
                (
                    "x=$(aws ecs describe-services --service-s $S --querry x)",
                    &["--service-s", "--querry"],
                ),
                (
                    "aws ecs update-service --service s --force-new-deployment || true",
                    &[],
                ),
                // Beginnings of options, which version 1 takes for them.
                ("aws ecs update-service --desired 2 --force", &[]),
                // What nobody knows yet is another rule's.
                ("aws ecs update-service --service s --shiny-new-thing", &[]),
                ("aws ecs update-service --service s $ROLLBACK --$X", &[]),
                ("aws ecs rollback-service --rollback-deployment", &[]),
                ("echo aws ecs update-service --rollback-deployment", &[]),
                ("# aws ecs update-service --rollback-deployment", &[]),
            ],
        );
    }
}
