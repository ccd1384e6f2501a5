//! JSON text to a value, with errors that show the place and say what to do.
//!
//! Stricter than `serde_json` in one respect: a number that cannot be carried exactly is refused, for
//! a document that is read and written again would otherwise change in silence.

use serde_json::Value;

mod numbers;
mod snippet;

pub(crate) use numbers::first_inexact;

/// Why a text is not the JSON document that was expected, and where.
///
/// `Display` gives one line; [`ParseError::snippet`] and [`ParseError::hint`] are for the lines below it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("line {line}, column {column}: {message}")]
#[non_exhaustive]
pub struct ParseError {
    /// What is wrong, in one clause.
    pub message: String,
    /// Line of the fault, from 1.
    pub line: usize,
    /// Column of the fault in characters, from 1.
    pub column: usize,
    /// The part of the line around the fault, with a caret below it. Values of environment variables
    /// are masked, since they may be secret. Empty when there is no text to show.
    pub snippet: String,
    /// What to do about it, where the cause is one that people often meet.
    pub hint: Option<String>,
}

impl ParseError {
    /// A fault of the document as a whole, which is shown at its beginning.
    pub(crate) fn of_document(message: impl Into<String>, hint: Option<&str>) -> Self {
        Self {
            message: message.into(),
            line: 1,
            column: 1,
            snippet: String::new(),
            hint: hint.map(str::to_owned),
        }
    }

    /// A fault at a byte of the text.
    pub(crate) fn at_offset(
        text: &str,
        offset: usize,
        message: &str,
        hint: Option<String>,
    ) -> Self {
        Self::at(Place::of_offset(text, offset), message, hint).shown_in(text)
    }

    fn at(place: Place, message: impl Into<String>, hint: Option<String>) -> Self {
        Self {
            message: message.into(),
            line: place.line,
            column: place.column,
            snippet: String::new(),
            hint,
        }
    }

    /// The same with its snippet, which only who shows it needs.
    fn shown_in(mut self, text: &str) -> Self {
        let (line, column) = (self.line, self.column);
        self.snippet = snippet::render(text, Place { line, column });
        self
    }
}

/// A position in a text: line and column in characters, both from 1.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Place {
    line: usize,
    column: usize,
}

impl Place {
    fn of_offset(text: &str, offset: usize) -> Self {
        let before = text.get(..offset).unwrap_or(text);
        let line_start = before.rfind('\n').map_or(0, |newline| newline + 1);
        Self {
            line: before.matches('\n').count() + 1,
            column: before.get(line_start..).unwrap_or_default().chars().count() + 1,
        }
    }
}

/// Parses JSON text, UTF-8 with or without a byte order mark.
///
/// Of a member that stands twice in one object the last counts, as in the AWS CLI.
///
/// # Errors
///
/// Where the text is not UTF-8 or not JSON, is nested more than 127 levels deep, or has a number that
/// cannot be carried exactly (more digits than a 64-bit integer or a double holds).
pub fn parse(bytes: &[u8]) -> Result<Value, ParseError> {
    let text = decode(bytes)?;
    let value = serde_json::from_str(text).map_err(|error| explain(text, &error).shown_in(text))?;
    match first_inexact(text) {
        None => Ok(value),
        Some(offset) => Err(ParseError::at(
            Place::of_offset(text, offset),
            "a number with more digits than can be carried exactly",
            Some("write it as a string, or with fewer digits".to_owned()),
        )
        .shown_in(text)),
    }
}

/// UTF-8, without its byte order mark.
pub(crate) fn decode(bytes: &[u8]) -> Result<&str, ParseError> {
    if bytes.starts_with(&[0xFF, 0xFE]) || bytes.starts_with(&[0xFE, 0xFF]) {
        return Err(ParseError::of_document(
            "the file is UTF-16, not UTF-8",
            Some(
                "save it as UTF-8; in PowerShell, write it with `Out-File -Encoding utf8` instead of `>`",
            ),
        ));
    }
    let bytes = bytes.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(bytes);
    std::str::from_utf8(bytes).map_err(|error| {
        let valid = bytes.get(..error.valid_up_to()).unwrap_or_default();
        let valid = String::from_utf8_lossy(valid);
        let place = Place::of_offset(&valid, valid.len());
        let hint = Some("save the file as UTF-8".to_owned());
        ParseError::at(place, "a byte that is not UTF-8", hint).shown_in(&valid)
    })
}

