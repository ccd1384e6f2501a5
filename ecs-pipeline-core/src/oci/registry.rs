//! The OCI distribution protocol, as far as pushing and looking need it.

use std::path::Path;
use std::time::Duration;

use bytes::Bytes;
use http_body_util::{BodyExt, Full};
use hyper::header::{ACCEPT, AUTHORIZATION, CONTENT_LENGTH, CONTENT_TYPE, LOCATION};
use hyper::{Method, Request, StatusCode, Uri};
use hyper_rustls::{HttpsConnector, HttpsConnectorBuilder};
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::TokioExecutor;
use serde_json::Value;

use super::{INDEX, Layout, MANIFEST, digest_of};
use crate::denial;
use crate::error::{ErrorKind, ProviderError};
use crate::model::{Digest, Platform};
use crate::provider::Output;

const DOCKER_MANIFEST: &str = "application/vnd.docker.distribution.manifest.v2+json";
const DOCKER_LIST: &str = "application/vnd.docker.distribution.manifest.list.v2+json";
/// A stalled connection ends after this long; a big layer may take its time.
const PATIENCE: Duration = Duration::from_secs(300);

/// A client of one registry.
///
/// A registry on this machine's loopback is spoken to over HTTP, as Docker does; any other over
/// HTTPS alone.
#[derive(Clone)]
pub struct RegistryClient {
    host: String,
    base: String,
    authorization: Option<String>,
    http: Client<HttpsConnector<HttpConnector>, Full<Bytes>>,
}

/// Names the registry, and not the credentials.
impl std::fmt::Debug for RegistryClient {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("RegistryClient")
            .field("base", &self.base)
            .finish_non_exhaustive()
    }
}

/// A manifest or index, as the registry has it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Manifest {
    /// Its digest.
    pub digest: Digest,
    /// Its media type.
    pub media_type: String,
    /// Its bytes.
    pub bytes: Vec<u8>,
}

impl Manifest {
    fn json(&self) -> Value {
        serde_json::from_slice(&self.bytes).unwrap_or_default()
    }

    /// The digest of the image's configuration; none for an index.
    #[must_use]
    pub fn config(&self) -> Option<Digest> {
        self.json()["config"]["digest"].as_str()?.parse().ok()
    }

    /// The platforms that an index names; empty for a single image.
    #[must_use]
    pub fn platforms(&self) -> Vec<Platform> {
        let json = self.json();
        let entries = json["manifests"].as_array().cloned().unwrap_or_default();
        entries
            .iter()
            .filter_map(|entry| {
                let word = |name: &str| entry["platform"][name].as_str();
                // BuildKit's attestations call themselves unknown/unknown.
                let (os, architecture) = (word("os")?, word("architecture")?);
                (os != "unknown").then(|| Platform::new(os, architecture))
            })
            .collect()
    }
}

impl RegistryClient {
    /// A client of `host[:port]`. `authorization` is what goes into HTTP Basic: base64 of
    /// `USER:PASSWORD`.
    ///
    /// # Errors
    ///
    /// [`Unavailable`](ErrorKind::Unavailable) when this machine has no root certificates, for a
    /// registry that needs them.
    pub fn new(host: &str, authorization: Option<String>) -> Result<Self, ProviderError> {
        let scheme = if is_loopback(host) { "http" } else { "https" };
        let connector = HttpsConnectorBuilder::new();
        let connector = if scheme == "http" {
            // No certificate is looked at, so none need be read.
            connector.with_tls_config(no_certificates(host)?)
        } else {
            connector
                .with_provider_and_native_roots(hyper_rustls_provider())
                .map_err(|error| {
                    ProviderError::new(ErrorKind::Unavailable, "registry", host, error.to_string())
                        .with_hint("install the system's root certificates (ca-certificates)")
                        .with_source(error)
                })?
        };
        Ok(Self {
            host: host.to_owned(),
            base: format!("{scheme}://{host}/v2"),
            authorization,
            http: Client::builder(TokioExecutor::new())
                .build(connector.https_or_http().enable_http1().build()),
        })
    }

