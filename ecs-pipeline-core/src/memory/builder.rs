use std::collections::BTreeMap;
use std::sync::Mutex;

use async_trait::async_trait;

use super::{digest, lock};
use crate::error::{ErrorKind, ProviderError};
use crate::model::{BuildRequest, BuiltImage, Platform};
use crate::provider::{ImageBuilder, Output};

/// Pretends to build: it reads no context and runs no tool. The same request always gives the
/// same image id.
#[derive(Debug, Default)]
pub struct MemoryBuilder {
    built: Mutex<BTreeMap<String, BuiltImage>>,
    failure: Option<String>,
}

impl MemoryBuilder {
    /// A builder whose builds succeed.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// A builder whose every build writes `last_line` and fails.
    pub fn failing(last_line: impl Into<String>) -> Self {
        Self {
            failure: Some(last_line.into()),
            ..Self::default()
        }
    }
}

#[async_trait]
impl ImageBuilder for MemoryBuilder {
    fn describe(&self) -> String {
        "a simulated builder".to_owned()
    }

    async fn build(
        &self,
        request: &BuildRequest,
        output: &Output,
    ) -> Result<BuiltImage, ProviderError> {
        let failed = |kind, message: &str| {
            Err(ProviderError::new(
                kind,
                "simulated build",
                &request.name,
                message,
            ))
        };
        if request.name.is_empty() {
            return failed(ErrorKind::Invalid, "the image has no name");
        }
        output.line(format!("simulating a build of {}", request.name));
        if let Some(last_line) = &self.failure {
            output.line(last_line);
            return failed(ErrorKind::Failed, last_line);
        }
        let platform = request
            .platform
            .clone()
            .unwrap_or_else(|| Platform::new("linux", "amd64"));
        let content = (
            &request.context,
            &request.dockerfile,
            &request.target,
            &request.args,
            &platform,
        );
        let image = BuiltImage {
            name: request.name.clone(),
            id: digest::simulated(&format!("{content:?}"))?,
            platform,
        };
        let names = std::iter::once(&request.name).chain(&request.extra_names);
        lock(&self.built).extend(names.map(|name| (name.clone(), image.clone())));
        Ok(image)
    }

    async fn find(&self, name: &str) -> Result<BuiltImage, ProviderError> {
        lock(&self.built).get(name).cloned().ok_or_else(|| {
            ProviderError::new(
                ErrorKind::NotFound,
                "simulated build",
                name,
                "no such image was built",
            )
        })
    }
}
