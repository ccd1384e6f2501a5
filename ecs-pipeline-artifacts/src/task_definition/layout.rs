//! How a file is laid out, so that what is written back differs in no line but those that were edited.

/// What stands deeper is aligned to something, and not indented.
const MAX_INDENT: usize = 8;

/// The white space of a JSON file that has each member and item on a line of its own.
#[derive(Clone)]
pub(super) struct Layout {
    /// For each level: spaces, or tabs.
    indent: String,
    line_end: &'static str,
    /// Whether the last line ends as the others do.
    ends_last_line: bool,
}

impl Default for Layout {
    fn default() -> Self {
        Self {
            indent: "  ".to_owned(),
            line_end: "\n",
            ends_last_line: true,
        }
    }
}

impl Layout {
    /// The layout of a text, as far as it shows one: a text on one line shows none.
    pub(super) fn of(text: &str) -> Self {
        let default = Self::default();
        let Some((first, _)) = text.split_once('\n') else {
            return default;
        };
        Self {
            indent: indent(text).map_or(default.indent, str::to_owned),
            line_end: if first.ends_with('\r') { "\r\n" } else { "\n" },
            ends_last_line: text.ends_with('\n'),
        }
    }

    /// Lays out what `serde_json` has indented by two spaces. No string of JSON has a line break in it,
    /// so that the spaces at the beginning of a line are indentation.
    pub(super) fn apply(&self, pretty: &str) -> String {
        let mut text = String::with_capacity(pretty.len());
        for (number, line) in pretty.lines().enumerate() {
            if number > 0 {
                text.push_str(self.line_end);
            }
            let content = line.trim_start_matches(' ');
            let level = (line.len() - content.len()) / 2;
            text.extend(std::iter::repeat_n(self.indent.as_str(), level));
            text.push_str(content);
        }
        if self.ends_last_line {
            text.push_str(self.line_end);
        }
        text
    }
}

/// The indentation of the first member that is indented at all, or of the first object in a list.
fn indent(text: &str) -> Option<&str> {
    let mut lines = text.lines().filter_map(|line| {
        let start = line.find(|c| c != ' ' && c != '\t')?;
        let (indent, content) = line.split_at_checked(start)?;
        (start > 0 && content.starts_with(['"', '{'])).then_some(indent)
    });
    let is_uniform = |indent: &&str| {
        let mut characters = indent.chars();
        let first = characters.next();
        indent.len() <= MAX_INDENT && characters.all(|other| Some(other) == first)
    };
    lines.next().filter(is_uniform)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_text_shows_is_kept() {
        let written = |text| Layout::of(text).apply("{\n  \"a\": {\n    \"b\": 1\n  }\n}");
        let default = "{\n  \"a\": {\n    \"b\": 1\n  }\n}\n";
        for (text, expected) in [
            ("{}", default),
            ("{\"a\": 1}\n", default),
            ("{\n\"a\": 1\n}\n", default),
            // Comments, alignment, and a mixture show no indentation.
            ("/*\n * x\n */\n{\n  \"a\": 1\n}\n", default),
            ("{ \"a\": 1,\n            \"b\": 2 }\n", default),
            ("{\n \t\"a\": 1\n}\n", default),
            (
                "{\n    \"a\": 1\n}\n",
                "{\n    \"a\": {\n        \"b\": 1\n    }\n}\n",
            ),
            ("[\n  {\n    \"a\": 1\n  }\n]\n", default),
            ("{\n\t\"a\": 1\n}", "{\n\t\"a\": {\n\t\t\"b\": 1\n\t}\n}"),
            (
                "{\r\n \"a\": 1\r\n}\r\n",
                "{\r\n \"a\": {\r\n  \"b\": 1\r\n }\r\n}\r\n",
            ),
        ] {
            assert_eq!(written(text), expected, "{text:?}");
        }
    }

    #[test]
    fn spaces_within_a_string_are_no_indentation() {
        let layout = Layout::of("{\n\t\"a\": 1\n}\n");
        assert_eq!(
            layout.apply("[\n  \"  a  \\n  b\"\n]"),
            "[\n\t\"  a  \\n  b\"\n]\n"
        );
    }
}
