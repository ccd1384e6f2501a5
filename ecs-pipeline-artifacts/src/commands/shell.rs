//! What a command says without being run: its words, quotes taken off, variables kept as variables.
//!
//! No shell: what depends on more than the text (command substitution, patterns, parameter operators) is
//! kept as "unknown", and nothing is ever concluded from that.

use std::fmt::Write as _;

use crate::source::{Span, UNKNOWN, VARIABLE, VARIABLE_END};

/// Command substitutions within each other that are looked into.
const MAX_DEPTH: usize = 4;

/// One word of a command. Two words that are equal, and certain, are the same text when run.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct Word(String);

impl Word {
    #[cfg(test)]
    pub(crate) fn of(text: &str) -> Self {
        let words = commands(text).pop().map(|command| command.words);
        words.and_then(|mut words| words.pop()).unwrap_or_default()
    }

    /// The text, where it depends on nothing.
    pub(crate) fn literal(&self) -> Option<&str> {
        let plain = !self.0.contains([VARIABLE, UNKNOWN]);
        plain.then_some(self.0.as_str())
    }

    /// Whether it depends on nothing but variables.
    pub(crate) fn is_certain(&self) -> bool {
        !self.0.contains(UNKNOWN)
    }

    /// The text with variables in it marked, for parsing what is around them.
    pub(crate) fn marked(&self) -> &str {
        &self.0
    }

    /// Whether a variable of that name is in it.
    pub(crate) fn names(&self, variable: &str) -> bool {
        let mut after = self.0.split(VARIABLE).skip(1);
        after.any(|rest| rest.split(VARIABLE_END).next() == Some(variable))
    }

    pub(crate) fn from_marked(text: impl Into<String>) -> Self {
        Self(text.into())
    }

    /// With every variable replaced for which `value` knows one; unknown from where it grows too long.
    pub(crate) fn resolved<'w>(
        &self,
        limit: usize,
        value: impl Fn(&str) -> Option<&'w Word>,
    ) -> Self {
        let mut rest = self.0.as_str();
        let mut text = String::new();
        while let Some((before, after)) = rest.split_once(VARIABLE) {
            let (name, after) = after.split_once(VARIABLE_END).unwrap_or((after, ""));
            text.push_str(before);
            match value(name) {
                Some(word) => text.push_str(&word.0),
                None => push_variable(&mut text, name),
            }
            if text.len() > limit {
                text.push(UNKNOWN);
                return Self(text);
            }
            rest = after;
        }
        text.push_str(rest);
        Self(text)
    }

    /// The word as a person would write it.
    pub(crate) fn show(&self) -> String {
        let mut shown = String::new();
        let mut characters = self.0.chars().peekable();
        while let Some(character) = characters.next() {
            match character {
                VARIABLE => {
                    let name: String = characters
                        .by_ref()
                        .take_while(|c| *c != VARIABLE_END)
                        .collect();
                    let joined = characters.peek().is_some_and(|next| is_name(*next));
                    let braces = if joined { ("{", "}") } else { ("", "") };
                    let _ = write!(shown, "${}{name}{}", braces.0, braces.1);
                }
                UNKNOWN => shown.push('…'),
                other => shown.push(other),
            }
        }
        shown
    }
}

fn push_variable(text: &mut String, name: &str) {
    text.push(VARIABLE);
    text.push_str(name);
    text.push(VARIABLE_END);
}

fn is_name(character: char) -> bool {
    character.is_ascii_alphanumeric() || character == '_'
}

/// One simple command: what stands between `;`, `&&`, `|` and the like.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct Command {
    /// The program and its arguments.
    pub(crate) words: Vec<Word>,
    /// Where each of the words stands in the text.
    pub(crate) places: Vec<Span>,
    /// Where it begins and ends.
    pub(crate) span: Span,
    /// `NAME=value` before the program, or of `export`.
    pub(crate) assignments: Vec<(String, Word)>,
    /// The file that its output replaces, the last where there are several.
    pub(crate) writes: Option<Word>,
    /// Whether its output comes from elsewhere: `>>`, a pipe, a here-document.
    pub(crate) adds: bool,
}

