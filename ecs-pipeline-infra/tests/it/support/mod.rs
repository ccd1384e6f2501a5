//! Every combination of options, and the templates that come of it.

pub(crate) mod application;
pub(crate) mod axes;
pub(crate) mod combination;
pub(crate) mod document;
pub(crate) mod tools;
