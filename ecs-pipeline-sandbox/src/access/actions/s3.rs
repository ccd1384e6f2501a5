//! Simple Storage Service. Its operations are no more than HTTP, so that whoever reads the request says what it is.

use crate::access::Request;

/// An action on a bucket.
pub(crate) fn on_bucket(action: &str, bucket: &str) -> Request {
    Request::new(format!("s3:{action}"), format!("arn:aws:s3:::{bucket}"))
}

/// An action on an object.
pub(crate) fn on_object(action: &str, bucket: &str, key: &str) -> Request {
    Request::new(
        format!("s3:{action}"),
        format!("arn:aws:s3:::{bucket}/{key}"),
    )
}

/// Reading an object, or the version of it that is named.
pub(crate) fn read(bucket: &str, key: &str, version: Option<&str>) -> Request {
    let action = match version {
        Some(_) => "GetObjectVersion",
        None => "GetObject",
    };
    on_object(action, bucket, key)
}
