//! The commands of a Jenkinsfile: its `sh` steps, found by words and strings alone. No Groovy is run.
//!
//! The tree is an object with what a Jenkinsfile says about commands: `environment`, the variables of its
//! `environment` blocks; `push`, where there is an image that is pushed in Groovy; `calls`, the names in the
//! code that speak of waiting for a deployment; and `sh`, the list of steps in file order, each with its
//! text. Whatever else a Jenkinsfile has is passed over.
//!
//! A variable in a text (`"${TAG}"`, `"${env.TAG}"`) is marked as one; an expression is unknown. A value or
//! a step that is no plain text is null. (Groovy documentation, "Syntax"; Jenkins, "Pipeline Syntax".)

use std::collections::HashMap;

use super::within::Offsets;
use super::{
    Member, Node, NodeId, NodePlace, Places, Span, Tree, UNKNOWN, VARIABLE, VARIABLE_END, Value,
};

/// Expressions within strings within expressions that are looked into.
const MAX_DEPTH: usize = 16;

pub(super) fn parse(text: &str) -> Tree<'_> {
    let mut reader = Reader {
        text,
        at: 0,
        variables: Vec::new(),
        push: None,
        calls: Vec::new(),
        steps: Vec::new(),
    };
    if text.starts_with("#!") {
        reader.line();
    }
    while reader.at < text.len() {
        reader.code(0);
    }
    reader.tree()
}

/// A text, with where each byte of it comes from; `None` for what is no plain text.
type Read = Option<(String, Offsets)>;

/// A value that was found, and where.
struct Found {
    read: Read,
    place: NodePlace,
}

struct Reader<'t> {
    text: &'t str,
    at: usize,
    variables: Vec<(&'t str, Found)>,
    push: Option<Span>,
    calls: Vec<Span>,
    steps: Vec<Found>,
}

