//! Writes an operation's output as the XML of AWS Query.

use std::fmt::Write as _;
use std::time::Duration;

use serde_json::Value;

use crate::clock::civil;

/// Members that are timestamps: seconds since the epoch in the world, ISO 8601 in XML, and a
/// type of their own in CBOR.
pub(super) const TIMESTAMPS: [&str; 6] = [
    "CreateDate",
    "CreatedTime",
    "Expiration",
    "AlarmConfigurationUpdatedTimestamp",
    "StateUpdatedTimestamp",
    "StateTransitionedTimestamp",
];

/// The members of a structure, each as an element.
pub(super) fn members(value: &Value) -> String {
    let mut xml = String::new();
    for (name, member) in value.as_object().into_iter().flatten() {
        element(&mut xml, name, member);
    }
    xml
}

fn element(xml: &mut String, name: &str, value: &Value) {
    let content = match value {
        Value::Null => return,
        Value::Bool(flag) => flag.to_string(),
        Value::Number(number) if TIMESTAMPS.contains(&name) => {
            iso_8601(number.as_f64().unwrap_or_default())
        }
        Value::Number(number) => number.to_string(),
        Value::String(text) => escaped(text),
        Value::Array(items) => {
            let mut list = String::new();
            for item in items {
                element(&mut list, "member", item);
            }
            list
        }
        Value::Object(_) => members(value),
    };
    // Writing to a string cannot fail.
    let _ = write!(xml, "<{name}>{content}</{name}>");
}

/// Text for use between tags and in attributes; characters that XML 1.0 cannot hold are replaced.
pub(super) fn escaped(text: &str) -> String {
    let mut safe = String::with_capacity(text.len());
    for letter in text.chars() {
        match letter {
            '&' => safe.push_str("&amp;"),
            '<' => safe.push_str("&lt;"),
            '>' => safe.push_str("&gt;"),
            '"' => safe.push_str("&quot;"),
            '\'' => safe.push_str("&#39;"),
            '\r' => safe.push_str("&#13;"),
            '\t' | '\n' => safe.push(letter),
            control if control < ' ' || matches!(control, '\u{fffe}' | '\u{ffff}') => {
                safe.push('\u{fffd}');
            }
            other => safe.push(other),
        }
    }
    safe
}

/// `2024-02-29T12:00:00.000Z` from seconds since the epoch.
pub(super) fn iso_8601(seconds: f64) -> String {
    let since = Duration::try_from_secs_f64(seconds).unwrap_or_default();
    let (days, of_day) = (since.as_secs() / 86_400, since.as_secs() % 86_400);
    let (year, month, day) = civil(days);
    format!(
        "{year:04}-{month:02}-{day:02}T{:02}:{:02}:{:02}.{:03}Z",
        of_day / 3600,
        of_day / 60 % 60,
        of_day % 60,
        since.subsec_millis()
    )
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn structures_become_elements() {
        let table = [
            (json!({}), ""),
            (json!({ "A": "<&>" }), "<A>&lt;&amp;&gt;</A>"),
            (
                json!({ "A": null, "B": true, "C": 7 }),
                "<B>true</B><C>7</C>",
            ),
            (json!({ "L": [] }), "<L></L>"),
            (
                json!({ "L": [{ "K": "a" }, "b"] }),
                "<L><member><K>a</K></member><member>b</member></L>",
            ),
            (
                json!({ "CreatedTime": 1_709_208_000.25 }),
                "<CreatedTime>2024-02-29T12:00:00.250Z</CreatedTime>",
            ),
            (
                json!({ "CreatedTime": 0 }),
                "<CreatedTime>1970-01-01T00:00:00.000Z</CreatedTime>",
            ),
            (json!({ "A": "\u{1}\r" }), "<A>\u{fffd}&#13;</A>"),
        ];
        for (value, expected) in table {
            assert_eq!(members(&value), expected);
        }
    }
}
