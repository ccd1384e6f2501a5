//! Amazon S3, as far as a deployment's revision needs it.

use aws_sdk_s3::primitives::ByteStream;

use super::{AwsConfig, Errors};
use crate::error::{ErrorKind, ProviderError};

/// Writes and reads small objects.
#[derive(Debug, Clone)]
pub struct Objects {
    client: aws_sdk_s3::Client,
    errors: Errors,
}

/// What S3 said of an object that was written.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Stored {
    /// Its version, where the bucket keeps versions.
    pub version: Option<String>,
    /// Its entity tag, without quotes.
    pub e_tag: Option<String>,
}

impl Objects {
    /// Objects in the configuration's region. Where an endpoint takes AWS's place, buckets are
    /// named in the path: a name like `BUCKET.127.0.0.1` leads nowhere.
    #[must_use]
    pub fn new(config: &AwsConfig) -> Self {
        let own = aws_sdk_s3::config::Builder::from(config.sdk())
            .force_path_style(config.endpoint_url().is_some())
            .build();
        Self {
            client: aws_sdk_s3::Client::from_conf(own),
            errors: config.errors(),
        }
    }

    /// Writes a JSON text, over what may be there.
    ///
    /// # Errors
    ///
    /// [`NotFound`](ErrorKind::NotFound) when there is no such bucket, and whatever keeps the
    /// object from being written.
    pub async fn put(
        &self,
        bucket: &str,
        key: &str,
        content: String,
    ) -> Result<Stored, ProviderError> {
        self.put_bytes(bucket, key, "application/json", content.into_bytes())
            .await
    }

    /// Writes an object of this media type, over what may be there.
    ///
    /// # Errors
    ///
    /// As [`put`](Self::put).
    pub async fn put_bytes(
        &self,
        bucket: &str,
        key: &str,
        media_type: &str,
        content: Vec<u8>,
    ) -> Result<Stored, ProviderError> {
        let answer = self
            .client
            .put_object()
            .bucket(bucket)
            .key(key)
            .content_type(media_type)
            .body(ByteStream::from(content))
            .send()
            .await
            .map_err(|error| {
                self.errors
                    .map("s3:PutObject", format!("s3://{bucket}/{key}"), error)
            })?;
        Ok(Stored {
            version: answer.version_id,
            e_tag: answer.e_tag.map(|tag| tag.trim_matches('"').to_owned()),
        })
    }

    /// Reads a text.
    ///
    /// # Errors
    ///
    /// [`NotFound`](ErrorKind::NotFound) when there is no such object, and
    /// [`Invalid`](ErrorKind::Invalid) when it is no UTF-8 text.
    pub async fn get(&self, bucket: &str, key: &str) -> Result<String, ProviderError> {
        const OPERATION: &str = "s3:GetObject";
        let target = format!("s3://{bucket}/{key}");
        let answer = self
            .client
            .get_object()
            .bucket(bucket)
            .key(key)
            .send()
            .await
            .map_err(|error| self.errors.map(OPERATION, target.as_str(), error))?;
        let bytes = answer.body.collect().await.map_err(|error| {
            ProviderError::new(
                ErrorKind::Unavailable,
                OPERATION,
                target.as_str(),
                "the object broke off while it was read",
            )
            .with_source(error)
        })?;
        String::from_utf8(bytes.to_vec()).map_err(|error| {
            ProviderError::new(
                ErrorKind::Invalid,
                OPERATION,
                target,
                "the object is no UTF-8 text",
            )
            .with_source(error)
        })
    }
}
