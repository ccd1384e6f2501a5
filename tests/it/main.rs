//! End-to-end tests: clients that others wrote, unchanged, and traffic.
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "these are tests")]

mod cli;
mod codedeploy;
mod contract_aws;
mod create;
mod fabfuel;
mod faults;
mod jenkins;
mod ministack;
mod moto;
mod promises;
mod shifting_clients;
mod strategies;
mod traffic;
mod virtual_time;
