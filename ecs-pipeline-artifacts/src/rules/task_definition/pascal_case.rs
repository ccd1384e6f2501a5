//! The spelling of CloudFormation or .NET.

use super::*;
use crate::shape::FaultKind;

pub(super) const RULE: Rule = Rule {
    id: "pascal-case",
    severity: Severity::Error,
    summary: "members that begin with a capital letter, as in CloudFormation",
    explanation: "CloudFormation and .NET write `ContainerDefinitions`; RegisterTaskDefinition takes \
                  `containerDefinitions`. The AWS CLI refuses the former: `Unknown parameter in input`.",
    remedy: "Write the members in the API's spelling, with a small first letter.",
    reference: "https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_RegisterTaskDefinition.html",
    check: Check::TaskDefinitionShape(check),
};

fn check(taskdef: &TaskDefinition<'_>, findings: &mut Findings<'_>) {
    let mut renames = taskdef.faults.iter().filter_map(|fault| match fault.kind {
        FaultKind::Pascal(meant) => Some((fault, meant)),
        _ => None,
    });
    let Some((first, meant)) = renames.next() else {
        return;
    };
    let mut changes = vec![Change::Rename(first.node.id, meant.to_owned())];
    changes.extend(renames.map(|(fault, meant)| Change::Rename(fault.node.id, meant.to_owned())));
    let message = match changes.len() {
        1 => format!("{} must be written `{meant}`", first.subject()),
        count => format!(
            "{} must be written `{meant}`, and so on for {count} members",
            first.subject()
        ),
    };
    findings
        .name(first.node, message)
        .fix("write the members with a small first letter", changes);
}

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
                (r#"{"family": "f", "containerDefinitions": []}"#, &[]),
                (
                    r#"{"Family": "f", "ContainerDefinitions": [{"Name": "web", "Image": "web:1"}]}"#,
                    &["Family"],
                ),
                (
                    r#"{"family": "f", "containerDefinitions": [{"name": "web", "Image": "web:1"}]}"#,
                    &["containerDefinitions[0].Image"],
                ),
                // Labels are anybody's names.
                (
                    r#"{"family": "f", "containerDefinitions": [{"dockerLabels": {"Name": "x"}}]}"#,
                    &[],
                ),
                // Which of the two is meant nobody knows.
                (
                    r#"{"family": "f", "Family": "g", "containerDefinitions": []}"#,
                    &[],
                ),
            ],
        );
    }

    #[test]
    fn one_finding_for_a_document_and_what_is_inside_is_looked_at() {
        let text = r#"{"Family": "f", "ContainerDefinitions": [{"Name": "web", "Cpu": "256",
            "LogConfiguration": {"LogDriver": "awslogs", "Options": {"Awslogs-group": "g"}}}]}"#;
        let file = SourceFile::new("taskdef.json", text);
        let findings = validate(&[file], &Options::default()).findings;
        let ids: Vec<_> = findings.iter().map(|found| found.rule.id).collect();
        assert_eq!(ids, ["pascal-case", "wrong-type"]);
        let mut fixed = text.to_owned();
        for edit in findings[0].fix.as_ref().unwrap().edits.iter().rev() {
            fixed.replace_range(edit.span.clone(), &edit.replacement);
        }
        assert!(
            fixed.starts_with(r#"{"family": "f", "containerDefinitions": [{"name": "web", "cpu""#)
        );
        assert!(fixed.contains(r#""options": {"Awslogs-group""#));
    }
}
