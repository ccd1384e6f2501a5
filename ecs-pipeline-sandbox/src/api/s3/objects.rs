//! Operations on objects.

use std::collections::BTreeMap;
use std::time::UNIX_EPOCH;

use axum::body::Body;
use axum::response::{IntoResponse, Response};
use http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, header};

use crate::shared::Shared;
use crate::world::ApiError;
use crate::world::s3::{Object, S3, Version};

use super::body::Upload;
use super::{Call, body, checksum, errors, range};

/// Headers of PutObject that GetObject gives back. Metadata and checksums join them.
const KEPT: [&str; 9] = [
    "content-type",
    "content-encoding",
    "content-language",
    "content-disposition",
    "cache-control",
    "expires",
    "x-amz-storage-class",
    "x-amz-server-side-encryption",
    "x-amz-server-side-encryption-aws-kms-key-id",
];

const CHECKSUM: &str = "x-amz-checksum-";

impl Call {
    pub(super) async fn put_object(
        &self,
        shared: &Shared,
        sent: Body,
    ) -> Result<Response, ApiError> {
        // Before a large body is read for nothing.
        shared.s3(|s3, _| s3.bucket(&self.bucket).map(drop))?;
        let upload = body::read(&self.headers, sent).await?;
        let headers = self.headers.clone();
        // Digests of a large object take long enough to hold other requests up.
        let object = tokio::task::spawn_blocking(move || object(headers, upload))
            .await
            .map_err(|_| errors::internal())??;
        let mut answer = HeaderMap::new();
        set(&mut answer, "etag", &format!("\"{}\"", object.etag));
        for (name, value) in &object.headers {
            if name.starts_with(CHECKSUM) || name.starts_with("x-amz-server-side-encryption") {
                set(&mut answer, name, value);
            }
        }
        let version = shared.s3(|s3, now| {
            self.check_replaced(s3)?;
            s3.put(now, &self.bucket, &self.key, object)
        })?;
        if let Some(version) = version {
            set(&mut answer, "x-amz-version-id", &version);
        }
        Ok(answer.into_response())
    }

    /// GetObject and HeadObject.
    pub(super) fn get_object(&self, shared: &Shared) -> Result<Response, ApiError> {
        let (version, has_versions) = shared.s3(|s3, _| {
            let version = s3.version(&self.bucket, &self.key, self.version())?;
            let has_versions = s3.bucket(&self.bucket)?.versioning.is_some();
            Ok::<_, ApiError>((version.clone(), has_versions))
        })?;
        let Some(object) = &version.object else {
            return Err(match self.version() {
                Some(_) => errors::marker_is_no_object(),
                None => errors::no_such_key(),
            });
        };
        self.check_read(object)?;
        let wanted = range::wanted(&self.headers, object.bytes.len())?;
        let mut headers = self.described(&version, object, wanted.is_none());
        if has_versions {
            set(&mut headers, "x-amz-version-id", version.id());
        }
        let (status, bytes) = match wanted {
            None => (StatusCode::OK, object.bytes.clone()),
            Some(wanted) => {
                let last = wanted.end.saturating_sub(1);
                let of = object.bytes.len();
                let shown = format!("bytes {}-{last}/{of}", wanted.start);
                set(&mut headers, "content-range", &shown);
                (StatusCode::PARTIAL_CONTENT, object.bytes.slice(wanted))
            }
        };
        set(&mut headers, "content-length", &bytes.len().to_string());
        let body = match self.method == Method::HEAD {
            true => Body::empty(),
            false => Body::from(bytes),
        };
        Ok((status, headers, body).into_response())
    }

    pub(super) fn delete_object(&self, shared: &Shared) -> Result<Response, ApiError> {
        let deleted =
            shared.s3(|s3, now| s3.delete(now, &self.bucket, &self.key, self.version()))?;
        let mut headers = HeaderMap::new();
        if deleted.marker {
            set(&mut headers, "x-amz-delete-marker", "true");
        }
        if let Some(version) = deleted.version {
            set(&mut headers, "x-amz-version-id", &version);
        }
        Ok((StatusCode::NO_CONTENT, headers).into_response())
    }