    /// The manifest or index that a tag or digest names; `None` when there is none.
    ///
    /// # Errors
    ///
    /// When the registry does not answer, or refuses.
    pub async fn manifest(
        &self,
        repository: &str,
        reference: &str,
    ) -> Result<Option<Manifest>, ProviderError> {
        let target = self.name(repository, reference);
        let url = format!("{}/{repository}/manifests/{reference}", self.base);
        let accept = [MANIFEST, INDEX, DOCKER_MANIFEST, DOCKER_LIST].join(", ");
        let request = self.request(Method::GET, &url).header(ACCEPT, accept);
        let answer = self
            .send("registry manifest", &target, request, Bytes::new())
            .await?;
        if answer.status == StatusCode::NOT_FOUND {
            return Ok(None);
        }
        let answer = answer.expect_success("registry manifest", &target)?;
        Ok(Some(Manifest {
            digest: digest_of(&answer.body),
            media_type: answer.content_type.unwrap_or_else(|| MANIFEST.to_owned()),
            bytes: answer.body.to_vec(),
        }))
    }

    /// Names a manifest by one more tag.
    ///
    /// # Errors
    ///
    /// [`Conflict`](ErrorKind::Conflict) when the tag is immutable and names another image.
    pub async fn put_manifest(
        &self,
        repository: &str,
        reference: &str,
        manifest: &Manifest,
    ) -> Result<(), ProviderError> {
        let target = self.name(repository, reference);
        let url = format!("{}/{repository}/manifests/{reference}", self.base);
        let request = self
            .request(Method::PUT, &url)
            .header(CONTENT_TYPE, &manifest.media_type);
        let body = Bytes::from(manifest.bytes.clone());
        let answer = self.send("registry push", &target, request, body).await?;
        answer.expect_success("registry push", &target).map(drop)
    }

    /// The platforms of an image: of an index's entries, or of its configuration.
    ///
    /// # Errors
    ///
    /// When the configuration cannot be read.
    pub async fn platforms(
        &self,
        repository: &str,
        manifest: &Manifest,
    ) -> Result<Vec<Platform>, ProviderError> {
        let Some(config) = manifest.config() else {
            return Ok(manifest.platforms());
        };
        let target = self.name(repository, config.short());
        let url = format!("{}/{repository}/blobs/{config}", self.base);
        let request = self.request(Method::GET, &url);
        let mut answer = self
            .send("registry blob", &target, request, Bytes::new())
            .await?;
        // ECR sends readers to S3, where its credentials must not go.
        if let Some(location) = answer
            .location
            .clone()
            .filter(|_| answer.status.is_redirection())
        {
            let request = Request::builder().method(Method::GET).uri(location);
            answer = self
                .send("registry blob", &target, request, Bytes::new())
                .await?;
        }
        let answer = answer.expect_success("registry blob", &target)?;
        let config: Value = serde_json::from_slice(&answer.body).unwrap_or_default();
        let words = (config["os"].as_str(), config["architecture"].as_str());
        Ok(match words {
            (Some(os), Some(architecture)) => vec![Platform::new(os, architecture)],
            _ => Vec::new(),
        })
    }

    /// Pushes a layout under a tag: what the registry lacks of its blobs, then its manifest.
    ///
    /// # Errors
    ///
    /// [`Failed`](ErrorKind::Failed) when the push broke, [`Conflict`](ErrorKind::Conflict) when
    /// the tag is immutable and names another image.
    pub async fn push(
        &self,
        layout: &Layout,
        repository: &str,
        tag: &str,
        output: &Output,
    ) -> Result<Manifest, ProviderError> {
        for digest in layout.layers.iter().chain([&layout.config]) {
            let pushed = self
                .push_blob(repository, digest, &layout.blob(digest))
                .await?;
            let how = if pushed { "pushed" } else { "already there" };
            output.line(format!("{}: {how}", digest.short()));
        }
        let manifest = Manifest {
            digest: layout.digest.clone(),
            media_type: MANIFEST.to_owned(),
            bytes: layout.manifest.clone(),
        };
        self.put_manifest(repository, tag, &manifest).await?;
        output.line(format!("{tag}: digest: {}", manifest.digest));
        Ok(manifest)
    }

