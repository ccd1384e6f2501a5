//! Rules for build specifications.

use std::cell::OnceCell;

use super::{Change, Check, Findings, Rule};
use crate::commands::{PHASES, Script};
use crate::finding::Severity;
use crate::source::{Member, Node};

mod artifact_files;
mod cache_paths;
mod choice;
mod command_not_text;
mod commands_missing;
mod environment_value;
mod exported_variable;
mod image_file_name;
mod old_version;
mod on_failure;
mod push_after_failure;
mod report_groups;
mod reserved_variable;
mod runtime_versions;
mod shape;
mod unknown_member;
mod unknown_phase;
mod version;

pub(super) const RULES: &[&Rule] = &[
    &version::RULE,
    &old_version::RULE,
    &shape::RULE,
    &unknown_phase::RULE,
    &unknown_member::RULE,
    &commands_missing::RULE,
    &command_not_text::RULE,
    &on_failure::RULE,
    &runtime_versions::RULE,
    &environment_value::RULE,
    &reserved_variable::RULE,
    &exported_variable::RULE,
    &choice::RULE,
    &report_groups::RULE,
    &artifact_files::RULE,
    &cache_paths::RULE,
    &push_after_failure::RULE,
    &image_file_name::RULE,
];

const REFERENCE: &str =
    "https://docs.aws.amazon.com/codebuild/latest/userguide/build-spec-ref.html";

/// A build specification, with what many rules ask of it.
pub(crate) struct BuildSpec<'t> {
    pub(crate) root: &'t Node<'t>,
    script: OnceCell<Script<'t>>,
}

impl<'t> BuildSpec<'t> {
    pub(crate) fn of(root: &'t Node<'t>) -> Self {
        Self {
            root,
            script: OnceCell::new(),
        }
    }

    pub(crate) fn script(&self) -> &Script<'t> {
        self.script.get_or_init(|| Script::of_build_spec(self.root))
    }

    /// The objects of environment variables, each with its name.
    fn variables(&self) -> impl Iterator<Item = (&'static str, &'t Node<'t>)> {
        let env = self.root.get("env");
        let names = ["variables", "parameter-store", "secrets-manager"];
        let names = names.into_iter();
        names.filter_map(move |name| Some((name, env?.get(name)?)))
    }

    fn phases(&self) -> impl Iterator<Item = &'t Member<'t>> {
        let phases = self.root.get("phases").map(Node::members);
        phases.unwrap_or_default().iter()
    }

    fn phase(&self, name: &str) -> Option<&'t Node<'t>> {
        self.root.get("phases")?.get_any_case(name)
    }

    /// The artifacts and, with their names, the secondary ones.
    pub(crate) fn artifacts(&self) -> impl Iterator<Item = &'t Node<'t>> + use<'t> {
        let artifacts = self.root.get("artifacts");
        let secondary = artifacts.and_then(|node| node.get("secondary-artifacts"));
        let secondary = secondary.map(Node::members).unwrap_or_default();
        artifacts
            .into_iter()
            .chain(secondary.iter().map(|member| &member.node))
    }
}

fn is_known_phase(name: &str) -> bool {
    PHASES.iter().any(|phase| phase.eq_ignore_ascii_case(name))
}

/// An object that is not written as one.
fn no_object(node: &Node<'_>) -> bool {
    node.members().is_empty()
        && (node.as_str().is_some() || !node.items().is_empty() || is_plain(node))
}

fn is_plain(node: &Node<'_>) -> bool {
    matches!(node.kind(), "a string" | "a number" | "a boolean")
}
