//! The tree that rules read.

use std::borrow::Cow;

use serde_json::Number;

/// The position of a node in its tree, counted depth first from the root.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct NodeId(pub(super) u32);

impl NodeId {
    pub(super) fn index(self) -> usize {
        self.0 as usize
    }
}

/// A value with its place in the tree.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Node<'t> {
    pub(crate) id: NodeId,
    pub(crate) value: Value<'t>,
}

/// A value. Members stay in file order, and one that stands twice is there twice.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Value<'t> {
    Null,
    Bool(bool),
    Number(Number),
    String(Cow<'t, str>),
    List(Vec<Node<'t>>),
    Object(Vec<Member<'t>>),
}

/// What leads from a node to one in it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Step<'n> {
    Item(usize),
    Member(&'n str),
}

/// A member of an object.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Member<'t> {
    pub(crate) name: Cow<'t, str>,
    pub(crate) node: Node<'t>,
}

impl<'t> Node<'t> {
    /// The members of an object; none of anything else.
    pub(crate) fn members(&self) -> &[Member<'t>] {
        match &self.value {
            Value::Object(members) => members,
            _ => &[],
        }
    }

    /// The items of a list; none of anything else.
    pub(crate) fn items(&self) -> &[Node<'t>] {
        match &self.value {
            Value::List(items) => items,
            _ => &[],
        }
    }

    /// The member of that name. Of one that stands twice the last counts, as in the AWS CLI.
    pub(crate) fn get(&self, name: &str) -> Option<&Node<'t>> {
        let mut members = self.members().iter().rev();
        members
            .find(|member| member.name == name)
            .map(|member| &member.node)
    }

    /// As [`get`](Self::get), without regard to case: CodeDeploy reads AppSpec members in any.
    pub(crate) fn get_any_case(&self, name: &str) -> Option<&Node<'t>> {
        let mut members = self.members().iter().rev();
        members
            .find(|member| member.name.eq_ignore_ascii_case(name))
            .map(|member| &member.node)
    }

    /// As [`get`](Self::get), without a member that is null.
    pub(crate) fn present(&self, name: &str) -> Option<&Node<'t>> {
        self.get(name).filter(|node| !node.is_null())
    }

    pub(crate) fn is_null(&self) -> bool {
        self.value == Value::Null
    }

    pub(crate) fn as_bool(&self) -> Option<bool> {
        match self.value {
            Value::Bool(value) => Some(value),
            _ => None,
        }
    }

    /// The text of a string.
    pub(crate) fn as_str(&self) -> Option<&str> {
        match &self.value {
            Value::String(text) => Some(text),
            _ => None,
        }
    }

    /// The text of a string that stands for itself: `None` where a placeholder (`<IMAGE1_NAME>`,
    /// `${VAR}`, `{{x}}`) is still to be filled in, since nothing can be said about the result.
    pub(crate) fn literal(&self) -> Option<&str> {
        self.as_str().filter(|text| !has_placeholder(text))
    }

    /// A text in which something is still to be filled in.
    pub(crate) fn is_placeholder(&self) -> bool {
        self.as_str().is_some_and(has_placeholder)
    }

    /// A whole number.
    pub(crate) fn as_i64(&self) -> Option<i64> {
        match &self.value {
            Value::Number(number) => number.as_i64(),
            _ => None,
        }
    }

    /// What kind of value it is, with its article: "a string".
    pub(crate) fn kind(&self) -> &'static str {
        match &self.value {
            Value::Null => "null",
            Value::Bool(_) => "a boolean",
            Value::Number(_) => "a number",
            Value::String(_) => "a string",
            Value::List(_) => "a list",
            Value::Object(_) => "an object",
        }
    }

    /// The value as `serde_json` has it. Of a member that stands twice the last counts.
    pub(crate) fn to_json(&self) -> serde_json::Value {
        match &self.value {
            Value::Null => serde_json::Value::Null,
            Value::Bool(value) => (*value).into(),
            Value::Number(number) => number.clone().into(),
            Value::String(text) => text.as_ref().into(),
            Value::List(items) => items.iter().map(Self::to_json).collect(),
            Value::Object(members) => members
                .iter()
                .map(|member| (member.name.as_ref(), member.node.to_json()))
                .collect(),
        }
    }

    /// The way from this node to another, as `containerDefinitions[0].cpu`; empty for this one.
    pub(crate) fn path_to(&self, id: NodeId) -> String {
        let mut path = String::new();
        let mut node = self;
        while node.id != id {
            let Some((step, child)) = node.step_to(id) else {
                break;
            };
            match step {
                Step::Item(index) => path.push_str(&format!("[{index}]")),
                Step::Member(name) => {
                    if !path.is_empty() {
                        path.push('.');
                    }
                    path.push_str(name);
                }
            }
            node = child;
        }
        path
    }

    /// The child that leads to another node.
    pub(crate) fn step_to(&self, id: NodeId) -> Option<(Step<'_>, &Node<'t>)> {
        // Ids count depth first, so it is the last that does not exceed `id`.
        let items = self.items().partition_point(|item| item.id <= id);
        let members = self.members();
        let members = members.partition_point(|member| member.node.id <= id);
        let index = items.saturating_sub(1);
        if let Some(item) = self.items().get(index) {
            return Some((Step::Item(index), item));
        }
        let member = self.members().get(members.saturating_sub(1))?;
        Some((Step::Member(&member.name), &member.node))
    }
}

