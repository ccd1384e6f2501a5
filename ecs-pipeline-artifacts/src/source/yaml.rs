//! YAML 1.2 with its core schema, from the parser's events: aliases are expanded within bounds, merge
//! keys are not (neither CodeBuild nor CodeDeploy documents them).

use std::borrow::Cow;
use std::collections::HashMap;

use saphyr_parser::{Event, Parser, ScalarStyle};

use super::{
    MAX_BYTES, MAX_DEPTH, Member, Node, NodeId, NodePlace, Places, Span, SyntaxFault,
    SyntaxFaultKind, Tree, Value,
};

/// Nodes in one document, expanded aliases included; and copies that are kept of anchored ones.
const MAX_NODES: usize = 200_000;

pub(super) fn parse(text: &str) -> Tree<'_> {
    let mut builder = Builder::new(text);
    match builder.document() {
        Ok(root) => Tree {
            root,
            faults: builder.faults,
            places: Places::Known(builder.places),
        },
        Err(fault) => {
            builder.faults.push(fault);
            Tree {
                root: None,
                faults: builder.faults,
                places: Places::Known(Vec::new()),
            }
        }
    }
}

struct Builder<'t> {
    text: &'t str,
    events: Parser<'t, saphyr_parser::StrInput<'t>>,
    bytes: ByteOffsets,
    places: Vec<NodePlace>,
    anchors: HashMap<usize, Node<'t>>,
    faults: Vec<SyntaxFault>,
    depth: usize,
    copied: usize,
    /// Where the list or object that was read last ended.
    closed: usize,
    /// Where the furthest value so far ends.
    reached: usize,
}

type Next<'t> = (Event<'t>, Span);

impl<'t> Builder<'t> {
    fn new(text: &'t str) -> Self {
        Self {
            text,
            events: Parser::new_from_str(text),
            bytes: ByteOffsets::new(text),
            places: Vec::new(),
            anchors: HashMap::new(),
            faults: Vec::new(),
            depth: 0,
            copied: 0,
            closed: 0,
            reached: 0,
        }
    }

