//! The OCI registry behind the ECR API: what `docker push` and `docker pull` talk to.
//!
//! The distribution protocol is ferro-oci-server's; in front of it stands what makes a registry
//! ECR: tokens instead of users, repositories that must exist, and immutable tags. A request may
//! have up to 512 MiB, and docker pushes a layer in one.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::extract::{Request, State};
use axum::middleware::{Next, from_fn_with_state};
use axum::response::{IntoResponse, Response};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use bytes::Bytes;
use ferro_blob_store::{BlobStore as _, Digest, FsBlobStore};
use ferro_oci_server::{AppState, InMemoryRegistryMeta, Reference, RegistryMeta as _};
use http::{HeaderMap, Method, StatusCode, header};
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::access::Principal;
use crate::access::actions::of_docker;
use crate::shared::Shared;
use crate::world::{ApiError, Password, Service, Time};

/// AWS's bound for a manifest in PutImage; docker push meets it too.
const MAX_MANIFEST_BYTES: usize = 4 * 1024 * 1024;

/// A handle on the registry; clones share it. Layers are in a temporary directory, which goes
/// with the last handle.
#[derive(Clone)]
pub struct Registry {
    inner: Arc<Inner>,
}

struct Inner {
    shared: Shared,
    blobs: FsBlobStore,
    meta: Arc<InMemoryRegistryMeta>,
    server: Arc<AppState>,
    /// When each manifest was pushed, by repository and digest.
    pushed: Mutex<BTreeMap<(String, String), Time>>,
    _directory: TempDir,
}

impl std::fmt::Debug for Registry {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Registry").finish_non_exhaustive()
    }
}

/// A manifest in a repository.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Manifest {
    /// `sha256:…` of the bytes.
    pub digest: String,
    /// Its media type, as it was pushed.
    pub media_type: String,
    /// The manifest itself.
    pub bytes: Bytes,
}

/// An image as DescribeImages knows it.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Image {
    /// The manifest.
    pub manifest: Manifest,
    /// The tags that name it, in order.
    pub tags: Vec<String>,
    /// When it was pushed.
    pub pushed_at: Time,
    /// Bytes of its layers and configuration, compressed as they were pushed; for an index, of
    /// the manifests that it names.
    pub size: u64,
    /// The media type of its configuration.
    pub artifact_media_type: Option<String>,
}

impl Registry {
    /// An empty registry for the world's repositories.
    ///
    /// # Errors
    ///
    /// There can be no temporary directory.
    pub(crate) fn new(shared: Shared) -> std::io::Result<Self> {
        let directory = tempfile::Builder::new().prefix("ecs-pipeline-").tempdir()?;
        let blobs = FsBlobStore::new(directory.path()).map_err(std::io::Error::other)?;
        let meta = Arc::new(InMemoryRegistryMeta::new());
        let server = AppState::new(Arc::new(blobs.clone()), meta.clone());
        Ok(Self {
            inner: Arc::new(Inner {
                shared,
                blobs,
                meta,
                server,
                pushed: Mutex::default(),
                _directory: directory,
            }),
        })
    }

    /// Everything under `/v2/`.
    pub fn router(&self) -> Router {
        ferro_oci_server::router(self.inner.server.clone())
            .layer(from_fn_with_state(self.clone(), guard))
    }

    /// The manifest that a tag or digest names.
    pub async fn resolve(&self, repository: &str, reference: &str) -> Option<Manifest> {
        let reference: Reference = reference.parse().ok()?;
        let found = self.inner.meta.get_manifest(repository, &reference).await;
        let (digest, media_type, bytes) = found.ok()??;
        Some(Manifest {
            digest: digest.to_string(),
            media_type,
            bytes,
        })
    }

    /// A blob's bytes. Blobs are shared by all repositories.
    pub async fn blob(&self, digest: &str) -> Option<Bytes> {
        let digest: Digest = digest.parse().ok()?;
        self.inner.blobs.get(&digest).await.ok()
    }

    /// The size of a blob; `None` when it is not there.
    pub async fn blob_size(&self, digest: &str) -> Option<usize> {
        self.blob(digest).await.map(|bytes| bytes.len())
    }

