//! What the AWS CLI of today does not have.

use super::*;

pub(super) const RULE: Rule = Rule {
    id: "aws-cli-unknown",
    severity: Severity::Warning,
    summary: "an operation or option that the AWS CLI does not have, as far as is known",
    explanation: "AWS adds operations and options every month. Unless this is one that a newer AWS CLI has, the command ends with 252 and does nothing.",
    remedy: "Look it up in the reference of the AWS CLI.",
    reference: CLI,
    check: Check::Commands(check),
};

fn check(script: &Script<'_>, findings: &mut Findings<'_>) {
    for (step, command) in script.each() {
        let Some(call) = Call::of(command) else {
            continue;
        };
        if call.known_options().is_none() {
            let known = call.operation.text == "help" || aws_cli_operation::advice(&call).is_some();
            if !known {
                let meant = crate::suggest::closest(call.operation.text, call.known_operations());
                findings
                    .command(
                        &step.site_of(&call.operation.span),
                        format!("no `{}` is known", call.show()),
                    )
                    .did_you_mean(meant);
            }
            continue;
        }
        for option in call.unknown_options() {
            if aws_cli_option::advice(&call, option.text).is_none() {
                let known = call.known_options().into_iter().flatten();
                let meant = crate::suggest::closest(option.text, known);
                findings
                    .command(
                        &step.site_of(&option.span),
                        format!(
                            "no option `--{}` of `{}` is known",
                            option.text,
                            call.show()
                        ),
                    )
                    .did_you_mean(meant.map(|name| format!("--{name}")).as_deref());
            }
        }
    }
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
                    "aws ecs update-service --service s --shiny-new-thing x",
                    &["--shiny-new-thing"],
                ),
                ("aws ecs invent-service --shiny", &["invent-service"]),
                // These are surely wrong, which other rules say.
                (
                    "aws ecs update-service --service s --rollback-deployment",
                    &[],
                ),
                ("aws ecs rollback-service", &[]),
                ("aws ecs update-service help", &[]),
                ("aws ecs help", &[]),
                ("aws ecs update-service --service s --tags", &["--tags"]),
            ],
        );
    }
}
