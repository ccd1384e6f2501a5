//! A machine of the test's own on which names that end in `amazonaws.com` lead to a sandbox: what
//! people have written for AWS runs on it word for word.
//!
//! A test that wants it has two halves. The outer one calls [`inside`], which runs this very
//! program again, in namespaces of its own, with the inner one alone; that one is `#[ignore]`d and
//! begins with [`Machine::start`]. Nothing of it is seen outside, and nothing outlives it.

mod authority;
mod engine;
mod machine;
mod namespace;
mod terminator;

pub use authority::Authority;
pub use engine::Engine;
pub use machine::{ACCOUNT, Machine, REGION, registry};
pub use namespace::{inside, probe};
pub use terminator::Terminator;