    /// Whether the blob had to be sent.
    async fn push_blob(
        &self,
        repository: &str,
        digest: &Digest,
        path: &Path,
    ) -> Result<bool, ProviderError> {
        const OPERATION: &str = "registry push";
        let target = self.name(repository, digest.short());
        let url = format!("{}/{repository}/blobs/{digest}", self.base);
        let request = self.request(Method::HEAD, &url);
        if self
            .send(OPERATION, &target, request, Bytes::new())
            .await?
            .status
            .is_success()
        {
            return Ok(false);
        }
        let failed = |message: String| {
            ProviderError::new(ErrorKind::Failed, OPERATION, target.clone(), message)
        };
        let bytes = tokio::fs::read(path)
            .await
            .map_err(|error| failed(error.to_string()))?;
        let url = format!("{}/{repository}/blobs/uploads/", self.base);
        let request = self.request(Method::POST, &url);
        let begun = self
            .send(OPERATION, &target, request, Bytes::new())
            .await?
            .expect_success(OPERATION, &target)?;
        let place = begun
            .location
            .ok_or_else(|| failed("the registry names no place to upload to".to_owned()))?;
        let request = self
            .request(Method::PUT, &self.upload_url(&place, digest))
            .header(CONTENT_TYPE, "application/octet-stream");
        self.send(OPERATION, &target, request, Bytes::from(bytes))
            .await?
            .expect_success(OPERATION, &target)?;
        Ok(true)
    }

    /// The upload's place may be relative, and may have a query already.
    fn upload_url(&self, place: &str, digest: &Digest) -> String {
        let root = self.base.trim_end_matches("/v2");
        let url = if place.starts_with('/') {
            format!("{root}{place}")
        } else {
            place.to_owned()
        };
        let joint = if url.contains('?') { '&' } else { '?' };
        format!("{url}{joint}digest={digest}")
    }

    fn name(&self, repository: &str, reference: &str) -> String {
        let joint = if reference.starts_with("sha256:") {
            '@'
        } else {
            ':'
        };
        format!("{}/{repository}{joint}{reference}", self.host)
    }

    /// A request with the credentials, which go to the registry's own address alone.
    fn request(&self, method: Method, url: &str) -> hyper::http::request::Builder {
        let request = Request::builder().method(method).uri(url);
        let root = self.base.trim_end_matches("v2");
        match &self.authorization {
            Some(authorization) if url.starts_with(root) => {
                request.header(AUTHORIZATION, format!("Basic {authorization}"))
            }
            _ => request,
        }
    }

    async fn send(
        &self,
        operation: &str,
        target: &str,
        request: hyper::http::request::Builder,
        body: Bytes,
    ) -> Result<Answer, ProviderError> {
        let failed = |kind, message: String| ProviderError::new(kind, operation, target, message);
        let request = request
            .header(CONTENT_LENGTH, body.len())
            .body(Full::new(body))
            .map_err(|error| failed(ErrorKind::Invalid, error.to_string()))?;
        let unreachable = |cause: String| {
            failed(
                ErrorKind::Unavailable,
                format!("could not reach {}: {cause}", self.host),
            )
            .with_hint("check the registry's address and the network")
        };
        let exchange = async {
            let response = self
                .http
                .request(request)
                .await
                .map_err(|error| root_cause(&error))?;
            let (head, body) = response.into_parts();
            let body = body.collect().await.map_err(|error| error.to_string())?;
            let header = |name| {
                let value = head.headers.get(name)?;
                value.to_str().ok().map(str::to_owned)
            };
            Ok::<_, String>(Answer {
                status: head.status,
                location: header(LOCATION),
                content_type: header(CONTENT_TYPE),
                body: body.to_bytes(),
            })
        };
        match tokio::time::timeout(PATIENCE, exchange).await {
            Ok(answer) => answer.map_err(unreachable),
            Err(_) => Err(unreachable(format!(
                "no answer within {} s",
                PATIENCE.as_secs()
            ))),
        }
    }
}

