//! End-to-end tests: clients that others wrote, unchanged, and traffic.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::print_stderr,
    reason = "these are tests; what they count is printed"
)]

mod create;
mod fabfuel;
mod faults;
mod jenkins;
mod traffic;
mod virtual_time;