impl<'t> Reader<'t> {
    fn rest(&self) -> &'t str {
        self.text.get(self.at..).unwrap_or_default()
    }

    fn peek(&self) -> Option<char> {
        self.rest().chars().next()
    }

    fn next(&mut self) -> Option<char> {
        let character = self.peek()?;
        self.at += character.len_utf8();
        Some(character)
    }

    fn skip(&mut self, text: &str) -> bool {
        let is = self.rest().starts_with(text);
        if is {
            self.at += text.len();
        }
        is
    }

    /// To behind a text; to the end where it does not come.
    fn pass(&mut self, text: &str) {
        let found = self.rest().find(text);
        self.at = found.map_or(self.text.len(), |found| self.at + found + text.len());
    }

    /// To the end of the line.
    fn line(&mut self) {
        let found = self.rest().find('\n');
        self.at = found.map_or(self.text.len(), |found| self.at + found);
    }

    /// Past blanks and comments, and past line breaks where these mean nothing.
    fn blanks(&mut self, lines: bool) {
        loop {
            match self.peek() {
                Some(' ' | '\t' | '\r') => self.at += 1,
                Some('\n') if lines => self.at += 1,
                Some('/') if self.comment() => {}
                _ => return,
            }
        }
    }

    fn comment(&mut self) -> bool {
        if self.rest().starts_with("//") {
            self.line();
            true
        } else if self.skip("/*") {
            self.pass("*/");
            true
        } else {
            false
        }
    }

    fn name(&mut self) -> &'t str {
        let rest = self.rest();
        let end = rest.find(|c| !is_name(c)).unwrap_or(rest.len());
        self.at += end;
        rest.get(..end).unwrap_or_default()
    }

    /// Code up to the brace that closes it, or to the end.
    fn code(&mut self, depth: usize) {
        let mut braces = 0usize;
        // How many braces are open around the variables of an `environment` block.
        let mut environment = None;
        // The last character that means something: a `/` behind an operator begins a string.
        let mut last = '\n';
        while let Some(character) = self.peek() {
            match character {
                '/' if self.comment() => continue,
                '\'' | '"' => drop(self.string(depth)),
                '/' if !is_name(last) && !")]}".contains(last) => self.slashy(),
                '$' if self.skip("$/") => self.pass("/$"),
                '{' => {
                    braces += 1;
                    self.at += 1;
                }
                '}' => {
                    self.at += 1;
                    let Some(open) = braces.checked_sub(1) else {
                        return;
                    };
                    braces = open;
                    environment = environment.filter(|inside| *inside <= braces);
                }
                first if is_name(first) => {
                    let start = self.at;
                    let name = self.name();
                    self.word(name, start, environment == Some(braces), depth);
                    if name == "environment" && self.opens_block() {
                        environment = Some(braces + 1);
                    }
                }
                other => self.at += other.len_utf8(),
            }
            if !character.is_whitespace() {
                last = character;
            }
        }
    }

    fn opens_block(&self) -> bool {
        self.rest().trim_start().starts_with('{')
    }

    /// `/…/` on one line.
    fn slashy(&mut self) {
        self.at += 1;
        let line = self.rest().split('\n').next().unwrap_or_default();
        let mut escaped = false;
        let end = line.find(|c| {
            let ends = c == '/' && !escaped;
            escaped = c == '\\' && !escaped;
            ends
        });
        self.at += end.map_or(0, |end| end + 1);
    }

    /// What a name begins: a step, a variable's value, a push.
    fn word(&mut self, name: &'t str, start: usize, in_environment: bool, depth: usize) {
        let before = self.text.get(..start).unwrap_or_default();
        match name {
            "sh" => return self.step(depth),
            "push" if before.ends_with('.') && self.rest().starts_with('(') => {
                self.push = Some(start..self.at);
            }
            call if speaks_of_waiting(call) => self.calls.push(start..self.at),
            _ => {}
        }
        let of_env = before.ends_with("env.");
        if before.ends_with('.') && !of_env {
            return;
        }
        let key = start..self.at;
        let assigned = self.rest().trim_start_matches([' ', '\t']);
        let adds = assigned.starts_with("+=");
        let compares = assigned.starts_with("==") || assigned.starts_with("=~");
        let sets = assigned.starts_with('=') && !compares;
        if !sets && !adds {
            return;
        }
        self.at = self.text.len() - assigned.len() + if adds { 2 } else { 1 };
        self.blanks(false);
        let value = self.at;
        // A variable of Groovy's may hide one of the environment.
        let plain = sets && (in_environment || of_env) && matches!(self.peek(), Some('\'' | '"'));
        let read = plain.then(|| self.texts(false, depth)).flatten();
        let end = self.at.max(value);
        self.blanks(false);
        let read = read.filter(|_| matches!(self.peek(), None | Some('\n' | '}' | ';')));
        self.variables.push((
            name,
            Found {
                read,
                place: NodePlace {
                    key: Some(key),
                    value: value..end,
                },
            },
        ));
    }

    /// `sh 'x'`, `sh('x')`, `sh script: 'x', label: 'y'`, `sh([script: 'x'])`, behind the name.
    fn step(&mut self, depth: usize) {
        let mut open = 0usize;
        self.blanks(false);
        while self.skip("(") || self.skip("[") {
            open += 1;
            self.blanks(true);
        }
        let mut found = None;
        loop {
            self.blanks(open > 0);
            let start = self.at;
            match self.peek() {
                Some('\'' | '"') => {
                    found = Some((self.texts(open > 0, depth), start));
                    break;
                }
                Some(first) if is_name(first) => {
                    let name = self.name();
                    self.blanks(false);
                    if !self.skip(":") {
                        // Another expression: what it gives is not known here.
                        found = Some((None, start));
                        break;
                    }
                    self.blanks(true);
                    let start = self.at;
                    let quoted = matches!(self.peek(), Some('\'' | '"'));
                    if name == "script" {
                        let read = quoted.then(|| self.texts(open > 0, depth)).flatten();
                        found = Some((read, start));
                        break;
                    }
                    self.operand(open > 0, depth);
                    self.blanks(open > 0);
                    if !self.skip(",") {
                        break;
                    }
                    self.blanks(true);
                }
                Some('/' | '$' | '(') => {
                    found = Some((None, start));
                    break;
                }
                _ => break,
            }
        }
        if let Some((read, start)) = found {
            let value = start..self.at.max(start);
            let place = NodePlace { key: None, value };
            self.steps.push(Found { read, place });
        }
    }

    /// Strings that are joined with `+`; what is joined with them is unknown.
    fn texts(&mut self, lines: bool, depth: usize) -> Read {
        let (mut text, mut offsets) = self.string(depth);
        let mut is_plain = true;
        loop {
            let end = self.at;
            self.blanks(lines);
            if self.skip("+") {
                self.blanks(true);
                if matches!(self.peek(), Some('\'' | '"')) {
                    self.string_into(&mut text, &mut offsets, depth);
                } else {
                    offsets.other(text.len(), self.at);
                    text.push(UNKNOWN);
                    self.operand(lines, depth);
                }
            } else if self.skip(".") {
                // These change nothing of a command.
                let harmless = ["stripIndent", "stripMargin", "trim", "toString"];
                is_plain &= harmless.contains(&self.name());
                self.skip("()");
            } else {
                self.at = end;
                return is_plain.then_some((text, offsets));
            }
        }
    }

    /// Past an expression, up to what ends it or joins it with another.
    fn operand(&mut self, lines: bool, depth: usize) {
        let mut open = 0usize;
        while let Some(character) = self.peek() {
            match character {
                '\'' | '"' => {
                    drop(self.string(depth));
                    continue;
                }
                '(' | '[' | '{' => open += 1,
                ')' | ']' | '}' if open > 0 => open -= 1,
                ')' | ']' | '}' => return,
                ',' | ';' | '+' if open == 0 => return,
                '\n' if open == 0 && !lines => return,
                _ => {}
            }
            self.at += character.len_utf8();
        }
    }

    fn string(&mut self, depth: usize) -> (String, Offsets) {
        let (mut text, mut offsets) = Default::default();
        self.string_into(&mut text, &mut offsets, depth);
        (text, offsets)
    }

    /// A string in any of the four forms with quotes, from its first quote on.
    fn string_into(&mut self, text: &mut String, offsets: &mut Offsets, depth: usize) {
        let interpolates = self.peek() == Some('"');
        let (once, thrice) = if interpolates {
            ("\"", "\"\"\"")
        } else {
            ("'", "'''")
        };
        let quote = if self.skip(thrice) {
            thrice
        } else {
            self.at += once.len();
            once
        };
        while !self.skip(quote) {
            let start = self.at;
            let Some(character) = self.next() else {
                return;
            };
            if character == '\\' || (character == '$' && interpolates) || is_mark(character) {
                offsets.other(text.len(), start);
            } else {
                offsets.same(text.len(), start);
            }
            match character {
                '\n' if quote == once => {
                    // It was not closed.
                    self.at = start;
                    return;
                }
                '\\' => self.escaped(text),
                '$' if interpolates => self.interpolated(text, depth),
                mark if is_mark(mark) => text.push(UNKNOWN),
                other => text.push(other),
            }
        }
        offsets.same(text.len(), self.at - quote.len());
    }

    /// What stands behind a backslash.
    fn escaped(&mut self, text: &mut String) {
        match self.next() {
            Some('\n') | None => {}
            Some('n') => text.push('\n'),
            Some('t') => text.push('\t'),
            Some('r') => text.push('\r'),
            Some('b' | 'f') => text.push(' '),
            Some('u') => {
                let code = self.rest().trim_start_matches('u').get(..4);
                let code = code.and_then(|code| u32::from_str_radix(code, 16).ok());
                self.at += code.map_or(0, |_| 4);
                text.push(
                    code.and_then(char::from_u32)
                        .filter(|c| !is_mark(*c))
                        .unwrap_or(UNKNOWN),
                );
            }
            Some(other) if is_mark(other) => text.push(UNKNOWN),
            Some(other) => text.push(other),
        }
    }

    /// What stands behind a dollar: `{expression}`, or a name with its members.
    fn interpolated(&mut self, text: &mut String, depth: usize) {
        let start = self.at;
        if self.peek().is_some_and(|first| first.is_ascii_digit()) {
            return text.push('$');
        }
        if self.skip("{") {
            if depth < MAX_DEPTH {
                self.code(depth + 1);
            }
            let inside = self.text.get(start + 1..self.at).unwrap_or_default();
            let inside = inside.strip_suffix('}').unwrap_or_default();
            return variable(inside.trim(), text);
        }
        while self.peek().is_some_and(is_name) {
            self.name();
            let mut next = self.rest().chars();
            let member = next.next() == Some('.') && next.next().is_some_and(is_name);
            if !member {
                break;
            }
            self.at += 1;
        }
        match self.text.get(start..self.at).unwrap_or_default() {
            "" => text.push('$'),
            path => variable(path, text),
        }
    }

    fn tree(self) -> Tree<'t> {
        let mut builder = Builder::default();
        let root = builder.place(NodePlace {
            key: None,
            value: 0..self.text.len(),
        });
        let mut members = Vec::new();
        if !self.variables.is_empty() {
            let node = builder.variables(self.variables);
            members.push(member("environment", node));
        }
        if let Some(place) = self.push {
            let id = builder.place(NodePlace {
                key: None,
                value: place,
            });
            let value = Value::Bool(true);
            members.push(member("push", Node { id, value }));
        }
        if !self.calls.is_empty() {
            let id = builder.place(NodePlace {
                key: None,
                value: 0..self.text.len(),
            });
            let items = self.calls.into_iter().map(|place| {
                let name = self.text.get(place.clone()).unwrap_or_default();
                let value = Value::String(name.into());
                let id = builder.place(NodePlace {
                    key: None,
                    value: place,
                });
                Node { id, value }
            });
            let value = Value::List(items.collect());
            members.push(member("calls", Node { id, value }));
        }
        let steps = builder.place(NodePlace {
            key: None,
            value: 0..self.text.len(),
        });
        let items = self.steps.into_iter().map(|step| builder.node(step));
        let value = Value::List(items.collect());
        members.push(member("sh", Node { id: steps, value }));
        Tree {
            root: Some(Node {
                id: root,
                value: Value::Object(members),
            }),
            faults: Vec::new(),
            places: Places::Written {
                places: builder.places,
                offsets: builder.offsets,
            },
        }
    }
}

