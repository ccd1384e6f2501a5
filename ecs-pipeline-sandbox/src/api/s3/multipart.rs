//! Operations on multipart uploads.

use axum::body::Body;
use axum::response::{IntoResponse, Response};
use http::{HeaderMap, StatusCode};
use serde_json::json;

use crate::shared::Shared;
use crate::world::ApiError;
use crate::world::s3::{MOST_PARTS, Part};

use super::body::MOST_BYTES;
use super::objects::{kept, set};
use super::{Call, answer, body, checksum, document, errors};

impl Call {
    pub(super) fn create_upload(&self, shared: &Shared) -> Result<Response, ApiError> {
        let headers = kept(&self.headers);
        let id = shared.s3(|s3, _| s3.create_upload(&self.bucket, &self.key, headers))?;
        let content = json!({ "Bucket": self.bucket, "Key": self.key, "UploadId": id });
        Ok(answer::document("InitiateMultipartUploadResult", &content))
    }

    pub(super) async fn upload_part(
        &self,
        shared: &Shared,
        sent: Body,
    ) -> Result<Response, ApiError> {
        let number = self.query.get("partNumber").unwrap_or_default();
        let number = number.parse().ok();
        let number = number
            .filter(|number| (1..=MOST_PARTS).contains(number))
            .ok_or_else(|| {
                errors::invalid_argument(format!(
                    "Part number must be an integer between 1 and {MOST_PARTS}, inclusive"
                ))
            })?;
        let upload = body::read(&self.headers, sent).await?;
        let headers = self.headers.clone();
        let part = tokio::task::spawn_blocking(move || {
            let (_, bytes) = upload.verified(headers)?;
            Ok::<_, ApiError>(Part {
                md5: checksum::md5(&bytes),
                bytes,
            })
        })
        .await
        .map_err(|_| errors::internal())??;
        let mut answer = HeaderMap::new();
        set(&mut answer, "etag", &format!("\"{}\"", part.etag()));
        shared.s3(|s3, _| s3.put_part(self.upload(), number, part))?;
        Ok(answer.into_response())
    }

    pub(super) async fn complete_upload(
        &self,
        shared: &Shared,
        sent: Body,
    ) -> Result<Response, ApiError> {
        let sent = body::read(&self.headers, sent).await?;
        let parts = document::parts(&sent.bytes)?;
        let (etag, version) = shared.s3(|s3, now| {
            self.check_replaced(s3)?;
            s3.complete_upload(now, self.upload(), &parts, MOST_BYTES)
        })?;
        let content = json!({
            "Bucket": self.bucket, "Key": self.key, "ETag": format!("\"{etag}\""),
        });
        let mut response = answer::document("CompleteMultipartUploadResult", &content);
        if let Some(version) = version {
            set(response.headers_mut(), "x-amz-version-id", &version);
        }
        Ok(response)
    }

    pub(super) fn abort_upload(&self, shared: &Shared) -> Result<Response, ApiError> {
        let (bucket, key, id) = self.upload();
        shared.s3(|s3, _| s3.abort_upload(bucket, key, id))?;
        Ok(StatusCode::NO_CONTENT.into_response())
    }

    fn upload(&self) -> (&str, &str, &str) {
        let id = self.query.get("uploadId").unwrap_or_default();
        (&self.bucket, &self.key, id)
    }
}
