//! Nodes to places in the text, and changes of nodes to edits of the text.

use crate::finding::Place;
use crate::mask::message;
use crate::rules::{Change, Part};
use crate::source::{Format, Lines, Node, NodeId, NodePlace, Span, TextEdit};
use crate::validate::Parsed;

/// Knows one file's places.
pub(crate) struct Placer<'a> {
    file: &'a Parsed<'a>,
    lines: Lines<'a>,
}

impl<'a> Placer<'a> {
    pub(crate) fn new(file: &'a Parsed<'a>) -> Self {
        Self {
            file,
            lines: Lines::new(file.text.as_str()),
        }
    }

    pub(crate) fn place(&self, file: usize, part: &Part) -> Place {
        let (span, node) = match part {
            Part::Span(span) => (span.clone(), None),
            Part::Within(id, piece) => {
                let whole = || self.node(*id).value;
                (self.within(*id, piece).unwrap_or_else(whole), Some(*id))
            }
            Part::Value(id) => (self.node(*id).value.clone(), Some(*id)),
            Part::Name(id) => {
                let place = self.node(*id);
                (place.key.unwrap_or(place.value), Some(*id))
            }
        };
        let root = self.file.tree.root.as_ref();
        let path = root.zip(node).map(|(root, id)| root.path_to(id));
        Place {
            file,
            start: self.lines.position(span.start),
            end: self.lines.position(span.end),
            span,
            path: message(path.unwrap_or_default()),
        }
    }

    fn within(&self, id: NodeId, piece: &Span) -> Option<Span> {
        let tree = &self.file.tree;
        let node = find(tree.root.as_ref()?, id)?;
        tree.within(self.file.text.as_str(), node, piece)
    }

    fn node(&self, id: NodeId) -> NodePlace {
        let place = self.file.tree.place(id).cloned();
        place.unwrap_or(NodePlace {
            key: None,
            value: 0..0,
        })
    }

    /// The edits that make the changes; `None` where the text has a form that cannot be edited safely.
    pub(crate) fn edits(&self, changes: &[Change]) -> Option<Vec<TextEdit>> {
        let mut edits = Vec::new();
        for change in changes {
            if self.comes_from_an_alias(change) {
                return None;
            }
            match change {
                Change::Itemize(id) => edits.extend(self.itemized(*id)?),
                change => edits.push(self.edit(change)?),
            }
        }
        edits.sort_by_key(|edit| edit.span.start);
        Some(edits)
    }

    /// All that an alias stands for has the alias's place: an edit would take the whole of it.
    fn comes_from_an_alias(&self, change: &Change) -> bool {
        let id = match change {
            Change::Text(_) => return false,
            Change::Insert { into, .. } => into,
            Change::Replace(id, _) | Change::Rename(id, _) | Change::Quote(id) => id,
            Change::Remove(id) | Change::Itemize(id) => id,
        };
        let text = self.file.text.as_str().get(self.node(*id).value);
        self.file.text.format() == Format::Yaml && text.is_some_and(|text| text.starts_with('*'))
    }

    fn edit(&self, change: &Change) -> Option<TextEdit> {
        let (span, replacement) = match change {
            Change::Text(edit) => return Some(edit.clone()),
            Change::Itemize(_) => return None,
            Change::Replace(id, text) => (self.node(*id).value, text.clone()),
            Change::Rename(id, name) => self.renamed(self.node(*id).key?, name)?,
            Change::Quote(id) => self.quoted_line(self.node(*id).value)?,
            Change::Remove(id) => (self.removed(*id)?, String::new()),
            Change::Insert { into, name, value } => self.inserted(*into, name, value)?,
        };
        Some(TextEdit { span, replacement })
    }

    /// In quotes where the name has them: `{"a":1}` needs them in YAML, too.
    fn renamed(&self, key: Span, name: &str) -> Option<(Span, String)> {
        let written = self.file.text.as_str().get(key.clone())?;
        let name = match written.starts_with(['"', '\'']) {
            true => format!("{name:?}"),
            false => self.quoted(name),
        };
        Some((key, name))
    }

    /// Whether an object or list is written between braces, with commas.
    fn has_commas(&self, node: &Node<'_>) -> bool {
        let text = self.file.text.as_str();
        let text = text.get(self.node(node.id).value.start..);
        text.is_some_and(|text| text.starts_with(['{', '[']))
    }

    /// The rest of a line in single quotes; `None` where there is a comment or another line to it.
    fn quoted_line(&self, span: Span) -> Option<(Span, String)> {
        let text = self.file.text.as_str();
        let rest = text.get(span.start..)?;
        let line = rest.lines().next()?.trim_end();
        let end = span.start + line.len();
        let whole = self.file.text.format() == Format::Yaml
            && span.end <= end
            && !line.contains(" #")
            && !line.starts_with(['\'', '{', '[', '&', '*', '!', '|', '>', '%', '?', '-']);
        whole.then(|| (span.start..end, format!("'{}'", line.replace('\'', "''"))))
    }

