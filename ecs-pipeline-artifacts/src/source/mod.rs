//! Text to a tree whose nodes know where they stand: the only place that sees a parser.
//!
//! JSON and YAML give the same [`Node`]s, so that a rule is written once. A clean JSON file is parsed
//! once, and the places of its nodes are looked up only when there is a finding to show.

use std::cell::OnceCell;
use std::collections::HashMap;
use std::ops::Range;

mod groovy;
mod json;
mod lines;
mod node;
mod repair;
mod within;
mod yaml;

pub(crate) use lines::Lines;
pub use lines::Position;
pub(crate) use node::{Member, Node, NodeId, Step, Value, has_placeholder};

/// Files larger than this are not read: ECS takes 64 KB of a task definition, CodeDeploy 100 KB of an
/// AppSpec, and a build specification is written by hand.
pub(crate) const MAX_BYTES: usize = 4 << 20;
/// Objects and lists within each other, as in `serde_json`.
const MAX_DEPTH: usize = 127;
/// In UTF-8.
const BYTE_ORDER_MARK: &[u8] = b"\xEF\xBB\xBF";

/// Private-use characters that stand in a text for what is no text: the name of a variable between the
/// first two, and what nobody can tell.
pub(crate) const VARIABLE: char = '\u{E001}';
pub(crate) const VARIABLE_END: char = '\u{E002}';
pub(crate) const UNKNOWN: char = '\u{E003}';

/// Bytes of a file, from its beginning.
pub(crate) type Span = Range<usize>;

/// How a file is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Format {
    /// JSON.
    Json,
    /// YAML.
    Yaml,
    /// Groovy, of which only a Jenkinsfile's `sh` steps are read.
    Groovy,
    /// A shell script.
    Shell,
}

/// Something that keeps a text from being the JSON or YAML that it should be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct SyntaxFault {
    /// Where, in the text as it was read.
    pub(crate) span: Span,
    pub(crate) kind: SyntaxFaultKind,
    pub(crate) message: String,
    pub(crate) hint: Option<String>,
    /// What makes it right, where there is only one thing that it can mean.
    pub(crate) repair: Option<Repair>,
}

/// What makes a fault right.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Repair {
    pub(crate) mend: Mend,
    /// Of the text as it was read.
    pub(crate) edit: TextEdit,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Mend {
    /// Right only where a string is wanted; elsewhere it serves to read the rest of the text.
    Placeholder,
    StrayComma,
    MissingComma,
    Comment,
    Quotes,
    Other,
}

impl Mend {
    /// What is done, as an imperative.
    pub(crate) fn title(self) -> &'static str {
        match self {
            Self::Placeholder => "quote the placeholder",
            Self::StrayComma => "remove the comma",
            Self::MissingComma => "add the comma",
            Self::Comment => "remove the comment",
            Self::Quotes => "use double quotes",
            Self::Other => "write it as JSON has it",
        }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum SyntaxFaultKind {
    Encoding,
    TooLarge,
    Json,
    Yaml,
    /// A number that no double and no 64-bit integer holds.
    InexactNumber,
}

/// A replacement of some bytes of a file.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct TextEdit {
    /// The bytes to replace; empty for an insertion.
    pub span: Range<usize>,
    /// What stands there afterwards.
    pub replacement: String,
}

/// A file's text, and what stands between it and a tree.
#[derive(Debug, Clone)]
pub(crate) struct Text {
    text: String,
    format: Format,
    has_byte_order_mark: bool,
    /// Faults found before parsing; with any, there is no tree.
    unreadable: Option<SyntaxFault>,
    /// The text with its faults mended, where the text itself does not parse.
    repaired: OnceCell<repair::Repaired>,
}

impl Text {
    pub(crate) fn new(bytes: &[u8], format: Format) -> Self {
        let (text, unreadable) = decode(bytes);
        Self {
            text,
            format,
            has_byte_order_mark: bytes.starts_with(BYTE_ORDER_MARK),
            unreadable,
            repaired: OnceCell::new(),
        }
    }

    /// The text as it was read, without a byte order mark.
    pub(crate) fn as_str(&self) -> &str {
        &self.text
    }

    /// Whether the bytes were UTF-8, and not too many.
    pub(crate) fn is_readable(&self) -> bool {
        self.unreadable.is_none()
    }

    pub(crate) fn has_byte_order_mark(&self) -> bool {
        self.has_byte_order_mark
    }

    pub(crate) fn format(&self) -> Format {
        self.format
    }

    /// The same text, read as something else.
    pub(crate) fn in_format(self, format: Format) -> Self {
        Self {
            format,
            repaired: OnceCell::new(),
            ..self
        }
    }