    /// The configuration of an image (`architecture`, `os`, `config.Env`, `config.Cmd`, …). Of an
    /// index, that of its first image for Linux on this machine's architecture, or else of its
    /// first image.
    pub async fn config(&self, repository: &str, reference: &str) -> Option<Value> {
        let manifest = self.resolve(repository, reference).await?;
        let mut manifest: Value = serde_json::from_slice(&manifest.bytes).ok()?;
        if let Some(children) = manifest.get("manifests").and_then(Value::as_array) {
            let here = children.iter().find(|child| {
                child.pointer("/platform/os") == Some(&json!("linux"))
                    && child.pointer("/platform/architecture") == Some(&json!(architecture()))
            });
            let child = here.or_else(|| children.first())?.get("digest")?.as_str()?;
            let child = self.resolve(repository, child).await?;
            manifest = serde_json::from_slice(&child.bytes).ok()?;
        }
        let config = manifest.pointer("/config/digest")?.as_str()?;
        serde_json::from_slice(&self.blob(config).await?).ok()
    }

    /// The images of a repository, in the order in which they were pushed.
    pub async fn images(&self, repository: &str) -> Vec<Image> {
        let mut tags: BTreeMap<String, Vec<String>> = BTreeMap::new();
        let listed = self.inner.meta.list_tags(repository, None, None).await;
        for tag in listed.unwrap_or_default() {
            if let Some(manifest) = self.resolve(repository, &tag).await {
                tags.entry(manifest.digest).or_default().push(tag);
            }
        }
        let mut images = Vec::new();
        for (digest, pushed_at) in self.pushes(repository) {
            if let Some(manifest) = self.resolve(repository, &digest).await {
                let (size, artifact_media_type) = measure(&manifest.bytes);
                images.push(Image {
                    manifest,
                    tags: tags.remove(&digest).unwrap_or_default(),
                    pushed_at,
                    size,
                    artifact_media_type,
                });
            }
        }
        images.sort_by_key(|image| image.pushed_at);
        images
    }

    /// Removes a manifest with its tags. Says whether it was there.
    pub async fn delete_manifest(&self, repository: &str, digest: &str) -> bool {
        self.pushed()
            .remove(&(repository.to_owned(), digest.to_owned()));
        self.delete(repository, digest).await
    }

    /// Removes a tag, and the image with it when that was its last one, as ECR does. Says whether
    /// it was there.
    pub async fn delete_tag(&self, repository: &str, tag: &str) -> bool {
        let Some(Manifest {
            digest,
            media_type,
            bytes,
        }) = self.resolve(repository, tag).await
        else {
            return false;
        };
        let images = self.images(repository).await;
        let image = images
            .into_iter()
            .find(|image| image.manifest.digest == digest);
        let tags = image.map(|image| image.tags).unwrap_or_default();
        let others: Vec<String> = tags.into_iter().filter(|other| other != tag).collect();
        if others.is_empty() {
            return self.delete_manifest(repository, &digest).await;
        }
        // The distribution protocol cannot remove a tag alone: the manifest goes, and comes back
        // under its other tags.
        self.delete(repository, &digest).await;
        for other in others {
            self.put(repository, Some(&other), &media_type, bytes.clone())
                .await;
        }
        true
    }

    /// Stores a manifest as PutImage does. The caller has checked that it may.
    pub(crate) async fn put(
        &self,
        repository: &str,
        tag: Option<&str>,
        media_type: &str,
        bytes: Bytes,
    ) -> Option<String> {
        let digest = Digest::sha256_of(&bytes);
        let reference: Reference = match tag {
            Some(tag) => tag.parse().ok()?,
            None => Reference::Digest(digest.clone()),
        };
        let stored = self
            .inner
            .meta
            .put_manifest(repository, &reference, &digest, media_type, bytes)
            .await;
        stored.ok()?;
        self.note_push(repository, &digest.to_string());
        Some(digest.to_string())
    }

    /// Whether putting these bytes under a tag would move an immutable tag.
    pub(crate) async fn would_move(&self, repository: &str, tag: &str, bytes: &[u8]) -> bool {
        let digest = Digest::sha256_of(bytes).to_string();
        self.resolve(repository, tag)
            .await
            .is_some_and(|there| there.digest != digest)
    }

    async fn delete(&self, repository: &str, reference: &str) -> bool {
        let Ok(reference) = reference.parse::<Reference>() else {
            return false;
        };
        let deleted = self.inner.meta.delete_manifest(repository, &reference);
        deleted.await.unwrap_or(false)
    }

