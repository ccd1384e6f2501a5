//! A task definition as YAML.

use super::*;
use crate::source::Format;

pub(super) const RULE: Rule = Rule {
    id: "yaml-task-definition",
    severity: Severity::Warning,
    summary: "a task definition as YAML, which few tools read",
    explanation: "The AWS CLI takes YAML with `--cli-input-yaml`. CodePipeline's blue/green action and the \
                  deploy actions of CI systems read JSON.",
    remedy: "Write it as JSON, unless what reads it takes YAML.",
    reference: "https://docs.aws.amazon.com/codepipeline/latest/userguide/action-reference-ECSbluegreen.html",
    check: Check::TaskDefinitionShape(check),
};

fn check(taskdef: &TaskDefinition<'_>, findings: &mut Findings<'_>) {
    let yaml = taskdef
        .file
        .is_some_and(|file| file.text.format() == Format::Yaml);
    if yaml && !matches!(taskdef.form, Form::Other(_)) {
        findings.value(
            taskdef.root,
            "the task definition is YAML; CodePipeline and most tools read JSON",
        );
    }
}

#[cfg(test)]
mod tests {
    use crate::rules::tests::table;

    #[test]
    fn cases() {
        let yaml = "family: f\ncontainerDefinitions: []\n";
        table(&super::RULE, "taskdef.yaml", &[(yaml, &[""]), ("x", &[])]);
        let json = r#"{"family": "f", "containerDefinitions": []}"#;
        table(&super::RULE, "taskdef.json", &[(json, &[])]);
    }
}
