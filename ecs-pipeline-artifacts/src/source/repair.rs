//! What is nearly JSON, mended where it can mean only one thing: unquoted placeholders, comments,
//! stray and missing commas, quotes that are not JSON's.
//!
//! Each mend is the fix that is offered to the user too. The parser is asked again after each one,
//! so there is one grammar, and every fault is found where that grammar finds it.

use super::{Mend, Repair, Span, SyntaxFault, SyntaxFaultKind, TextEdit};
use crate::json::ParseError;

/// Faults that are mended in one text before it is given up.
const MAX_REPAIRS: usize = 100;

/// A text with its faults mended, as far as they could be.
#[derive(Debug, Clone)]
pub(super) struct Repaired {
    pub(super) text: String,
    /// In file order, in bytes of the text as it was read.
    pub(super) edits: Vec<TextEdit>,
    /// In file order; all but perhaps the last are mended.
    pub(super) faults: Vec<SyntaxFault>,
}

pub(super) fn repair(text: &str, error: &serde_json::Error) -> Repaired {
    let mut repaired = Repaired {
        text: text.to_owned(),
        edits: Vec::new(),
        faults: Vec::new(),
    };
    let mut next = Some(crate::json::explain(text, error));
    while let Some(error) = next.take() {
        let at = crate::json::offset_of(&repaired.text, error.line, error.column);
        let repair = mend(&repaired.text, at, &error).filter(|repair| repaired.takes(&repair.edit));
        repaired.note(at, error, repair.clone());
        let Some(Repair { edit, .. }) = repair.filter(|_| repaired.faults.len() <= MAX_REPAIRS)
        else {
            break;
        };
        repaired.apply(edit);
        next = super::json::strict(&repaired.text)
            .err()
            .map(|error| crate::json::explain(&repaired.text, &error));
    }
    repaired.faults.sort_by_key(|fault| fault.span.start);
    repaired
}

impl Repaired {
    /// Whether the edit touches nothing that an earlier one wrote.
    fn takes(&self, edit: &TextEdit) -> bool {
        let start = map_back(&self.edits, edit.span.start);
        let end = map_back(&self.edits, edit.span.end);
        self.edits
            .iter()
            .all(|made| made.span.end <= start || end <= made.span.start)
            && end >= start
            && end - start == edit.span.len()
    }

    fn note(&mut self, at: usize, error: ParseError, repair: Option<Repair>) {
        let repair = repair.map(|repair| Repair {
            edit: self.in_original(repair.edit),
            ..repair
        });
        let at = map_back(&self.edits, at);
        let span = match &repair {
            Some(Repair { edit, .. }) if !edit.span.is_empty() => edit.span.clone(),
            _ => at..at,
        };
        self.faults.push(SyntaxFault {
            span,
            kind: SyntaxFaultKind::Json,
            message: error.message,
            hint: error.hint,
            repair,
        });
    }

    fn apply(&mut self, edit: TextEdit) {
        let original = self.in_original(edit.clone());
        self.text.replace_range(edit.span, &edit.replacement);
        let at = self
            .edits
            .partition_point(|made| made.span.start <= original.span.start);
        self.edits.insert(at, original);
    }

    fn in_original(&self, edit: TextEdit) -> TextEdit {
        let start = map_back(&self.edits, edit.span.start);
        TextEdit {
            span: start..start + edit.span.len(),
            replacement: edit.replacement,
        }
    }
}

/// An offset of the mended text in the text as it was read. What an edit wrote is where it began.
pub(super) fn map_back(edits: &[TextEdit], offset: usize) -> usize {
    let mut shift = 0isize;
    for edit in edits {
        let start = edit.span.start.saturating_add_signed(shift);
        if offset <= start {
            break;
        }
        let written = edit.replacement.len();
        if offset < start + written {
            return edit.span.start;
        }
        shift += written as isize - edit.span.len() as isize;
    }
    offset.saturating_add_signed(-shift)
}