impl Command {
    /// The program, without its directory.
    pub(crate) fn program(&self) -> &str {
        let program = self
            .words
            .first()
            .and_then(Word::literal)
            .unwrap_or_default();
        program.rsplit('/').next().unwrap_or_default()
    }

    /// Whether the words begin with these.
    pub(crate) fn is(&self, words: &[&str]) -> bool {
        let mut own = self.words.iter().skip(1);
        self.program() == words.first().copied().unwrap_or_default()
            && words
                .iter()
                .skip(1)
                .all(|word| own.next().and_then(Word::literal) == Some(word))
    }

    /// The value of an option, as `--name value` or `--name=value`.
    pub(crate) fn option(&self, name: &str) -> Option<Word> {
        let mut words = self.words.iter();
        while let Some(word) = words.next() {
            if word.marked() == name {
                return words.next().cloned();
            }
            let value = word
                .marked()
                .strip_prefix(name)
                .and_then(|rest| rest.strip_prefix('='));
            if let Some(value) = value {
                return Some(Word(value.to_owned()));
            }
        }
        None
    }

    pub(crate) fn has(&self, word: &str) -> bool {
        self.words.iter().any(|own| own.marked() == word)
    }
}

/// The simple commands of a text, those of command substitutions before the one that they stand in.
pub(crate) fn commands(text: &str) -> Vec<Command> {
    let mut done = Vec::new();
    read(text, 0..text.len(), 0, &mut done);
    done
}

fn read(text: &str, part: Span, depth: usize, done: &mut Vec<Command>) {
    let mut reader = Reader {
        text: text.get(..part.end).unwrap_or_default(),
        at: part.start,
        character: part.start,
        begun: part.start,
        depth,
        done,
        command: Command::default(),
        word: None,
        quoted: false,
        target: Target::Word,
        here: Vec::new(),
    };
    reader.run();
}

/// What the word that is being read is for.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Target {
    Word,
    Output,
    HereDelimiter,
    Ignored,
}

struct Reader<'t, 'd> {
    text: &'t str,
    at: usize,
    /// Where the character stands that is looked at.
    character: usize,
    /// Where the word begins that is being read.
    begun: usize,
    depth: usize,
    done: &'d mut Vec<Command>,
    command: Command,
    word: Option<String>,
    quoted: bool,
    target: Target,
    here: Vec<String>,
}

impl Reader<'_, '_> {
    fn next(&mut self) -> Option<char> {
        let character = self.text.get(self.at..)?.chars().next()?;
        self.at += character.len_utf8();
        Some(character)
    }

    fn peek(&self) -> Option<char> {
        self.text.get(self.at..)?.chars().next()
    }

    fn skip(&mut self, character: char) -> bool {
        let is = self.peek() == Some(character);
        if is {
            self.at += character.len_utf8();
        }
        is
    }

    fn push(&mut self, character: char) {
        let word = self.word.get_or_insert_default();
        match character {
            VARIABLE => self.filled_in(),
            VARIABLE_END | UNKNOWN => word.push(UNKNOWN),
            character => word.push(character),
        }
    }

    /// A variable that is filled in before the shell sees the text, quotes or none.
    fn filled_in(&mut self) {
        let rest = self.text.get(self.at..).unwrap_or_default();
        let name = rest.split_once(VARIABLE_END).map(|(name, _)| name);
        match name.filter(|name| !name.is_empty() && name.chars().all(is_name)) {
            Some(name) => {
                self.at += name.len() + VARIABLE_END.len_utf8();
                push_variable(self.word.get_or_insert_default(), name);
            }
            None => self.unknown(),
        }
    }

    fn unknown(&mut self) {
        self.word.get_or_insert_default().push(UNKNOWN);
    }

