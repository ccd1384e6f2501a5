//! JSON: `serde_json` says whether a text is JSON and what it holds; where things stand is asked of
//! `jsonc-parser`, and only when there is a finding to show.

use std::borrow::Cow;
use std::cell::{Cell, OnceCell};
use std::fmt;

use jsonc_parser::ast;
use jsonc_parser::common::{Range, Ranged};
use serde::de::{DeserializeSeed, Deserializer, MapAccess, SeqAccess, Visitor};

use super::repair::{self, Repaired, map_back};
use super::{
    Member, Node, NodeId, NodePlace, Places, SyntaxFault, SyntaxFaultKind, TextEdit, Tree, Value,
};

/// Parses a text; where it is not JSON, also what it becomes with its faults mended, so that all else
/// that is wrong with it is found in the same run.
pub(super) fn parse<'t>(text: &'t str, repaired: &'t OnceCell<Repaired>) -> Tree<'t> {
    let error = match strict(text) {
        Ok(parsed) => return tree(text, parsed, &[], Vec::new()),
        Err(error) => error,
    };
    let repaired = repaired.get_or_init(|| repair::repair(text, &error));
    match strict(&repaired.text) {
        Ok(parsed) => tree(
            &repaired.text,
            parsed,
            &repaired.edits,
            repaired.faults.clone(),
        ),
        Err(_) => Tree {
            root: None,
            faults: repaired.faults.clone(),
            places: Places::Known(Vec::new()),
        },
    }
}

fn tree<'t>(
    text: &'t str,
    parsed: Parsed<'t>,
    edits: &'t [TextEdit],
    mut faults: Vec<SyntaxFault>,
) -> Tree<'t> {
    if parsed.has_float
        && let Some(at) = crate::json::first_inexact(text)
    {
        let at = map_back(edits, at);
        faults.push(SyntaxFault {
            span: at..at + 1,
            kind: SyntaxFaultKind::InexactNumber,
            message: "a number with more digits than can be carried exactly".to_owned(),
            hint: Some("write it as a string, or with fewer digits".to_owned()),
            repair: None,
        });
    }
    Tree {
        root: Some(parsed.root),
        faults,
        places: Places::Json {
            text,
            edits,
            found: OnceCell::new(),
        },
    }
}

pub(super) struct Parsed<'t> {
    root: Node<'t>,
    has_float: bool,
}

/// Parses exactly JSON.
pub(super) fn strict(text: &str) -> Result<Parsed<'_>, serde_json::Error> {
    let count = Counter::default();
    let mut deserializer = serde_json::Deserializer::from_str(text);
    let root = count.deserialize(&mut deserializer)?;
    deserializer.end()?;
    Ok(Parsed {
        root,
        has_float: count.has_float.get(),
    })
}

/// Numbers the nodes depth first.
#[derive(Default)]
struct Counter {
    next: Cell<u32>,
    has_float: Cell<bool>,
}

struct NodeVisitor<'c> {
    count: &'c Counter,
    id: NodeId,
}

impl<'de> DeserializeSeed<'de> for &Counter {
    type Value = Node<'de>;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Node<'de>, D::Error> {
        let id = NodeId(self.next.get());
        self.next.set(id.0 + 1);
        deserializer.deserialize_any(NodeVisitor { count: self, id })
    }
}

impl<'de> NodeVisitor<'_> {
    fn node(self, value: Value<'de>) -> Node<'de> {
        Node { id: self.id, value }
    }
}

impl<'de> Visitor<'de> for NodeVisitor<'_> {
    type Value = Node<'de>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("any JSON")
    }

    fn visit_unit<E>(self) -> Result<Node<'de>, E> {
        Ok(self.node(Value::Null))
    }

    fn visit_bool<E>(self, value: bool) -> Result<Node<'de>, E> {
        Ok(self.node(Value::Bool(value)))
    }

    fn visit_u64<E>(self, value: u64) -> Result<Node<'de>, E> {
        Ok(self.node(Value::Number(value.into())))
    }

    fn visit_i64<E>(self, value: i64) -> Result<Node<'de>, E> {
        Ok(self.node(Value::Number(value.into())))
    }

    fn visit_f64<E>(self, value: f64) -> Result<Node<'de>, E> {
        self.count.has_float.set(true);
        // JSON has no number that is not finite.
        let number = serde_json::Number::from_f64(value);
        Ok(self.node(number.map_or(Value::Null, Value::Number)))
    }

    fn visit_borrowed_str<E>(self, value: &'de str) -> Result<Node<'de>, E> {
        Ok(self.node(Value::String(Cow::Borrowed(value))))
    }

    fn visit_str<E>(self, value: &str) -> Result<Node<'de>, E> {
        Ok(self.node(Value::String(Cow::Owned(value.to_owned()))))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Node<'de>, A::Error> {
        let mut list = Vec::new();
        while let Some(item) = items.next_element_seed(self.count)? {
            list.push(item);
        }
        Ok(self.node(Value::List(list)))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut entries: A) -> Result<Node<'de>, A::Error> {
        let mut members = Vec::new();
        while let Some(name) = entries.next_key_seed(NameSeed)? {
            let node = entries.next_value_seed(self.count)?;
            members.push(Member { name, node });
        }
        Ok(self.node(Value::Object(members)))
    }
}

