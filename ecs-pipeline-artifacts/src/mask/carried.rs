//! Secrets of one text, found again in another.

use std::collections::{HashMap, HashSet};

use crate::source::Span;

/// What is shorter is in every text.
const LEAST: usize = 6;

pub(super) struct Carried<'t> {
    by_beginning: HashMap<&'t [u8], Vec<&'t str>>,
}

impl<'t> Carried<'t> {
    pub(super) fn new(text: &'t str, secrets: &[Span]) -> Self {
        let texts = secrets.iter().filter_map(|span| text.get(span.clone()));
        let texts = texts.map(|text| text.trim_matches(['"', '\'', ' ', '\t', '\r', '\n']));
        let mut by_beginning: HashMap<&[u8], Vec<&str>> = HashMap::new();
        for secret in texts.collect::<HashSet<_>>() {
            if let Some(beginning) = secret.as_bytes().get(..LEAST) {
                by_beginning.entry(beginning).or_default().push(secret);
            }
        }
        Self { by_beginning }
    }

    pub(super) fn within(&self, text: &str) -> Vec<Span> {
        let mut found = Vec::new();
        if self.by_beginning.is_empty() {
            return found;
        }
        for (at, beginning) in text.as_bytes().windows(LEAST).enumerate() {
            let secrets = self.by_beginning.get(beginning).into_iter().flatten();
            let rest = text.as_bytes().get(at..).unwrap_or_default();
            let secrets = secrets.filter(|secret| rest.starts_with(secret.as_bytes()));
            let longest = secrets.map(|secret| secret.len()).max();
            found.extend(longest.map(|length| at..at + length));
        }
        found
    }
}
