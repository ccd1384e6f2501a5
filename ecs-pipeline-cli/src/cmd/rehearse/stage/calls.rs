//! Plain requests to the sandbox.

use ecs_pipeline_core::{ErrorKind, ProviderError};
use ecs_pipeline_sandbox::Sandbox;
use ecs_pipeline_sandbox::world::Service;
use serde_json::Value;

use crate::error::{CliError, internal};

pub(in crate::cmd::rehearse) fn call(
    sandbox: &Sandbox,
    service: Service,
    operation: &str,
    input: Value,
) -> Result<Value, CliError> {
    sandbox.call(service, operation, input).map_err(|error| {
        ProviderError::new(
            ErrorKind::Invalid,
            operation,
            "the sandbox",
            error.to_string(),
        )
        .into()
    })
}

/// A text in an answer.
pub(in crate::cmd::rehearse) fn text(answer: &Value, pointer: &str) -> Result<String, CliError> {
    answer
        .pointer(pointer)
        .and_then(Value::as_str)
        .map(str::to_owned)
        .ok_or_else(|| internal("rehearse", format!("the sandbox's answer lacks {pointer}")))
}
