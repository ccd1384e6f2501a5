//! ECR's operations on images, which need the registry; all others are the world's.

use serde_json::{Map, Value, json};

use crate::access::Principal;
use crate::registry::{Image, Registry, tag_is_immutable};
use crate::shared::Shared;
use crate::world::{ApiError, Service};

/// Answers an operation of ECR.
pub(super) async fn call(
    shared: &Shared,
    registry: &Registry,
    principal: Principal,
    operation: &str,
    input: Value,
) -> Result<Value, ApiError> {
    let images = |input: &Value| Images::of(shared, registry, input);
    match operation {
        "DescribeImages" => images(&input)?.describe(&input).await,
        "ListImages" => images(&input)?.list(&input).await,
        "BatchGetImage" => images(&input)?.batch_get(&input).await,
        "BatchDeleteImage" => images(&input)?.batch_delete(&input).await,
        "BatchCheckLayerAvailability" => images(&input)?.check_layers(&input).await,
        "PutImage" => images(&input)?.put(&input).await,
        "GetDownloadUrlForLayer" => images(&input)?.download_url(&input).await,
        "DeleteRepository" => {
            images(&input)?.make_way(&input).await?;
            shared.call(Service::Ecr, operation, input)
        }
        _ => shared.call_as(principal, Service::Ecr, operation, input),
    }
}

/// The images of one repository that exists.
struct Images<'a> {
    registry: &'a Registry,
    repository: String,
    immutable: bool,
    account: String,
    endpoint: String,
}

/// An image as a request names it.
struct Named {
    digest: Option<String>,
    tag: Option<String>,
}

impl Named {
    fn read(id: &Value) -> Self {
        Self {
            digest: text(id, "imageDigest").map(String::from),
            tag: text(id, "imageTag").map(String::from),
        }
    }

    fn means(&self, image: &Image) -> bool {
        let by_digest = self
            .digest
            .as_ref()
            .is_none_or(|digest| image.manifest.digest == *digest);
        let by_tag = self.tag.as_ref().is_none_or(|tag| image.tags.contains(tag));
        by_digest && by_tag && (self.digest.is_some() || self.tag.is_some())
    }

    fn id(&self) -> Value {
        let mut id = Map::new();
        if let Some(digest) = &self.digest {
            id.insert("imageDigest".into(), digest.as_str().into());
        }
        if let Some(tag) = &self.tag {
            id.insert("imageTag".into(), tag.as_str().into());
        }
        Value::Object(id)
    }

    fn failure(&self) -> Value {
        let (code, reason) = if self.digest.is_none() && self.tag.is_none() {
            (
                "MissingDigestAndTag",
                "Invalid request parameters: both tag and digest cannot be null",
            )
        } else {
            ("ImageNotFound", "Requested image not found")
        };
        json!({ "imageId": self.id(), "failureCode": code, "failureReason": reason })
    }
}

fn ids(input: &Value) -> Vec<Named> {
    list(input, "imageIds").iter().map(Named::read).collect()
}

impl<'a> Images<'a> {
    fn of(shared: &Shared, registry: &'a Registry, input: &Value) -> Result<Self, ApiError> {
        let repository = text(input, "repositoryName").unwrap_or_default().to_owned();
        let world = shared.lock();
        let immutable = world.has_immutable_tags(&repository)?;
        let place = world.place();
        Ok(Self {
            registry,
            repository,
            immutable,
            account: place.account.clone(),
            endpoint: place.registry_url(),
        })
    }

    async fn all(&self) -> Vec<Image> {
        self.registry.images(&self.repository).await
    }

    async fn describe(&self, input: &Value) -> Result<Value, ApiError> {
        let wanted = ids(input);
        let all = self.all().await;
        for named in &wanted {
            if !all.iter().any(|image| named.means(image)) {
                return Err(self.not_found(named));
            }
        }
        let details: Vec<Value> = all
            .iter()
            .filter(|image| passes(image, input))
            .filter(|image| wanted.is_empty() || wanted.iter().any(|named| named.means(image)))
            .map(|image| self.described(image))
            .collect();
        Ok(json!({ "imageDetails": details }))
    }

