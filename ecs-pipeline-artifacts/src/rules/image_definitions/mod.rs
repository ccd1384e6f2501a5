//! Rules for imagedefinitions.json.

use super::members::{Missing, Shape};
use super::{Check, Findings, RawFinding, Rule};
use crate::finding::Severity;
use crate::source::{Node, Value};

mod container_name;
mod duplicate;
mod empty;
mod form;
mod image;
mod placeholder;
mod required_member;
mod size;
mod unknown_member;

pub(super) const RULES: &[&Rule] = &[
    &form::RULE,
    &empty::RULE,
    &size::RULE,
    &required_member::RULE,
    &unknown_member::RULE,
    &placeholder::RULE,
    &container_name::RULE,
    &image::RULE,
    &duplicate::RULE,
];

const PAGE: &str = "https://docs.aws.amazon.com/codepipeline/latest/userguide/file-reference.html";

const ENTRY: Shape = Shape {
    required: &["name", "imageUri"],
    optional: &[],
    any_case: false,
};

/// Entries that are objects.
fn entries<'n, 't>(root: &'n Node<'t>) -> impl Iterator<Item = &'n Node<'t>> {
    let items = root.items().iter();
    items.filter(|item| matches!(item.value, Value::Object(_)))
}

/// What CodePipeline may let pass, and nobody can work with: a file that says nothing, or two things
/// about one container.
pub(crate) fn refuse_ambiguous(root: &Node<'_>, found: &mut Vec<RawFinding>) {
    empty::check(root, &mut Findings::new(&empty::RULE, 0, found));
    duplicate::check(root, &mut Findings::new(&duplicate::RULE, 0, found));
}
