//! A simulated outside for tests: a runner that follows a script, and a client.
#![allow(clippy::unwrap_used, clippy::expect_used)]

use std::sync::Arc;

use serde_json::{Map, json};

use super::Time;
use super::deployment::ServiceRevision;
use super::task_definition::TaskDefinition;

/// A revision, where any will do.
pub(super) fn revision() -> ServiceRevision {
    ServiceRevision {
        arn: "revision".into(),
        definition: Arc::new(TaskDefinition::for_tests(json!({"family": "web"}))),
        load_balancers: Vec::new(),
        created_at: Time::default(),
        settings: Map::new(),
    }
}
