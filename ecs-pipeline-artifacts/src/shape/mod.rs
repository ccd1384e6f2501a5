//! What `RegisterTaskDefinition` takes, and where a document differs: all that botocore's parameter
//! validation would find before a request is sent, and enum values, which AWS alone looks at.

use crate::source::{Node, NodeId, Step};

mod table;
mod walk;

pub(crate) use table::{
    CONTAINER_DEFINITION, CONTAINER_DEFINITIONS, REGISTER_TASK_DEFINITION_REQUEST,
};
pub(crate) use walk::{Fault, FaultKind, is_pascal_of, walk};

/// The form of a value.
#[derive(Debug)]
pub(crate) enum Shape {
    Structure {
        /// Sorted by name.
        members: &'static [(&'static str, &'static Shape)],
        required: &'static [&'static str],
    },
    List {
        item: &'static Shape,
        length: Bounds,
    },
    /// An object with any names.
    Map {
        value: &'static Shape,
    },
    String {
        /// The values that an enum has; empty for any text.
        values: &'static [&'static str],
        length: Bounds,
    },
    Integer {
        range: Bounds,
    },
    Boolean,
}

/// Inclusive limits.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Bounds {
    pub(crate) min: i64,
    pub(crate) max: i64,
}

impl Bounds {
    /// Any length.
    const NONE: Self = Self {
        min: 0,
        max: i64::MAX,
    };

    pub(crate) fn contains(self, value: i64) -> bool {
        (self.min..=self.max).contains(&value)
    }
}

impl Shape {
    /// The members of a structure; none of anything else.
    pub(crate) fn members(&self) -> &'static [(&'static str, &'static Shape)] {
        match self {
            Self::Structure { members, .. } => members,
            _ => &[],
        }
    }

    /// The names of the members of a structure.
    pub(crate) fn names(&self) -> impl Iterator<Item = &'static str> + use<> {
        self.members().iter().map(|(name, _)| *name)
    }

    pub(crate) fn member(&self, name: &str) -> Option<&'static Shape> {
        let members = self.members();
        let at = members.binary_search_by(|(known, _)| (*known).cmp(name));
        Some(members.get(at.ok()?)?.1)
    }

    /// The form of a child; a member's name counts in whatever case.
    fn below(&self, step: Step<'_>) -> Option<&'static Shape> {
        match (self, step) {
            (Self::Structure { members, .. }, Step::Member(name)) => {
                let mut members = members.iter();
                Some(
                    members
                        .find(|(known, _)| known.eq_ignore_ascii_case(name))?
                        .1,
                )
            }
            (Self::List { item, .. }, Step::Item(_)) => Some(item),
            (Self::Map { value }, Step::Member(_)) => Some(value),
            _ => None,
        }
    }

    /// What kind of value it wants, with its article: "a string".
    pub(crate) fn kind(&self) -> &'static str {
        match self {
            Self::Structure { .. } | Self::Map { .. } => "an object",
            Self::List { .. } => "a list",
            Self::String { .. } => "a string",
            Self::Integer { .. } => "an integer",
            Self::Boolean => "true or false",
        }
    }
}

/// What a value of a task definition has to be, in any of the forms in which people keep one; `None`
/// where that is not known.
pub(crate) fn at(root: &Node<'_>, id: NodeId) -> Option<&'static Shape> {
    let mut shape: &'static Shape = match root.items() {
        [] => &REGISTER_TASK_DEFINITION_REQUEST,
        _ => &CONTAINER_DEFINITIONS,
    };
    let mut node = root;
    while node.id != id {
        let (step, child) = node.step_to(id)?;
        let is_response = node.id == root.id
            && matches!(step, Step::Member(name) if name.eq_ignore_ascii_case("taskDefinition"));
        if !is_response {
            shape = shape.below(step)?;
        }
        node = child;
    }
    Some(shape)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn structures<'s>(shape: &'s Shape, found: &mut Vec<&'s Shape>) {
        match shape {
            Shape::Structure { members, .. } => {
                found.push(shape);
                members
                    .iter()
                    .for_each(|(_, shape)| structures(shape, found));
            }
            Shape::List { item, .. } => structures(item, found),
            Shape::Map { value } => structures(value, found),
            _ => {}
        }
    }

    #[test]
    fn members_can_be_looked_up_and_what_is_required_is_a_member() {
        let mut found = Vec::new();
        structures(&REGISTER_TASK_DEFINITION_REQUEST, &mut found);
        assert!(found.len() > 30);
        for shape in found {
            assert!(shape.names().is_sorted(), "{shape:?}");
            for name in shape.names() {
                assert!(shape.member(name).is_some(), "{name}");
            }
            if let Shape::Structure { required, .. } = shape {
                for name in *required {
                    assert!(shape.member(name).is_some(), "{name}");
                }
            }
        }
    }

    /// What aws.md and the API reference have, so that a regeneration from a wrong model is seen.
    #[test]
    fn the_table_has_what_the_api_reference_has() {
        let root = &REGISTER_TASK_DEFINITION_REQUEST;
        for name in ["enableFaultInjection", "trustedExecutionConfiguration"] {
            assert!(root.member(name).is_some(), "{name}");
        }
        assert!(root.member("revision").is_none());
        assert!(matches!(root.member("cpu"), Some(Shape::String { .. })));
        let container = &CONTAINER_DEFINITION;
        assert!(matches!(
            container.member("cpu"),
            Some(Shape::Integer { .. })
        ));
        assert!(container.member("versionConsistency").is_some());
    }
}
