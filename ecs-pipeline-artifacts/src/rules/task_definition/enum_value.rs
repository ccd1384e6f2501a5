//! A value that an enumeration does not have.

use super::*;
use crate::shape::FaultKind;
use crate::suggest::closest;

pub(super) const RULE: Rule = Rule {
    id: "enum-value",
    severity: Severity::Error,
    summary: "a value that is none of those that the member can have",
    explanation: "The AWS CLI sends it as it is, and ECS refuses it, such as: `awsvpc is not a valid log \
                  driver. Must be one of [awslogs,splunk,awsfirelens]`.",
    remedy: "Write one of the values that are named, in the same case.",
    reference: "https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_RegisterTaskDefinition.html",
    check: Check::TaskDefinitionShape(check),
};

fn check(taskdef: &TaskDefinition<'_>, findings: &mut Findings<'_>) {
    for fault in &taskdef.faults {
        if !enum_ignored::is_lenient(fault) {
            report(fault, findings);
        }
    }
}

/// Says that a fault's value is none of the possible ones; nothing of other faults.
pub(super) fn report(fault: &Fault<'_>, findings: &mut Findings<'_>) {
    let (FaultKind::Enum(values), Some(text)) = (&fault.kind, fault.node.as_str()) else {
        return;
    };
    let message = match text.len() {
        0 => format!("{} is empty", fault.subject()),
        1..=MAX_SHOWN => format!("{} has no value `{text}`", fault.subject()),
        _ => format!(
            "{} has none of the values that it can have",
            fault.subject()
        ),
    };
    let finding = findings.value(fault.node, message);
    let listed = values.join("`, `");
    let known = values.iter().copied();
    let meant = (text.len() <= MAX_SHOWN)
        .then(|| closest(text, known))
        .flatten();
    match meant {
        Some(meant) => finding.did_you_mean(Some(meant)),
        None if values.len() == 1 => finding.help(format!("it can be `{listed}` only")),
        None => finding.help(format!("it can be one of `{listed}`")),
    };
    if let Some(meant) = meant.filter(|meant| meant.eq_ignore_ascii_case(text)) {
        let replace = Change::Replace(fault.node.id, format!("\"{meant}\""));
        finding.fix(format!("write `{meant}`"), [replace]);
    }
}

/// Longer values are not shown.
const MAX_SHOWN: usize = 40;

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use crate::rules::tests::table;
    use crate::validate::{Options, SourceFile, validate};

    #[test]
    fn cases() {
        table(
            &super::RULE,
            "taskdef.json",
            &[
                (
                    r#"{"family": "f", "networkMode": "awsvpc", "pidMode": "<PID>", "containerDefinitions": []}"#,
                    &[],
                ),
                (
                    r#"{"family": "f", "networkMode": "vpc", "requiresCompatibilities": ["FARGATE", "Ec2"], "containerDefinitions": [
                        {"logConfiguration": {"logDriver": "cloudwatch"}}]}"#,
                    &[
                        "networkMode",
                        "requiresCompatibilities[1]",
                        "containerDefinitions[0].logConfiguration.logDriver",
                    ],
                ),
            ],
        );
    }

    #[test]
    fn the_value_that_is_meant() {
        for (value, help, fix) in [
            ("Fargate", "did you mean `FARGATE`?", Some("\"FARGATE\"")),
            ("FARGAT", "did you mean `FARGATE`?", None),
            (
                "lambda",
                "it can be one of `EC2`, `EXTERNAL`, `FARGATE`, `MANAGED_INSTANCES`",
                None,
            ),
        ] {
            let text = format!(
                r#"{{"family": "f", "containerDefinitions": [{{"name": "a", "image": "a:1"}}], "requiresCompatibilities": [{value:?}]}}"#
            );
            let file = SourceFile::new("taskdef.json", text);
            let found = validate(&[file], &Options::default()).findings;
            let found = found.into_iter().find(|found| found.rule == &super::RULE);
            let found = found.unwrap();
            assert_eq!(found.help.as_deref(), Some(help));
            let written = found.fix.map(|fix| fix.edits[0].replacement.clone());
            assert_eq!(written.as_deref(), fix);
        }
    }
}
