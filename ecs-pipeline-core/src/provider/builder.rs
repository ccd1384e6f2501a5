use std::fmt::Debug;

use async_trait::async_trait;

use super::Output;
use crate::error::ProviderError;
use crate::model::{BuildRequest, BuiltImage};

/// Makes an image from a build context.
#[async_trait]
pub trait ImageBuilder: Debug + Send + Sync {
    /// What this builder is, for people: `docker 28.2`, …
    fn describe(&self) -> String;

    /// Builds the image. Building the same request again is harmless.
    ///
    /// # Errors
    ///
    /// [`Unavailable`](crate::ErrorKind::Unavailable) when the builder itself is not there,
    /// [`Failed`](crate::ErrorKind::Failed) when the build ran and failed,
    /// [`Invalid`](crate::ErrorKind::Invalid) when the request cannot be built.
    async fn build(
        &self,
        request: &BuildRequest,
        output: &Output,
    ) -> Result<BuiltImage, ProviderError>;

    /// Finds an image that was built before, by the name in its [`BuildRequest`].
    ///
    /// # Errors
    ///
    /// [`NotFound`](crate::ErrorKind::NotFound) when there is none.
    async fn find(&self, name: &str) -> Result<BuiltImage, ProviderError>;
}
