//! What there is in an account.

use std::collections::{BTreeMap, BTreeSet};

use ecs_pipeline_infra::stack::Stack;

use super::document;
use super::server::Moto;

/// The ids of what there is, by types of resources.
#[derive(Debug)]
pub(super) struct Account(BTreeMap<String, BTreeSet<String>>);

impl Account {
    pub(super) fn read(moto: &Moto) -> Self {
        Self(serde_json::from_str(&moto.python("account.py")).unwrap())
    }

    /// What there is beside what there was.
    pub(super) fn beside(mut self, before: &Self) -> Self {
        for (kind, ids) in &mut self.0 {
            ids.retain(|id| !before.0[kind].contains(id));
        }
        self
    }

    /// There is something for each resource of the templates. (There may be more: a VPC comes with a route
    /// table and a security group.)
    pub(super) fn holds(&self, stacks: &[Stack]) {
        let documents: Vec<_> = stacks.iter().map(document).collect();
        for (kind, ids) in &self.0 {
            let wanted = documents.iter().map(|it| it.of_kind(kind).count());
            let (wanted, found) = (wanted.sum::<usize>(), ids.len());
            assert!(found >= wanted, "{found} of {wanted}: {kind}");
        }
    }

    /// Nothing is there but this.
    pub(super) fn holds_only(&self, kept: &BTreeSet<(String, String)>) {
        let ids = self.0.iter();
        let left: BTreeSet<_> = ids
            .flat_map(|(kind, ids)| ids.iter().map(move |id| (kind.clone(), id.clone())))
            .collect();
        let looked_for = kept.iter().filter(|(kind, _)| self.0.contains_key(kind));
        assert_eq!(left, looked_for.cloned().collect());
    }
}