    fn described(&self, image: &Image) -> Value {
        let mut told = json!({
            "registryId": self.account,
            "repositoryName": self.repository,
            "imageDigest": image.manifest.digest,
            "imageSizeInBytes": image.size,
            "imagePushedAt": image.pushed_at.epoch_seconds(),
            "imageManifestMediaType": image.manifest.media_type,
        });
        if let Some(members) = told.as_object_mut() {
            if !image.tags.is_empty() {
                members.insert("imageTags".into(), json!(image.tags));
            }
            if let Some(media_type) = &image.artifact_media_type {
                members.insert("artifactMediaType".into(), media_type.as_str().into());
            }
        }
        told
    }

    async fn list(&self, input: &Value) -> Result<Value, ApiError> {
        let mut ids = Vec::new();
        for image in self.all().await.iter().filter(|image| passes(image, input)) {
            let digest = &image.manifest.digest;
            if image.tags.is_empty() {
                ids.push(json!({ "imageDigest": digest }));
            }
            ids.extend(
                image
                    .tags
                    .iter()
                    .map(|tag| json!({ "imageDigest": digest, "imageTag": tag })),
            );
        }
        Ok(json!({ "imageIds": ids }))
    }

    async fn batch_get(&self, input: &Value) -> Result<Value, ApiError> {
        let all = self.all().await;
        let (mut images, mut failures) = (Vec::new(), Vec::new());
        for named in ids(input) {
            let Some(image) = all.iter().find(|image| named.means(image)) else {
                failures.push(named.failure());
                continue;
            };
            let found = Named {
                digest: Some(image.manifest.digest.clone()),
                tag: named.tag,
            };
            images.push(json!({
                "registryId": self.account,
                "repositoryName": self.repository,
                "imageId": found.id(),
                "imageManifest": String::from_utf8_lossy(&image.manifest.bytes),
                "imageManifestMediaType": image.manifest.media_type,
            }));
        }
        Ok(json!({ "images": images, "failures": failures }))
    }

    async fn batch_delete(&self, input: &Value) -> Result<Value, ApiError> {
        let (mut gone, mut failures) = (Vec::new(), Vec::new());
        for named in ids(input) {
            let all = self.all().await;
            let Some(image) = all.iter().find(|image| named.means(image)) else {
                failures.push(named.failure());
                continue;
            };
            let digest = &image.manifest.digest;
            match &named.tag {
                Some(tag) => {
                    self.registry.delete_tag(&self.repository, tag).await;
                    gone.push(json!({ "imageDigest": digest, "imageTag": tag }));
                }
                None => {
                    self.registry
                        .delete_manifest(&self.repository, digest)
                        .await;
                    gone.push(json!({ "imageDigest": digest }));
                }
            }
        }
        Ok(json!({ "imageIds": gone, "failures": failures }))
    }

    async fn check_layers(&self, input: &Value) -> Result<Value, ApiError> {
        let mut layers = Vec::new();
        for digest in list(input, "layerDigests").iter().filter_map(Value::as_str) {
            layers.push(match self.registry.blob_size(digest).await {
                Some(size) => json!({
                    "layerDigest": digest, "layerAvailability": "AVAILABLE", "layerSize": size,
                }),
                None => json!({ "layerDigest": digest, "layerAvailability": "UNAVAILABLE" }),
            });
        }
        Ok(json!({ "layers": layers, "failures": [] }))
    }

    async fn download_url(&self, input: &Value) -> Result<Value, ApiError> {
        let digest = text(input, "layerDigest").unwrap_or_default();
        if self.registry.blob_size(digest).await.is_none() {
            return Err(ApiError::client(
                "LayersNotFoundException",
                format!(
                    "The layer with digest '{digest}' does not exist in the repository with name \
                     '{}' in the registry with id '{}'",
                    self.repository, self.account
                ),
            ));
        }
        let url = format!("{}/_sandbox/blobs/{digest}", self.endpoint);
        Ok(json!({ "downloadUrl": url, "layerDigest": digest }))
    }

