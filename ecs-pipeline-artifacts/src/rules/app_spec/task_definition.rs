//! A task definition that is not left to the pipeline.

use super::*;
use crate::app_spec::TASK_DEFINITION_PLACEHOLDER;

pub(super) const RULE: Rule = Rule {
    id: "appspec-task-definition",
    severity: Severity::Warning,
    summary: "the task definition is written into the AppSpec",
    explanation: "CodePipeline's blue/green action registers a new revision and puts its ARN where \
                  `<TASK_DEFINITION>` stands; where something else stands, the new revision is not \
                  deployed. CodeDeploy itself takes an ARN, and then deploys that revision again and \
                  again.",
    remedy: "Write `<TASK_DEFINITION>` where CodePipeline or `ecs-pipeline` reads the file.",
    reference: "https://docs.aws.amazon.com/codepipeline/latest/userguide/action-reference-ECSbluegreen.html",
    check: Check::AppSpec(check),
};

fn check(root: &Node<'_>, findings: &mut Findings<'_>) {
    for properties in properties(root) {
        let Some(node) = present(properties, "TaskDefinition") else {
            continue;
        };
        let Some(text) = node.as_str().map(str::trim) else {
            continue;
        };
        let is_misspelt =
            text.starts_with('<') && text.ends_with('>') && text != TASK_DEFINITION_PLACEHOLDER;
        if text.is_empty() || node.is_placeholder() && !is_misspelt {
            continue;
        }
        let finding = findings.value(node, message(text));
        if is_misspelt {
            finding.did_you_mean(Some(TASK_DEFINITION_PLACEHOLDER));
        }
    }
}

fn message(text: &str) -> String {
    let revision = text
        .starts_with("arn:")
        .then(|| text.rsplit_once(":task-definition/"))
        .flatten()
        .map(|(_, name)| name.split_once(':').map(|(_, revision)| revision));
    match revision {
        Some(Some(revision)) if revision.bytes().all(|byte| byte.is_ascii_digit()) => {
            format!(
                "revision {revision} is deployed again each time: the ARN is written into the file"
            )
        }
        Some(Some(_)) => {
            "the revision of a task definition is a number, and this is none".to_owned()
        }
        Some(None) => {
            "the ARN of a task definition ends in its revision, and this has none".to_owned()
        }
        None => format!(
            "this is neither `{TASK_DEFINITION_PLACEHOLDER}` nor the ARN of a task definition"
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::super::tests::*;

    #[test]
    fn cases() {
        let path = &["Resources[0].TargetService.Properties.TaskDefinition"][..];
        let arn = "arn:aws:ecs:eu-west-1:123456789012:task-definition/shop";
        table(
            &super::RULE,
            &[
                ("<TASK_DEFINITION>", "\"<TASK_DEFINITION>\"", &[]),
                ("<TASK_DEFINITION>", "${TASK_DEFINITION_ARN}", &[]),
                ("<TASK_DEFINITION>", "<TASK_DEF>", path),
                ("<TASK_DEFINITION>", "<TASK_DEFINTION>", path),
                ("<TASK_DEFINITION>", &format!("{arn}:7"), path),
                ("<TASK_DEFINITION>", &format!("{arn}:latest"), path),
                ("<TASK_DEFINITION>", arn, path),
                ("<TASK_DEFINITION>", "shop", path),
            ],
        );
    }

    #[test]
    fn messages() {
        for (text, expected) in [
            ("arn:aws:ecs:r:1:task-definition/shop:7", "revision 7"),
            ("arn:aws:ecs:r:1:task-definition/shop:latest", "is a number"),
            ("arn:aws:ecs:r:1:task-definition/shop", "has none"),
            ("arn:aws:iam::1:role/x", "neither"),
            ("shop:7", "neither"),
        ] {
            assert!(super::message(text).contains(expected), "{text}");
        }
    }
}
