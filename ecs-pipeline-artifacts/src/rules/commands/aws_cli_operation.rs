//! A command that the AWS CLI surely does not have.

use super::*;

pub(super) const RULE: Rule = Rule {
    id: "aws-cli-operation",
    severity: Severity::Error,
    summary: "the AWS CLI is asked for an operation that it does not have",
    explanation: "The AWS CLI does nothing but list the operations that there are, and ends with 252, 2 in older versions.",
    remedy: "Use the operation that was meant.",
    reference: CLI,
    check: Check::Commands(check),
};

/// Operations of ECS that people have made up.
const MADE_UP: [&str; 3] = ["rollback-service", "rollback-deployment", "rollback"];

fn check(script: &Script<'_>, findings: &mut Findings<'_>) {
    for (step, command) in script.each() {
        let call = Call::of(command).filter(|call| call.known_options().is_none());
        if let Some((call, advice)) = call.and_then(|call| {
            let advice = advice(&call)?;
            Some((call, advice))
        }) {
            findings
                .command(
                    &step.site_of(&call.operation.span),
                    format!("there is no `{}`", call.show()),
                )
                .help(advice);
        }
    }
}

/// What to do about an operation that surely is none; `None` where a newer AWS CLI may have it.
pub(super) fn advice(call: &Call<'_>) -> Option<String> {
    if MADE_UP.iter().any(|name| call.is("ecs", name)) {
        return Some(ROLLBACK.to_owned());
    }
    let meant = misspelt(call.operation.text, call.known_operations())?;
    Some(format!("did you mean `{meant}`?"))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use crate::rules::commands::tests::commands;
    use crate::rules::tests::lines;

    #[test]
    fn a_script_in_another_encoding_is_looked_at() {
        let script = b"# \xfcber\naws ecs rollback-service\n".as_slice();
        let step = [b"sh \"\"\"", script, b"\"\"\""].concat();
        let not_utf8 = crate::rules::find("not-utf8").unwrap();
        for (name, bytes) in [("deploy.sh", script), ("Jenkinsfile", &step)] {
            assert_eq!(lines(&super::RULE, name, bytes), [2], "{name}");
            assert!(lines(not_utf8, name, bytes).is_empty(), "{name}");
        }
    }

    #[test]
    fn cases() {
        commands(
            &super::RULE,
            &[
                (
                    "aws ecs rollback-service --service s",
                    &["rollback-service"],
                ),
                (
                    "aws ecs wait service-stable --services s",
                    &["service-stable"],
                ),
                ("aws ecs update-services --service s", &["update-services"]),
                ("aws ecs wait services-stable --services s", &[]),
                ("aws ecs help", &[]),
                ("aws ecs invent-service", &[]),
                ("aws ecs $OPERATION", &[]),
                ("aws ecz update-service", &[]),
            ],
        );
    }
}
