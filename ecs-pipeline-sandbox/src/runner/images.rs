//! The sandbox's registry as runners see it.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use crate::access::Principal;
use crate::registry::Registry;
use crate::shared::Shared;
use crate::world::Service;

/// The images in the sandbox's registry.
#[derive(Debug, Clone)]
pub(crate) struct Images {
    /// `host:port`, as image references name it.
    host: String,
    registry: Registry,
    shared: Shared,
}

/// Why an image cannot be had.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0}: not found")]
pub(crate) struct NoImage(String);

impl Images {
    pub(crate) fn new(host: String, registry: Registry, shared: Shared) -> Self {
        Self {
            host,
            registry,
            shared,
        }
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
        let config = self.registry.config(repository, reference).await;
        let config = config.ok_or_else(|| NoImage(image.into()))?;
        Ok(environment_of(&config))
    }

    /// The digest of an image that the registry has; images elsewhere are not asked for.
    pub(crate) async fn digest(&self, image: &str) -> Result<Option<String>, NoImage> {
        let Some((repository, reference)) = self.ours(image) else {
            return Ok(None);
        };
        let manifest = self.registry.resolve(repository, reference).await;
        let manifest = manifest.ok_or_else(|| NoImage(image.into()))?;
        Ok(Some(manifest.digest))
    }

    /// Deletes an image's manifest from this registry, with all its tags.
    pub(crate) async fn delete(&self, image: &str) {
        let Some((repository, reference)) = self.ours(image) else {
            return;
        };
        if let Some(manifest) = self.registry.resolve(repository, reference).await {
            self.registry
                .delete_manifest(repository, &manifest.digest)
                .await;
        }
    }

    /// Credentials for this registry, got as an ECS agent gets them, in the form that Docker
    /// keeps.
    pub(crate) fn credentials(&self) -> Option<String> {
        let answer = self
            .shared
            .call_as(
                Principal::TaskExecution,
                Service::Ecr,
                "GetAuthorizationToken",
                json!({}),
            )
            .ok()?;
        let token = answer.pointer("/authorizationData/0/authorizationToken")?;
        token.as_str().map(String::from)
    }
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
pub(crate) mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used)]
    use axum::body::Body;
    use http::Request;
    use sha2::{Digest, Sha256};
    use tower::ServiceExt;

    use super::*;
    use crate::clock::Clock;
    use crate::world::{Place, Time, World};

    /// An empty registry in a world of its own.
    pub(crate) fn images(host: &str) -> Images {
        let place = Place {
            registry: host.into(),
            ..Place::default()
        };
        let world = World::new(place, Time::default());
        let shared = Shared::new(world, Clock::start(Time::default(), 1.0));
        let registry = Registry::new(shared.clone()).unwrap();
        Images::new(host.into(), registry, shared)
    }

    /// Pushes an image without layers whose environment has `APP_VERSION=1`, over HTTP.
    pub(crate) async fn push(images: &Images, repository: &str, tag: &str) {
        let created = images.shared.call(
            Service::Ecr,
            "CreateRepository",
            json!({ "repositoryName": repository }),
        );
        assert!(
            created.is_ok()
                || images
                    .digest(&format!("{}/{repository}:1", images.host))
                    .await
                    .is_ok()
        );
        let config = json!({ "config": { "Env": ["APP_VERSION=1"] } }).to_string();
        let digest = format!("sha256:{}", hex(&Sha256::digest(&config)));
        let start = format!("/v2/{repository}/blobs/uploads/");
        let started = send(images, Request::post(start), "").await;
        let upload = started.headers()["location"].to_str().unwrap().to_owned();
        let joint = if upload.contains('?') { '&' } else { '?' };
        let upload = format!("{upload}{joint}digest={digest}");
        let uploaded = send(images, Request::put(upload), &config).await;
        assert_eq!(uploaded.status(), 201);
        let media_type = "application/vnd.oci.image.manifest.v1+json";
        let manifest = json!({
            "schemaVersion": 2,
            "mediaType": media_type,
            "config": {
                "mediaType": "application/vnd.oci.image.config.v1+json",
                "digest": digest,
                "size": config.len(),
            },
            "layers": [],
        })
        .to_string();
        let put = Request::put(format!("/v2/{repository}/manifests/{tag}"))
            .header("content-type", media_type);
        assert_eq!(send(images, put, &manifest).await.status(), 201);
    }

    async fn send(
        images: &Images,
        request: http::request::Builder,
        body: &str,
    ) -> http::Response<Body> {
        let credentials = images.credentials().unwrap();
        let request = request
            .header("authorization", format!("Basic {credentials}"))
            .body(Body::from(body.to_owned()))
            .unwrap();
        images.registry.router().oneshot(request).await.unwrap()
    }

    fn hex(bytes: &[u8]) -> String {
        bytes.iter().map(|byte| format!("{byte:02x}")).collect()
    }

    #[tokio::test]
    async fn references_to_this_registry_are_taken_apart() {
        let images = images("127.0.0.1:4566");
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

    #[tokio::test]
    async fn what_is_deleted_is_gone_under_every_name() {
        let images = images("r:1");
        push(&images, "web", "1").await;
        push(&images, "web", "latest").await;
        assert!(images.digest("r:1/web:1").await.is_ok());
        images.delete("r:1/web:1").await;
        let gone = images.digest("r:1/web").await.unwrap_err();
        assert_eq!(gone.to_string(), "r:1/web: not found");
        assert!(images.digest("elsewhere/web").await.is_ok());
    }

    #[test]
    fn the_environment_is_that_of_the_config() {
        let config = json!({ "config": { "Env": ["A=1", "B=x=y", "broken"] } });
        let environment: Vec<_> = environment_of(&config).into_iter().collect();
        assert_eq!(
            environment,
            [("A".into(), "1".into()), ("B".into(), "x=y".into())]
        );
        assert!(environment_of(&json!({})).is_empty());
    }
}