    fn note_push(&self, repository: &str, digest: &str) {
        let now = self.inner.shared.clock().now();
        self.pushed()
            .entry((repository.to_owned(), digest.to_owned()))
            .or_insert(now);
    }

    fn pushes(&self, repository: &str) -> Vec<(String, Time)> {
        self.pushed()
            .iter()
            .filter(|((of, _), _)| of == repository)
            .map(|((_, digest), at)| (digest.clone(), *at))
            .collect()
    }

    fn pushed(&self) -> std::sync::MutexGuard<'_, BTreeMap<(String, String), Time>> {
        // A panic elsewhere cannot leave the map half changed.
        self.inner
            .pushed
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }
}

/// The architecture of this machine in OCI's terms.
fn architecture() -> &'static str {
    match std::env::consts::ARCH {
        "x86_64" => "amd64",
        "aarch64" => "arm64",
        other => other,
    }
}

/// The size of what a manifest names, and the media type of its configuration.
fn measure(manifest: &[u8]) -> (u64, Option<String>) {
    let Ok(manifest) = serde_json::from_slice::<Value>(manifest) else {
        return (0, None);
    };
    let size_of = |descriptor: &Value| descriptor.get("size").and_then(Value::as_u64);
    let listed = ["layers", "manifests"]
        .into_iter()
        .filter_map(|list| manifest.get(list)?.as_array())
        .flatten();
    let config = manifest.get("config");
    let size = listed.chain(config).filter_map(size_of).sum();
    let media_type = config.and_then(|config| config.get("mediaType")?.as_str());
    (size, media_type.map(String::from))
}

/// What ECR does before the distribution protocol starts.
async fn guard(State(registry): State<Registry>, request: Request, next: Next) -> Response {
    let holder = match registry.token(request.headers()) {
        Password::Good(holder) => holder,
        Password::Expired => {
            let told = "Your authorization token has expired. Reauthenticate and try again.";
            return refuse(StatusCode::FORBIDDEN, "DENIED", told);
        }
        Password::Unknown => return registry.challenge(),
    };
    let path = request.uri().path().to_owned();
    let Some((repository, rest)) = split(&path) else {
        return next.run(request).await;
    };
    if let Err(error) = registry.permit(holder, request.method(), repository, rest) {
        return refuse(StatusCode::FORBIDDEN, "DENIED", &error.message);
    }
    let world = registry.inner.shared.lock().has_immutable_tags(repository);
    let immutable = match world {
        Ok(immutable) => immutable,
        Err(error) => return refuse(StatusCode::NOT_FOUND, "NAME_UNKNOWN", &error.message),
    };
    match rest.strip_prefix("manifests/") {
        Some(reference) if request.method() == Method::PUT => {
            registry
                .push_manifest(repository, reference, immutable, request, next)
                .await
        }
        Some(reference) if matches!(*request.method(), Method::GET | Method::HEAD) => {
            if registry.resolve(repository, reference).await.is_none() {
                // ECR's words for any manifest that is not there.
                return refuse(
                    StatusCode::NOT_FOUND,
                    "MANIFEST_UNKNOWN",
                    "Requested image not found",
                );
            }
            next.run(request).await
        }
        Some(digest) if request.method() == Method::DELETE => {
            let pushed = (repository.to_owned(), digest.to_owned());
            let answer = next.run(request).await;
            if answer.status().is_success() {
                registry.pushed().remove(&pushed);
            }
            answer
        }
        _ => next.run(request).await,
    }
}

impl Registry {
    /// What the token is worth that a client brings.
    fn token(&self, headers: &HeaderMap) -> Password {
        let now = self.inner.shared.clock().now();
        let worth = password(headers)
            .map(|password| self.inner.shared.lock().registry_password(now, &password));
        worth.unwrap_or(Password::Unknown)
    }

    /// Whether the token's holder may do with the repository what the request asks for.
    fn permit(
        &self,
        holder: Principal,
        method: &Method,
        repository: &str,
        rest: &str,
    ) -> Result<(), ApiError> {
        let shared = &self.inner.shared;
        let needed = of_docker(shared.lock().place(), method, repository, rest);
        let needed = needed.into_iter().collect();
        let operation = format!("Registry.{method}");
        shared.permit(holder, Some(Service::Ecr), &operation, needed)
    }