/// Whether a text has a placeholder that something fills in later.
pub(crate) fn has_placeholder(text: &str) -> bool {
    let between = |open: &str, close: &str| {
        text.split_once(open)
            .is_some_and(|(_, rest)| rest.contains(close))
    };
    // Most texts have none of these, and are looked through once.
    text.contains(['<', '$', '{', '%', '@', '(', '['])
        && (between("<", ">")
            || between("${", "}")
            || between("#{", "}")
            || between("{{", "}}")
            || between("$(", ")")
            || has_shell_variable(text)
            || has_token(text, "%", "%", is_plain)
            || has_token(text, "@@", "@@", is_plain)
            || has_token(text, "((", "))", is_path)
            || has_token(text, "[[", "]]", is_path))
}

/// Whether a name, and nothing else, stands between the two. Three letters or more, so that neither
/// `%Y%m%d` nor `%E3%81` counts.
fn has_token(text: &str, open: &str, close: &str, may_have: fn(u8) -> bool) -> bool {
    text.match_indices(open).any(|(at, _)| {
        let rest = text.get(at + open.len()..).unwrap_or_default();
        let end = rest.bytes().position(|byte| !may_have(byte));
        let (name, after) = rest.split_at(end.unwrap_or(rest.len()));
        name.len() >= 3
            && name.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_')
            && after.starts_with(close)
    })
}

fn is_plain(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'_'
}

fn is_path(byte: u8) -> bool {
    is_plain(byte) || matches!(byte, b'.' | b'-' | b'/')
}

/// `$NAME`, as scripts with `envsubst` have it.
fn has_shell_variable(text: &str) -> bool {
    text.match_indices('$').any(|(at, _)| {
        let next = text.as_bytes().get(at + 1);
        next.is_some_and(|byte| byte.is_ascii_alphabetic() || *byte == b'_')
    })
}

#[cfg(test)]
mod tests {
    use super::has_placeholder;

    #[test]
    fn placeholders_of_many_tools() {
        for text in [
            "<X>",
            "${X}",
            "{{x}}",
            "$(X)",
            "$X",
            "#{variables.T}",
            "#{x}#",
            "%NAME%",
            "%%NAME%%",
            "a-%name%-b",
            "@@NAME@@",
            "((name))",
            "((vault.name))",
            "[[name]]",
        ] {
            assert!(has_placeholder(text), "{text}");
        }
        for text in [
            "",
            "web",
            "%Y-%m-%d",
            "%Y%m%d",
            "100%",
            "a%20b%20c",
            "%E3%81%82",
            "50% or 60%",
            "%%",
            "a@b@c",
            "x@sha256:00",
            "f((1))",
            "(name)",
            "[[:alpha:]]",
            "[[ -f x ]]",
            "[name]",
            "#name",
            "((name)",
            "%NAME",
        ] {
            assert!(!has_placeholder(text), "{text}");
        }
    }
}
