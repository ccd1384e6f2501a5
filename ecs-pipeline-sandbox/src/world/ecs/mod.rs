//! Elastic Container Service: clusters, task definitions, services, their deployments and tasks.

use serde_json::Value;

use super::{ApiError, Observation, TaskId, Time, World};

/// All ECS state.
#[derive(Debug, Default)]
pub(super) struct Ecs {}

impl World {
    pub(super) fn call_ecs(&mut self, operation: &str, _input: Value) -> Result<Value, ApiError> {
        Err(ApiError::not_implemented("ECS", operation))
    }

    /// A task started, failed, changed its health, or ended.
    pub(super) fn observe_task(&mut self, _observation: Observation) {}

    /// Hands a container's line to the log group that its task definition names.
    pub(super) fn container_logged(&mut self, _task: &TaskId, _container: &str, _line: String) {}

    /// Moves every service as far as it can be moved now.
    pub(super) fn reconcile_services(&mut self) {}

    pub(super) fn next_ecs_wakeup(&self) -> Option<Time> {
        None
    }
}
