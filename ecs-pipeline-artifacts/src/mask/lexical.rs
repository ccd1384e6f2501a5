//! Secrets by what stands around them, for commands, comments, and texts that do not parse.

use super::{is_group, is_reference, is_sensitive, within_quotes};
use crate::source::{Format, Span};

/// The secrets of a text. With a tree, what stands in its members is left to it.
pub(super) fn secrets(text: &str, format: Format, has_tree: bool) -> Vec<Span> {
    let mut secrets = Vec::new();
    let scan = Scan { text, format };
    scan.urls(&mut secrets);
    scan.comments(&mut secrets);
    scan.words(has_tree, &mut secrets);
    secrets
}

/// The users and passwords in the URLs of a text.
pub(super) fn url_users(text: &str) -> Vec<Span> {
    let mut secrets = Vec::new();
    let format = Format::Yaml;
    Scan { text, format }.urls(&mut secrets);
    secrets
}

struct Scan<'t> {
    text: &'t str,
    format: Format,
}

impl Scan<'_> {
    fn from(&self, at: usize) -> &str {
        self.text.get(at..).unwrap_or_default()
    }

    /// `https://user:password@host`.
    fn urls(&self, secrets: &mut Vec<Span>) {
        for (at, scheme) in self.text.match_indices("://") {
            let start = at + scheme.len();
            let rest = self.from(start);
            let end = rest.find(|c: char| c.is_whitespace() || "/\"'?#<>".contains(c));
            let authority = rest.get(..end.unwrap_or(rest.len())).unwrap_or_default();
            if let Some(user) = authority.rfind('@') {
                secrets.push(start..start + user);
            }
        }
    }

    /// Comments are masked whole: old values like to stay in them.
    fn comments(&self, secrets: &mut Vec<Span>) {
        let json = matches!(self.format, Format::Json | Format::Groovy);
        let bytes = self.text.as_bytes();
        let (mut at, mut quoted, mut before) = (0, false, b'\n');
        while let Some(&byte) = bytes.get(at) {
            let next = bytes.get(at + 1);
            let apart = before.is_ascii_whitespace() || (json && b",{}[]".contains(&before));
            let body = match byte {
                b'/' if json && !quoted && next == Some(&b'*') => {
                    let end = self.from(at + 2).find("*/");
                    Some((at + 2, end.map_or(bytes.len(), |end| at + 2 + end)))
                }
                b'/' if json && !quoted && apart && next == Some(&b'/') => {
                    self.rest_of_line(at + 2)
                }
                b'#' if !quoted && apart => self.rest_of_line(at + 1),
                _ => None,
            };
            if let Some((start, end)) = body {
                secrets.push(start..end);
                at = end;
                continue;
            }
            match byte {
                b'"' if before != b'\\' => quoted = !quoted,
                b'\n' => quoted = false,
                _ => {}
            }
            before = byte;
            at += 1;
        }
    }

    fn rest_of_line(&self, start: usize) -> Option<(usize, usize)> {
        let line = self.from(start).split('\n').next()?.trim_end();
        (!line.is_empty()).then_some((start, start + line.len()))
    }

    fn words(&self, has_tree: bool, secrets: &mut Vec<Span>) {
        let is_word = |c: char| c.is_ascii_alphanumeric() || c == '_' || c == '-';
        let mut at = 0;
        while let Some(skipped) = self.from(at).find(is_word) {
            let start = at + skipped;
            let rest = self.from(start);
            let length = rest.find(|c| !is_word(c)).unwrap_or(rest.len());
            let word = rest.get(..length).unwrap_or_default();
            at = start + length;
            if is_key(word) {
                secrets.push(start..at);
            } else if let Some(secret) = self.attached(word, start) {
                at = secret.end.max(at);
                secrets.push(secret);
            } else if is_sensitive(word) || (!has_tree && word.eq_ignore_ascii_case("value")) {
                let secret = self.after(word, at);
                at = secret.as_ref().map_or(at, |secret| secret.end.max(at));
                secrets.extend(secret);
            } else if word == "-p" && self.line_before(start).contains("login") {
                let secret = self.argument(at);
                at = secret.as_ref().map_or(at, |secret| secret.end.max(at));
                secrets.extend(secret);
            } else if !has_tree && holds_secrets(word) {
                at = self.group(start, at, secrets).max(at);
            }
        }
    }

    fn line_before(&self, at: usize) -> &str {
        let before = self.before(at);
        before.rsplit('\n').next().unwrap_or_default()
    }

    /// As much as a command has before one of its arguments.
    fn before(&self, at: usize) -> &str {
        const REACH: usize = 500;
        let mut from = at.saturating_sub(REACH);
        while !self.text.is_char_boundary(from) {
            from += 1;
        }
        self.text.get(from..at).unwrap_or_default()
    }

    /// Whether `-p` is a command's whose password stands right behind it: `mysql -psecret`. Each
    /// argument may have a line of its own.
    fn takes_attached(&self, word: &str, at: usize) -> bool {
        let flags = [
            "-password",
            "-passwd",
            "-passphrase",
            "-private-key",
            "-pwd",
        ];
        if !word.starts_with("-p") || flags.contains(&word) {
            return false;
        }
        let before = self.before(at);
        let last = |command: &str| before.rfind(command);
        let client = ["mysql", "mariadb", "sshpass", "docker login"];
        let client = client.into_iter().filter_map(last).max();
        // Another program's ports.
        let other = ["docker run", "mkdir"].into_iter().filter_map(last).max();
        client > other
    }

    /// What stands right behind a flag.
    fn attached(&self, word: &str, start: usize) -> Option<Span> {
        if !self.takes_attached(word, start) {
            return None;
        }
        let at = start + "-p".len();
        let rest = self.from(at);
        let ends_here = |c: char| c.is_whitespace() || ",;)]}&|".contains(c);
        let quoted = rest.trim_start_matches('\\').strip_prefix(['"', '\'']);
        if rest.is_empty() || rest.starts_with(ends_here) {
            return None;
        }
        // The quote that closes the argument itself.
        let closes = quoted.is_some_and(|after| after.is_empty() || after.starts_with(ends_here));
        (!closes).then(|| self.shown(self.shell_word(at)))?
    }

    /// The secret that a name is followed by: `name: x`, `"name": "x"`, `NAME=x`, `--name x`.
    fn after(&self, word: &str, at: usize) -> Option<Span> {
        let rest = self.from(at);
        let unquoted = rest.trim_start_matches(['"', '\'', '\\']);
        let spaced = unquoted.trim_start_matches([' ', '\t']);
        if let Some(value) = spaced.strip_prefix('=') {
            // `NAME = 'x'`, which no shell reads as a variable that is set.
            let value = match self.format {
                Format::Groovy => value.trim_start_matches([' ', '\t']),
                _ => value,
            };
            return self.shown(self.shell_word(self.text.len() - value.len()));
        }
        if let Some(value) = spaced.strip_prefix(':') {
            let value = value.trim_start();
            if value.starts_with(['{', '[']) && !value.starts_with("{{") {
                return None;
            }
            // In YAML a value of a further line is one of a further member.
            let skipped = spaced.len() - 1 - value.len();
            let between = spaced.get(1..1 + skipped).unwrap_or_default();
            if self.format == Format::Yaml && between.contains('\n') {
                return None;
            }
            return self.shown(self.member_value(self.text.len() - value.len()));
        }
        word.starts_with('-').then(|| self.argument(at))?
    }

    /// The argument after a flag.
    fn argument(&self, at: usize) -> Option<Span> {
        let rest = self.from(at);
        let value = rest.trim_start_matches([' ', '\t', ',', '"', '\'']);
        let start = self.text.len() - value.len();
        if start == at || value.starts_with(['-', '\n', '\r', ']', '}']) {
            return None;
        }
        self.shown(self.shell_word(start))
    }

    fn shown(&self, span: Span) -> Option<Span> {
        let span = within_quotes(self.text, span);
        let text = self.text.get(span.clone())?;
        (!text.is_empty() && !is_reference(text)).then_some(span)
    }

    /// A word of a shell's, with its quoted parts.
    fn shell_word(&self, start: usize) -> Span {
        let mut at = start;
        loop {
            let rest = self.from(at);
            // A quote with as many escapes as it has where texts are in texts.
            let escapes = rest.len() - rest.trim_start_matches('\\').len();
            let quote = rest
                .get(..=escapes)
                .filter(|quote| quote.ends_with(['"', '\'']));
            // In JSON a plain quote ends the text that the word is in.
            let plain = escapes == 0 && rest.starts_with('"');
            let quote = quote.filter(|_| !plain || self.format == Format::Yaml || at == start);
            if let Some(quote) = quote {
                let inner = rest.get(quote.len()..).unwrap_or_default();
                let line = inner.find('\n').unwrap_or(inner.len());
                let close = inner.find(quote).filter(|close| *close < line);
                at += quote.len() + close.map_or(line, |close| close + quote.len());
                if close.is_some() {
                    continue;
                }
                return start..at;
            }
            let substitution = rest
                .starts_with("$(")
                .then(|| beginning(rest).find(')'))
                .flatten();
            if let Some(close) = substitution {
                at += close + 1;
                continue;
            }
            let end = rest.find(|c: char| c.is_whitespace() || "\\\"'&,;)]}|".contains(c));
            let length = end.unwrap_or(rest.len());
            at += length;
            let stop = self.from(at);
            let escapes = stop.len() - stop.trim_start_matches('\\').len();
            match stop.get(escapes..).and_then(|rest| rest.chars().next()) {
                Some('\'') if length > 0 && escapes == 0 => {}
                Some(c) if escapes > 0 && !matches!(c, '"' | '\'') => at += escapes + c.len_utf8(),
                _ => return start..at,
            }
        }
    }

    /// A member's value in a text that may be broken: it ends where a quote closes it beyond doubt, and
    /// otherwise with its line.
    fn member_value(&self, start: usize) -> Span {
        let rest = self.from(start);
        let Some(quote) = rest.chars().next().filter(|c| matches!(c, '"' | '\'')) else {
            let stop = match self.format {
                Format::Json => rest.find(['"', '\n', '\r', ',', '}', ']']),
                _ => rest.find(['\n', '\r']),
            };
            let value = rest.get(..stop.unwrap_or(rest.len())).unwrap_or_default();
            return start..start + value.trim_end().len();
        };
        start..self.closing(start, quote).unwrap_or(self.text.len())
    }

    /// Where a string ends, its quote included.
    fn closing(&self, start: usize, quote: char) -> Option<usize> {
        let mut escaped = false;
        for (at, c) in self.from(start).char_indices().skip(1) {
            if c == quote && !escaped && ends_a_value(self.from(start + at + 1), self.format) {
                return Some(start + at + 1);
            }
            escaped = c == '\\' && !escaped && quote == '"';
        }
        None
    }

    /// Everything in `environment`, `variables` and the like but names. Returns where it ends.
    fn group(&self, name: usize, at: usize, secrets: &mut Vec<Span>) -> usize {
        let rest = self.from(at).trim_start_matches(['"', '\'']);
        let Some(rest) = rest.trim_start_matches([' ', '\t']).strip_prefix(':') else {
            return at;
        };
        let value = rest.trim_start();
        let start = self.text.len() - value.len();
        if value.starts_with(['{', '[']) {
            return self.bracketed(start, secrets);
        }
        match self.format {
            Format::Yaml => self.indented(name, self.text.len() - rest.len(), secrets),
            _ => at,
        }
    }

    fn bracketed(&self, start: usize, secrets: &mut Vec<Span>) -> usize {
        let mut depth = 0usize;
        let mut at = start;
        let mut is_name = false;
        while let Some(c) = self.from(at).chars().next() {
            match c {
                '{' | '[' => depth += 1,
                '}' | ']' => {
                    depth = depth.saturating_sub(1);
                    if depth == 0 {
                        return at + 1;
                    }
                }
                '"' | '\'' => {
                    let key = self.key(at, c);
                    // A name ends with the next quote: what follows may be a value without a comma.
                    let name = is_name.then(|| self.next_quote(at, c)).flatten();
                    let end = key
                        .or(name)
                        .or_else(|| self.closing(at, c))
                        .unwrap_or(self.text.len());
                    let inner = within_quotes(self.text, at..end);
                    if key.is_some() {
                        let key = self.text.get(inner).unwrap_or_default();
                        is_name = key.eq_ignore_ascii_case("name");
                    } else if !std::mem::take(&mut is_name) {
                        secrets.push(inner);
                    }
                    at = end;
                    continue;
                }
                c if c.is_whitespace() || ",:".contains(c) => {}
                _ => {
                    let rest = self.from(at);
                    let end = rest
                        .find(['\n', ',', '}', ']', '"', ':'])
                        .unwrap_or(rest.len());
                    if !rest.get(end..).is_some_and(|rest| rest.starts_with(':')) {
                        secrets.extend(
                            self.shown(
                                at..at + rest.get(..end).unwrap_or_default().trim_end().len(),
                            ),
                        );
                    }
                    at += end.max(c.len_utf8());
                    continue;
                }
            }
            at += c.len_utf8();
        }
        at
    }

    fn next_quote(&self, start: usize, quote: char) -> Option<usize> {
        let end = self.from(start + 1).find([quote, '\n'])?;
        Some(start + 1 + end + quote.len_utf8())
    }

    /// The end of a string that is a member's name.
    fn key(&self, start: usize, quote: char) -> Option<usize> {
        let rest = self.from(start + 1);
        let end = rest.find([quote, '\n'])?;
        let after = rest.get(end..)?.strip_prefix(quote)?;
        after
            .trim_start()
            .starts_with(':')
            .then_some(start + end + 2)
    }

    fn indented(&self, name: usize, from: usize, secrets: &mut Vec<Span>) -> usize {
        let line_start = self.text.get(..name).and_then(|before| before.rfind('\n'));
        let line_start = line_start.map_or(0, |newline| newline + 1);
        let own = indentation(self.from(line_start));
        let mut at = from;
        let mut members = None;
        for line in self.from(from).split_inclusive('\n') {
            let content = line.trim();
            let indent = indentation(line);
            let within = at == from
                || content.is_empty()
                || indent > own
                || (indent == own && content.starts_with('-'));
            if !within {
                return at;
            }
            let start = at + line.len() - line.trim_start().len();
            let end = start + content.len();
            let item = content.len() - content.trim_start_matches(['-', ' ']).len();
            if at > from && !content.is_empty() {
                // What is further in than the members goes on with the value of one.
                let level = *members.get_or_insert(indent + item);
                let value = if indent > level {
                    Some(0)
                } else {
                    value_of(content)
                };
                secrets.extend(value.map(|value| start + value..end));
            }
            at += line.len();
        }
        at
    }
}