/// `Cow`'s own `Deserialize` always copies.
struct NameSeed;

impl<'de> DeserializeSeed<'de> for NameSeed {
    type Value = Cow<'de, str>;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Self::Value, D::Error> {
        deserializer.deserialize_str(self)
    }
}

impl<'de> Visitor<'de> for NameSeed {
    type Value = Cow<'de, str>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a member name")
    }

    fn visit_borrowed_str<E>(self, name: &'de str) -> Result<Self::Value, E> {
        Ok(Cow::Borrowed(name))
    }

    fn visit_str<E>(self, name: &str) -> Result<Self::Value, E> {
        Ok(Cow::Owned(name.to_owned()))
    }
}

/// The places of the nodes of a text that [`strict`] has accepted, in the order of their ids.
pub(super) fn places(text: &str, edits: &[TextEdit]) -> Vec<NodePlace> {
    let strictly = jsonc_parser::ParseOptions {
        allow_comments: false,
        allow_loose_object_property_names: false,
        allow_trailing_commas: false,
        allow_missing_commas: false,
        allow_single_quoted_strings: false,
        allow_hexadecimal_numbers: false,
        allow_unary_plus_numbers: false,
        allow_bare_decimal_point_numbers: false,
        allow_non_finite_numbers: false,
        allow_extended_string_escapes: false,
    };
    let mut places = Vec::new();
    let parsed =
        jsonc_parser::parse_to_ast(text, &jsonc_parser::CollectOptions::default(), &strictly);
    if let Ok(Some(root)) = parsed.map(|parsed| parsed.value) {
        collect(&root, None, &mut places);
    }
    for place in &mut places {
        for span in [Some(&mut place.value), place.key.as_mut()]
            .into_iter()
            .flatten()
        {
            *span = map_back(edits, span.start)..map_back(edits, span.end);
        }
    }
    places
}

fn collect(value: &ast::Value<'_>, key: Option<Range>, places: &mut Vec<NodePlace>) {
    let span = |range: Range| range.start..range.end;
    places.push(NodePlace {
        key: key.map(span),
        value: span(value.range()),
    });
    match value {
        ast::Value::Array(array) => {
            for item in &array.elements {
                collect(item, None, places);
            }
        }
        ast::Value::Object(object) => {
            for property in &object.properties {
                collect(&property.value, Some(property.name.range()), places);
            }
        }
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used)]

    use super::super::{Format, Text};
    use super::*;

    /// Every node as `path=source`, in the order of ids.
    fn listed(text: &Text) -> Vec<String> {
        fn walk<'n>(node: &'n Node<'n>, nodes: &mut Vec<&'n Node<'n>>) {
            nodes.push(node);
            node.items().iter().for_each(|item| walk(item, nodes));
            let members = node.members().iter();
            members.for_each(|member| walk(&member.node, nodes));
        }
        let tree = text.parse();
        let Some(root) = tree.root.as_ref() else {
            panic!("{:#?}", tree.faults)
        };
        let mut nodes = Vec::new();
        walk(root, &mut nodes);
        let shown = nodes.iter().map(|node| {
            let place = tree.place(node.id).unwrap();
            let source = &text.as_str()[place.value.clone()];
            format!("{}={source}", root.path_to(node.id))
        });
        shown.collect()
    }

    #[test]
    fn every_node_knows_its_path_and_place() {
        let text = Text::new(
            b"\xEF\xBB\xBF{\"a\": [1, {\"b\\u0041\": \"x\\n\"}], \"\xC3\xBC\": {}, \"a\": null}",
            Format::Json,
        );
        assert_eq!(
            listed(&text)[1..],
            [
                "a=[1, {\"b\\u0041\": \"x\\n\"}]",
                "a[0]=1",
                "a[1]={\"b\\u0041\": \"x\\n\"}",
                "a[1].bA=\"x\\n\"",
                "ü={}",
                "a=null"
            ]
        );
    }

    #[test]
    fn what_can_mean_only_one_thing_is_read_and_all_faults_are_told() {
        let text = "{\n  // note\n  \"image\": <IMAGE1_NAME>,\n  \"tag\": ${TAG}-{{x}}\n  'b': [1, 2,],\n  c: True, /* x */\n}";
        let text = Text::new(text.as_bytes(), Format::Json);
        assert_eq!(
            listed(&text)[1..],
            [
                "image=<IMAGE1_NAME>",
                "tag=${TAG}-{{x}}",
                "b=[1, 2,]",
                "b[0]=1",
                "b[1]=2",
                "c=True"
            ]
        );
        let tree = text.parse();
        assert_eq!(tree.root.unwrap().get("image").unwrap().literal(), None);
        let faults: Vec<_> = tree
            .faults
            .iter()
            .map(|fault| &text.as_str()[fault.span.clone()])
            .collect();
        assert_eq!(
            faults,
            [
                "// note",
                "<IMAGE1_NAME>",
                "${TAG}-{{x}}",
                "",
                "'b'",
                ",",
                "c",
                "True",
                ",",
                "/* x */"
            ]
        );
    }
}