    fn quoted(&self, name: &str) -> String {
        match self.file.text.format() {
            Format::Json => format!("{name:?}"),
            Format::Yaml | Format::Groovy | Format::Shell => name.to_owned(),
        }
    }

    /// What to cut out so that a member or item is gone with its comma or its lines.
    fn removed(&self, id: NodeId) -> Option<Span> {
        let parent = parent_of(self.file.tree.root.as_ref()?, id)?;
        let siblings = children(parent);
        let at = siblings.iter().position(|sibling| sibling.id == id)?;
        let own = self.whole(id);
        if !self.has_commas(parent) {
            return self.lines_of(&own);
        }
        let before = at.checked_sub(1).and_then(|before| siblings.get(before));
        let after = siblings.get(at + 1);
        Some(match (before, after) {
            (Some(before), _) => self.whole(before.id).end..own.end,
            (None, Some(after)) => own.start..self.whole(after.id).start,
            (None, None) => own,
        })
    }

    /// A member with its name, or an item.
    fn whole(&self, id: NodeId) -> Span {
        let place = self.node(id);
        place.key.map_or(place.value.start, |key| key.start)..place.value.end
    }

    /// The lines of a span that has them for itself.
    fn lines_of(&self, span: &Span) -> Option<Span> {
        let text = self.file.text.as_str();
        let start = text.get(..span.start)?.rfind('\n').map_or(0, |at| at + 1);
        let rest = text.get(span.end..)?;
        let end = rest.find('\n').map_or(text.len(), |at| span.end + at + 1);
        let alone = text.get(start..span.start)?.trim().is_empty()
            && text.get(span.end..end)?.trim().is_empty();
        alone.then_some(start..end)
    }

    /// The edits that make an object a list of objects of one member; comments stay where they are.
    fn itemized(&self, id: NodeId) -> Option<Vec<TextEdit>> {
        let object = find(self.file.tree.root.as_ref()?, id)?;
        let text = self.file.text.as_str();
        let own = self.node(id).value;
        let in_braces = text.get(own.clone())?.starts_with('{');
        let insert = |at: usize, text: &str| TextEdit {
            span: at..at,
            replacement: text.to_owned(),
        };
        let mut edits = Vec::new();
        for child in children(object) {
            let member = self.whole(child.id);
            if in_braces {
                edits.extend([insert(member.start, "{"), insert(member.end, "}")]);
            } else if text.get(member.clone())?.contains('\n') {
                return None;
            } else {
                edits.push(insert(member.start, "- "));
            }
        }
        if in_braces {
            let end = own.end.checked_sub(1)?;
            for (span, brace) in [(own.start..own.start + 1, "["), (end..own.end, "]")] {
                edits.push(TextEdit {
                    span,
                    replacement: brace.to_owned(),
                });
            }
        }
        Some(edits)
    }

    /// Where and what to write to give an object one more member, in the style of its last.
    fn inserted(&self, into: NodeId, name: &str, value: &str) -> Option<(Span, String)> {
        let object = find(self.file.tree.root.as_ref()?, into)?;
        let name = self.quoted(name);
        let Some(last) = children(object).pop() else {
            let at = self.node(into).value.start + 1;
            let commas = self.has_commas(object);
            return commas.then(|| (at..at, format!("{name}: {value}")));
        };
        let last = self.whole(last.id);
        let text = self.file.text.as_str();
        let line = text.get(..last.start)?.rfind('\n').map_or(0, |at| at + 1);
        let indent = text.get(line..last.start)?;
        let own_line = indent.trim().is_empty() && line > 0;
        let separator = match (self.has_commas(object), own_line) {
            (true, true) => format!(",\n{indent}"),
            (true, false) => ", ".to_owned(),
            (false, true) => format!("\n{indent}"),
            (false, false) => return None,
        };
        Some((last.end..last.end, format!("{separator}{name}: {value}")))
    }
}

fn children<'n>(node: &'n Node<'n>) -> Vec<&'n Node<'n>> {
    let members = node.members().iter().map(|member| &member.node);
    node.items().iter().chain(members).collect()
}

/// The node of that id.
fn find<'n>(root: &'n Node<'n>, id: NodeId) -> Option<&'n Node<'n>> {
    if root.id == id {
        return Some(root);
    }
    child_towards(parent_of(root, id)?, id)
}

/// The node that has `id` as a child.
fn parent_of<'n>(root: &'n Node<'n>, id: NodeId) -> Option<&'n Node<'n>> {
    let mut node = root;
    loop {
        let child = child_towards(node, id)?;
        if child.id == id {
            return Some(node);
        }
        node = child;
    }
}

/// The child that is, or leads to, the node of that id: ids count depth first.
fn child_towards<'n>(node: &'n Node<'n>, id: NodeId) -> Option<&'n Node<'n>> {
    let items = node.items().partition_point(|item| item.id <= id);
    let members = node.members();
    let member = members.partition_point(|member| member.node.id <= id);
    let member = member.checked_sub(1).and_then(|at| members.get(at));
    let item = items.checked_sub(1).and_then(|at| node.items().get(at));
    item.or(member.map(|member| &member.node))
}
