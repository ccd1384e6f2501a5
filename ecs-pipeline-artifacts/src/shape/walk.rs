//! One walk over a document beside its shape.

use super::{Bounds, CONTAINER_DEFINITIONS, REGISTER_TASK_DEFINITION_REQUEST, Shape};
use crate::source::{Format, Member, Node, Value};
use crate::task_definition::READ_ONLY;

/// Faults of one document. ECS takes 64 KB; more faults than this tell nobody anything.
const MAX_FAULTS: usize = 1000;

/// A place where a document has not the shape that it should have.
#[derive(Debug)]
pub(crate) struct Fault<'t> {
    pub(crate) node: &'t Node<'t>,
    /// The member that the node is, or is an item of; empty for the document itself.
    pub(crate) name: &'t str,
    /// Whether the node is an item of a list.
    pub(crate) is_item: bool,
    /// The name of the container definition that the node is in.
    pub(crate) container: Option<&'t str>,
    pub(crate) kind: FaultKind<'t>,
}

#[derive(Debug)]
pub(crate) enum FaultKind<'t> {
    /// A member that the structure does not have.
    Unknown {
        object: &'t Node<'t>,
        shape: &'static Shape,
    },
    /// A member in PascalCase, with its name as it should be.
    Pascal(&'static str),
    /// Another type of value than this.
    Type(&'static Shape),
    /// Null; required says that the member may not be left out either.
    Null { required: bool },
    /// The object lacks this member.
    Missing(&'static str),
    /// Not one of these values.
    Enum(&'static [&'static str]),
    /// So many characters or items, and not as many as they may be.
    Length(i64, Bounds),
    /// A number that is too small or too large.
    Range(i64, Bounds),
}

impl Fault<'_> {
    /// What it is about, in words: "container `web`: `cpu`".
    pub(crate) fn subject(&self) -> String {
        let what = match (self.name, self.is_item) {
            ("", _) => "the document".to_owned(),
            (name, false) => format!("`{name}`"),
            (name, true) => format!("an item of `{name}`"),
        };
        match self.container {
            Some(container) => format!("container `{container}`: {what}"),
            None => what,
        }
    }
}

/// Where a document, or a bare list of container definitions, differs from its shape.
pub(crate) fn walk<'t>(root: &'t Node<'t>, format: Format) -> Vec<Fault<'t>> {
    let mut walk = Walk {
        faults: Vec::new(),
        container: None,
        merges: format == Format::Yaml,
    };
    let at = match root.value {
        Value::List(_) => At {
            name: "containerDefinitions",
            shape: &CONTAINER_DEFINITIONS,
            is_item: false,
            required: true,
        },
        _ => At {
            name: "",
            shape: &REGISTER_TASK_DEFINITION_REQUEST,
            is_item: false,
            required: true,
        },
    };
    walk.node(root, at);
    walk.faults
}

struct Walk<'t> {
    faults: Vec<Fault<'t>>,
    container: Option<&'t str>,
    /// Whether `<<` brings in the members of another object, which the tree does not do.
    merges: bool,
}

/// What is expected of a node.
#[derive(Clone, Copy)]
struct At<'t> {
    name: &'t str,
    shape: &'static Shape,
    is_item: bool,
    required: bool,
}

impl<'t> Walk<'t> {
    // As deep as the shape at most.
    fn node(&mut self, node: &'t Node<'t>, at: At<'t>) {
        match (at.shape, &node.value) {
            (_, Value::Null) => {
                let required = at.required;
                self.fault(node, at, FaultKind::Null { required });
            }
            (Shape::Structure { required, .. }, Value::Object(members)) => {
                self.structure(node, members, required, at);
            }
            (Shape::Map { value }, Value::Object(members)) => {
                for member in members {
                    self.node(
                        &member.node,
                        At {
                            name: &member.name,
                            shape: value,
                            is_item: false,
                            required: false,
                        },
                    );
                }
            }
            (Shape::List { item, length }, Value::List(items)) => {
                self.length(node, items.len(), *length, at);
                self.items(items, item, at);
            }
            (Shape::String { values, length }, Value::String(text)) => {
                self.string(node, text, values, *length, at);
            }
            (Shape::Integer { range }, Value::Number(_)) => match node.as_i64() {
                None => self.fault(node, at, FaultKind::Type(at.shape)),
                Some(number) if !range.contains(number) => {
                    self.fault(node, at, FaultKind::Range(number, *range));
                }
                Some(_) => {}
            },
            (Shape::Boolean, Value::Bool(_)) => {}
            _ => self.fault(node, at, FaultKind::Type(at.shape)),
        }
    }

