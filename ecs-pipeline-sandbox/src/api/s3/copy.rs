//! CopyObject, such as `aws s3 cp s3://… s3://…` asks for.

use axum::response::Response;
use percent_encoding::percent_decode_str;
use serde_json::json;

use crate::shared::Shared;
use crate::world::ApiError;
use crate::world::s3::{Object, S3};

use super::super::xml::iso_8601;
use super::objects::{kept, set};
use super::{Call, answer, errors};

pub(super) const SOURCE: &str = "x-amz-copy-source";

impl Call {
    pub(super) fn copy_object(&self, shared: &Shared) -> Result<Response, ApiError> {
        let conditional = |name: &str| name.starts_with("x-amz-copy-source-if");
        if self.headers.keys().any(|name| conditional(name.as_str())) {
            return Err(errors::not_implemented("CopyObject with a condition"));
        }
        let (etag, modified, version) = shared.s3(|s3, now| {
            let object = self.copied(s3)?;
            let etag = object.etag.clone();
            let version = s3.put(now, &self.bucket, &self.key, object)?;
            Ok::<_, ApiError>((etag, now, version))
        })?;
        let content = json!({
            "LastModified": iso_8601(modified.epoch_seconds()),
            "ETag": format!("\"{etag}\""),
        });
        let mut response = answer::document("CopyObjectResult", &content);
        if let Some(version) = version {
            set(response.headers_mut(), "x-amz-version-id", &version);
        }
        Ok(response)
    }

    /// The source's bytes, with its own headers or, if the request says so, with the request's.
    fn copied(&self, s3: &S3) -> Result<Object, ApiError> {
        let (bucket, key, version) = source(self.header(SOURCE).unwrap_or_default())?;
        let found = s3.version(&bucket, &key, version.as_deref())?;
        let mut object = found.object.clone().ok_or_else(errors::no_such_key)?;
        if self.header("x-amz-metadata-directive") == Some("REPLACE") {
            object.headers = kept(&self.headers);
        }
        Ok(object)
    }
}

/// `BUCKET/KEY` or `BUCKET/KEY?versionId=ID`, percent-encoded, perhaps after a slash.
pub(super) fn source(written: &str) -> Result<(String, String, Option<String>), ApiError> {
    let (path, version) = match written.split_once("?versionId=") {
        Some((path, version)) => (path, Some(version.to_owned())),
        None => (written, None),
    };
    let path = percent_decode_str(path).decode_utf8_lossy();
    let (bucket, key) = path
        .trim_start_matches('/')
        .split_once('/')
        .filter(|(bucket, key)| !bucket.is_empty() && !key.is_empty())
        .ok_or_else(|| {
            errors::invalid_argument("Copy Source must mention the source bucket and key")
        })?;
    Ok((bucket.into(), key.into(), version))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sources_are_read() {
        let at = |key: &str, version: Option<&str>| {
            Ok(("b".to_owned(), key.to_owned(), version.map(String::from)))
        };
        for (written, expected) in [
            ("b/k", at("k", None)),
            ("/b/k/l", at("k/l", None)),
            ("b%2Fa%20b%3F?versionId=v1", at("a b?", Some("v1"))),
            ("b", Err("InvalidArgument")),
            ("b/", Err("InvalidArgument")),
            ("", Err("InvalidArgument")),
        ] {
            let found = source(written).map_err(|error| error.code);
            assert_eq!(found, expected.map_err(String::from), "{written}");
        }
    }
}
