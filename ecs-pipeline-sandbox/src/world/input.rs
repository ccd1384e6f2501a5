//! Reads an operation's input, whatever its protocol made of the values, and the errors of the
//! services that spoke AWS Query first.
//!
//! The query protocol knows only strings; callers inside this crate pass numbers and booleans.
//! Both are read alike.

use serde_json::Value;

use super::ApiError;

/// `ValidationError`, with AWS's status.
pub(super) fn invalid(message: impl Into<String>) -> ApiError {
    ApiError::client("ValidationError", message)
}

/// A string; numbers and booleans count as the text that the query protocol sends for them.
pub(super) fn text(input: &Value, name: &str) -> Option<String> {
    match input.get(name)? {
        Value::String(text) => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        Value::Bool(flag) => Some(flag.to_string()),
        _ => None,
    }
}

/// A string that the operation requires.
pub(super) fn required(input: &Value, name: &str) -> Result<String, ApiError> {
    text(input, name).ok_or_else(|| {
        invalid(format!(
            "1 validation error detected: Value null at '{}' failed to satisfy constraint: \
             Member must not be null",
            member(name)
        ))
    })
}

/// A whole number.
pub(super) fn number(input: &Value, name: &str) -> Result<Option<u32>, ApiError> {
    let Some(written) = text(input, name) else {
        return Ok(None);
    };
    written.parse().map(Some).map_err(|_| {
        ApiError::client(
            "MalformedInput",
            format!("'{written}' at '{}' is not a whole number", member(name)),
        )
    })
}

/// A whole number within AWS's bounds for that member.
pub(super) fn bounded(
    input: &Value,
    name: &str,
    least: u32,
    most: u32,
) -> Result<Option<u32>, ApiError> {
    let value = number(input, name)?;
    let Some(value) = value else { return Ok(None) };
    let complaint = if value < least {
        format!("greater than or equal to {least}")
    } else if value > most {
        format!("less than or equal to {most}")
    } else {
        return Ok(Some(value));
    };
    Err(invalid(format!(
        "1 validation error detected: Value '{value}' at '{}' failed to satisfy constraint: \
         Member must have value {complaint}",
        member(name)
    )))
}

/// A port, 1 to 65535.
pub(super) fn port(input: &Value, name: &str) -> Result<Option<u16>, ApiError> {
    let port = bounded(input, name, 1, 65535)?;
    Ok(port.and_then(|port| u16::try_from(port).ok()))
}

/// A boolean.
pub(super) fn flag(input: &Value, name: &str) -> Option<bool> {
    text(input, name).map(|written| written.eq_ignore_ascii_case("true"))
}

/// The items of a list; none when it is absent.
pub(super) fn list<'a>(input: &'a Value, name: &str) -> &'a [Value] {
    input
        .get(name)
        .and_then(Value::as_array)
        .map_or(&[], Vec::as_slice)
}

/// The items of a list of strings.
pub(super) fn texts(input: &Value, name: &str) -> Vec<String> {
    list(input, name)
        .iter()
        .filter_map(|item| match item {
            Value::String(text) => Some(text.clone()),
            Value::Number(number) => Some(number.to_string()),
            _ => None,
        })
        .collect()
}

/// A list of `{Key, Value}`.
pub(super) fn pairs(input: &Value, name: &str) -> Result<Vec<(String, String)>, ApiError> {
    list(input, name)
        .iter()
        .map(|pair| {
            Ok((
                required(pair, "Key")?,
                text(pair, "Value").unwrap_or_default(),
            ))
        })
        .collect()
}

/// The name of a member as AWS writes it in validation errors: with a small first letter.
fn member(name: &str) -> String {
    let mut letters = name.chars();
    letters
        .next()
        .map(|first| first.to_ascii_lowercase().to_string() + letters.as_str())
        .unwrap_or_default()
}