    fn run(&mut self) {
        loop {
            self.character = self.at;
            if self.word.is_none() {
                self.begun = self.at;
            }
            let Some(character) = self.next() else {
                break;
            };
            match character {
                '\\' => match self.next() {
                    Some('\n') | None => {}
                    Some(escaped) => self.quote(escaped),
                },
                '\'' => self.single_quoted(),
                '"' => self.double_quoted(),
                '$' => self.dollar(),
                '`' => self.backquoted(),
                '#' if self.word.is_none() => {
                    while self.peek().is_some_and(|next| next != '\n') {
                        self.next();
                    }
                }
                ' ' | '\t' | '\r' => self.end_word(),
                '\n' => {
                    self.end_command();
                    self.here_documents();
                }
                ';' | '(' | ')' => self.end_command(),
                '&' if self.peek() == Some('>') => self.end_word(),
                '&' => {
                    self.skip('&');
                    self.end_command();
                }
                '|' => {
                    let piped = !self.skip('|');
                    self.skip('&');
                    self.end_command();
                    self.command.adds = piped;
                }
                '>' => self.output(),
                '<' => self.input(),
                '*' | '?' | '[' | '~' => self.pattern(character),
                ',' if self.word.as_ref().is_some_and(|word| word.contains('{')) => {
                    self.pattern(',')
                }
                other => self.push(other),
            }
        }
        self.end_command();
    }

    fn quote(&mut self, character: char) {
        self.quoted = true;
        self.push(character);
    }

    /// A character that the shell may expand.
    fn pattern(&mut self, character: char) {
        self.push(character);
        self.unknown();
    }

    fn single_quoted(&mut self) {
        self.quoted = true;
        self.word.get_or_insert_default();
        while let Some(character) = self.next() {
            if character == '\'' {
                return;
            }
            self.push(character);
        }
    }

    fn double_quoted(&mut self) {
        self.quoted = true;
        self.word.get_or_insert_default();
        while let Some(character) = self.next() {
            match character {
                '"' => return,
                '\\' => match self.next() {
                    Some('\n') | None => {}
                    Some(escaped @ ('"' | '\\' | '$' | '`')) => self.push(escaped),
                    Some(other) => {
                        self.push('\\');
                        self.push(other);
                    }
                },
                '$' => self.dollar(),
                '`' => self.backquoted(),
                other => self.push(other),
            }
        }
    }

    fn dollar(&mut self) {
        match self.peek() {
            Some('(') => {
                self.next();
                let inner = self.balanced('(', ')');
                self.substituted(inner);
            }
            Some('{') => {
                self.next();
                let inner = self.balanced('{', '}');
                let name = self.text.get(inner).unwrap_or_default();
                if !name.is_empty() && name.chars().all(is_name) {
                    push_variable(self.word.get_or_insert_default(), name);
                } else {
                    self.unknown();
                }
            }
            Some(first) if first.is_ascii_alphabetic() || first == '_' => {
                let start = self.at;
                while self.peek().is_some_and(is_name) {
                    self.next();
                }
                let name = self.text.get(start..self.at).unwrap_or_default();
                push_variable(self.word.get_or_insert_default(), name);
            }
            Some('?' | '@' | '*' | '#' | '!' | '$' | '-' | '0'..='9') => {
                self.next();
                self.unknown();
            }
            _ => self.push('$'),
        }
    }

    fn backquoted(&mut self) {
        let start = self.at;
        while self.peek().is_some_and(|next| next != '`') {
            self.next();
        }
        let inner = start..self.at;
        self.next();
        self.substituted(inner);
    }

    fn substituted(&mut self, inner: std::ops::Range<usize>) {
        self.unknown();
        if self.depth < MAX_DEPTH {
            read(self.text, inner, self.depth + 1, self.done);
        }
    }

    /// The text up to the closing character, which is passed over, as is what is quoted.
    fn balanced(&mut self, open: char, close: char) -> std::ops::Range<usize> {
        let start = self.at;
        let mut depth = 1;
        let mut quote = None;
        while let Some(character) = self.next() {
            match (quote, character) {
                (Some(mark), _) if mark == character => quote = None,
                (Some(_), _) => {}
                (None, '\'' | '"') => quote = Some(character),
                (None, _) if character == open => depth += 1,
                (None, _) if character == close => {
                    depth -= 1;
                    if depth == 0 {
                        return start..self.at - close.len_utf8();
                    }
                }
                (None, _) => {}
            }
        }
        start..self.text.len()
    }

