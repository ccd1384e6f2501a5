//! What rules say, before it is known where their nodes stand.

use super::Rule;
use crate::commands::Site;
use crate::source::{Node, NodeId, Span, TextEdit};

/// A finding by node.
#[derive(Debug)]
pub(crate) struct RawFinding {
    pub(crate) rule: &'static Rule,
    pub(crate) target: Target,
    pub(crate) message: String,
    pub(crate) related: Vec<(Target, String)>,
    pub(crate) help: Option<String>,
    pub(crate) fix: Option<(String, Vec<Change>)>,
}

/// What a finding points at.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Target {
    /// Index of the file.
    pub(crate) file: usize,
    pub(crate) part: Part,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Part {
    /// The value itself.
    Value(NodeId),
    /// The member name that leads to the value.
    Name(NodeId),
    /// Bytes of a string's text, as it is once it was read.
    Within(NodeId, Span),
    /// Bytes of the text.
    Span(Span),
}

/// A change that makes a finding go away.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Change {
    /// Take the member or item out.
    Remove(NodeId),
    /// Write this, as it is to stand in the file, in the value's place.
    Replace(NodeId, String),
    /// Put YAML text that stands on one line into quotes, to its line's end.
    Quote(NodeId),
    /// Give the member another name.
    Rename(NodeId, String),
    /// Add a member at the end of an object; the value as it is to stand in the file.
    Insert {
        into: NodeId,
        name: String,
        value: String,
    },
    /// Make an object a list, each member an object in it. Values must be on their names' lines.
    Itemize(NodeId),
    /// A plain edit.
    Text(TextEdit),
}

/// Takes what a rule finds in a file.
pub(crate) struct Findings<'a> {
    rule: &'static Rule,
    file: usize,
    found: &'a mut Vec<RawFinding>,
}

impl<'a> Findings<'a> {
    pub(crate) fn new(rule: &'static Rule, file: usize, found: &'a mut Vec<RawFinding>) -> Self {
        Self { rule, file, found }
    }

    /// The same rule, looking at another file.
    pub(crate) fn in_file(&mut self, file: usize) -> Findings<'_> {
        Findings::new(self.rule, file, self.found)
    }

    /// Something is wrong with a value.
    pub(crate) fn value(&mut self, node: &Node<'_>, message: impl Into<String>) -> &mut RawFinding {
        self.push(Part::Value(node.id), message.into())
    }

    /// Something is wrong with the name of the member that leads to `node`, or with its being there.
    pub(crate) fn name(&mut self, node: &Node<'_>, message: impl Into<String>) -> &mut RawFinding {
        self.push(Part::Name(node.id), message.into())
    }

    pub(crate) fn span(&mut self, span: Span, message: impl Into<String>) -> &mut RawFinding {
        self.push(Part::Span(span), message.into())
    }

    /// Something is wrong with a command, or a word of one.
    pub(crate) fn command(
        &mut self,
        site: &Site<'_>,
        message: impl Into<String>,
    ) -> &mut RawFinding {
        self.push(site_part(site), message.into())
    }

    /// A command, to relate a finding to.
    pub(crate) fn target_command(&self, site: &Site<'_>) -> Target {
        Target {
            file: self.file,
            part: site_part(site),
        }
    }

    /// A place in the file, to relate a finding to.
    pub(crate) fn target(&self, node: &Node<'_>) -> Target {
        Target {
            file: self.file,
            part: Part::Value(node.id),
        }
    }

    fn push(&mut self, part: Part, message: String) -> &mut RawFinding {
        let at = self.found.len();
        self.found.push(RawFinding {
            rule: self.rule,
            target: Target {
                file: self.file,
                part,
            },
            message,
            related: Vec::new(),
            help: None,
            fix: None,
        });
        &mut self.found[at]
    }
}

fn site_part(site: &Site<'_>) -> Part {
    Part::Within(site.node.id, site.span.clone())
}

impl RawFinding {
    /// What to do about this one, more exact than the rule's remedy.
    pub(crate) fn help(&mut self, help: impl Into<String>) -> &mut Self {
        self.help = Some(help.into());
        self
    }

    /// As [`help`](Self::help): "did you mean `x`?", where something is close enough.
    pub(crate) fn did_you_mean(&mut self, name: Option<&str>) -> &mut Self {
        if let Some(name) = name {
            self.help = Some(format!("did you mean `{name}`?"));
        }
        self
    }

    /// Another place that it has to do with.
    pub(crate) fn related(&mut self, target: Target, label: impl Into<String>) -> &mut Self {
        self.related.push((target, label.into()));
        self
    }

    /// The fix of a misspelt name: the member at `node` gets the right one.
    pub(crate) fn rename(&mut self, node: &Node<'_>, name: &str) -> &mut Self {
        let change = Change::Rename(node.id, name.to_owned());
        self.fix(format!("rename it to `{name}`"), [change])
    }

    /// A mechanical fix that cannot do harm.
    pub(crate) fn fix(
        &mut self,
        title: impl Into<String>,
        changes: impl IntoIterator<Item = Change>,
    ) -> &mut Self {
        self.fix = Some((title.into(), changes.into_iter().collect()));
        self
    }
}
