//! YAML for values that a template gets from the user: block style, as the rest of a template is written.

use serde_json::Value;

/// The lines of a value, beginning in the first column.
pub(crate) fn lines(value: &Value) -> Vec<String> {
    match value {
        Value::Array(items) if !is_inline(value) => items.iter().flat_map(item).collect(),
        Value::Object(members) if !members.is_empty() => members
            .iter()
            .flat_map(|(name, value)| member(name, value))
            .collect(),
        _ => vec![inline(value)],
    }
}

fn item(value: &Value) -> Vec<String> {
    let lines = lines(value).into_iter().enumerate();
    lines
        .map(|(index, line)| match index {
            0 => format!("- {line}"),
            _ => format!("  {line}"),
        })
        .collect()
}

fn member(name: &str, value: &Value) -> Vec<String> {
    let name = match is_plain(name) {
        true => name.to_owned(),
        false => text(name),
    };
    if is_inline(value) {
        return vec![format!("{name}: {}", inline(value))];
    }
    let inner = lines(value).into_iter().map(|line| format!("  {line}"));
    std::iter::once(format!("{name}:")).chain(inner).collect()
}

/// Whether it stands behind its name: scalars, what is empty, and lists of scalars, such as a command.
fn is_inline(value: &Value) -> bool {
    match value {
        Value::Object(members) => members.is_empty(),
        Value::Array(items) => items
            .iter()
            .all(|item| !item.is_object() && !item.is_array()),
        _ => true,
    }
}

fn inline(value: &Value) -> String {
    match value {
        Value::String(text) => self::text(text),
        Value::Array(items) => {
            let items: Vec<_> = items.iter().map(inline).collect();
            format!("[{}]", items.join(", "))
        }
        other => other.to_string(),
    }
}

/// Text in double quotes, which no parser takes for anything else (`no`, `1e3`, `2026-01-01`). JSON's
/// escapes are YAML's too; what YAML calls no printable character, or a line break, is escaped besides.
pub(crate) fn text(text: &str) -> String {
    let json = Value::from(text).to_string();
    let escaped = json.chars().map(|c| match c {
        '\u{7f}'..='\u{9f}' | '\u{2028}' | '\u{2029}' | '\u{feff}' | '\u{fffe}' | '\u{ffff}' => {
            format!("\\u{:04x}", u32::from(c))
        }
        c => c.to_string(),
    });
    escaped.collect()
}

/// Whether a name needs no quotes: CloudFormation's own, such as `ContainerDefinitions` or `Fn::Sub`, but for
/// what YAML takes for a boolean or for null.
fn is_plain(name: &str) -> bool {
    const TAKEN: [&str; 9] = ["Y", "N", "Yes", "No", "On", "Off", "True", "False", "Null"];
    let name = name.strip_prefix("Fn::").unwrap_or(name);
    name.starts_with(|c: char| c.is_ascii_uppercase())
        && name.chars().all(|c| c.is_ascii_alphanumeric())
        && !TAKEN.iter().any(|taken| taken.eq_ignore_ascii_case(name))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use serde_json::json;

    use super::*;

    #[test]
    fn it_reads_like_a_template() {
        let value = json!({"Name": "web", "Command": ["sh", "-c"], "Ports": [{"ContainerPort": 80, "Tags": {}},
            {"Deep": {"no": true}}], "Empty": []});
        assert_eq!(
            lines(&value).join("\n"),
            "\
Name: \"web\"
Command: [\"sh\", \"-c\"]
Ports:
  - ContainerPort: 80
    Tags: {}
  - Deep:
      \"no\": true
Empty: []"
        );
    }

    #[test]
    fn a_parser_reads_back_what_was_written() {
        for value in [
            json!({"No": 1, "YES": 2, "null": 3, "a: b": 4, "- x": 5, "": 6}),
            json!({"Text": ["no", "1e3", "~", "2026-01-01", "a # b", "{", "\"\\", "\t\r\n", "%", "é😀"]}),
            json!({"Odd": "\u{85}\u{2028}\u{7f}\u{0}\u{feff}"}),
            json!([{"A": [{"B": [{"C": null}]}]}, [], [[1], {"D": {}}], 1.5, false]),
            json!("alone"),
        ] {
            let yaml = lines(&value).join("\n");
            let back: Value = serde_yaml::from_str(&yaml).unwrap();
            assert_eq!(back, value, "{yaml}");
        }
    }
}