fn indentation(line: &str) -> usize {
    line.len() - line.trim_start_matches([' ', '\t']).len()
}

/// Where the value begins in a line of YAML, unless it is a name's.
fn value_of(content: &str) -> Option<usize> {
    let item = content.trim_start_matches(['-', ' ']);
    let at = content.len() - item.len();
    match item.split_once(':') {
        Some((key, value))
            if key
                .trim_matches(['"', '\'', ' '])
                .eq_ignore_ascii_case("name") =>
        {
            // `{name: A, value: x}` on one line, or the same without its comma.
            let skipped = value.len() - value.trim_start().len();
            let next = value.get(skipped..)?.find([',', ' '])?;
            Some(at + key.len() + 1 + skipped + next)
        }
        Some((key, value)) => {
            let skipped = value.len() - value.trim_start().len();
            (!value.trim().is_empty()).then_some(at + key.len() + 1 + skipped)
        }
        None => (!item.is_empty()).then_some(at),
    }
}

fn holds_secrets(word: &str) -> bool {
    let groups = ["labels", "options"];
    groups.iter().any(|group| word.eq_ignore_ascii_case(group)) || is_group(word)
}

/// Keys that show by their beginning that they are keys.
fn is_key(word: &str) -> bool {
    let known = [
        "AKIA",
        "ASIA",
        "ghp_",
        "gho_",
        "github_pat_",
        "glpat-",
        "xoxb-",
        "xoxp-",
        "sk_live_",
    ];
    word.len() >= 16 && known.iter().any(|prefix| word.starts_with(prefix))
}

/// The beginning of a text: what is asked of it must not cost more the longer it is.
fn beginning(text: &str) -> &str {
    const REACH: usize = 400;
    let mut end = REACH.min(text.len());
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    text.get(..end).unwrap_or_default()
}

/// Whether what follows a quote shows that it closes a value.
fn ends_a_value(rest: &str, format: Format) -> bool {
    let rest = beginning(rest);
    let (line, further) = rest.split_once('\n').unwrap_or((rest, ""));
    let line = line.trim();
    if !line.is_empty() {
        return line.starts_with([',', '}', ']', '#']) || line.starts_with("//");
    }
    let further = further.trim_start();
    format == Format::Yaml
        || further.is_empty()
        || further.starts_with(['"', '}', ']', '{', '[', ',', '/', '#'])
}