    fn output(&mut self) {
        let descriptor = self.word.as_deref().filter(|_| !self.quoted);
        let errors = match descriptor {
            Some("1") => {
                self.word = None;
                false
            }
            Some(number) if !number.is_empty() && number.bytes().all(|b| b.is_ascii_digit()) => {
                self.word = None;
                true
            }
            _ => false,
        };
        self.end_word();
        let appends = self.skip('>');
        self.skip('|');
        if self.skip('&') || errors {
            self.target = Target::Ignored;
        } else {
            self.command.adds |= appends;
            self.target = Target::Output;
        }
    }

    fn input(&mut self) {
        self.end_word();
        self.target = Target::Ignored;
        if self.skip('<') {
            self.command.adds = true;
            if !self.skip('<') {
                self.skip('-');
                self.target = Target::HereDelimiter;
            }
        }
    }

    fn here_documents(&mut self) {
        for delimiter in std::mem::take(&mut self.here) {
            while let Some(rest) = self.text.get(self.at..).filter(|rest| !rest.is_empty()) {
                let line = rest.split('\n').next().unwrap_or_default();
                self.at = (self.at + line.len() + 1).min(self.text.len());
                if line.trim() == delimiter {
                    break;
                }
            }
        }
    }

    fn end_word(&mut self) {
        let Some(word) = self.word.take() else {
            return;
        };
        let quoted = std::mem::take(&mut self.quoted);
        match std::mem::replace(&mut self.target, Target::Word) {
            Target::Word => self.add(word, quoted),
            Target::Output => self.command.writes = Some(Word(word)),
            Target::HereDelimiter => self.here.push(word),
            Target::Ignored => {}
        }
    }

    fn add(&mut self, word: String, quoted: bool) {
        let first = self.command.words.is_empty();
        if first && !quoted && is_reserved(&word) {
            return;
        }
        let place = self.begun..self.character;
        if self.command.span.is_empty() {
            self.command.span.start = place.start;
        }
        self.command.span.end = place.end;
        let exported = self
            .command
            .words
            .first()
            .is_some_and(|word| word.marked() == "export");
        let assignment = word.split_once('=').filter(|(name, _)| {
            (first || exported) && !name.is_empty() && name.chars().all(is_name)
        });
        if let Some((name, value)) = assignment {
            let value = Word(value.to_owned());
            self.command.assignments.push((name.to_owned(), value));
            return;
        }
        self.command.words.push(Word(word));
        self.command.places.push(place);
    }

    fn end_command(&mut self) {
        self.end_word();
        self.target = Target::Word;
        let command = std::mem::take(&mut self.command);
        if command != Command::default() {
            self.done.push(command);
        }
    }
}

