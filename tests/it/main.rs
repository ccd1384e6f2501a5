//! x
#![allow(clippy::unwrap_used)]
mod virtual_time;
