//! What must not be shown of a file, and the text without it.
//!
//! Every output and every error shows files through here. Each secret becomes the same `***`, so that
//! not even its length is told, and what is masked too much costs less than what is masked too little.

use crate::source::{Format, Span, Tree};
use crate::suggest::closest;
use crate::validate::SourceFile;

#[cfg(feature = "diff")]
mod carried;
mod lexical;
mod tree;

/// What stands in a secret's place.
const MASK: &str = "***";

/// A text without its secrets.
#[derive(Debug)]
pub(crate) struct Masked {
    text: String,
    /// In file order, without overlaps.
    cuts: Vec<Cut>,
}

/// A secret that was cut out.
#[derive(Debug)]
struct Cut {
    original: Span,
    /// Where its mask begins.
    at: usize,
}

impl Masked {
    /// A file as it may be shown.
    pub(crate) fn of(file: &SourceFile) -> Self {
        Self::parsed(file.text(), file.format(), &file.tree())
    }

    /// Two states of a file. What is secret in one is secret in the other, wherever a fix puts it.
    #[cfg(feature = "diff")]
    pub(crate) fn of_both(before: &SourceFile, after: &SourceFile) -> (Self, Self) {
        let secrets = |file: &SourceFile| secrets_of(file.text(), file.format(), &file.tree());
        let (mut old, mut new) = (secrets(before), secrets(after));
        let carried = carried::Carried::new(before.text(), &old).within(after.text());
        let back = carried::Carried::new(after.text(), &new).within(before.text());
        new.extend(carried);
        old.extend(back);
        (
            Self::without(before.text(), old),
            Self::without(after.text(), new),
        )
    }

    fn parsed(text: &str, format: Format, tree: &Tree<'_>) -> Self {
        Self::without(text, secrets_of(text, format, tree))
    }

    /// A text that may be neither JSON nor YAML.
    pub(crate) fn unparsed(text: &str, format: Format) -> Self {
        Self::without(text, lexical::secrets(text, format, false))
    }

    fn without(text: &str, mut secrets: Vec<Span>) -> Self {
        secrets.retain(|secret| text.get(secret.clone()).is_some());
        secrets.sort_by_key(|secret| (secret.start, secret.end));
        let mut masked = Self {
            text: String::with_capacity(text.len()),
            cuts: Vec::new(),
        };
        let mut done = 0;
        for secret in secrets {
            match masked.cuts.last_mut() {
                Some(last) if secret.start <= last.original.end => {
                    last.original.end = last.original.end.max(secret.end);
                    done = last.original.end;
                    continue;
                }
                _ => {}
            }
            let before = text.get(done..secret.start);
            masked.text.push_str(before.unwrap_or_default());
            let at = masked.text.len();
            masked.text.push_str(MASK);
            done = secret.end;
            let original = secret;
            masked.cuts.push(Cut { original, at });
        }
        masked.text.push_str(text.get(done..).unwrap_or_default());
        masked
    }

    pub(crate) fn text(&self) -> &str {
        &self.text
    }

    /// A span of the original where it is in the masked text. One that begins or ends within a secret
    /// is as long as the mask.
    pub(crate) fn span(&self, original: &Span) -> Span {
        let start = match self.before(original.start) {
            Some(cut) if original.start < cut.original.end => cut.at,
            cut => shifted(cut, original.start),
        };
        let end = match self.before(original.end) {
            Some(cut) if original.end <= cut.original.end => cut.at + MASK.len(),
            cut => shifted(cut, original.end),
        };
        start..end.max(start)
    }

    /// Whether any of a span is secret.
    pub(crate) fn hides(&self, span: &Span) -> bool {
        let from = self
            .cuts
            .partition_point(|cut| cut.original.end < span.start);
        let first = self.cuts.get(from);
        first.is_some_and(|cut| cut.original.start <= span.end)
    }

    /// The last secret that begins before an offset.
    fn before(&self, offset: usize) -> Option<&Cut> {
        let count = self.cuts.partition_point(|cut| cut.original.start < offset);
        self.cuts.get(count.checked_sub(1)?)
    }
}

fn secrets_of(text: &str, format: Format, tree: &Tree<'_>) -> Vec<Span> {
    // The tree of a file of commands is made of a few texts in it, and not of all that it says.
    let has_tree = tree.root.is_some() && matches!(format, Format::Json | Format::Yaml);
    let mut secrets = lexical::secrets(text, format, has_tree);
    if let Some(root) = &tree.root {
        secrets.extend(tree::secrets(text, root, tree));
    }
    secrets
}

/// A text of ours, such as a message, without the user and password of a URL that it may quote.
pub(crate) fn message(text: String) -> String {
    if !text.contains("://") {
        return text;
    }
    Masked::without(&text, lexical::url_users(&text)).text
}

fn shifted(cut: Option<&Cut>, offset: usize) -> usize {
    cut.map_or(offset, |cut| {
        cut.at + MASK.len() + (offset - cut.original.end.min(offset))
    })
}

/// Members in which everything is hidden, however they are misspelt.
fn is_group(name: &str) -> bool {
    /// What is longer or shorter is no misspelling.
    const LENGTHS: std::ops::RangeInclusive<usize> = 6..=20;
    // The one that is no group is there to be closer to itself than to `environment`.
    const KNOWN: [&str; 5] = [
        "environment",
        "environmentVariables",
        "variables",
        "dockerLabels",
        "environmentFiles",
    ];
    LENGTHS.contains(&name.len())
        && closest(name, KNOWN).is_some_and(|group| group != "environmentFiles")
}

/// Whether what bears this name is likely to be a secret.
fn is_sensitive(name: &str) -> bool {
    /// Names that speak of secrets and have none.
    const HARMLESS: [&str; 6] = [
        "credentialsparameter",
        "git-credential-helper",
        "get-login-password",
        "password-stdin",
        "secretsmanager",
        "secrets-manager",
    ];
    const SENSITIVE: [&str; 16] = [
        "password",
        "passwd",
        "passphrase",
        "pwd",
        "secret",
        "token",
        "apikey",
        "api_key",
        "api-key",
        "accesskey",
        "access_key",
        "access-key",
        "privatekey",
        "private_key",
        "private-key",
        "credential",
    ];
    let name = name.trim_start_matches('-').to_ascii_lowercase();
    !HARMLESS.contains(&name.as_str())
        && (name == "authorization" || SENSITIVE.iter().any(|part| name.contains(part)))
}

/// Whether a text only says where its value comes from: `$NAME`, `${NAME}`, `{{name}}`, `<NAME>`.
fn is_reference(text: &str) -> bool {
    let inner = [("${", "}"), ("{{", "}}"), ("<", ">"), ("$", "")]
        .into_iter()
        .find_map(|(open, close)| text.strip_prefix(open)?.strip_suffix(close));
    inner.is_some_and(|name| {
        let name = name.trim_matches(' ');
        let plain = |c: char| c.is_ascii_alphanumeric() || c == '_';
        !name.is_empty()
            && name.chars().all(plain)
            && !name.starts_with(|c: char| c.is_ascii_digit())
    })
}

/// The span without the quotes around it, where there are some.
fn within_quotes(text: &str, span: Span) -> Span {
    let shown = text.get(span.clone()).unwrap_or_default();
    let quoted = ['"', '\'']
        .into_iter()
        .any(|quote| shown.len() > 1 && shown.starts_with(quote) && shown.ends_with(quote));
    if quoted {
        span.start + 1..span.end - 1
    } else {
        span
    }
}

#[cfg(test)]
mod tests;
