//! Secrets by where they stand in a document.

use std::collections::HashSet;

use super::{is_group, is_reference, is_sensitive, within_quotes};
use crate::source::{Node, Span, Tree, Value};

pub(super) fn secrets(text: &str, root: &Node<'_>, tree: &Tree<'_>) -> Vec<Span> {
    let mut walk = Walk {
        text,
        tree,
        secrets: Vec::new(),
        aliased: HashSet::new(),
    };
    walk.node(root, false);
    if !walk.aliased.is_empty() {
        walk.anchored(root);
    }
    walk.secrets
}

struct Walk<'a, 't> {
    text: &'a str,
    tree: &'a Tree<'t>,
    secrets: Vec<Span>,
    /// Secrets that a YAML alias stands for: they are written elsewhere.
    aliased: HashSet<String>,
}

impl<'t> Walk<'_, 't> {
    fn node(&mut self, node: &Node<'t>, hidden: bool) {
        // Whatever the list of such pairs is called. A tag has a `key`.
        let is_variable = node.get_any_case("name").is_some();
        for member in node.members() {
            let name = member.name.as_ref();
            let names_it = hidden && name.eq_ignore_ascii_case("name");
            let holds = hides(name)
                || (is_variable && name.eq_ignore_ascii_case("value"))
                || (name == "valueFrom" && !is_address(&member.node));
            self.node(&member.node, (hidden && !names_it) || holds);
        }
        let files = node.get_any_case("environmentFiles");
        for file in files.map(Node::items).unwrap_or_default() {
            if let Some(value) = file.get_any_case("value").filter(|it| !is_address(it)) {
                self.node(value, true);
            }
        }
        let mut follows_flag = false;
        for item in node.items() {
            self.node(item, hidden || follows_flag);
            follows_flag = item.as_str().is_some_and(is_flag);
        }
        let scalar = node.members().is_empty() && node.items().is_empty();
        if hidden && scalar && !node.is_null() && !node.as_str().is_some_and(is_reference) {
            self.hide(node);
        }
    }

    fn hide(&mut self, node: &Node<'t>) {
        let Some(place) = self.tree.place(node.id) else {
            return;
        };
        let span = place.value.clone();
        if self
            .text
            .get(span.clone())
            .is_some_and(|text| text.starts_with('*'))
        {
            self.aliased.extend(scalar(node));
        }
        self.secrets.push(within_quotes(self.text, span));
    }

    /// Hides what the aliases stand for, where it is written.
    fn anchored(&mut self, node: &Node<'t>) {
        let children = node.members().iter().map(|member| &member.node);
        for child in children.chain(node.items()) {
            self.anchored(child);
        }
        if scalar(node).is_some_and(|text| self.aliased.contains(&text)) {
            let place = self.tree.place(node.id);
            let span = place.map(|place| within_quotes(self.text, place.value.clone()));
            self.secrets.extend(span);
        }
    }
}

fn scalar(node: &Node<'_>) -> Option<String> {
    match &node.value {
        Value::String(text) => Some(text.to_string()),
        Value::Number(number) => Some(number.to_string()),
        Value::Bool(value) => Some(value.to_string()),
        _ => None,
    }
}

/// Members in which everything is hidden.
fn hides(name: &str) -> bool {
    is_group(name) || is_sensitive_scalar(name)
}

/// `secrets` and `secretOptions` have names and ARNs, each of which is looked at by itself.
fn is_sensitive_scalar(name: &str) -> bool {
    let groups = [
        "secrets",
        "secretOptions",
        "repositoryCredentials",
        "credentialSpecs",
    ];
    !groups.iter().any(|group| name.eq_ignore_ascii_case(group)) && is_sensitive(name)
}

/// Whether a `valueFrom`, or an environment file, has the form of an ARN or of a path; what has not may be the secret itself.
fn is_address(node: &Node<'_>) -> bool {
    let address = |text: &str| text.starts_with("arn:") || text.starts_with('/');
    node.as_str().is_some_and(address)
}

/// Whether the next argument of a command is a secret.
fn is_flag(argument: &str) -> bool {
    argument.starts_with('-') && !argument.contains(['=', ' ']) && is_sensitive(argument)
}
