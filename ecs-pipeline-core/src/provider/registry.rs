use std::fmt::Debug;

use async_trait::async_trait;

use super::Output;
use crate::error::ProviderError;
use crate::model::{BuiltImage, PublishRequest, PublishedImage};

/// Takes images and tells what it has.
#[async_trait]
pub trait Registry: Debug + Send + Sync {
    /// Puts a built image into a repository, under every tag of the request, and reads the
    /// digest back from the registry. Publishing the same image again changes nothing.
    ///
    /// # Errors
    ///
    /// [`NotFound`](crate::ErrorKind::NotFound) when the repository does not exist and is not to
    /// be created, [`Conflict`](crate::ErrorKind::Conflict) when a tag is immutable and names
    /// another image, [`Failed`](crate::ErrorKind::Failed) when the push broke.
    async fn publish(
        &self,
        image: &BuiltImage,
        request: &PublishRequest,
        output: &Output,
    ) -> Result<PublishedImage, ProviderError>;

    /// The image that `reference` (a tag, or a digest) names now in `repository`.
    ///
    /// # Errors
    ///
    /// [`NotFound`](crate::ErrorKind::NotFound) when there is no such repository or image.
    async fn resolve(
        &self,
        repository: &str,
        reference: &str,
    ) -> Result<PublishedImage, ProviderError>;
}
