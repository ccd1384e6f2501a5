//! More than ECS takes.

use super::*;
use crate::source::{Format, Value};
use crate::task_definition::READ_ONLY;

pub(super) const RULE: Rule = Rule {
    id: "taskdef-too-large",
    severity: Severity::Error,
    summary: "a task definition of more than 64 KB",
    explanation: "ECS takes task definitions of at most 64 KB, and refuses larger ones: `Actual length: \
                  '65558'. Max allowed length is '65536' bytes.` It is measured here as JSON without \
                  white space.",
    remedy: "Move long values out of the file: environment variables into `environmentFiles` on S3, \
             configuration into the image or into a parameter.",
    reference: "https://docs.aws.amazon.com/AmazonECS/latest/developerguide/service-quotas.html",
    check: Check::TaskDefinitionShape(check),
};

const MAX_BYTES: usize = 65_536;

fn check(taskdef: &TaskDefinition<'_>, findings: &mut Findings<'_>) {
    let Some(file) = taskdef.file.filter(|_| taskdef.form.is_whole()) else {
        return;
    };
    // JSON is not longer without its white space; YAML has no quotes.
    if file.text.format() == Format::Json && file.text.as_str().len() <= MAX_BYTES {
        return;
    }
    let kept = taskdef.root.members().iter();
    let kept = kept.filter(|member| !READ_ONLY.contains(&member.name.as_ref()));
    let size = object_size(kept.map(|member| (member.name.as_ref(), &member.node)));
    if size > MAX_BYTES {
        findings.value(
            taskdef.root,
            format!("the task definition has {size} bytes as JSON; ECS takes {MAX_BYTES}"),
        );
    }
}

fn size(node: &Node<'_>) -> usize {
    match &node.value {
        Value::Null => 4,
        Value::Bool(true) => 4,
        Value::Bool(false) => 5,
        Value::Number(number) => number.to_string().len(),
        Value::String(text) => text_size(text),
        Value::List(items) => {
            2 + items.len().saturating_sub(1) + items.iter().map(size).sum::<usize>()
        }
        Value::Object(members) => object_size(
            members
                .iter()
                .map(|member| (member.name.as_ref(), &member.node)),
        ),
    }
}

fn object_size<'n>(members: impl Iterator<Item = (&'n str, &'n Node<'n>)>) -> usize {
    let sizes = members.map(|(name, node)| text_size(name) + 1 + size(node) + 1);
    sizes.sum::<usize>().saturating_sub(1) + 2
}

fn text_size(text: &str) -> usize {
    let escaped = text.bytes().map(|byte| match byte {
        b'"' | b'\\' | b'\n' | b'\r' | b'\t' | 0x08 | 0x0C => 2,
        0..0x20 => 6,
        _ => 1,
    });
    escaped.sum::<usize>() + 2
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;
    use crate::rules::tests::table;
    use crate::source::Text;

    #[test]
    fn sizes_are_those_of_compact_json() {
        for text in [
            r#"{"a": [1, -2.5, true, false, null, {}, []], "b\n": "\u0001\"ü\t"}"#,
            "{}",
            r#"[[], [1], "x"]"#,
        ] {
            let value: serde_json::Value = serde_json::from_str(text).unwrap();
            let read = Text::new(text.as_bytes(), Format::Json);
            let root = read.parse().root.unwrap();
            assert_eq!(size(&root), value.to_string().len(), "{text}");
        }
    }

    #[test]
    fn cases() {
        let of = |length: usize, white: &str| {
            let head = r#"{"family":"f","containerDefinitions":[{"name":"n","user":""#;
            let tail = "\"}]}";
            let filler = "x".repeat(length - head.len() - tail.len());
            format!("{head}{filler}{tail}{white}")
        };
        let white = " ".repeat(1000);
        table(
            &super::RULE,
            "taskdef.json",
            &[
                (&of(MAX_BYTES, ""), &[]),
                (&of(MAX_BYTES, &white), &[]),
                (&of(MAX_BYTES + 1, ""), &[""]),
            ],
        );
    }
}