/// What `serde_json` found, in words for the user, with the place and a hint.
pub(crate) fn explain(text: &str, error: &serde_json::Error) -> ParseError {
    let place = place_of(text, error);
    let message = match error.to_string() {
        _ if text.trim().is_empty() => return ParseError::of_document("the file is empty", None),
        full => full
            .split(" at line ")
            .next()
            .unwrap_or_default()
            .to_owned(),
    };
    let hint = hint(text, place, &message);
    ParseError::at(place, message, hint)
}

/// The byte offset of a line and a column in characters, both from 1.
pub(crate) fn offset_of(text: &str, line: usize, column: usize) -> usize {
    let mut starts = std::iter::once(0).chain(text.match_indices('\n').map(|(at, _)| at + 1));
    let start = starts.nth(line.saturating_sub(1)).unwrap_or(text.len());
    let rest = text.get(start..).unwrap_or_default();
    let within = rest.char_indices().nth(column.saturating_sub(1));
    start + within.map_or(rest.len(), |(at, _)| at)
}

/// `serde_json` counts columns in bytes, and gives column 0 of the next line for a fault that a raw
/// line break causes.
fn place_of(text: &str, error: &serde_json::Error) -> Place {
    let (line, column) = match (error.line(), error.column()) {
        (line, 0) if line > 1 => (line - 1, usize::MAX),
        found => found,
    };
    let content = text
        .split('\n')
        .nth(line.saturating_sub(1))
        .unwrap_or_default();
    let before = column.saturating_sub(1).min(content.len());
    let column = content
        .char_indices()
        .take_while(|(at, _)| *at < before)
        .count()
        + 1;
    Place {
        line: line.max(1),
        column,
    }
}

/// The faults that real task definitions have, most frequent first.
fn hint(text: &str, place: Place, message: &str) -> Option<String> {
    let line = text.split('\n').nth(place.line - 1).unwrap_or_default();
    let at_fault = |text: &str| rest(line, place.column).starts_with(text);
    // `{{x}}` fails at its second brace.
    let placeholder =
        at_fault("<") || at_fault("$") || rest(line, place.column - 1).starts_with("{{");
    let hint = if placeholder {
        "fill in the placeholder first; one that is to stay must be in quotes".to_owned()
    } else if message.starts_with("trailing comma") {
        "remove the comma before the closing bracket".to_owned()
    } else if ["//", "/*", "#"].into_iter().any(at_fault) {
        "JSON has no comments: remove it".to_owned()
    } else if message.starts_with("control character") {
        "a line break or tab within a string must be written `\\n` or `\\t`; perhaps a closing quote is missing".to_owned()
    } else if at_fault("'") {
        "JSON strings take double quotes".to_owned()
    } else if message.starts_with("expected `,`") && at_fault("\"") {
        "a comma is missing before it, or a quote".to_owned()
    } else if looks_like_yaml(text) {
        "this looks like YAML: convert it to JSON".to_owned()
    } else if message.starts_with("EOF") {
        "the text ends before its brackets are closed: perhaps it was cut off".to_owned()
    } else if message.starts_with("recursion limit") {
        "the document is nested more than 127 levels deep".to_owned()
    } else {
        return None;
    };
    Some(hint)
}

/// The line from a column (from 1) on.
fn rest(line: &str, column: usize) -> &str {
    let start = line.char_indices().nth(column.saturating_sub(1));
    start.and_then(|(at, _)| line.get(at..)).unwrap_or_default()
}