fn member<'t>(name: &'static str, node: Node<'t>) -> Member<'t> {
    Member {
        name: name.into(),
        node,
    }
}

/// Numbers the nodes, and keeps their places.
#[derive(Default)]
struct Builder {
    places: Vec<NodePlace>,
    offsets: HashMap<NodeId, Offsets>,
}

impl Builder {
    fn place(&mut self, place: NodePlace) -> NodeId {
        let id = u32::try_from(self.places.len()).unwrap_or(u32::MAX);
        self.places.push(place);
        NodeId(id)
    }

    fn node<'t>(&mut self, found: Found) -> Node<'t> {
        let id = self.place(found.place);
        let Some((text, offsets)) = found.read else {
            let value = Value::Null;
            return Node { id, value };
        };
        self.offsets.insert(id, offsets);
        let value = Value::String(text.into());
        Node { id, value }
    }

    /// One member a variable: null for one that is set twice.
    fn variables<'t>(&mut self, variables: Vec<(&'t str, Found)>) -> Node<'t> {
        let whole = variables.iter().map(|(_, found)| &found.place.value);
        let start = whole.clone().map(|place| place.start).min();
        let end = whole.map(|place| place.end).max();
        let id = self.place(NodePlace {
            key: None,
            value: start.unwrap_or_default()..end.unwrap_or_default(),
        });
        let mut at = HashMap::new();
        let mut members: Vec<Member<'t>> = Vec::new();
        for (name, found) in variables {
            match at.get(name).and_then(|at: &usize| members.get_mut(*at)) {
                Some(member) => member.node.value = Value::Null,
                None => {
                    at.insert(name, members.len());
                    let node = self.node(found);
                    members.push(Member {
                        name: name.into(),
                        node,
                    });
                }
            }
        }
        let value = Value::Object(members);
        Node { id, value }
    }
}

