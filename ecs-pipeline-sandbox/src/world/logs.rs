//! CloudWatch Logs: what containers with the `awslogs` driver wrote.

use serde_json::Value;

use super::{ApiError, Time, World};

/// Log groups, their streams, and the streams' events.
#[derive(Debug, Default)]
pub(super) struct Logs {}

impl Logs {
    /// Appends a line. ECS calls this for containers whose log driver is `awslogs`; the stream is
    /// `PREFIX/CONTAINER/TASK-ID`.
    pub(super) fn append(&mut self, _now: Time, _group: &str, _stream: &str, _line: String) {
        unimplemented!()
    }

    /// Whether the log group exists. A task whose group is missing cannot start, unless
    /// `awslogs-create-group` is set.
    pub(super) fn has_group(&self, _group: &str) -> bool {
        unimplemented!()
    }

    /// Creates the group where it is missing (`awslogs-create-group`).
    pub(super) fn ensure_group(&mut self, _now: Time, _group: &str) {
        unimplemented!()
    }
}

impl World {
    pub(super) fn call_logs(&mut self, operation: &str, _input: Value) -> Result<Value, ApiError> {
        Err(ApiError::not_implemented("CloudWatch Logs", operation))
    }
}