fn looks_like_yaml(text: &str) -> bool {
    let first = text
        .lines()
        .map(str::trim)
        .find(|line| !line.is_empty() && !line.starts_with('#'));
    first.is_some_and(|line| {
        line == "---"
            || line.starts_with("- ")
            || line.split_once(':').is_some_and(|(key, _)| {
                !key.is_empty()
                    && key
                        .chars()
                        .all(|c| c.is_ascii_alphanumeric() || c == '_' || c == '-')
            })
    })
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used)]

    use super::*;

    #[test]
    fn errors_name_the_place_and_the_remedy() {
        for (text, line, column, message, hint) in [
            ("", 1, 1, "empty", ""),
            (" \n ", 1, 1, "empty", ""),
            (
                "{\n  \"image\": <IMAGE1_NAME>\n}",
                2,
                12,
                "expected value",
                "placeholder",
            ),
            (
                "{\"image\": ${IMAGE}}",
                1,
                11,
                "expected value",
                "placeholder",
            ),
            (
                "{\"a\": [\n {{command}}]}",
                2,
                3,
                "key must be",
                "placeholder",
            ),
            (
                "{\"a\": 1\n \"b\": 2}",
                2,
                2,
                "expected `,`",
                "comma is missing",
            ),
            ("{\"a\": 1,}", 1, 9, "trailing comma", "remove the comma"),
            (
                "{\n // note\n \"a\": 1}",
                2,
                2,
                "key must be a string",
                "no comments",
            ),
            ("{\"a\": \"x\ny\"}", 1, 9, "control character", "line break"),
            ("{'a': 1}", 1, 2, "key must be a string", "double quotes"),
            ("family: web\ncpu: 1\n", 1, 3, "expected ident", "YAML"),
            ("---\n- a\n", 1, 2, "invalid number", "YAML"),
            ("{\"a\": [1", 1, 8, "EOF", "cut off"),
            ("{\"ü\": tru}", 1, 10, "expected ident", ""),
            (
                "{\"a\": 123456789012345678901}",
                1,
                7,
                "more digits",
                "string",
            ),
            (
                "{\"a\":\n  0.1234567890123456789}",
                2,
                3,
                "more digits",
                "string",
            ),
        ] {
            let error = parse(text.as_bytes()).unwrap_err();
            assert_eq!(
                (error.line, error.column),
                (line, column),
                "{text:?}: {error}"
            );
            assert!(error.message.contains(message), "{text:?}: {error}");
            match hint {
                "" => assert_eq!(error.hint, None, "{text:?}"),
                hint => assert!(
                    error.hint.as_deref().unwrap().contains(hint),
                    "{text:?}: {:?}",
                    error.hint
                ),
            }
        }
    }

    #[test]
    fn a_byte_order_mark_is_skipped_and_utf_16_is_named() {
        assert_eq!(parse(b"\xEF\xBB\xBF{}").unwrap(), serde_json::json!({}));
        let utf16: Vec<u8> = "\u{FEFF}{}"
            .encode_utf16()
            .flat_map(u16::to_le_bytes)
            .collect();
        assert!(parse(&utf16).unwrap_err().message.contains("UTF-16"));
    }

    #[test]
    fn a_byte_outside_utf_8_is_shown_where_it_stands() {
        let error = parse(b"{\n\"a\": \"\xFF\"}").unwrap_err();
        assert_eq!((error.line, error.column), (2, 7));
        assert!(error.message.contains("UTF-8"));
    }

    #[test]
    fn nesting_without_end_is_an_error_not_a_crash() {
        let error = parse("[".repeat(1_000_000).as_bytes()).unwrap_err();
        assert!(error.hint.unwrap().contains("127"));
    }

    #[test]
    fn numbers_are_written_as_they_were_read() {
        for text in [
            "1",
            "1.0",
            "0",
            "-5",
            "18446744073709551615",
            "-9223372036854775808",
            "0.1",
            "1.5",
        ] {
            assert_eq!(parse(text.as_bytes()).unwrap().to_string(), text);
        }
    }
}