/// A variable of the environment, which the parameters are, too; anything else is not known.
fn variable(path: &str, text: &mut String) {
    let name = ["env.", "params."]
        .iter()
        .find_map(|scope| path.strip_prefix(scope));
    let name = name.unwrap_or(path);
    if name.is_empty() || !name.chars().all(is_name) {
        return text.push(UNKNOWN);
    }
    text.push(VARIABLE);
    text.push_str(name);
    text.push(VARIABLE_END);
}

/// SonarQube's `waitForQualityGate` has nothing to do with a deployment.
fn speaks_of_waiting(name: &str) -> bool {
    let waits = name.to_ascii_lowercase().contains("wait");
    (waits && name != "waitForQualityGate") || name == "rolloutState"
}

fn is_name(character: char) -> bool {
    character.is_ascii_alphanumeric() || character == '_'
}

fn is_mark(character: char) -> bool {
    matches!(character, VARIABLE | VARIABLE_END | UNKNOWN)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;

    /// Variables as `{NAME}`, what is unknown as `…`.
    fn shown(node: &Node<'_>) -> String {
        let text = node.as_str().unwrap_or("null");
        text.replace(VARIABLE, "{")
            .replace(VARIABLE_END, "}")
            .replace(UNKNOWN, "…")
    }

    fn steps(text: &str) -> Vec<String> {
        let tree = parse(text);
        let steps = tree.root.as_ref().unwrap().get("sh").unwrap();
        steps.items().iter().map(shown).collect()
    }

    #[test]
    fn steps_in_every_form() {
        for (text, expected) in [
            ("sh 'a b'", &["a b"][..]),
            ("sh \"a\"\nsh('b'); sh(\"c\")", &["a", "b", "c"]),
            ("sh '''a\n'b' ''c\n'''", &["a\n'b' ''c\n"]),
            ("sh \"\"\"a \"b\" \\\"\"\"\"", &["a \"b\" \""]),
            ("def x = sh(script: 'a', returnStdout: true).trim()", &["a"]),
            ("sh label: 'l, m', script: 'a'", &["a"]),
            (
                "sh(\n  returnStatus: true, // c\n  label: f('x', [1]),\n  script: '''a'''\n)",
                &["a"],
            ),
            ("sh([script: 'a'])", &["a"]),
            ("steps.sh 'a'", &["a"]),
            // What is written in Groovy, and in the shell.
            (
                "sh \"a ${env.B} ${params.C} $D ${E} $env.F \\$G ${h()} $i.j\"",
                &["a {B} {C} {D} {E} {F} $G … …"],
            ),
            ("sh 'a $B ${C}'", &["a $B ${C}"]),
            ("sh \"a ${b.replace(\"c\", '}')} d\"", &["a … d"]),
            ("sh 'a' + b + \" c\"", &["a… c"]),
            ("sh('a ' +\n  'b')", &["a b"]),
            ("sh 'a'.stripIndent()", &["a"]),
            ("sh 'a'.replace('a', 'b')", &["null"]),
            (
                "sh 'a\\tb\\\\c\\u0041' ; sh '''a \\\n b'''",
                &["a\tb\\cA", "a  b"],
            ),
            ("sh cmd", &["null"]),
            ("sh script: cmd, label: 'x'", &["null"]),
            (
                "sh \"${sh(script: 'inner', returnStdout: true)}\"",
                &["inner", "…"],
            ),
            // What is no step.
            ("// sh 'a'\n/* sh 'b' */ echo \"sh 'c'\"", &[]),
            ("push 'a'; bash 'b'; x.sh = 'c'; shx 'd'", &[]),
            (
                "x =~ /it's/\nsh 'a'\ny = 4 / 2 // it's\nsh 'b'",
                &["a", "b"],
            ),
            ("x = $/it's/$\nsh 'a'", &["a"]),
            ("#!/usr/bin/env groovy it's\nsh 'a'", &["a"]),
            ("} } sh 'a'", &["a"]),
            ("sh 'a\nsh 'b'", &["a", "b"]),
            ("sh \"${", &["…"]),
            ("sh", &[]),
        ] {
            assert_eq!(steps(text), expected, "{text}");
        }
    }

    #[test]
    fn variables_of_the_environment() {
        for (text, expected) in [
            ("environment { A = 'a'\n B = \"${A}:b\" }", "A=a B={A}:b"),
            (
                "environment { A = credentials('x') ; B = 'b'.trim() + c }",
                "A=null B=b…",
            ),
            ("environment { A = 'a' ? 'b' : 'c' }", "A=null"),
            ("environment { A = 'a' }\nenvironment { A = 'a' }", "A=null"),
            ("script { env.A = 'a' }\nif (env.B == 'b') {}", "A=a"),
            ("environment { A = 'a' }\ndef A = 'b'", "A=null"),
            ("def a = 'b'", "a=null"),
            ("environment { A = 'a' }\nx { B = 'b' }", "A=a B=null"),
            ("sh 'A=b'", ""),
        ] {
            let tree = parse(text);
            let variables = tree.root.as_ref().unwrap().get("environment");
            let variables = variables.map(Node::members).unwrap_or_default();
            let shown: Vec<_> = variables
                .iter()
                .map(|member| format!("{}={}", member.name, shown(&member.node)))
                .collect();
            assert_eq!(shown.join(" "), expected, "{text}");
        }
    }

    #[test]
    fn a_piece_of_a_step_is_found_as_it_is_written() {
        for (text, piece, expected) in [
            ("sh 'a b'", "b", "b"),
            ("sh \"é ${env.X}b c\"", "c", "c"),
            ("sh '''\n  a\n  b \\\\\n  c'''", "b \\\n  c", "b \\\\\n  c"),
            ("sh \"a \\\"b\\\" c\"", "\"b\"", "\\\"b\\\""),
            ("sh 'a ' + x + ' b'", "b", "b"),
            ("sh \"a ${x} c\"", "\u{E001}x\u{E002}", "${x}"),
        ] {
            let tree = parse(text);
            let steps = tree.root.as_ref().unwrap().get("sh").unwrap();
            let node = &steps.items()[0];
            let start = node.as_str().unwrap().find(piece).unwrap();
            let place = tree
                .within(text, node, &(start..start + piece.len()))
                .unwrap();
            assert_eq!(&text[place], expected, "{text}");
        }
    }

    #[test]
    fn deep_nesting_ends() {
        for part in ["\"${", "sh(\"${", "{", "(", "sh(["] {
            let text = part.repeat(50_000);
            assert!(parse(&text).root.is_some());
        }
    }

    proptest::proptest! {
        #[test]
        fn any_text_is_read(text in "(sh |sh\\(|script: |environment \\{|env\\.|[a-z $(){}\\[\\]'\"\\\\/+=,:;.#\n\u{E001}\u{E002}é]){0,40}") {
            let tree = parse(&text);
            let root = tree.root.as_ref().unwrap();
            for node in root.get("sh").unwrap().items() {
                let Some(step) = node.as_str() else { continue };
                for (at, _) in step.char_indices() {
                    let place = tree.within(&text, node, &(at..step.len())).unwrap();
                    proptest::prop_assert!(text.get(place).is_some());
                }
            }
        }
    }
}
