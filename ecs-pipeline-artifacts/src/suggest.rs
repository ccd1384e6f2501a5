//! "Did you mean": the known name that a misspelt one most likely stands for.

/// The closest of `known` to `wanted`, when it is close enough to be a misspelling.
#[must_use]
pub fn closest<'k>(wanted: &str, known: impl IntoIterator<Item = &'k str>) -> Option<&'k str> {
    let wanted = wanted.to_lowercase();
    // A swap of two letters is one edit; a third of the letters may differ.
    let limit = (wanted.chars().count() / 3).max(1);
    known
        .into_iter()
        // Comparing takes time and memory by the product of the lengths.
        .filter(|name| name.len().abs_diff(wanted.len()) <= 4 * limit)
        .map(|name| {
            (
                strsim::damerau_levenshtein(&wanted, &name.to_lowercase()),
                name,
            )
        })
        .filter(|(edits, _)| *edits <= limit)
        .min_by_key(|(edits, _)| *edits)
        .map(|(_, name)| name)
}

#[cfg(test)]
mod tests {
    use super::closest;

    #[test]
    fn suggests_a_misspelling_and_nothing_far_fetched() {
        for (wanted, known, expected) in [
            ("wbe", &["web", "sidecar"][..], Some("web")),
            ("WEB", &["web", "sidecar"], Some("web")),
            (
                "hello_web",
                &["hello-web", "hello-worker"],
                Some("hello-web"),
            ),
            ("database", &["web", "sidecar"], None),
            ("web", &[], None),
        ] {
            assert_eq!(closest(wanted, known.iter().copied()), expected, "{wanted}");
        }
    }
}
