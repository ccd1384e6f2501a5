//! A value of another type than the member has.

use super::*;
use crate::shape::{FaultKind, Shape};
use crate::source::{Format, Value};

pub(super) const RULE: Rule = Rule {
    id: "wrong-type",
    severity: Severity::Error,
    summary: "a value of another type than RegisterTaskDefinition takes",
    explanation: "The AWS CLI and boto3 refuse it: `Invalid type for parameter \
                  containerDefinitions[0].portMappings[0].containerPort, value: 80, type: <class 'str'>, \
                  valid types: <class 'int'>`. A task definition's own `cpu` and `memory` are strings, a \
                  container's are numbers. A placeholder in quotes keeps its quotes when it is filled in: \
                  what was to be a number is then a string.",
    remedy: "Write the value as the type that is named.",
    reference: "https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_RegisterTaskDefinition.html",
    check: Check::TaskDefinitionShape(check),
};

fn check(taskdef: &TaskDefinition<'_>, findings: &mut Findings<'_>) {
    for fault in &taskdef.faults {
        let FaultKind::Type(wanted) = fault.kind else {
            continue;
        };
        let node = fault.node;
        let placeholder = node.as_str().filter(|_| node.literal().is_none());
        let is_scalar = matches!(wanted, Shape::Integer { .. } | Shape::Boolean);
        let may_become = |text: &str| is_scalar || text.starts_with(['<', '$', '{', '%']);
        if placeholder.is_some_and(may_become) && !is_quoted(taskdef.source(node)) {
            continue;
        }
        let message = match (wanted, &node.value) {
            (Shape::Integer { .. }, Value::Number(_)) => {
                format!(
                    "{} must be an integer, and is another number",
                    fault.subject()
                )
            }
            _ => format!(
                "{} must be {}, and is {}",
                fault.subject(),
                wanted.kind(),
                node.kind()
            ),
        };
        let finding = findings.value(node, message);
        if placeholder.is_some() && is_scalar {
            finding.help("the quotes stay when the placeholder is filled in");
            continue;
        }
        if let Some(help) = help(fault.name, wanted, node) {
            finding.help(help);
        }
        if let Some(text) = taskdef
            .source(node)
            .and_then(|source| converted(wanted, node, source, taskdef))
        {
            let title = format!("write it as {}", wanted.kind());
            finding.fix(title, [Change::Replace(node.id, text)]);
        }
    }
}

/// Without quotes, a placeholder may still become what is wanted: in YAML, or in JSON that is none yet,
/// which has a finding of its own.
fn is_quoted(source: Option<&str>) -> bool {
    source.is_none_or(|source| source.starts_with(['"', '\'']))
}

/// What people mean who write it so.
fn help(name: &str, wanted: &'static Shape, node: &Node<'_>) -> Option<String> {
    let is_text = node.as_str().is_some();
    match wanted {
        Shape::List { item, .. } => match item {
            Shape::Structure { .. } if is_table(item, node) => {
                let mut required = item.names();
                let (first, second) = (required.next()?, required.next()?);
                Some(format!(
                    "write `{name}` as a list with one object each: [{{\"{first}\": …, \"{second}\": …}}]"
                ))
            }
            Shape::Structure { .. } if !node.members().is_empty() => {
                Some("put the object into a list: [{…}]".to_owned())
            }
            Shape::String { .. } if is_text && matches!(name, "command" | "entryPoint") => {
                Some(
                    "write each argument as an item: [\"npm\", \"start\"]; for a shell, [\"sh\", \"-c\", \"…\"]"
                        .to_owned(),
                )
            }
            Shape::String { .. } if is_text => Some("put the text into a list".to_owned()),
            _ => None,
        },
        Shape::Map { .. } if !node.items().is_empty() => {
            Some(format!("write `{name}` as one object: {{\"name\": \"value\"}}"))
        }
        Shape::Structure { .. } if node.items().len() == 1 => {
            Some("write the object without the list around it".to_owned())
        }
        Shape::Integer { .. } if is_text => Some("write a whole number, without quotes".to_owned()),
        _ => None,
    }
}

/// Whether an object has names and values where a list of objects with names and values is wanted.
fn is_table(item: &Shape, node: &Node<'_>) -> bool {
    let mut members = node.members().iter();
    item.members().len() == 2
        && members.len() > 0
        && members.all(|member| item.member(&member.name).is_none())
}

