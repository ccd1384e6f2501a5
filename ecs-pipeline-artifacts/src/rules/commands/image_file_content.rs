//! An image file with another content than is read.

use super::*;

pub(super) const RULE: Rule = Rule {
    id: "image-file-content",
    severity: Severity::Warning,
    summary: "a command writes imagedefinitions.json or imageDetail.json in a form that the deploy action does not read",
    explanation: "The rolling action reads a list of `{\"name\": …, \"imageUri\": …}` from imagedefinitions.json; the blue/green action reads `{\"ImageURI\": …}` from imageDetail.json. Members are read in exactly this spelling.",
    remedy: "Write it as the explanation shows, and quote it: without quotes the shell takes the inner ones away.",
    reference: "https://docs.aws.amazon.com/codepipeline/latest/userguide/file-reference.html",
    check: Check::Commands(check),
};

use crate::commands::shell::Word;
use crate::commands::{image_definitions, image_detail, is_unclear};

fn check(script: &Script<'_>, findings: &mut Findings<'_>) {
    let is_definitions: fn(&Word) -> bool = |content| image_definitions(content).is_some();
    let is_detail: fn(&Word) -> bool = |content| image_detail(content).is_some();
    for (name, is_right, form) in [
        (
            "imagedefinitions.json",
            is_definitions,
            "a list of objects with `name` and `imageUri`",
        ),
        ("imageDetail.json", is_detail, "an object with `ImageURI`"),
    ] {
        let Some(written) = script.written(name) else {
            continue;
        };
        let wrong = written
            .content
            .filter(|content| !is_unclear(content) && !is_right(content));
        if wrong.is_some() && !script.may_change(name) {
            findings.command(
                &written.site,
                format!("{name} is {form}, and this writes something else"),
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
                    r#"phases: {build: {commands: ["printf '[{\"name\":\"%s\",\"imageUri\":\"%s\"}]' $A $B:1 > imagedefinitions.json"]}}"#,
                    &[],
                ),
                (
                    r#"phases: {build: {commands: ["printf '{\"ImageURI\":\"%s\"}' $B > imageDetail.json"]}}"#,
                    &[],
                ),
                (
                    r#"phases: {build: {commands: ["printf '[{\"ImageURI\":\"%s\"}]' $B > imageDetail.json"]}}"#,
                    &["phases.build.commands[0]"],
                ),
                (
                    r#"phases: {build: {commands: ["printf '[{\"name\":\"a\",\"imageURI\":\"%s\"}]' $B > imagedefinitions.json"]}}"#,
                    &["phases.build.commands[0]"],
                ),
                (
                    r#"phases: {build: {commands: ["echo {\"ImageURI\":\"$A\"} > imageDetail.json"]}}"#,
                    &["phases.build.commands[0]"],
                ),
                (
                    r#"phases: {build: {commands: ["echo $JSON > imageDetail.json", "make > imagedefinitions.json"]}}"#,
                    &[],
                ),
                (
                    r#"phases: {build: {commands: ["echo x > imageDetail.json", "sed -i s/x/y/ imageDetail.json"]}}"#,
                    &[],
                ),
            ],
        );
    }
}
