//! The line of a fault, cut to a window, with a caret; values that may be secret are masked.

use super::Place;
use crate::mask::Masked;
use crate::source::Format;

/// Characters shown on either side of the fault.
const REACH: usize = 40;

pub(super) fn render(text: &str, place: Place) -> String {
    let at = super::offset_of(text, place.line, place.column);
    let masked = Masked::unparsed(text, Format::Json);
    let at = masked.span(&(at..at)).start;
    let text = masked.text();
    let start = text.get(..at).and_then(|before| before.rfind('\n'));
    let start = start.map_or(0, |newline| newline + 1);
    let line = text.get(start..).unwrap_or_default();
    let line = line.split('\n').next().unwrap_or_default();
    let fault = text.get(start..at).unwrap_or_default().chars().count();
    let line: Vec<char> = line
        .trim_end_matches('\r')
        .chars()
        .map(|c| if c.is_control() { ' ' } else { c })
        .collect();
    let fault = fault.min(line.len());
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_of_variables_are_not_shown() {
        let text = "{\"name\": \"A\",\n \"value\": \"s3cret\" oops}";
        let place = Place {
            line: 2,
            column: 20,
        };
        let rendered = render(text, place);
        assert!(!rendered.contains("s3cret"), "{rendered}");
        assert!(rendered.starts_with("2 |  \"value\": "), "{rendered}");
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
