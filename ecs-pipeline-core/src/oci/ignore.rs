//! `.dockerignore`, simply: `*`, `**`, `?` and `!`; the last pattern that fits decides.

/// The patterns of a `.dockerignore`.
#[derive(Debug, Clone, Default)]
pub(super) struct Ignore {
    patterns: Vec<(bool, Vec<String>)>,
}

impl Ignore {
    pub(super) fn parse(text: &str) -> Self {
        let patterns = text
            .lines()
            .map(str::trim)
            .filter(|line| !line.is_empty() && !line.starts_with('#'))
            .map(|line| match line.strip_prefix('!') {
                Some(rest) => (true, components(rest)),
                None => (false, components(line)),
            })
            .filter(|(_, components)| !components.is_empty())
            .collect();
        Self { patterns }
    }

    /// Whether a path, relative to the context and with `/` between its parts, is left out. A
    /// pattern that fits a directory fits all that is in it.
    pub(super) fn leaves_out(&self, path: &str) -> bool {
        let parts = components(path);
        let mut out = false;
        for (keep, pattern) in &self.patterns {
            let fits =
                (1..=parts.len()).any(|n| parts.get(..n).is_some_and(|head| fits(pattern, head)));
            if fits {
                out = !keep;
            }
        }
        out
    }
}

fn components(path: &str) -> Vec<String> {
    path.split('/')
        .filter(|part| !part.is_empty() && *part != ".")
        .map(str::to_owned)
        .collect()
}

fn fits(pattern: &[String], path: &[String]) -> bool {
    match (pattern.split_first(), path.split_first()) {
        (None, None) => true,
        (Some((first, rest)), _) if first == "**" => {
            fits(rest, path)
                || path
                    .split_first()
                    .is_some_and(|(_, tail)| fits(pattern, tail))
        }
        (Some((first, rest)), Some((part, tail))) => word_fits(first, part) && fits(rest, tail),
        _ => false,
    }
}

fn word_fits(pattern: &str, word: &str) -> bool {
    let mut pattern_chars = pattern.chars();
    match pattern_chars.next() {
        None => word.is_empty(),
        Some('*') => {
            let rest = pattern_chars.as_str();
            word.char_indices()
                .map(|(at, _)| at)
                .chain([word.len()])
                .any(|at| word.get(at..).is_some_and(|tail| word_fits(rest, tail)))
        }
        Some(wanted) => {
            let mut word_chars = word.chars();
            word_chars
                .next()
                .is_some_and(|c| wanted == '?' || c == wanted)
                && word_fits(pattern_chars.as_str(), word_chars.as_str())
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patterns_decide_as_docker_has_it() {
        let ignore =
            Ignore::parse("# comment\ntarget\n**/*.log\n/docs/*.md\n!docs/README.md\n*.tmp?\n");
        let table = [
            ("target/debug/x", true),
            ("src/target", false),
            ("a/b/c.log", true),
            ("c.log", true),
            ("docs/a.md", true),
            ("docs/README.md", false),
            ("docs/sub/a.md", false),
            ("x.tmp1", true),
            ("x.tmp", false),
        ];
        for (path, out) in table {
            assert_eq!(ignore.leaves_out(path), out, "{path}");
        }
    }
}
