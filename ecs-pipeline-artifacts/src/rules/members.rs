//! Which members an object must and may have.

use crate::source::{Member, Node};
use crate::suggest;

/// The members of one kind of object.
pub(super) struct Shape {
    pub(super) required: &'static [&'static str],
    pub(super) optional: &'static [&'static str],
    /// Whether AWS reads the names in any case.
    pub(super) any_case: bool,
}

/// What stands in the place of a member that must be there.
pub(super) enum Missing<'n, 't> {
    /// Nothing.
    Nothing,
    /// The member, without a value.
    Empty(&'n Node<'t>),
    /// A member of another name that was probably meant for it.
    Misspelt(&'n Member<'t>),
}

impl Shape {
    /// The required members that an object does not have.
    pub(super) fn missing<'n, 't>(
        &'static self,
        object: &'n Node<'t>,
    ) -> impl Iterator<Item = (&'static str, Missing<'n, 't>)> {
        self.required.iter().filter_map(|wanted| {
            let Some(found) = self.get(object, wanted) else {
                let mut members = object.members().iter();
                let misspelt = members.find(|member| self.meant(member) == Some(wanted));
                return Some((
                    *wanted,
                    misspelt.map_or(Missing::Nothing, Missing::Misspelt),
                ));
            };
            let is_empty =
                found.is_null() || found.as_str().is_some_and(|text| text.trim().is_empty());
            is_empty.then_some((*wanted, Missing::Empty(found)))
        })
    }

    /// The members that an object should not have, each with the known one that was probably meant.
    /// One that stands for a required member that is missing is not among them.
    pub(super) fn unknown<'n, 't>(
        &'static self,
        object: &'n Node<'t>,
    ) -> impl Iterator<Item = (&'n Member<'t>, Option<&'static str>)> {
        let required = self.required.iter().copied();
        let absent: Vec<_> = required
            .filter(|name| self.get(object, name).is_none())
            .collect();
        object.members().iter().filter_map(move |member| {
            if self.knows(&member.name) {
                return None;
            }
            let meant = self.meant(member);
            (!meant.is_some_and(|name| absent.contains(&name))).then_some((member, meant))
        })
    }

    fn get<'n, 't>(&self, object: &'n Node<'t>, name: &str) -> Option<&'n Node<'t>> {
        if self.any_case {
            object.get_any_case(name)
        } else {
            object.get(name)
        }
    }

    fn knows(&self, name: &str) -> bool {
        self.names()
            .any(|known| known == name || self.any_case && known.eq_ignore_ascii_case(name))
    }

    fn meant(&self, member: &Member<'_>) -> Option<&'static str> {
        let is_unknown = !self.knows(&member.name);
        is_unknown
            .then(|| suggest::closest(&member.name, self.names()))
            .flatten()
    }

    pub(super) fn names(&self) -> impl Iterator<Item = &'static str> {
        self.required.iter().chain(self.optional).copied()
    }
}