    fn challenge(&self) -> Response {
        let mut refusal = refuse(
            StatusCode::UNAUTHORIZED,
            "UNAUTHORIZED",
            "Not Authorized: a user AWS with the password of GetAuthorizationToken is needed",
        );
        let url = self.inner.shared.lock().place().registry_url();
        let challenge = format!("Basic realm=\"{url}/\",service=\"ecr.amazonaws.com\"");
        if let Ok(challenge) = challenge.parse() {
            refusal
                .headers_mut()
                .insert(header::WWW_AUTHENTICATE, challenge);
        }
        refusal
    }

    async fn push_manifest(
        &self,
        repository: &str,
        reference: &str,
        immutable: bool,
        request: Request,
        next: Next,
    ) -> Response {
        let (parts, body) = request.into_parts();
        let Ok(bytes) = to_bytes(body, MAX_MANIFEST_BYTES).await else {
            return refuse(
                StatusCode::BAD_REQUEST,
                "MANIFEST_INVALID",
                "a manifest has at most 4 MiB",
            );
        };
        if immutable && self.would_move(repository, reference, &bytes).await {
            return refuse(
                StatusCode::BAD_REQUEST,
                "TAG_INVALID",
                &tag_is_immutable(repository, reference),
            );
        }
        let request = Request::from_parts(parts, Body::from(bytes));
        let answer = next.run(request).await;
        let digest = answer
            .headers()
            .get("docker-content-digest")
            .and_then(|digest| digest.to_str().ok());
        if let Some(digest) = digest.filter(|_| answer.status().is_success()) {
            self.note_push(repository, digest);
        }
        answer
    }
}

/// ECR's words, which PutImage uses as well.
pub(crate) fn tag_is_immutable(repository: &str, tag: &str) -> String {
    format!(
        "The image tag '{tag}' already exists in the '{repository}' repository and cannot be \
         overwritten because the repository is immutable."
    )
}

/// The password of `Authorization: Basic` for the user AWS.
fn password(headers: &HeaderMap) -> Option<String> {
    let header = headers.get(header::AUTHORIZATION)?.to_str().ok()?;
    let (scheme, encoded) = header.split_once(' ')?;
    if !scheme.eq_ignore_ascii_case("basic") {
        return None;
    }
    let decoded = String::from_utf8(BASE64.decode(encoded.trim()).ok()?).ok()?;
    decoded.strip_prefix("AWS:").map(String::from)
}

/// Repository and rest of a path of the distribution protocol; `None` for `/v2/` itself and for
/// the catalogue.
fn split(path: &str) -> Option<(&str, &str)> {
    let path = path.strip_prefix("/v2/")?;
    ["/manifests/", "/blobs/", "/tags/", "/referrers/"]
        .into_iter()
        .filter_map(|keyword| path.rfind(keyword))
        // What follows the last of them has no room for another; a repository's name has.
        .max()
        .and_then(|at| Some((path.get(..at)?, path.get(at + 1..)?)))
}

/// An error in the distribution protocol's form.
fn refuse(status: StatusCode, code: &str, message: &str) -> Response {
    let body = json!({ "errors": [{ "code": code, "message": message }] });
    (
        status,
        [
            (header::CONTENT_TYPE.as_str(), "application/json"),
            ("docker-distribution-api-version", "registry/2.0"),
        ],
        body.to_string(),
    )
        .into_response()
}

#[cfg(test)]
mod tests {
    use super::split;

    #[test]
    fn paths_name_their_repository() {
        let table = [
            ("/v2/", None),
            ("/v2/_catalog", None),
            ("/v2/app/manifests/v1", Some(("app", "manifests/v1"))),
            ("/v2/a/b/blobs/uploads/1", Some(("a/b", "blobs/uploads/1"))),
            (
                "/v2/a/blobs/manifests/v1",
                Some(("a/blobs", "manifests/v1")),
            ),
            ("/v2/app/tags/list", Some(("app", "tags/list"))),
            (
                "/v2/app/referrers/sha256:0",
                Some(("app", "referrers/sha256:0")),
            ),
        ];
        for (path, expected) in table {
            assert_eq!(split(path), expected, "{path}");
        }
    }
}