/// The value as it is wanted, where it can be only that.
fn converted(
    wanted: &'static Shape,
    node: &Node<'_>,
    source: &str,
    taskdef: &TaskDefinition<'_>,
) -> Option<String> {
    match (wanted, &node.value) {
        // As it is written, if it is written as it is read: YAML reads 012 as 12.
        (Shape::String { .. }, Value::Number(number)) => {
            (number.to_string() == source).then(|| format!("\"{source}\""))
        }
        (Shape::String { .. }, Value::Bool(value)) => {
            (value.to_string() == source).then(|| format!("\"{source}\""))
        }
        (Shape::Integer { .. }, Value::String(text)) => {
            let number: i64 = text.parse().ok()?;
            (number.to_string() == *text).then(|| number.to_string())
        }
        (Shape::Integer { .. }, Value::Number(_)) => {
            let whole = source.strip_suffix(".0")?;
            // `-0` is no whole number to every reader.
            let number: i64 = whole.parse().ok()?;
            (number.to_string() == whole).then(|| whole.to_owned())
        }
        (Shape::Boolean, Value::String(text)) => match text.to_ascii_lowercase().as_str() {
            word @ ("true" | "false") => Some(word.to_owned()),
            _ => None,
        },
        (Shape::List { item, .. }, Value::Object(_)) => {
            let json = taskdef
                .file
                .is_some_and(|file| file.text.format() == Format::Json);
            let mut members = node.members().iter();
            let fits = members.len() > 0 && members.all(|it| item.member(&it.name).is_some());
            (json && fits).then(|| format!("[{source}]"))
        }
        _ => None,
    }
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
                (
                    r#"{"family": "f", "cpu": "256", "containerDefinitions": [{"cpu": 256, "essential": true, "command": []}]}"#,
                    &[],
                ),
                (
                    r#"{"family": "f", "cpu": 256, "containerDefinitions": [{"cpu": "256", "essential": "true", "command": "x",
                        "environment": {"A": "b"}, "memory": 1.5, "logConfiguration": [], "dockerLabels": {"a": 1},
                        "entryPoint": ["a", 1], "user": {}}]}"#,
                    &[
                        "cpu",
                        "containerDefinitions[0].cpu",
                        "containerDefinitions[0].essential",
                        "containerDefinitions[0].command",
                        "containerDefinitions[0].environment",
                        "containerDefinitions[0].memory",
                        "containerDefinitions[0].logConfiguration",
                        "containerDefinitions[0].dockerLabels.a",
                        "containerDefinitions[0].entryPoint[1]",
                        "containerDefinitions[0].user",
                    ],
                ),
                (
                    r#"{"family": "f", "containerDefinitions": {"name": "web"}}"#,
                    &["containerDefinitions"],
                ),
                // Without quotes, it becomes a number.
                (
                    r#"{"family": "f", "containerDefinitions": [{"cpu": ${CPU}, "memory": "${MEMORY}"}]}"#,
                    &["containerDefinitions[0].memory"],
                ),
            ],
        );
        table(
            &super::RULE,
            "taskdef.yaml",
            &[(
                "family: f\ncpu: 256\ncontainerDefinitions:\n- {cpu: $CPU, memory: '$MEMORY', command: run $X}\n",
                &[
                    "cpu",
                    "containerDefinitions[0].memory",
                    "containerDefinitions[0].command",
                ],
            )],
        );
    }

    /// What the fix writes, and the help, for a container definition's member.
    fn advice(member: &str) -> (Option<String>, Option<String>) {
        let text = format!(r#"{{"family": "f", "containerDefinitions": [{{{member}}}]}}"#);
        let file = SourceFile::new("taskdef.json", text);
        let mut findings = validate(&[file], &Options::default()).findings;
        findings.retain(|found| found.rule == &super::RULE);
        let found = findings.remove(0);
        (
            found.fix.map(|fix| fix.edits[0].replacement.clone()),
            found.help,
        )
    }

    #[test]
    fn what_can_mean_only_one_thing_is_rewritten() {
        for (member, fix) in [
            (r#""cpu": "80""#, Some("80")),
            (r#""cpu": "080""#, None),
            (r#""cpu": "80m""#, None),
            (r#""cpu": 80.0"#, Some("80")),
            (r#""cpu": 80.5"#, None),
            (r#""user": 1000"#, Some("\"1000\"")),
            (
                r#""environment": [{"name": "A", "value": false}]"#,
                Some("\"false\""),
            ),
            (r#""essential": "True""#, Some("true")),
            (r#""essential": "yes""#, None),
            (r#""essential": 1"#, None),
            (
                r#""portMappings": {"containerPort": 80}"#,
                Some(r#"[{"containerPort": 80}]"#),
            ),
            (r#""environment": {"A": "b"}"#, None),
            (r#""environment": {}"#, None),
            (r#""command": "npm start""#, None),
        ] {
            assert_eq!(advice(member).0.as_deref(), fix, "{member}");
        }
    }

    #[test]
    fn help_says_how_it_is_written() {
        for (member, help) in [
            (
                r#""environment": {"A": "b"}"#,
                "write `environment` as a list with one object each: [{\"name\": …, \"value\": …}]",
            ),
            (
                r#""command": "npm start""#,
                "write each argument as an item: [\"npm\", \"start\"]; for a shell, [\"sh\", \"-c\", \"…\"]",
            ),
            (
                r#""dockerLabels": ["a"]"#,
                "write `dockerLabels` as one object: {\"name\": \"value\"}",
            ),
            (
                r#""memory": "<MEMORY>""#,
                "the quotes stay when the placeholder is filled in",
            ),
        ] {
            assert_eq!(advice(member).1.as_deref(), Some(help), "{member}");
        }
    }
}
