//! What each role may do, and nothing beside it.

mod grants;
mod role;
mod statement;
mod yaml;

pub use role::Role;
pub use statement::{Policy, Statement};
