//! End-to-end tests.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::print_stderr,
    reason = "these are tests; what they count is printed"
)]

mod traffic;
mod virtual_time;
