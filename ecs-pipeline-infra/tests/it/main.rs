//! What all templates have in common, whatever is chosen: cfn-lint has nothing to say of them, and
//! they keep the rules in [`guard`].

#![allow(clippy::unwrap_used)]

mod cfn_lint;
mod cluster;
mod combinations;
mod diagram;
mod guard;
mod moto;
mod network;
mod reference;
mod refusals;
mod support;