/// Words that begin or end a group, before the command itself.
fn is_reserved(word: &str) -> bool {
    matches!(
        word,
        "if" | "then"
            | "else"
            | "elif"
            | "fi"
            | "do"
            | "done"
            | "while"
            | "until"
            | "!"
            | "{"
            | "}"
            | "time"
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The commands as text: words in `[]`, `> file` where one is written.
    fn shown(text: &str) -> Vec<String> {
        let commands = commands(text).into_iter();
        commands
            .map(|command| {
                let assignments = command.assignments.iter();
                let mut parts: Vec<_> = assignments
                    .map(|(name, value)| format!("{name}={}", value.show()))
                    .collect();
                parts.extend(
                    command
                        .words
                        .iter()
                        .map(|word| format!("[{}]", word.show())),
                );
                parts.extend(
                    command
                        .writes
                        .iter()
                        .map(|file| format!("> {}", file.show())),
                );
                parts.join(" ")
            })
            .collect()
    }

    #[test]
    fn words_quotes_variables_and_files() {
        for (text, expected) in [
            (
                "docker push $A:${B}_c",
                &["[docker] [push] [$A:${B}_c]"][..],
            ),
            (
                r#"printf '[{"name":"%s"}]' "$N" > f.json"#,
                &[r#"[printf] [[{"name":"%s"}]] [$N] > f.json"#],
            ),
            (
                "echo \"a\\\"b\" 'c $D' \\$E",
                &["[echo] [a\"b] [c $D] [$E]"],
            ),
            (
                "a && b || c; d | e & f",
                &["[a]", "[b]", "[c]", "[d]", "[e]", "[f]"],
            ),
            (
                "x $(aws ecr get-login --region r) y",
                &["[aws] [ecr] [get-login] [--region] [r]", "[x] […] [y]"],
            ),
            ("x `date`", &["[date]", "[x] […]"]),
            ("A=1 B=$C make", &["A=1 B=$C [make]"]),
            ("export T=${X:=latest} U=v", &["T=… U=v [export]"]),
            (
                "if [ \"$A\" = 1 ]; then docker push x; fi",
                &["[[…] [$A] [=] [1] []]", "[docker] [push] [x]"],
            ),
            ("echo a 2>&1 >/dev/null", &["[echo] [a] > /dev/null"]),
            ("echo a 2> err > out", &["[echo] [a] > out"]),
            (
                "cat <<EOF > f\ndocker push no\nEOF\nls",
                &["[cat] > f", "[ls]"],
            ),
            (
                "docker build \\\n  -t x # comment\nls",
                &["[docker] [build] [-t] [x]", "[ls]"],
            ),
            ("echo {\"A\":1}", &["[echo] [{A:1}]"]),
            ("echo {\"A\",1}", &["[echo] [{A,…1}]"]),
            ("cat $(", &["[cat] […]"]),
            ("cat ${X", &["[cat] [$X]"]),
            ("'", &["[]"]),
            ("", &[]),
        ] {
            assert_eq!(shown(text), expected, "{text}");
        }
    }

    #[test]
    fn commands_and_words_know_where_they_stand() {
        for (text, expected) in [
            ("a 'b c'  && d", &["a 'b c'|a|'b c'", "d|d"][..]),
            (
                "if A=1 x; then\n  y \\\n -z > f; fi",
                &["A=1 x|x", "y \\\n -z|y|-z"],
            ),
            (
                "é $(b \"c\") `d`\n",
                &[
                    "b \"c\"|b|\"c\"",
                    "d|d",
                    "é $(b \"c\") `d`|é|$(b \"c\")|`d`",
                ],
            ),
            ("A=1", &["A=1"]),
            ("x 2>&1 | y # z", &["x|x", "y|y"]),
        ] {
            let shown = commands(text).into_iter().map(|command| {
                let places = std::iter::once(&command.span).chain(&command.places);
                let texts: Vec<_> = places
                    .map(|place| text.get(place.clone()).unwrap_or("none"))
                    .collect();
                texts.join("|")
            });
            assert_eq!(shown.collect::<Vec<_>>(), expected, "{text}");
        }
    }

    #[test]
    fn a_variable_that_is_filled_in_before_is_one_within_any_quotes() {
        for (text, shown) in [
            ("x 'a:\u{E001}TAG\u{E002}'", "a:$TAG"),
            ("x \"\u{E001}A\u{E002}b\"", "${A}b"),
            ("x \u{E001}a b\u{E002}", "b…"),
            ("x \u{E001}A", "…A"),
        ] {
            assert_eq!(Word::of(text).show(), shown, "{text}");
        }
    }

    #[test]
    fn a_dollar_in_single_quotes_is_no_variable() {
        assert_ne!(Word::of("x '$A'"), Word::of("x $A"));
        assert_eq!(Word::of("x '$A'").literal(), Some("$A"));
    }

    proptest::proptest! {
        #[test]
        fn any_text_is_read(text in "[a-z $(){}`'\"\\\\<>|&;#=\n\u{E001}é-]{0,60}") {
            for word in commands(&text).iter().flat_map(|command| &command.words) {
                proptest::prop_assert!(word.show().chars().all(|c| !matches!(c, VARIABLE | VARIABLE_END | UNKNOWN)));
            }
        }
    }

    #[test]
    fn deep_nesting_ends() {
        let text = "$(".repeat(100_000);
        assert!(commands(&text).len() <= MAX_DEPTH + 1);
    }
}
