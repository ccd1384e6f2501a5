//! AWS JSON 1.1.

use axum::response::{IntoResponse, Response};
use http::{StatusCode, header};
use serde_json::{Map, Value, json};

use crate::world::{ApiError, Service};

use super::{Call, Protocol, Refusal};

const CONTENT_TYPE: &str = "application/x-amz-json-1.1";

/// Reads a request by its `X-Amz-Target`, such as
/// `AmazonEC2ContainerServiceV20141113.DescribeServices`.
pub(super) fn read(target: &str, body: &[u8]) -> Result<Call, Refusal> {
    let service = match target.split_once('.') {
        Some(("AmazonEC2ContainerServiceV20141113", operation)) => Some((Service::Ecs, operation)),
        Some(("AmazonEC2ContainerRegistry_V20150921", operation)) => {
            Some((Service::Ecr, operation))
        }
        Some(("Logs_20140328", operation)) => Some((Service::Logs, operation)),
        _ => None,
    };
    let Some((service, operation)) = service else {
        return Err(Refusal {
            protocol: Protocol::Json,
            error: Protocol::Json
                .unknown_operation(format!("the sandbox does not implement {target}")),
        });
    };
    Ok(Call {
        protocol: Protocol::Json,
        service,
        operation: operation.into(),
        input: input(body),
    })
}

fn input(body: &[u8]) -> Result<Value, ApiError> {
    if body.is_empty() {
        return Ok(Value::Object(Map::new()));
    }
    match serde_json::from_slice(body) {
        Ok(object @ Value::Object(_)) => Ok(object),
        Ok(_) => Err(ApiError::client(
            "SerializationException",
            "Start of structure or map found where not expected.",
        )),
        Err(error) => Err(ApiError::client(
            "SerializationException",
            format!("the request is not JSON: {error}"),
        )),
    }
}

pub(super) fn answer(output: &Value) -> Response {
    ([(header::CONTENT_TYPE, CONTENT_TYPE)], output.to_string()).into_response()
}

pub(super) fn error(error: &ApiError) -> Response {
    (
        StatusCode::from_u16(error.status).unwrap_or(StatusCode::BAD_REQUEST),
        [
            (header::CONTENT_TYPE.as_str(), CONTENT_TYPE),
            ("x-amzn-errortype", error.code.as_str()),
        ],
        json!({ "__type": error.code, "message": error.message }).to_string(),
    )
        .into_response()
}

/// JSON for those who ask the sandbox itself.
pub(super) fn plain(value: &Value) -> Response {
    (
        [(header::CONTENT_TYPE, "application/json")],
        value.to_string(),
    )
        .into_response()
}