    /// Puts a manifest whose layers are there already.
    async fn put(&self, input: &Value) -> Result<Value, ApiError> {
        let manifest = text(input, "imageManifest").unwrap_or_default();
        let parsed: Value = serde_json::from_str(manifest).map_err(|error| {
            ApiError::client(
                "InvalidParameterException",
                format!("Invalid parameter at 'ImageManifest' failed to satisfy constraint: 'Invalid JSON syntax': {error}"),
            )
        })?;
        let media_type = text(input, "imageManifestMediaType")
            .or_else(|| text(&parsed, "mediaType"))
            .unwrap_or("application/vnd.docker.distribution.manifest.v2+json");
        self.check_parts(&parsed).await?;
        let tag = text(input, "imageTag");
        let bytes = bytes::Bytes::copy_from_slice(manifest.as_bytes());
        if let Some(tag) = tag {
            let there = self.registry.resolve(&self.repository, tag).await;
            if there.is_some_and(|there| there.bytes == bytes) {
                return Err(ApiError::client(
                    "ImageAlreadyExistsException",
                    format!(
                        "Image with digest and tag '{tag}' already exists in the repository with \
                         name '{}' in registry with id '{}'",
                        self.repository, self.account
                    ),
                ));
            }
            if self.immutable
                && self
                    .registry
                    .would_move(&self.repository, tag, &bytes)
                    .await
            {
                return Err(ApiError::client(
                    "ImageTagAlreadyExistsException",
                    tag_is_immutable(&self.repository, tag),
                ));
            }
        }
        let digest = self
            .registry
            .put(&self.repository, tag, media_type, bytes)
            .await
            .ok_or_else(|| {
                ApiError::client("InvalidParameterException", "the image cannot be stored")
            })?;
        let id = Named {
            digest: Some(digest),
            tag: tag.map(String::from),
        };
        Ok(json!({ "image": {
            "registryId": self.account,
            "repositoryName": self.repository,
            "imageId": id.id(),
            "imageManifest": manifest,
            "imageManifestMediaType": media_type,
        } }))
    }

    /// Whether everything that a manifest names is there.
    async fn check_parts(&self, manifest: &Value) -> Result<(), ApiError> {
        let digest_of = |part: &Value| text(part, "digest").map(String::from);
        let config = manifest.get("config");
        for digest in list(manifest, "layers")
            .iter()
            .chain(config)
            .filter_map(digest_of)
        {
            if self.registry.blob_size(&digest).await.is_none() {
                return Err(ApiError::client(
                    "LayersNotFoundException",
                    format!(
                        "Layers with digests '[{digest}]' required for pushing image into \
                         repository with name '{}' in the registry with id '{}' do not exist",
                        self.repository, self.account
                    ),
                ));
            }
        }
        for digest in list(manifest, "manifests").iter().filter_map(digest_of) {
            if self
                .registry
                .resolve(&self.repository, &digest)
                .await
                .is_none()
            {
                return Err(ApiError::client(
                    "ReferencedImagesNotFoundException",
                    format!(
                        "Images with digests '[{digest}]' required for pushing image into \
                         repository with name '{}' in the registry with id '{}' do not exist",
                        self.repository, self.account
                    ),
                ));
            }
        }
        Ok(())
    }

    /// DeleteRepository: images must go first, or `force` must be set.
    async fn make_way(&self, input: &Value) -> Result<(), ApiError> {
        let images = self.all().await;
        let forced = input.get("force").and_then(Value::as_bool) == Some(true);
        if !images.is_empty() && !forced {
            return Err(ApiError::client(
                "RepositoryNotEmptyException",
                format!(
                    "The repository with name '{}' in registry with id '{}' cannot be deleted \
                     because it still contains images",
                    self.repository, self.account
                ),
            ));
        }
        for image in images {
            self.registry
                .delete_manifest(&self.repository, &image.manifest.digest)
                .await;
        }
        Ok(())
    }

    fn not_found(&self, named: &Named) -> ApiError {
        let or_null = |text: &Option<String>| text.clone().unwrap_or_else(|| "null".into());
        ApiError::client(
            "ImageNotFoundException",
            format!(
                "The image with imageId {{imageDigest:'{}', imageTag:'{}'}} does not exist within \
                 the repository with name '{}' in the registry with id '{}'",
                or_null(&named.digest),
                or_null(&named.tag),
                self.repository,
                self.account
            ),
        )
    }
}

/// `filter.tagStatus`.
fn passes(image: &Image, input: &Value) -> bool {
    match input.pointer("/filter/tagStatus").and_then(Value::as_str) {
        Some("TAGGED") => !image.tags.is_empty(),
        Some("UNTAGGED") => image.tags.is_empty(),
        _ => true,
    }
}

fn text<'a>(input: &'a Value, name: &str) -> Option<&'a str> {
    input.get(name).and_then(Value::as_str)
}

fn list<'a>(input: &'a Value, name: &str) -> &'a [Value] {
    input
        .get(name)
        .and_then(Value::as_array)
        .map_or(&[], Vec::as_slice)
}
