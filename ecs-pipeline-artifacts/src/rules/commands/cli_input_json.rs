//! A file given to the AWS CLI as if it were JSON.

use super::*;

pub(super) const RULE: Rule = Rule {
    id: "cli-input-json-file",
    severity: Severity::Error,
    summary: "`--cli-input-json` is given a file name without `file://`",
    explanation: "The AWS CLI takes the name itself for the JSON, and the command fails with `Invalid JSON`.",
    remedy: "Write `file://` in front of the name.",
    reference: "https://docs.aws.amazon.com/cli/latest/userguide/cli-usage-parameters-file.html",
    check: Check::Commands(check),
};

fn check(script: &Script<'_>, findings: &mut Findings<'_>) {
    for (step, command) in script
        .each()
        .filter(|(_, command)| command.program() == "aws")
    {
        let Some(value) = command.option("--cli-input-json") else {
            continue;
        };
        let name = value.marked();
        if value.is_certain() && name.ends_with(".json") && !name.contains("://") {
            findings
                .command(
                    &step.site(command),
                    "`--cli-input-json` takes JSON itself, or a file as `file://NAME`",
                )
                .help(format!("write `--cli-input-json file://{}`", value.show()));
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
                    "phases: {build: {commands: ['aws ecs register-task-definition --cli-input-json file://taskdef.json']}}",
                    &[],
                ),
                (
                    "phases: {build: {commands: ['aws ecs register-task-definition --cli-input-json \"$(cat t.json)\"']}}",
                    &[],
                ),
                (
                    "phases: {build: {commands: ['aws ecs register-task-definition --cli-input-json $TASKDEF']}}",
                    &[],
                ),
                (
                    "phases: {build: {commands: [aws ecs register-task-definition --cli-input-json taskdef.json]}}",
                    &["phases.build.commands[0]"],
                ),
                (
                    "phases: {build: {commands: [aws ecs register-task-definition --cli-input-json=$DIR/taskdef.json]}}",
                    &["phases.build.commands[0]"],
                ),
            ],
        );
    }
}
