//! The Jenkinsfile at the top of the repository, unchanged, run by the harness in `tests/jenkins` against a sandbox.

mod abort;
mod ends;
mod harness;
mod library;
mod main_branch;
mod setting;
mod story;
