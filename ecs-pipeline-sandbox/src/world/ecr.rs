//! Elastic Container Registry: repositories and their settings.

use serde_json::Value;

use super::{ApiError, Place, World};

/// All ECR state but the images, which the registry holds.
#[derive(Debug)]
pub(super) struct Ecr {}

impl Ecr {
    pub(super) fn new(_place: &Place) -> Self {
        Self {}
    }
}

impl World {
    pub(super) fn call_ecr(&mut self, operation: &str, _input: Value) -> Result<Value, ApiError> {
        Err(ApiError::not_implemented("ECR", operation))
    }
}
