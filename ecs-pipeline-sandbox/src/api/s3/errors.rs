//! S3's errors: an XML document of their own form, and none where the method is HEAD.

use axum::response::{IntoResponse, Response};
use http::{Method, StatusCode, header};
use serde_json::json;

use crate::world::ApiError;

use super::super::xml;
use super::body::MOST_BYTES;

pub(super) fn respond(error: &ApiError, method: &Method, path: &str, request: &str) -> Response {
    let status = StatusCode::from_u16(error.status).unwrap_or(StatusCode::BAD_REQUEST);
    if method == Method::HEAD || status == StatusCode::NOT_MODIFIED {
        return status.into_response();
    }
    let told = xml::members(&json!({
        "Code": error.code,
        "Message": error.message,
        "Resource": path,
        "RequestId": request,
    }));
    let body = format!("{}<Error>{told}</Error>", super::answer::DECLARATION);
    let content_type = [(header::CONTENT_TYPE, "application/xml")];
    (status, content_type, body).into_response()
}

fn error(status: u16, code: &str, message: impl Into<String>) -> ApiError {
    ApiError {
        status,
        code: code.into(),
        message: message.into(),
    }
}

pub(super) fn too_large() -> ApiError {
    error(
        400,
        "EntityTooLarge",
        format!("Your proposed upload exceeds the maximum allowed size: {MOST_BYTES} bytes here"),
    )
}

pub(super) fn incomplete_body() -> ApiError {
    error(
        400,
        "IncompleteBody",
        "You did not provide the number of bytes specified by the Content-Length HTTP header",
    )
}

pub(super) fn invalid_argument(message: impl Into<String>) -> ApiError {
    error(400, "InvalidArgument", message)
}

pub(super) fn malformed_xml() -> ApiError {
    error(
        400,
        "MalformedXML",
        "The XML you provided was not well-formed or did not validate against our published schema",
    )
}

pub(super) fn already_owned() -> ApiError {
    error(
        409,
        "BucketAlreadyOwnedByYou",
        "Your previous request to create the named bucket succeeded and you already own it.",
    )
}

pub(super) fn wrong_region(wanted: &str) -> ApiError {
    error(
        400,
        "IllegalLocationConstraintException",
        format!(
            "The {wanted} location constraint is incompatible for the region specific endpoint \
             this request was sent to."
        ),
    )
}

pub(super) fn precondition_failed() -> ApiError {
    error(
        412,
        "PreconditionFailed",
        "At least one of the pre-conditions you specified did not hold",
    )
}

pub(super) fn not_modified() -> ApiError {
    error(304, "NotModified", "Not Modified")
}

pub(super) fn invalid_range() -> ApiError {
    error(
        416,
        "InvalidRange",
        "The requested range is not satisfiable",
    )
}

pub(super) fn no_such_key() -> ApiError {
    error(404, "NoSuchKey", "The specified key does not exist.")
}

pub(super) fn marker_is_no_object() -> ApiError {
    error(
        405,
        "MethodNotAllowed",
        "The specified method is not allowed against this resource.",
    )
}

pub(super) fn unsigned() -> ApiError {
    error(403, "AccessDenied", "Access Denied")
}

pub(super) fn slow_down() -> ApiError {
    error(503, "SlowDown", "Please reduce your request rate.")
}

pub(super) fn internal() -> ApiError {
    error(
        500,
        "InternalError",
        "We encountered an internal error. Please try again: a fault that the sandbox was asked for",
    )
}

pub(super) fn not_implemented(what: &str) -> ApiError {
    error(
        501,
        "NotImplemented",
        format!("the sandbox does not implement S3 {what}"),
    )
}