/// The one edit that can be meant, if there is one.
fn mend(text: &str, at: usize, error: &ParseError) -> Option<Repair> {
    let rest = text.get(at..)?;
    let before = text.get(..at)?;
    if let Some(end) = comment(rest) {
        return Some(replace(Mend::Comment, at..at + end, ""));
    }
    if error.message.starts_with("trailing comma") {
        let comma = before.trim_end().strip_suffix(',')?.len();
        return Some(replace(Mend::StrayComma, comma..comma + 1, ""));
    }
    if error.message.starts_with("expected `,`") {
        let end = before.trim_end().len();
        let breaks = before.get(end..)?.contains('\n');
        return (breaks && rest.starts_with(['"', '{', '[', '\'']))
            .then(|| replace(Mend::MissingComma, end..end, ","));
    }
    // `{{x}}` is an object to the parser until its second brace.
    let start = if rest.starts_with("{{") || !(before.ends_with('{') && rest.starts_with('{')) {
        at
    } else {
        at - 1
    };
    let word = text.get(start..)?;
    if let Some(end) = placeholder(word) {
        let quoted = format!("\"{}\"", word.get(..end)?);
        return Some(replace(Mend::Placeholder, start..start + end, &quoted));
    }
    if let Some(inner) = single_quoted(rest) {
        return Some(replace(
            Mend::Quotes,
            at..at + inner.len() + 2,
            &format!("\"{inner}\""),
        ));
    }
    if error.message.starts_with("key must be") {
        let name = identifier(rest)?;
        let is_key = rest.get(name.len()..)?.trim_start().starts_with(':');
        return is_key.then(|| replace(Mend::Other, at..at + name.len(), &format!("\"{name}\"")));
    }
    for (literal, json) in [("True", "true"), ("False", "false"), ("None", "null")] {
        if identifier(rest) == Some(literal) {
            return Some(replace(Mend::Other, at..at + literal.len(), json));
        }
    }
    None
}

fn replace(mend: Mend, span: Span, replacement: &str) -> Repair {
    Repair {
        mend,
        edit: TextEdit {
            span,
            replacement: replacement.to_owned(),
        },
    }
}

/// The length of the comment at the beginning of a text.
fn comment(text: &str) -> Option<usize> {
    if text.starts_with("//") || text.starts_with('#') {
        let line = text.find(['\r', '\n']).unwrap_or(text.len());
        return Some(line);
    }
    text.starts_with("/*")
        .then(|| text.find("*/").map(|end| end + 2))?
}

/// The length of an unquoted value that begins with a placeholder, such as `<IMAGE1_NAME>` or
/// `${REPO}:{{tag}}`.
fn placeholder(text: &str) -> Option<usize> {
    let first = token(text)?;
    let mut end = first;
    while let Some(rest) = text.get(end..) {
        let more = token(rest).or_else(|| {
            let plain = rest.chars().next()?;
            let joins = plain.is_ascii_alphanumeric() || "-_.:/@".contains(plain);
            joins.then_some(plain.len_utf8())
        });
        let Some(more) = more else { break };
        end += more;
    }
    // What follows must end a value, or the quotes would be set in the wrong place.
    let rest = text.get(end..)?.trim_start_matches([' ', '\t']);
    let next = rest.chars().next();
    matches!(next, None | Some(',' | '}' | ']' | '/' | '#' | '\r' | '\n')).then_some(end)
}

/// The length of the placeholder at the beginning of a text.
fn token(text: &str) -> Option<usize> {
    for (open, close) in [("{{", "}}"), ("${", "}"), ("$(", ")"), ("<", ">")] {
        if let Some(inner) = text.strip_prefix(open) {
            let length = inner.find(close)?;
            let inner = inner.get(..length)?;
            let plain = !inner.is_empty() && !inner.contains(['"', '\n', ',', '<', '{']);
            return plain.then(|| open.len() + length + close.len());
        }
    }
    let name = identifier(text.strip_prefix('$')?)?;
    Some(1 + name.len())
}

fn single_quoted(text: &str) -> Option<&str> {
    let inner = text.strip_prefix('\'')?;
    let inner = inner.get(..inner.find('\'')?)?;
    (!inner.contains(['"', '\\', '\n'])).then_some(inner)
}

fn identifier(text: &str) -> Option<&str> {
    let end = text
        .find(|c: char| !c.is_ascii_alphanumeric() && c != '_')
        .unwrap_or(text.len());
    let name = text.get(..end)?;
    name.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_')
        .then_some(name)
}
