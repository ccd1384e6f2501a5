//! The sandbox's registry as runners see it.

use std::collections::BTreeMap;

use axum::Router;
use axum::body::Body;
use base64::Engine;
use http::header::{ACCEPT, AUTHORIZATION};
use http::{Method, Request, StatusCode};
use http_body_util::BodyExt;
use serde_json::Value;
use tower::ServiceExt;

/// Every kind of manifest that a container runtime accepts.
const MANIFESTS: &str = "application/vnd.oci.image.index.v1+json, \
     application/vnd.oci.image.manifest.v1+json, \
     application/vnd.docker.distribution.manifest.list.v2+json, \
     application/vnd.docker.distribution.manifest.v2+json";

/// The images in the sandbox's registry.
#[derive(Debug, Clone)]
pub(crate) struct Images {
    /// `host:port`, as image references name it.
    host: String,
    registry: Router,
}

/// Why an image cannot be had.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub(crate) struct NoImage(String);

impl Images {
    pub(crate) fn new(host: String, registry: Router) -> Self {
        Self { host, registry }
    }

    pub(crate) fn host(&self) -> &str {
        &self.host
    }

    /// Repository, and tag or digest, of an image in this registry; `None` for one elsewhere.
    pub(crate) fn ours<'i>(&self, image: &'i str) -> Option<(&'i str, &'i str)> {
        let rest = image.strip_prefix(&self.host)?.strip_prefix('/')?;
        Some(split_reference(rest))
    }

    /// The environment that an image of this registry sets; empty for one elsewhere.
    pub(crate) async fn environment(
        &self,
        image: &str,
    ) -> Result<BTreeMap<String, String>, NoImage> {
        let Some((repository, reference)) = self.ours(image) else {
            return Ok(BTreeMap::new());
        };
        let mut manifest = self.manifest(image, repository, reference).await?;
        // An index: any platform's image will do, as nothing of it is executed.
        if let Some(digest) = manifest
            .pointer("/manifests/0/digest")
            .and_then(Value::as_str)
        {
            let digest = digest.to_owned();
            manifest = self.manifest(image, repository, &digest).await?;
        }
        let digest = manifest
            .pointer("/config/digest")
            .and_then(Value::as_str)
            .ok_or_else(|| NoImage(format!("{image}: its manifest names no config")))?;
        let config = self
            .get(&format!("/v2/{repository}/blobs/{digest}"))
            .await
            .ok_or_else(|| NoImage(format!("{image}: config {digest} not found")))?;
        Ok(environment_of(&config))
    }

    /// Whether the registry has this image of its own; images elsewhere are not asked for.
    pub(crate) async fn exists(&self, image: &str) -> Result<(), NoImage> {
        match self.ours(image) {
            None => Ok(()),
            Some((repository, reference)) => self
                .manifest(image, repository, reference)
                .await
                .map(|_| ()),
        }
    }

    /// Deletes an image's manifest from this registry.
    pub(crate) async fn delete(&self, image: &str) {
        if let Some((repository, reference)) = self.ours(image) {
            let path = format!("/v2/{repository}/manifests/{reference}");
            let status = self.ask(Method::DELETE, &path).await.map(|(s, _)| s);
            if status != Some(StatusCode::ACCEPTED) {
                tracing::warn!(image, ?status, "the image could not be deleted");
            }
        }
    }

    async fn manifest(
        &self,
        image: &str,
        repository: &str,
        reference: &str,
    ) -> Result<Value, NoImage> {
        self.get(&format!("/v2/{repository}/manifests/{reference}"))
            .await
            .ok_or_else(|| NoImage(format!("{image}: not found")))
    }

    async fn get(&self, path: &str) -> Option<Value> {
        let (status, body) = self.ask(Method::GET, path).await?;
        (status == StatusCode::OK).then_some(())?;
        serde_json::from_slice(&body).ok()
    }

    async fn ask(&self, method: Method, path: &str) -> Option<(StatusCode, Vec<u8>)> {
        let request = Request::builder()
            .method(method)
            .uri(path)
            .header(ACCEPT, MANIFESTS)
            .header(AUTHORIZATION, format!("Basic {}", credentials()))
            .body(Body::empty())
            .ok()?;
        let response = self.registry.clone().oneshot(request).await.ok()?;
        let status = response.status();
        let body = response.into_body().collect().await.ok()?.to_bytes();
        Some((status, body.to_vec()))
    }
}

/// What GetAuthorizationToken gives, in the form that Docker keeps.
pub(super) fn credentials() -> String {
    base64::engine::general_purpose::STANDARD.encode("AWS:sandbox")
}

fn split_reference(image: &str) -> (&str, &str) {
    if let Some((name, digest)) = image.split_once('@') {
        // A tag beside a digest says nothing more.
        let repository = name
            .split_once(':')
            .map_or(name, |(repository, _)| repository);
        return (repository, digest);
    }
    image.split_once(':').unwrap_or((image, "latest"))
}

fn environment_of(config: &Value) -> BTreeMap<String, String> {
    config
        .pointer("/config/Env")
        .and_then(Value::as_array)
        .into_iter()
        .flatten()
        .filter_map(Value::as_str)
        .filter_map(|pair| pair.split_once('='))
        .map(|(name, value)| (name.into(), value.into()))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn references_to_this_registry_are_taken_apart() {
        let images = Images::new("127.0.0.1:4566".into(), Router::new());
        for (image, expected) in [
            ("127.0.0.1:4566/hello", Some(("hello", "latest"))),
            ("127.0.0.1:4566/team/hello:1.2", Some(("team/hello", "1.2"))),
            (
                "127.0.0.1:4566/hello@sha256:ab",
                Some(("hello", "sha256:ab")),
            ),
            (
                "127.0.0.1:4566/hello:1@sha256:ab",
                Some(("hello", "sha256:ab")),
            ),
            ("127.0.0.1:45660/hello", None),
            ("nginx:1.27", None),
        ] {
            assert_eq!(images.ours(image), expected, "{image}");
        }
    }
}