    fn document(&mut self) -> Result<Option<Node<'t>>, SyntaxFault> {
        loop {
            match self.next()? {
                (Event::StreamStart | Event::DocumentStart(_), _) => {}
                (Event::StreamEnd, span) => {
                    return Err(fault(span, "the file is empty", None));
                }
                event => {
                    let root = self.node(event, None)?;
                    self.only_document()?;
                    return Ok(Some(root));
                }
            }
        }
    }

    fn only_document(&mut self) -> Result<(), SyntaxFault> {
        loop {
            match self.next()? {
                (Event::StreamEnd, _) => return Ok(()),
                (Event::DocumentStart(_), span) => {
                    return Err(fault(
                        span,
                        "a second document begins here",
                        Some("keep one document a file, without `---` after its beginning"),
                    ));
                }
                _ => {}
            }
        }
    }

    fn next(&mut self) -> Result<Next<'t>, SyntaxFault> {
        match self.events.next_event() {
            None => Ok((Event::StreamEnd, self.text.len()..self.text.len())),
            Some(Ok((event, span))) => {
                let start = self.bytes.of_char(span.start.index());
                let end = self.bytes.of_char(span.end.index());
                Ok((event, start..end.max(start)))
            }
            Some(Err(error)) => {
                let at = self.bytes.of_char(error.marker().index());
                Err(explain(self.text, at, error.info()))
            }
        }
    }

    fn node(
        &mut self,
        (event, span): Next<'t>,
        key: Option<Span>,
    ) -> Result<Node<'t>, SyntaxFault> {
        let span = match (&event, &key) {
            (Event::Scalar(text, ScalarStyle::Plain, ..), Some(key)) if text.is_empty() => {
                self.absent(key, span.start)
            }
            _ => span,
        };
        let id = self.place(key, span.clone())?;
        match event {
            Event::Scalar(text, style, anchor, _) => {
                let value = match style {
                    ScalarStyle::Plain => plain(text),
                    _ => Value::String(text),
                };
                self.anchored(anchor, Node { id, value }, &span)
            }
            Event::SequenceStart(anchor, _) => {
                let items = self.nested(&span, Self::items)?;
                self.end_at_last(id);
                let value = Value::List(items);
                self.anchored(anchor, Node { id, value }, &span)
            }
            Event::MappingStart(anchor, _) => {
                let members = self.nested(&span, Self::members)?;
                self.end_at_last(id);
                let value = Value::Object(members);
                self.anchored(anchor, Node { id, value }, &span)
            }
            Event::Alias(anchor) => self.alias(anchor, id, &span),
            _ => Err(fault(span, "a value was expected here", None)),
        }
    }

    /// A value that is not there stands behind its colon, or, in braces and without one, behind its name.
    /// To the parser it stands before the colon, or where the braces close.
    fn absent(&self, key: &Span, parsed: usize) -> Span {
        let rest = self.text.get(key.end..).unwrap_or_default();
        let blank = rest.len() - rest.trim_start_matches([' ', '\t']).len();
        let colon = key.end + blank;
        let at = match self.text.get(key.end..parsed) {
            _ if self.text.as_bytes().get(colon) == Some(&b':') => parsed.max(colon + 1),
            Some(between) if between.contains(':') => parsed,
            _ => key.end,
        };
        at..at
    }

    fn nested<R>(
        &mut self,
        span: &Span,
        read: impl FnOnce(&mut Self) -> Result<R, SyntaxFault>,
    ) -> Result<R, SyntaxFault> {
        self.depth += 1;
        if self.depth > MAX_DEPTH {
            let message = format!("the document is nested more than {MAX_DEPTH} levels deep");
            return Err(fault(span.clone(), &message, None));
        }
        let read = read(self)?;
        self.depth -= 1;
        Ok(read)
    }

    fn items(&mut self) -> Result<Vec<Node<'t>>, SyntaxFault> {
        let mut items = Vec::new();
        loop {
            match self.next()? {
                (Event::SequenceEnd, span) => {
                    self.closed = span.end;
                    return Ok(items);
                }
                event => items.push(self.node(event, None)?),
            }
        }
    }

    fn members(&mut self) -> Result<Vec<Member<'t>>, SyntaxFault> {
        let mut members = Vec::new();
        loop {
            let (name, span) = match self.next()? {
                (Event::MappingEnd, span) => {
                    self.closed = span.end;
                    return Ok(members);
                }
                (Event::Scalar(name, ..), span) => (name, span),
                (_, span) => {
                    return Err(fault(
                        span,
                        "the name of a member must be plain text",
                        Some("a placeholder such as {{x}} must be in quotes"),
                    ));
                }
            };
            let value = self.next()?;
            let node = self.node(value, Some(span))?;
            members.push(Member { name, node });
        }
    }

    /// A copy of what the anchor names, whose nodes all stand where the alias does.
    fn alias(&mut self, anchor: usize, id: NodeId, span: &Span) -> Result<Node<'t>, SyntaxFault> {
        let Some(mut node) = self.anchors.get(&anchor).cloned() else {
            return Err(fault(
                span.clone(),
                "an alias of something that contains it",
                None,
            ));
        };
        node.id = id;
        self.renumber(&mut node, span)?;
        Ok(node)
    }

    fn renumber(&mut self, node: &mut Node<'t>, span: &Span) -> Result<(), SyntaxFault> {
        match &mut node.value {
            Value::List(items) => {
                for item in items {
                    item.id = self.place(None, span.clone())?;
                    self.renumber(item, span)?;
                }
            }
            Value::Object(members) => {
                for member in members {
                    member.node.id = self.place(Some(span.clone()), span.clone())?;
                    self.renumber(&mut member.node, span)?;
                }
            }
            _ => {}
        }
        Ok(())
    }

    fn anchored(
        &mut self,
        anchor: usize,
        node: Node<'t>,
        span: &Span,
    ) -> Result<Node<'t>, SyntaxFault> {
        // The parser counts anchors from 1.
        if anchor != 0 {
            // Anchors within anchors are copied once for each.
            self.copied += self.places.len() - node.id.index();
            if self.copied > MAX_NODES {
                return Err(too_many(span.clone()));
            }
            self.anchors.insert(anchor, node.clone());
        }
        Ok(node)
    }

    fn place(&mut self, key: Option<Span>, value: Span) -> Result<NodeId, SyntaxFault> {
        if self.places.len() >= MAX_NODES {
            return Err(too_many(value));
        }
        let id = NodeId(self.places.len() as u32);
        self.reached = self.reached.max(value.end);
        self.places.push(NodePlace { key, value });
        Ok(id)
    }

    /// A block ends with its last value; the parser's own end is where the next line begins. What
    /// stands in brackets ends with them.
    fn end_at_last(&mut self, id: NodeId) {
        let closed = self.text.get(..self.closed).unwrap_or_default();
        let Some(place) = self.places.get_mut(id.index()) else {
            return;
        };
        let start = self.text.get(place.value.start..).unwrap_or_default();
        let end = match start.starts_with(['[', '{']) && closed.ends_with([']', '}']) {
            true => self.closed,
            false => self.reached,
        };
        place.value.end = place.value.end.max(end);
        self.reached = self.reached.max(place.value.end);
    }
}

