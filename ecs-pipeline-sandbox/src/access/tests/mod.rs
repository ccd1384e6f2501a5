//! Policies are decided by as IAM documents it.

mod deciding;
mod needs;
mod reading;

use super::{Policy, Request};

/// A policy of these statements.
fn policy(statements: &str) -> Policy {
    let text = format!(r#"{{"Version": "2012-10-17", "Statement": [{statements}]}}"#);
    text.parse().unwrap()
}

const SERVICE: &str = "arn:aws:ecs:us-east-1:123456789012:service/demo/app";

fn update() -> Request {
    Request::new("ecs:UpdateService", SERVICE)
}
