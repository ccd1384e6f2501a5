use std::collections::BTreeMap;
use std::sync::Mutex;

use async_trait::async_trait;

use super::{digest, lock};
use crate::error::{ErrorKind, ProviderError};
use crate::model::{BuiltImage, Digest, ImageRef, Platform, PublishRequest, PublishedImage};
use crate::provider::{Output, Registry};

/// The host in the names of a simulated registry's images. `.invalid` never resolves (RFC 2606).
const HOST: &str = "registry.invalid";

/// Remembers which image was published under which tag; no image goes anywhere.
#[derive(Debug, Default)]
pub struct MemoryRegistry {
    repositories: Mutex<BTreeMap<String, Repository>>,
    create_missing: bool,
    immutable_tags: bool,
}

#[derive(Debug, Default)]
struct Repository {
    images: BTreeMap<Digest, Platform>,
    tags: BTreeMap<String, Digest>,
}

impl MemoryRegistry {
    /// A registry without repositories.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds an empty repository.
    #[must_use]
    pub fn with_repository(self, name: impl Into<String>) -> Self {
        lock(&self.repositories).insert(name.into(), Repository::default());
        self
    }

    /// Creates repositories when an image is published into one that is missing.
    #[must_use]
    pub fn create_missing(mut self) -> Self {
        self.create_missing = true;
        self
    }

    /// Refuses to move a tag to another image, as ECR does with `IMMUTABLE` tags.
    #[must_use]
    pub fn immutable_tags(mut self) -> Self {
        self.immutable_tags = true;
        self
    }
}

#[async_trait]
impl Registry for MemoryRegistry {
    async fn publish(
        &self,
        image: &BuiltImage,
        request: &PublishRequest,
        output: &Output,
    ) -> Result<PublishedImage, ProviderError> {
        let target = &request.repository;
        if request.tags.is_empty() {
            return Err(refused(ErrorKind::Invalid, target, "no tag is given"));
        }
        let name = named(target)?;
        for tag in &request.tags {
            let tagged = format!("{name}:{tag}");
            let read: Result<ImageRef, _> = tagged.parse();
            read.map_err(|error| refused(ErrorKind::Invalid, target, &error.to_string()))?;
        }
        let manifest = digest::simulated(&format!("manifest of {}", image.id))?;

        let mut repositories = lock(&self.repositories);
        if self.create_missing {
            repositories.entry(target.clone()).or_default();
        }
        let repository = repositories
            .get_mut(target)
            .ok_or_else(|| refused(ErrorKind::NotFound, target, "no such repository"))?;
        if self.immutable_tags {
            repository.refuse_moved_tags(request, &manifest)?;
        }
        let already_there = repository
            .images
            .insert(manifest.clone(), image.platform.clone())
            .is_some();
        for tag in &request.tags {
            output.line(format!("simulating a push of {name}:{tag}"));
            repository.tags.insert(tag.clone(), manifest.clone());
        }
        Ok(PublishedImage {
            image: name.with_digest(manifest.clone()),
            digest: manifest,
            tags: request.tags.clone(),
            platforms: vec![image.platform.clone()],
            already_there,
        })
    }

    async fn resolve(
        &self,
        repository: &str,
        reference: &str,
    ) -> Result<PublishedImage, ProviderError> {
        let repositories = lock(&self.repositories);
        let missing = || {
            let target = format!("{repository}:{reference}");
            refused(ErrorKind::NotFound, &target, "no such image")
        };
        let images = repositories.get(repository).ok_or_else(missing)?;
        let digest = match reference.parse() {
            Ok(digest) => digest,
            Err(_) => images.tags.get(reference).ok_or_else(missing)?.clone(),
        };
        let platform = images.images.get(&digest).ok_or_else(missing)?;
        Ok(PublishedImage {
            image: named(repository)?.with_digest(digest.clone()),
            digest,
            tags: Vec::new(),
            platforms: vec![platform.clone()],
            already_there: true,
        })
    }
}

impl Repository {
    fn refuse_moved_tags(
        &self,
        request: &PublishRequest,
        digest: &Digest,
    ) -> Result<(), ProviderError> {
        let moved = request
            .tags
            .iter()
            .find(|tag| self.tags.get(*tag).is_some_and(|there| there != digest));
        match moved {
            Some(tag) => Err(refused(
                ErrorKind::Conflict,
                &format!("{}:{tag}", request.repository),
                "the tag is immutable and names another image",
            )),
            None => Ok(()),
        }
    }
}

fn named(repository: &str) -> Result<ImageRef, ProviderError> {
    format!("{HOST}/{repository}")
        .parse()
        .map_err(|error: crate::model::InvalidName| {
            refused(ErrorKind::Invalid, repository, &error.to_string())
        })
}

fn refused(kind: ErrorKind, target: &str, message: &str) -> ProviderError {
    ProviderError::new(kind, "simulated registry", target, message)
}