fn too_many(span: Span) -> SyntaxFault {
    let message = format!("more than {MAX_NODES} values, aliases expanded");
    fault(span, &message, None)
}

fn fault(span: Span, message: &str, hint: Option<&str>) -> SyntaxFault {
    SyntaxFault {
        span,
        kind: SyntaxFaultKind::Yaml,
        message: message.to_owned(),
        hint: hint.map(str::to_owned),
        repair: None,
    }
}

/// The faults that real files have.
fn explain(text: &str, at: usize, info: &str) -> SyntaxFault {
    let line_start = text
        .get(..at)
        .and_then(|before| before.rfind('\n'))
        .map_or(0, |newline| newline + 1);
    let line = text.get(line_start..).unwrap_or_default();
    let line = line.lines().next().unwrap_or_default();
    let indent = line.len() - line.trim_start_matches([' ', '\t']).len();
    let hint = if line
        .get(..indent)
        .is_some_and(|indent| indent.contains('\t'))
    {
        Some("indent with spaces: YAML allows no tabs there")
    } else if info.contains("mapping values are not allowed") {
        Some("text that contains `: ` must be in quotes")
    } else if line.trim_start().starts_with(['%', '@', '`']) {
        Some("text that begins with this character must be in quotes")
    } else {
        None
    };
    fault(at..at, info, hint)
}

