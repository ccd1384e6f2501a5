//! End-to-end tests: clients that others wrote, unchanged, and traffic.
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "these are tests")]

mod buildspec;
mod cli;
mod codedeploy;
mod codepipeline;
mod contract_aws;
mod create;
mod example;
mod fabfuel;
mod faults;
mod infra;
mod jenkins;
mod jenkinsfile;
mod ministack;
mod moto;
mod originals;
mod policy;
mod promises;
mod shifting_clients;
mod strategies;
mod traffic;
mod virtual_time;