struct Answer {
    status: StatusCode,
    location: Option<String>,
    content_type: Option<String>,
    body: Bytes,
}

impl Answer {
    fn expect_success(self, operation: &str, target: &str) -> Result<Self, ProviderError> {
        if self.status.is_success() {
            return Ok(self);
        }
        Err(refusal(operation, target, self.status, &self.body))
    }
}

/// What the distribution protocol's error codes mean.
fn refusal(operation: &str, target: &str, status: StatusCode, body: &[u8]) -> ProviderError {
    let json: Value = serde_json::from_slice(body).unwrap_or_default();
    let first = &json["errors"][0];
    let code = first["code"].as_str().unwrap_or_default();
    let message = first["message"].as_str().unwrap_or_default();
    let kind = match (code, status.as_u16()) {
        ("NAME_UNKNOWN" | "MANIFEST_UNKNOWN" | "BLOB_UNKNOWN", _) => ErrorKind::NotFound,
        ("TAG_INVALID", _) => ErrorKind::Conflict,
        ("TOOMANYREQUESTS", _) | (_, 429) => ErrorKind::Throttled,
        (_, 401) => ErrorKind::Unauthenticated,
        (_, 403) => ErrorKind::Denied,
        (_, 404) => ErrorKind::NotFound,
        (_, 500..) => ErrorKind::Unavailable,
        _ => ErrorKind::Failed,
    };
    let message = match (code, message) {
        ("", "") => format!("HTTP {status}"),
        (code, message) => format!("HTTP {status}: {code} {message}")
            .trim_end()
            .to_owned(),
    };
    let advice = denial::advice(&message);
    let error = ProviderError::new(kind, operation, target, message);
    match kind {
        ErrorKind::Conflict => error.with_hint(
            "the repository's tags are immutable: push under a new tag, such as the commit",
        ),
        ErrorKind::Unauthenticated | ErrorKind::Denied => {
            error.with_hint(advice.unwrap_or_else(|| {
                "allow the push in the caller's IAM policy and in the repository's own policy"
                    .to_owned()
            }))
        }
        _ => error,
    }
}

fn is_loopback(host: &str) -> bool {
    let uri: Option<Uri> = format!("http://{host}/").parse().ok();
    let name = uri.as_ref().and_then(Uri::host).unwrap_or_default();
    let name = name.trim_start_matches('[').trim_end_matches(']');
    name == "localhost"
        || name
            .parse::<std::net::IpAddr>()
            .is_ok_and(|address| address.is_loopback())
}

fn hyper_rustls_provider() -> rustls::crypto::CryptoProvider {
    rustls::crypto::aws_lc_rs::default_provider()
}

fn no_certificates(host: &str) -> Result<rustls::ClientConfig, ProviderError> {
    let builder = rustls::ClientConfig::builder_with_provider(hyper_rustls_provider().into())
        .with_safe_default_protocol_versions()
        .map_err(|error| {
            ProviderError::new(ErrorKind::Internal, "registry", host, error.to_string())
        })?;
    Ok(builder
        .with_root_certificates(rustls::RootCertStore::empty())
        .with_no_client_auth())
}

fn root_cause(error: &dyn std::error::Error) -> String {
    let mut cause = error;
    while let Some(next) = cause.source() {
        cause = next;
    }
    cause.to_string()
}

#[cfg(test)]
#[path = "registry_tests.rs"]
mod tests;
