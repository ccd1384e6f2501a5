//! `#{namespace.key}` in an action's configuration
//! (<https://docs.aws.amazon.com/codepipeline/latest/userguide/reference-variables.html>).

use super::failure::Failure;

/// What stands between `#{` and `}`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Reference<'t> {
    pub(super) namespace: &'t str,
    pub(super) key: &'t str,
}

/// A text in pieces: what is taken as it is, and references.
enum Piece<'t> {
    Text(&'t str),
    Reference(Reference<'t>),
}

/// Every reference in a text.
pub(super) fn references(text: &str) -> impl Iterator<Item = Reference<'_>> {
    pieces(text).into_iter().filter_map(|piece| match piece {
        Piece::Reference(reference) => Some(reference),
        Piece::Text(_) => None,
    })
}

/// The text with every reference replaced by what `value` has for it.
pub(super) fn resolve(
    text: &str,
    value: impl Fn(Reference<'_>) -> Option<String>,
) -> Result<String, Failure> {
    let mut resolved = String::with_capacity(text.len());
    for piece in pieces(text) {
        match piece {
            Piece::Text(text) => resolved.push_str(text),
            Piece::Reference(reference) => match value(reference) {
                Some(value) => resolved.push_str(&value),
                None => return Err(missing(reference)),
            },
        }
    }
    Ok(resolved)
}

fn missing(Reference { namespace, key }: Reference<'_>) -> Failure {
    Failure::configuration(format!(
        "The variable #{{{namespace}.{key}}} has no value in this execution: no action with the namespace \
         {namespace} has given {key} out"
    ))
}

fn pieces(text: &str) -> Vec<Piece<'_>> {
    let mut pieces = Vec::new();
    let mut rest = text;
    while let Some((before, inside, after)) = next_reference(rest) {
        pieces.push(Piece::Text(before));
        pieces.push(Piece::Reference(inside));
        rest = after;
    }
    pieces.push(Piece::Text(rest));
    pieces
}

/// The first reference, with what stands before and after it.
fn next_reference(text: &str) -> Option<(&str, Reference<'_>, &str)> {
    let mut from = 0;
    loop {
        let at = from + text.get(from..)?.find("#{")?;
        let inside = text.get(at + 2..)?;
        let end = inside.find('}')?;
        let reference = inside.get(..end).and_then(read);
        if let Some(reference) = reference {
            return Some((text.get(..at)?, reference, inside.get(end + 1..)?));
        }
        from = at + 2;
    }
}

fn read(inside: &str) -> Option<Reference<'_>> {
    let is_name = |name: &str| {
        let allowed = |byte: u8| byte.is_ascii_alphanumeric() || b"@-_".contains(&byte);
        !name.is_empty() && name.bytes().all(allowed)
    };
    let (namespace, key) = inside.split_once('.')?;
    (is_name(namespace) && is_name(key)).then_some(Reference { namespace, key })
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;

    #[test]
    fn references_are_replaced_and_everything_else_stays() {
        let value = |Reference { namespace, key }: Reference<'_>| {
            (namespace == "Source").then(|| format!("<{key}>"))
        };
        for (text, expected) in [
            ("", ""),
            ("#{Source.VersionId}", "<VersionId>"),
            ("a #{Source.A}#{Source.B} z", "a <A><B> z"),
            ("#{ #{Source.A}", "#{ <A>"),
            ("#{x} #{a.b c} #{Source.A}", "#{x} #{a.b c} <A>"),
            ("${Source.A} #{Source.", "${Source.A} #{Source."),
            ("ü#{Source.A}ü", "ü<A>ü"),
        ] {
            assert_eq!(resolve(text, value).unwrap(), expected, "{text}");
        }
        let failure = resolve("#{Build.TAG}", value).unwrap_err();
        assert!(failure.message.contains("#{Build.TAG}"), "{failure:?}");
    }
}