    fn structure(
        &mut self,
        object: &'t Node<'t>,
        members: &'t [Member<'t>],
        required: &'static [&'static str],
        at: At<'t>,
    ) {
        for name in required {
            let is_there = |member: &Member<'_>| {
                member.name == *name
                    || is_pascal_of(&member.name, name)
                    || self.is_merge(&member.name)
            };
            if !members.iter().any(is_there) {
                self.fault(object, at, FaultKind::Missing(name));
            }
        }
        for member in members {
            if self.faults.len() >= MAX_FAULTS {
                return;
            }
            self.member(object, member, required, at.shape);
        }
    }

    fn member(
        &mut self,
        object: &'t Node<'t>,
        member: &'t Member<'t>,
        required: &'static [&'static str],
        shape: &'static Shape,
    ) {
        let name = member.name.as_ref();
        let of = |shape| At {
            name,
            shape,
            is_item: false,
            required: required.contains(&name),
        };
        if let Some(inner) = shape.member(name) {
            return self.node(&member.node, of(inner));
        }
        let is_root = std::ptr::eq(shape, &REGISTER_TASK_DEFINITION_REQUEST);
        if (is_root && READ_ONLY.contains(&name)) || self.is_merge(name) {
            return;
        }
        let read_only = READ_ONLY.iter().filter(|_| is_root).copied();
        let known = shape.names().chain(read_only);
        let meant = known
            .into_iter()
            .find(|known| is_pascal_of(name, known) && object.get(known).is_none());
        let Some(meant) = meant else {
            let kind = FaultKind::Unknown { object, shape };
            return self.fault(&member.node, of(shape), kind);
        };
        self.fault(&member.node, of(shape), FaultKind::Pascal(meant));
        if let Some(inner) = shape.member(meant) {
            self.node(&member.node, of(inner));
        }
    }

    fn is_merge(&self, name: &str) -> bool {
        self.merges && name == "<<"
    }

    fn items(&mut self, items: &'t [Node<'t>], shape: &'static Shape, at: At<'t>) {
        let is_container = std::ptr::eq(shape, &super::CONTAINER_DEFINITION);
        for item in items {
            if self.faults.len() >= MAX_FAULTS {
                return;
            }
            if is_container {
                self.container = item.get("name").and_then(Node::as_str);
            }
            let at = At {
                shape,
                is_item: true,
                required: false,
                ..at
            };
            self.node(item, at);
        }
        if is_container {
            self.container = None;
        }
    }

    fn string(
        &mut self,
        node: &'t Node<'t>,
        text: &str,
        values: &'static [&'static str],
        length: Bounds,
        at: At<'t>,
    ) {
        if !values.is_empty() && !values.contains(&text) && node.literal().is_some() {
            self.fault(node, at, FaultKind::Enum(values));
        }
        if length != Bounds::NONE && node.literal().is_some() {
            self.length(node, text.chars().count(), length, at);
        }
    }

    fn length(&mut self, node: &'t Node<'t>, length: usize, bounds: Bounds, at: At<'t>) {
        let length = i64::try_from(length).unwrap_or(i64::MAX);
        if !bounds.contains(length) {
            self.fault(node, at, FaultKind::Length(length, bounds));
        }
    }

    fn fault(&mut self, node: &'t Node<'t>, at: At<'t>, kind: FaultKind<'t>) {
        if self.faults.len() < MAX_FAULTS {
            self.faults.push(Fault {
                node,
                name: at.name,
                is_item: at.is_item,
                container: self.container,
                kind,
            });
        }
    }
}

/// Whether `name` is `known` as CloudFormation or .NET write it: `PortMappings`, `EFSVolumeConfiguration`.
pub(crate) fn is_pascal_of(name: &str, known: &str) -> bool {
    name.starts_with(|c: char| c.is_ascii_uppercase())
        && name.eq_ignore_ascii_case(known)
        && name.contains(|c: char| c.is_ascii_lowercase())
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;
    use crate::source::Text;

    fn count(text: &str, format: Format) -> usize {
        let text = Text::new(text.as_bytes(), format);
        let root = text.parse().root.unwrap();
        walk(&root, format).len()
    }

    #[test]
    fn what_a_merge_key_brings_in_is_not_missing() {
        let text =
            "family: f\ncontainerDefinitions:\n- logConfiguration: {<<: {logDriver: awslogs}}\n";
        assert_eq!(count(text, Format::Yaml), 0);
        assert_eq!(count(&text.replace("<<", "x"), Format::Yaml), 2);
        let text = r#"{"<<": {}}"#;
        assert_eq!(count(text, Format::Json), 3);
    }

    #[test]
    fn faults_have_an_end() {
        let text = format!("[{}]", vec!["null"; 2 * MAX_FAULTS].join(","));
        assert_eq!(count(&text, Format::Json), MAX_FAULTS);
    }

    #[test]
    fn spellings() {
        for (name, known, expected) in [
            ("PortMappings", "portMappings", true),
            ("EFSVolumeConfiguration", "efsVolumeConfiguration", true),
            ("portMappings", "portMappings", false),
            ("portmappings", "portMappings", false),
            ("CPU", "cpu", false),
            ("Cpus", "cpu", false),
        ] {
            assert_eq!(is_pascal_of(name, known), expected, "{name}");
        }
    }
}
