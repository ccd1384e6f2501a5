//! The line of a fault, cut to a window, with a caret; values that may be secret are masked.

use super::Place;

/// Characters shown on either side of the fault.
const REACH: usize = 40;

pub(super) fn render(text: &str, place: Place) -> String {
    let line = text
        .split('\n')
        .nth(place.line - 1)
        .unwrap_or_default()
        .trim_end_matches('\r');
    let line: Vec<char> = mask(line)
        .chars()
        .map(|c| if c.is_control() { ' ' } else { c })
        .collect();
    let fault = (place.column - 1).min(line.len());
    let start = fault.saturating_sub(REACH);
    let end = (fault + REACH).min(line.len());
    let shown: String = line.get(start..end).unwrap_or_default().iter().collect();
    if shown.trim().is_empty() {
        return String::new();
    }
    let gutter = format!("{} | ", place.line);
    let indent = gutter.chars().count() + fault - start;
    format!("{gutter}{shown}\n{:indent$}^", "")
}

/// Masks what follows `"value":`, character for character so that columns stay. In a text that does
/// not parse, the end of a string cannot be trusted to be its end, so an open one is masked to the
/// end of the line.
fn mask(line: &str) -> String {
    const MEMBER: &str = "\"value\"";
    let mut masked = String::with_capacity(line.len());
    let mut rest = line;
    while let Some(at) = rest.find(MEMBER) {
        let (before, after) = rest.split_at(at + MEMBER.len());
        masked.push_str(before);
        let secret = after.trim_start_matches([' ', '\t', ':']);
        masked.push_str(after.get(..after.len() - secret.len()).unwrap_or_default());
        let (hidden, next) = split_value(secret);
        masked.extend(hidden.chars().map(|c| if c == '"' { '"' } else { '*' }));
        rest = next;
    }
    masked.push_str(rest);
    masked
}

fn split_value(text: &str) -> (&str, &str) {
    let Some(inner) = text.strip_prefix('"') else {
        return text.split_at(text.find([',', '}']).unwrap_or(text.len()));
    };
    let mut escaped = false;
    for (at, c) in inner.char_indices() {
        match c {
            '"' if !escaped => return text.split_at(at + 2),
            _ => escaped = c == '\\' && !escaped,
        }
    }
    (text, "")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_of_variables_are_not_shown() {
        for (line, expected) in [
            (
                r#"{"name": "A", "value": "s3cret" "#,
                r#"{"name": "A", "value": "******" "#,
            ),
            (
                r#"{"value":"a\"b", "x": 1,}"#,
                r#"{"value":"**"*", "x": 1,}"#,
            ),
            (r#"{"value": hunter2}"#, r#"{"value": *******}"#),
            (r#"{"value": "open"#, r#"{"value": "****"#),
            (
                r#"{"value": "a"}, {"value": "b"}"#,
                r#"{"value": "*"}, {"value": "*"}"#,
            ),
            (r#""valueFrom": "arn""#, r#""valueFrom": "arn""#),
        ] {
            assert_eq!(mask(line), expected);
        }
    }

    #[test]
    fn the_caret_stands_under_the_fault_however_long_the_line() {
        let text = format!("{}ü!{}", "a".repeat(500), "b".repeat(500));
        let rendered = render(
            &text,
            Place {
                line: 1,
                column: 502,
            },
        );
        let (shown, caret) = rendered.split_once('\n').unwrap_or_default();
        assert_eq!(shown.chars().nth(caret.chars().count() - 1), Some('!'));
        assert!(shown.chars().count() <= 2 * REACH + 4);
    }
}
