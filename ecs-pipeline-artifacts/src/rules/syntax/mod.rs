//! What keeps a text from being read, or from being read alike by every reader.

use super::{Change, Check, Findings, RawFinding, Rule};
use crate::document::DocumentKind;
use crate::finding::Severity;
use crate::shape::{self, Shape};
use crate::source::{Mend, Node, SyntaxFault, SyntaxFaultKind, Tree};
use crate::validate::Parsed;

mod duplicate_member;
mod inexact_number;
mod json_syntax;
mod not_utf8;
mod too_large;
mod unknown_document;
mod yaml_syntax;

pub(super) const RULES: &[&Rule] = &[
    &not_utf8::RULE,
    &too_large::RULE,
    &json_syntax::RULE,
    &yaml_syntax::RULE,
    &inexact_number::RULE,
    &duplicate_member::RULE,
    &unknown_document::RULE,
];

/// Turns what the reader of a text noticed into findings.
pub(crate) fn report(index: usize, file: &Parsed<'_>, found: &mut Vec<RawFinding>) {
    for fault in &file.tree.faults {
        let rule = match fault.kind {
            SyntaxFaultKind::Encoding => &not_utf8::RULE,
            SyntaxFaultKind::TooLarge => &too_large::RULE,
            SyntaxFaultKind::Json => &json_syntax::RULE,
            SyntaxFaultKind::Yaml => &yaml_syntax::RULE,
            SyntaxFaultKind::InexactNumber => &inexact_number::RULE,
        };
        let mut findings = Findings::new(rule, index, found);
        let finding = findings.span(fault.span.clone(), fault.message.clone());
        if let Some(hint) = &fault.hint {
            finding.help(hint.clone());
        }
        if let Some(repair) = &fault.repair {
            match not_text(fault, &file.tree, file.kind) {
                None => {
                    let edit = repair.edit.clone();
                    finding.fix(repair.mend.title(), [Change::Text(edit)]);
                }
                Some(reason) => drop(finding.help(reason)),
            }
        }
    }
    if let Some(root) = &file.tree.root {
        duplicate_member::check(
            root,
            &mut Findings::new(&duplicate_member::RULE, index, found),
        );
        if file.kind.is_none() {
            unknown_document::check(
                root,
                &mut Findings::new(&unknown_document::RULE, index, found),
            );
        }
    }
}

/// Why a placeholder without quotes is not to get them: they would stay when it is filled in, and a
/// string is not, or not surely, what is wanted there. `None` where it is, and for any other fault.
pub(crate) fn not_text(
    fault: &SyntaxFault,
    tree: &Tree<'_>,
    kind: Option<DocumentKind>,
) -> Option<String> {
    let repair = fault.repair.as_ref()?;
    if repair.mend != Mend::Placeholder {
        return None;
    }
    let root = tree.root.as_ref();
    let place = root.and_then(|root| Some((root, tree.at(&fault.span)?)));
    let wanted = match (kind, place) {
        (Some(DocumentKind::TaskDefinition), Some((root, id))) => shape::at(root, id),
        // They hold nothing but strings.
        (Some(DocumentKind::ImageDefinitions | DocumentKind::ImageDetail), Some(_)) => return None,
        _ => None,
    };
    match wanted {
        // A call gives JSON, with quotes of its own.
        Some(Shape::String { .. }) if !repair.edit.replacement.contains(['(', '|']) => None,
        Some(Shape::String { .. }) | None => Some(
            "fill it in before the file is read as JSON; quotes are right only where it becomes a \
             string"
                .to_owned(),
        ),
        Some(shape) => Some(format!(
            "fill it in before the file is read as JSON; in quotes it would be a string, and {} is \
             wanted",
            shape.kind()
        )),
    }
}