/// A plain scalar by YAML 1.2's core schema (section 10.3.2).
fn plain(text: Cow<'_, str>) -> Value<'_> {
    match text.as_ref() {
        "" | "~" | "null" | "Null" | "NULL" => return Value::Null,
        "true" | "True" | "TRUE" => return Value::Bool(true),
        "false" | "False" | "FALSE" => return Value::Bool(false),
        _ => {}
    }
    match number(&text) {
        Some(number) => Value::Number(number),
        None => Value::String(text),
    }
}

/// A number that is written as it would be written again. Others stay text, for YAML's readers do not
/// agree on them (`012` is 10 to one and 12 to the next) and digits would be lost (`1.10`, an account id
/// that begins with 0).
fn number(text: &str) -> Option<serde_json::Number> {
    if !looks_numeric(text) {
        return None;
    }
    let whole = text.parse::<i64>().ok().map(serde_json::Number::from);
    let number = whole.or_else(|| serde_json::Number::from_f64(text.parse().ok()?))?;
    (number.to_string() == text).then_some(number)
}

/// Rust's own parser also takes `inf` and `nan`.
fn looks_numeric(text: &str) -> bool {
    text.bytes().any(|byte| byte.is_ascii_digit())
        && text
            .bytes()
            .all(|byte| matches!(byte, b'0'..=b'9' | b'+' | b'-' | b'.' | b'e' | b'E'))
}

/// The parser counts characters.
struct ByteOffsets(Option<Vec<usize>>);

impl ByteOffsets {
    fn new(text: &str) -> Self {
        debug_assert!(text.len() <= MAX_BYTES);
        let wide = !text.is_ascii();
        Self(wide.then(|| {
            let starts = text.char_indices().map(|(at, _)| at);
            starts.chain([text.len()]).collect()
        }))
    }

    fn of_char(&self, index: usize) -> usize {
        match &self.0 {
            None => index,
            Some(starts) => starts
                .get(index)
                .or(starts.last())
                .copied()
                .unwrap_or_default(),
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;

    fn json(text: &str) -> String {
        parse(text).root.unwrap().to_json().to_string()
    }

    #[test]
    fn scalars_are_those_of_the_core_schema_and_keep_their_digits() {
        for (text, expected) in [
            ("[80, -1, 0.2, 0.0, 1e3]", r#"[80,-1,0.2,0.0,"1e3"]"#),
            (
                "[012345678901, 1.10, +1, 0x1F, .5]",
                r#"["012345678901","1.10","+1","0x1F",".5"]"#,
            ),
            (
                "[true, True, yes, on, ~, null, ]",
                r#"[true,true,"yes","on",null,null]"#,
            ),
            ("['80', \"true\", a:b, <X>]", r#"["80","true","a:b","<X>"]"#),
            (
                "a: |\n  x\n  y\nb: >\n  x\n  y\n",
                r#"{"a":"x\ny\n","b":"x y\n"}"#,
            ),
            ("a: &x {k: 1}\nb: *x", r#"{"a":{"k":1},"b":{"k":1}}"#),
        ] {
            assert_eq!(json(text), expected, "{text}");
        }
    }

    #[test]
    fn every_value_stands_where_it_is_written() {
        let text = "ü: 1\nlist:\n  - a\n  - key: value # note\nalias: &x [1]\nlast: *x\n";
        let empty = parse("\na:");
        let place = empty.place(empty.root.as_ref().unwrap().get("a").unwrap().id);
        assert_eq!(place.unwrap().value, 3..3);
        let bare = parse("{<0}");
        let place = bare.place(bare.root.as_ref().unwrap().get("<0").unwrap().id);
        assert_eq!(place.unwrap().value, 3..3);

        let nested = "a: &x 1\nb:\n  - {c: *x}\n";
        let tree = parse(nested);
        let place = tree.place(tree.root.as_ref().unwrap().id).unwrap();
        assert!(nested[..place.value.end].ends_with('}'), "{place:?}");

        let tree = parse(text);
        let root = tree.root.as_ref().unwrap();
        let at = |node: &Node<'_>| {
            text.get(tree.place(node.id).unwrap().value.clone())
                .unwrap()
        };
        assert_eq!(at(root.get("ü").unwrap()), "1");
        let list = root.get("list").unwrap();
        assert_eq!(at(list.items()[1].get("key").unwrap()), "value");
        assert!(at(list).ends_with("value"), "{:?}", at(list));
        assert_eq!(at(&root.get("last").unwrap().items()[0]), "*x");
    }

    #[test]
    fn bombs_and_depths_are_refused() {
        let bomb: String = (1..12)
            .map(|n| {
                format!(
                    "a{n}: &a{n} [{}]\n",
                    vec![format!("*a{}", n - 1); 9].join(",")
                )
            })
            .collect();
        let anchors = format!("{}{}", "[&a ".repeat(100), "]".repeat(100)).replace("&a", "&b");
        for text in [
            format!("a0: &a0 x\n{bomb}"),
            "[".repeat(100_000),
            format!("{}1{}", "[".repeat(500), "]".repeat(500)),
            "- ".repeat(50_000),
            "a: &a [*a]".to_owned(),
        ] {
            let tree = parse(&text);
            assert!(tree.root.is_none() && !tree.faults.is_empty());
        }
        parse(&anchors);
    }
}
