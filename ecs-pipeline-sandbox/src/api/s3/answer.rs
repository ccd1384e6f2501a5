//! S3's answers: XML in its namespace, whose lists are elements that repeat.

use std::fmt::Write as _;

use axum::response::{IntoResponse, Response};
use http::header;
use serde_json::Value;

use super::super::xml::escaped;

pub(super) const DECLARATION: &str = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n";

const NAMESPACE: &str = "http://s3.amazonaws.com/doc/2006-03-01/";

/// A document with this root element and what is in it.
pub(super) fn document(root: &str, content: &Value) -> Response {
    let content = match content {
        Value::Object(_) => members(content),
        scalar => text(scalar),
    };
    let body = format!("{DECLARATION}<{root} xmlns=\"{NAMESPACE}\">{content}</{root}>");
    ([(header::CONTENT_TYPE, "application/xml")], body).into_response()
}

fn members(value: &Value) -> String {
    let mut xml = String::new();
    for (name, member) in value.as_object().into_iter().flatten() {
        element(&mut xml, name, member);
    }
    xml
}

fn element(xml: &mut String, name: &str, value: &Value) {
    let content = match value {
        Value::Null => return,
        Value::Array(items) => {
            for item in items {
                element(xml, name, item);
            }
            return;
        }
        Value::Object(_) => members(value),
        scalar => text(scalar),
    };
    // Writing to a string cannot fail.
    let _ = write!(xml, "<{name}>{content}</{name}>");
}

fn text(scalar: &Value) -> String {
    match scalar {
        Value::String(text) => escaped(text),
        other => other.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn lists_repeat_their_element() {
        let value = json!({
            "Name": "a&b", "Delimiter": null, "IsTruncated": false, "KeyCount": 2,
            "Contents": [{ "Key": "k" }, { "Key": "l" }], "CommonPrefixes": [],
        });
        assert_eq!(
            members(&value),
            "<Name>a&amp;b</Name><IsTruncated>false</IsTruncated><KeyCount>2</KeyCount>\
             <Contents><Key>k</Key></Contents><Contents><Key>l</Key></Contents>"
        );
    }
}
