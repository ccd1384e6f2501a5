//! Another file in a task definition's place.

use super::*;

pub(super) const RULE: Rule = Rule {
    id: "not-a-task-definition",
    severity: Severity::Error,
    summary: "the file has something else than a task definition",
    explanation: "RegisterTaskDefinition takes one object with `family` and `containerDefinitions`. \
                  CodePipeline's blue/green action, the AWS CLI and the deploy actions of CI systems \
                  hand it the file as it is. A CloudFormation template or an imagedefinitions.json \
                  cannot be registered.",
    remedy: "Put the task definition there, or give the file the name of what it is. Of a CloudFormation \
             template, deploy the template, or write the properties of its AWS::ECS::TaskDefinition as \
             a task definition.",
    reference: "https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_RegisterTaskDefinition.html",
    check: Check::TaskDefinitionShape(check),
};

fn check(taskdef: &TaskDefinition<'_>, findings: &mut Findings<'_>) {
    if let Form::Other(what) = taskdef.form {
        findings.value(
            taskdef.root,
            format!("this is {what}, not a task definition"),
        );
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use crate::rules::tests::table;
    use crate::validate::{Options, SourceFile, validate};

    const OTHERS: &[(&str, &str)] = &[
        (
            r#"{"AWSTemplateFormatVersion": "2010-09-09", "Resources": {}}"#,
            "a CloudFormation template",
        ),
        (
            r#"{"Resources": {"Task": {"Type": "AWS::ECS::TaskDefinition", "Properties": {"Cpu": 1}}}}"#,
            "a CloudFormation template",
        ),
        (
            r#"[{"name": "web", "imageUri": "web:1"}]"#,
            "the content of imagedefinitions.json",
        ),
        (
            r#"{"ImageURI": "web:1"}"#,
            "the content of imageDetail.json",
        ),
        (
            r#"{"serviceName": "s", "taskDefinition": "shop:1"}"#,
            "a service definition",
        ),
        (
            r#"[{"family": "f", "containerDefinitions": []}]"#,
            "a list of task definitions",
        ),
        (r#"{"version": 0.2, "phases": {}}"#, "a build specification"),
        (
            r#"{"version": "3", "services": {"web": {"image": "x"}}}"#,
            "a Compose file",
        ),
        ("7", "a number"),
    ];

    #[test]
    fn cases() {
        for (text, _) in OTHERS {
            table(&super::RULE, "taskdef.json", &[(text, &[""])]);
        }
        for text in [
            r#"{"family": "f"}"#,
            r#"{"family": "f", "containerDefinitions": [], "Resources": {}}"#,
            r#"{"taskDefinition": {"family": "f"}}"#,
            "[]",
            "{}",
        ] {
            table(&super::RULE, "taskdef.json", &[(text, &[])]);
        }
    }

    #[test]
    fn it_says_what_the_file_is_and_nothing_else_is_said() {
        for (text, what) in OTHERS {
            let file = SourceFile::new("taskdef.json", text);
            let findings = validate(&[file], &Options::default()).findings;
            let messages: Vec<_> = findings.iter().map(|found| &found.message).collect();
            assert_eq!(
                messages,
                [&format!("this is {what}, not a task definition")],
                "{text}"
            );
        }
    }
}
