//! AWS JSON: 1.1, and 1.0 for CloudWatch, which spoke AWS Query before.

use axum::response::{IntoResponse, Response};
use http::{HeaderMap, HeaderValue, StatusCode, header};
use serde_json::{Map, Value, json};

use crate::world::{ApiError, Service};

use super::{Call, Protocol, Refusal};

const CONTENT_TYPE: &str = "application/x-amz-json-1.1";

const CONTENT_TYPE_1_0: &str = "application/x-amz-json-1.0";

/// Reads a request by its `X-Amz-Target`, such as
/// `AmazonEC2ContainerServiceV20141113.DescribeServices`.
pub(super) fn read(target: &str, body: &[u8]) -> Result<Call, Refusal> {
    let (prefix, operation) = target.split_once('.').unwrap_or_default();
    let service = match prefix {
        "AmazonEC2ContainerServiceV20141113" => Some(Service::Ecs),
        "AmazonEC2ContainerRegistry_V20150921" => Some(Service::Ecr),
        "CodeDeploy_20141006" => Some(Service::CodeDeploy),
        "CodePipeline_20150709" => Some(Service::CodePipeline),
        "Logs_20140328" => Some(Service::Logs),
        "GraniteServiceVersion20100801" => Some(Service::CloudWatch),
        _ => None,
    };
    let Some(service) = service else {
        return Err(Refusal {
            protocol: Protocol::Json,
            error: Protocol::Json
                .unknown_operation(format!("the sandbox does not implement {target}")),
        });
    };
    Ok(Call {
        protocol: match service {
            Service::CloudWatch => Protocol::JsonAfterQuery,
            _ => Protocol::Json,
        },
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
        status(error),
        [
            (header::CONTENT_TYPE.as_str(), CONTENT_TYPE),
            ("x-amzn-errortype", error.code.as_str()),
        ],
        told(error).to_string(),
    )
        .into_response()
}

pub(super) fn answer_after_query(output: &Value) -> Response {
    let content_type = [(header::CONTENT_TYPE, CONTENT_TYPE_1_0)];
    (content_type, output.to_string()).into_response()
}

pub(super) fn error_after_query(error: &ApiError) -> Response {
    let content_type = [(header::CONTENT_TYPE, CONTENT_TYPE_1_0)];
    let mut response = (status(error), content_type, told(error).to_string()).into_response();
    add_query_error(response.headers_mut(), error);
    response
}

/// An error's body.
pub(super) fn told(error: &ApiError) -> Value {
    json!({ "__type": error.code, "message": error.message })
}

/// Repeats the error's code as AWS Query had it, by which clients of a service that once spoke
/// Query know it (the Smithy trait `awsQueryCompatible`).
pub(super) fn add_query_error(headers: &mut HeaderMap, error: &ApiError) {
    let fault = if error.status < 500 {
        "Sender"
    } else {
        "Receiver"
    };
    if let Ok(value) = HeaderValue::try_from(format!("{};{fault}", error.code)) {
        headers.insert("x-amzn-query-error", value);
    }
}

fn status(error: &ApiError) -> StatusCode {
    StatusCode::from_u16(error.status).unwrap_or(StatusCode::BAD_REQUEST)
}

/// JSON for those who ask the sandbox itself.
pub(super) fn plain(value: &Value) -> Response {
    (
        [(header::CONTENT_TYPE, "application/json")],
        value.to_string(),
    )
        .into_response()
}