    /// The tree, as far as there is one, with what is wrong with the text.
    pub(crate) fn parse(&self) -> Tree<'_> {
        // Neither Jenkins nor a shell minds what other bytes there are.
        let is_script = matches!(self.format, Format::Groovy | Format::Shell);
        let fault = self.unreadable.as_ref();
        if let Some(fault) =
            fault.filter(|fault| !is_script || fault.kind != SyntaxFaultKind::Encoding)
        {
            return Tree::none(fault.clone());
        }
        match self.format {
            Format::Json => json::parse(&self.text, &self.repaired),
            Format::Yaml => yaml::parse(&self.text),
            Format::Groovy => groovy::parse(&self.text),
            Format::Shell => Tree::of_text(&self.text),
        }
    }
}

fn decode(bytes: &[u8]) -> (String, Option<SyntaxFault>) {
    if bytes.len() > MAX_BYTES {
        let fault = SyntaxFault {
            span: 0..0,
            kind: SyntaxFaultKind::TooLarge,
            message: format!("the file has {} bytes, more than {MAX_BYTES}", bytes.len()),
            hint: None,
            repair: None,
        };
        return (String::new(), Some(fault));
    }
    let error = match crate::json::decode(bytes) {
        Ok(text) => return (text.to_owned(), None),
        Err(error) => error,
    };
    let bytes = bytes.strip_prefix(BYTE_ORDER_MARK).unwrap_or(bytes);
    let text = String::from_utf8_lossy(bytes).into_owned();
    let at = crate::json::offset_of(&text, error.line, error.column);
    let fault = SyntaxFault {
        span: at..at,
        kind: SyntaxFaultKind::Encoding,
        message: error.message,
        hint: error.hint,
        repair: None,
    };
    (text, Some(fault))
}

/// What a text says, and where.
#[derive(Debug)]
pub(crate) struct Tree<'t> {
    /// The value; `None` where the text cannot be read at all.
    pub(crate) root: Option<Node<'t>>,
    /// In file order.
    pub(crate) faults: Vec<SyntaxFault>,
    places: Places<'t>,
}

/// Where the nodes stand, indexed by [`NodeId`].
#[derive(Debug)]
enum Places<'t> {
    /// Known from parsing.
    Known(Vec<NodePlace>),
    /// Known, down to the bytes of each string.
    Written {
        places: Vec<NodePlace>,
        offsets: HashMap<NodeId, within::Offsets>,
    },
    /// To be found in this JSON text, and moved from there to the text as it was read.
    Json {
        text: &'t str,
        edits: &'t [TextEdit],
        found: OnceCell<Vec<NodePlace>>,
    },
}

/// Where one node stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct NodePlace {
    /// The member name that leads to the node; `None` for an item of a list and for the root.
    pub(crate) key: Option<Span>,
    pub(crate) value: Span,
}

impl<'t> Tree<'t> {
    fn none(fault: SyntaxFault) -> Self {
        Self {
            root: None,
            faults: vec![fault],
            places: Places::Known(Vec::new()),
        }
    }

    /// The whole text, as one string.
    fn of_text(text: &'t str) -> Self {
        let place = NodePlace {
            key: None,
            value: 0..text.len(),
        };
        Self {
            root: Some(Node {
                id: NodeId(0),
                value: Value::String(text.into()),
            }),
            faults: Vec::new(),
            places: Places::Known(vec![place]),
        }
    }

    /// Where a piece of a string's text stands in the file; `None` where that cannot be told, and the
    /// string as a whole is to be shown.
    pub(crate) fn within(&self, source: &str, node: &Node<'_>, piece: &Span) -> Option<Span> {
        if let Places::Written { offsets, .. } = &self.places {
            let offsets = offsets.get(&node.id)?;
            return Some(offsets.of(piece.start)..offsets.of(piece.end));
        }
        let value = self.place(node.id)?.value.clone();
        let found = within::aligned(source.get(value.clone())?, node.as_str()?, piece)?;
        Some(value.start + found.start..value.start + found.end)
    }

    /// Where a node stands; `None` should only be seen if two parsers disagree on a text.
    pub(crate) fn place(&self, node: NodeId) -> Option<&NodePlace> {
        let places = match &self.places {
            Places::Known(places) | Places::Written { places, .. } => places,
            Places::Json { text, edits, found } => found.get_or_init(|| json::places(text, edits)),
        };
        places.get(node.index())
    }

    /// The node whose value takes exactly these bytes of the text.
    pub(crate) fn at(&self, span: &Span) -> Option<NodeId> {
        (0..)
            .map(NodeId)
            .map_while(|id| Some((id, self.place(id)?)))
            .find(|(_, place)| place.value == *span)
            .map(|(id, _)| id)
    }
}