    pub(super) fn version(&self) -> Option<&str> {
        self.query.get("versionId")
    }

    /// If-Match and If-None-Match of PutObject and CompleteMultipartUpload.
    pub(super) fn check_replaced(&self, s3: &S3) -> Result<(), ApiError> {
        let present = s3.object(&self.bucket, &self.key, None);
        if let Some(tags) = self.header("if-match") {
            let present = present.ok_or_else(errors::no_such_key)?;
            if !names(tags, &present.etag) {
                return Err(errors::precondition_failed());
            }
        }
        match (self.header("if-none-match"), present) {
            (Some(tags), Some(present)) if names(tags, &present.etag) => {
                Err(errors::precondition_failed())
            }
            _ => Ok(()),
        }
    }

    /// If-Match and If-None-Match of GetObject and HeadObject.
    fn check_read(&self, object: &Object) -> Result<(), ApiError> {
        let wrong = |tags: &str| !names(tags, &object.etag);
        if self.header("if-match").is_some_and(wrong) {
            return Err(errors::precondition_failed());
        }
        match self.header("if-none-match") {
            Some(tags) if names(tags, &object.etag) => Err(errors::not_modified()),
            _ => Ok(()),
        }
    }

    pub(super) fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name)?.to_str().ok()
    }

    fn described(&self, version: &Version, object: &Object, whole: bool) -> HeaderMap {
        // A checksum is that of the whole object, and is told to who asks for it.
        let checksums = whole && self.header("x-amz-checksum-mode") == Some("ENABLED");
        let mut headers = HeaderMap::new();
        set(&mut headers, "content-type", "binary/octet-stream");
        for (name, value) in &object.headers {
            if checksums || !name.starts_with(CHECKSUM) {
                set(&mut headers, name, value);
            }
        }
        let modified = UNIX_EPOCH + version.modified.since_epoch();
        let modified = httpdate::fmt_http_date(modified);
        set(&mut headers, "last-modified", &modified);
        set(&mut headers, "etag", &format!("\"{}\"", object.etag));
        set(&mut headers, "accept-ranges", "bytes");
        headers
    }
}

/// Whether a list of entity tags names this one.
fn names(tags: &str, etag: &str) -> bool {
    tags.split(',')
        .map(|tag| tag.trim().trim_matches('"'))
        .any(|tag| tag == "*" || tag == etag)
}

/// The object that an upload is, if its checksums are right.
fn object(headers: HeaderMap, upload: Upload) -> Result<Object, ApiError> {
    let (headers, bytes) = upload.verified(headers)?;
    Ok(Object {
        etag: checksum::etag(&bytes),
        headers: kept(&headers),
        bytes,
    })
}

pub(super) fn kept(headers: &HeaderMap) -> BTreeMap<String, String> {
    let mut kept = BTreeMap::new();
    for (name, value) in headers {
        let name = name.as_str();
        let checksum = name
            .strip_prefix(CHECKSUM)
            .is_some_and(|kind| !matches!(kind, "algorithm" | "mode" | "type"));
        if !(checksum || name.starts_with("x-amz-meta-") || KEPT.contains(&name)) {
            continue;
        }
        if let Ok(value) = value.to_str() {
            kept.insert(name.to_owned(), value.to_owned());
        }
        if checksum {
            kept.insert("x-amz-checksum-type".into(), "FULL_OBJECT".into());
        }
    }
    // How the upload was framed is no property of the object.
    if let Some(encoding) = kept.remove(header::CONTENT_ENCODING.as_str()) {
        let encodings: Vec<&str> = encoding
            .split(',')
            .map(str::trim)
            .filter(|encoding| !matches!(*encoding, "" | "aws-chunked"))
            .collect();
        if !encodings.is_empty() {
            kept.insert(header::CONTENT_ENCODING.to_string(), encodings.join(","));
        }
    }
    kept
}

/// Sets a header, unless its value cannot be one.
pub(super) fn set(headers: &mut HeaderMap, name: &str, value: &str) {
    if let (Ok(name), Ok(value)) = (HeaderName::try_from(name), HeaderValue::try_from(value)) {
        headers.insert(name, value);
    }
}
