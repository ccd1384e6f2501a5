//! The patterns of files in a build specification: `**/*`, `target/*.jar`, `my-build*`.

/// A pattern of paths with `/` between their parts.
#[derive(Debug, Clone)]
pub(super) struct Pattern {
    parts: Vec<String>,
}

impl Pattern {
    /// `./` at its beginning means nothing.
    pub(super) fn new(text: &str) -> Self {
        let parts = text.split('/').filter(|part| *part != ".");
        Self {
            parts: parts.map(str::to_owned).collect(),
        }
    }

    /// Whether it means one path only.
    pub(super) fn is_plain(&self) -> bool {
        !self.parts.iter().any(|part| part.contains(['*', '?', '[']))
    }

    /// `**` is any number of parts, `*` and `?` stay within one, `[a-z]` and `[!a-z]` are one character.
    pub(super) fn matches(&self, path: &str) -> bool {
        let path: Vec<&str> = path.split('/').collect();
        parts_match(&self.parts, &path)
    }
}

fn parts_match(pattern: &[String], path: &[&str]) -> bool {
    match (pattern.split_first(), path.split_first()) {
        (None, None) => true,
        (Some((first, rest)), _) if first == "**" => {
            // Two of them in a row are one; else each would try every path again.
            let rest = match rest.iter().position(|part| part != "**") {
                Some(at) => &rest[at..],
                None => return true,
            };
            (0..=path.len()).any(|skipped| parts_match(rest, &path[skipped..]))
        }
        (Some((first, rest)), Some((part, path))) => {
            let (first, part) = (chars(first), chars(part));
            part_matches(&first, &part) && parts_match(rest, path)
        }
        _ => false,
    }
}

fn chars(text: &str) -> Vec<char> {
    text.chars().collect()
}

/// Goes back to the last `*` only, so that it takes no longer than the product of both lengths.
fn part_matches(pattern: &[char], text: &[char]) -> bool {
    let (mut at, mut read) = (0, 0);
    let mut star = None;
    while read < text.len() {
        if pattern.get(at) == Some(&'*') {
            star = Some((at, read));
            at += 1;
        } else if let Some(length) = one_matches(&pattern[at..], text[read]) {
            at += length;
            read += 1;
        } else if let Some((before, from)) = star {
            star = Some((before, from + 1));
            (at, read) = (before + 1, from + 1);
        } else {
            return false;
        }
    }
    pattern[at..].iter().all(|rest| *rest == '*')
}

/// How long the beginning of the pattern is that takes this character.
fn one_matches(pattern: &[char], character: char) -> Option<usize> {
    match pattern.first()? {
        '?' => Some(1),
        '[' => {
            let Some(length) = pattern.iter().skip(2).position(|end| *end == ']') else {
                return (character == '[').then_some(1);
            };
            let set = &pattern[1..length + 2];
            let (negated, set) = match set {
                ['!' | '^', set @ ..] if !set.is_empty() => (true, set),
                set => (false, set),
            };
            (is_in(set, character) != negated).then_some(length + 3)
        }
        plain => (*plain == character).then_some(1),
    }
}

fn is_in(set: &[char], character: char) -> bool {
    match set {
        [first, '-', last, rest @ ..] => {
            (*first..=*last).contains(&character) || is_in(rest, character)
        }
        [first, rest @ ..] => *first == character || is_in(rest, character),
        [] => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_pattern_means() {
        for (pattern, path, expected) in [
            ("a.json", "a.json", true),
            ("./a.json", "a.json", true),
            ("a.json", "b/a.json", false),
            ("b/a.json", "b/a.json", true),
            ("**/*", "a", true),
            ("**/*", "a/b/.c", true),
            ("**", "a/b", true),
            ("a/**/*", "a/b/c", true),
            ("a/**/*", "a/b", true),
            ("a/**/*", "b/a", false),
            ("a/*", "a/b", true),
            ("a/*", "a/b/c", false),
            ("*", "a/b", false),
            ("*.j?r", "x.jar", true),
            ("*.j?r", "x.jr", false),
            ("a*b*c", "a-b-b-c", true),
            ("a*b*c", "a-b-b", false),
            ("**/x/**/*.js", "1/2/x/3/y.js", true),
            ("**/x/**/*.js", "1/2/3/y.js", false),
            (
                "**/**/**/**/**/**/**/**/z",
                "a/b/c/d/e/f/g/h/i/j/k/l/m/n",
                false,
            ),
            ("[a-c]1", "b1", true),
            ("[a-c]1", "d1", false),
            ("[!a-c]1", "d1", true),
            ("[]]", "]", true),
            ("[", "[", true),
            ("my-build*", "my-build-2", true),
        ] {
            assert_eq!(
                Pattern::new(pattern).matches(path),
                expected,
                "{pattern} {path}"
            );
        }
        let long = format!("{}b", "*a".repeat(2_000));
        assert!(
            !Pattern::new(&long).matches(&"a".repeat(4_000)),
            "and it ends"
        );
    }
}
