//! Images: how they are named, what they run on, and what becomes of one on its way to a service.

use std::collections::BTreeMap;
use std::fmt;
use std::path::PathBuf;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// A name, digest or platform that does not have the form it must have.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{what} {value:?} is not valid: {rule}")]
pub struct InvalidName {
    what: &'static str,
    value: String,
    rule: &'static str,
}

impl InvalidName {
    pub(crate) fn new(what: &'static str, value: &str, rule: &'static str) -> Self {
        Self {
            what,
            value: value.to_owned(),
            rule,
        }
    }
}

/// A content digest: `sha256:` and 64 hexadecimal digits.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Digest(String);

impl Digest {
    /// The digest as text, `sha256:…`.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// `sha256:` and the first twelve digits: enough for people.
    #[must_use]
    pub fn short(&self) -> &str {
        self.0.get(..19).unwrap_or(&self.0)
    }
}

impl FromStr for Digest {
    type Err = InvalidName;

    fn from_str(text: &str) -> Result<Self, InvalidName> {
        let hex = text.strip_prefix("sha256:").unwrap_or_default();
        let valid = hex.len() == 64
            && hex
                .bytes()
                .all(|b| b.is_ascii_digit() || (b'a'..=b'f').contains(&b));
        if valid {
            Ok(Self(text.to_owned()))
        } else {
            Err(InvalidName::new(
                "digest",
                text,
                "it must be \"sha256:\" and 64 lower-case hexadecimal digits",
            ))
        }
    }
}

impl TryFrom<String> for Digest {
    type Error = InvalidName;

    fn try_from(text: String) -> Result<Self, InvalidName> {
        text.parse()
    }
}

impl From<Digest> for String {
    fn from(digest: Digest) -> Self {
        digest.0
    }
}

impl fmt::Display for Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// A reference to an image: `[REGISTRY/]REPOSITORY[:TAG][@DIGEST]`.
///
/// ```
/// use ecs_pipeline_core::model::ImageRef;
///
/// let image: ImageRef = "127.0.0.1:5000/team/web:1.2".parse()?;
/// assert_eq!(image.registry(), Some("127.0.0.1:5000"));
/// assert_eq!(image.repository(), "team/web");
/// assert_eq!(image.tag(), Some("1.2"));
/// assert_eq!(image.to_string(), "127.0.0.1:5000/team/web:1.2");
/// # Ok::<(), ecs_pipeline_core::model::InvalidName>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct ImageRef {
    registry: Option<String>,
    repository: String,
    tag: Option<String>,
    digest: Option<Digest>,
}

impl ImageRef {
    /// `host[:port]` of the registry; `None` means Docker Hub or a local image.
    #[must_use]
    pub fn registry(&self) -> Option<&str> {
        self.registry.as_deref()
    }

    /// The repository's name within its registry.
    #[must_use]
    pub fn repository(&self) -> &str {
        &self.repository
    }

    /// The registry and the repository, without tag and digest.
    #[must_use]
    pub fn name(&self) -> String {
        match &self.registry {
            Some(registry) => format!("{registry}/{}", self.repository),
            None => self.repository.clone(),
        }
    }

    /// The tag, where one is given.
    #[must_use]
    pub fn tag(&self) -> Option<&str> {
        self.tag.as_deref()
    }

    /// The digest, where one is given.
    #[must_use]
    pub fn digest(&self) -> Option<&Digest> {
        self.digest.as_ref()
    }

    /// The same repository with another tag, and no digest.
    #[must_use]
    pub fn with_tag(&self, tag: &str) -> Self {
        Self {
            tag: Some(tag.to_owned()),
            digest: None,
            ..self.clone()
        }
    }

    /// The same repository pinned to a digest, without a tag.
    #[must_use]
    pub fn with_digest(&self, digest: Digest) -> Self {
        Self {
            tag: None,
            digest: Some(digest),
            ..self.clone()
        }
    }
}

impl FromStr for ImageRef {
    type Err = InvalidName;

    fn from_str(text: &str) -> Result<Self, InvalidName> {
        let invalid = |rule| InvalidName::new("image", text, rule);
        let (rest, digest) = match text.split_once('@') {
            Some((rest, digest)) => (rest, Some(digest.parse()?)),
            None => (text, None),
        };
        let (registry, path) = split_registry(rest);
        let (repository, tag) = match path.rsplit_once(':') {
            Some((repository, tag)) => (repository, Some(tag)),
            None => (path, None),
        };
        let name_ok = !repository.is_empty()
            && repository
                .bytes()
                .all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b"._-/".contains(&b));
        if !name_ok {
            return Err(invalid(
                "a repository is lower-case letters, digits and . _ - /",
            ));
        }
        let tag_ok = tag.is_none_or(|tag| {
            (1..=128).contains(&tag.len())
                && tag
                    .bytes()
                    .all(|b| b.is_ascii_alphanumeric() || b"._-".contains(&b))
        });
        if !tag_ok {
            return Err(invalid(
                "a tag is 1 to 128 letters, digits, dots, underscores and hyphens",
            ));
        }
        Ok(Self {
            registry: registry.map(str::to_owned),
            repository: repository.to_owned(),
            tag: tag.map(str::to_owned),
            digest,
        })
    }
}

/// The first component is a registry when it looks like a host, as Docker decides it.
fn split_registry(name: &str) -> (Option<&str>, &str) {
    match name.split_once('/') {
        Some((host, path)) if host.contains(['.', ':']) || host == "localhost" => {
            (Some(host), path)
        }
        _ => (None, name),
    }
}

impl TryFrom<String> for ImageRef {
    type Error = InvalidName;

    fn try_from(text: String) -> Result<Self, InvalidName> {
        text.parse()
    }
}

impl From<ImageRef> for String {
    fn from(image: ImageRef) -> Self {
        image.to_string()
    }
}

impl fmt::Display for ImageRef {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.name())?;
        if let Some(tag) = &self.tag {
            write!(f, ":{tag}")?;
        }
        if let Some(digest) = &self.digest {
            write!(f, "@{digest}")?;
        }
        Ok(())
    }
}

/// What an image runs on, in OCI's terms: `linux/amd64`, `linux/arm64/v8`.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Platform {
    os: String,
    architecture: String,
    variant: Option<String>,
}

impl Platform {
    /// A platform without a variant.
    #[must_use]
    pub fn new(os: &str, architecture: &str) -> Self {
        Self {
            os: os.to_owned(),
            architecture: architecture.to_owned(),
            variant: None,
        }
    }

    /// The platform that ECS's `runtimePlatform` asks for: `X86_64` is amd64, `ARM64` is arm64,
    /// and every `WINDOWS_…` family is windows.
    #[must_use]
    pub fn from_ecs(cpu_architecture: &str, operating_system_family: &str) -> Self {
        let architecture = match cpu_architecture {
            "X86_64" => "amd64".to_owned(),
            other => other.to_lowercase(),
        };
        let os = if operating_system_family.starts_with("WINDOWS") {
            "windows"
        } else {
            "linux"
        };
        Self::new(os, &architecture)
    }

    /// `linux` or `windows`.
    #[must_use]
    pub fn os(&self) -> &str {
        &self.os
    }

    /// `amd64`, `arm64`, …
    #[must_use]
    pub fn architecture(&self) -> &str {
        &self.architecture
    }

    /// Whether an image for `self` runs where `wanted` is asked for. Variants are not compared:
    /// ECS does not name them.
    #[must_use]
    pub fn runs_on(&self, wanted: &Self) -> bool {
        self.os == wanted.os && self.architecture == wanted.architecture
    }
}

impl FromStr for Platform {
    type Err = InvalidName;

    fn from_str(text: &str) -> Result<Self, InvalidName> {
        let mut parts = text.split('/');
        match (parts.next(), parts.next(), parts.next(), parts.next()) {
            (Some(os), Some(architecture), variant, None)
                if !os.is_empty() && !architecture.is_empty() =>
            {
                Ok(Self {
                    os: os.to_owned(),
                    architecture: architecture.to_owned(),
                    variant: variant.map(str::to_owned),
                })
            }
            _ => Err(InvalidName::new(
                "platform",
                text,
                "it must be OS/ARCHITECTURE, such as linux/amd64",
            )),
        }
    }
}

impl TryFrom<String> for Platform {
    type Error = InvalidName;

    fn try_from(text: String) -> Result<Self, InvalidName> {
        text.parse()
    }
}

impl From<Platform> for String {
    fn from(platform: Platform) -> Self {
        platform.to_string()
    }
}

impl fmt::Display for Platform {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.os, self.architecture)?;
        match &self.variant {
            Some(variant) => write!(f, "/{variant}"),
            None => Ok(()),
        }
    }
}

/// What to build.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct BuildRequest {
    /// The directory that is sent to the builder.
    pub context: PathBuf,
    /// The Dockerfile; `None` is `Dockerfile` in the context.
    pub dockerfile: Option<PathBuf>,
    /// The stage to build; `None` is the last one.
    pub target: Option<String>,
    /// The platform to build for; `None` is the builder's own.
    pub platform: Option<Platform>,
    /// Build arguments.
    pub args: BTreeMap<String, String>,
    /// Images whose layers may be taken from the cache.
    pub cache_from: Vec<String>,
    /// Build every layer anew.
    pub no_cache: bool,
    /// The local name that the image gets, such as `web:abc123`.
    pub name: String,
    /// More local names.
    pub extra_names: Vec<String>,
}

/// An image that a builder made, and that only the builder's machine has.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct BuiltImage {
    /// What the registry step asks the builder's store for: a local name, or a directory with an
    /// OCI image layout.
    pub name: String,
    /// The image's id: the digest of its configuration.
    pub id: Digest,
    /// What it runs on.
    pub platform: Platform,
}

/// Where an image is to go.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct PublishRequest {
    /// The repository's name, without the registry: `team/web`.
    pub repository: String,
    /// The tags that it gets; at least one.
    pub tags: Vec<String>,
}

/// An image in a registry, known by its digest.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PublishedImage {
    /// The image, pinned by digest and without a tag.
    pub image: ImageRef,
    /// The digest of its manifest or index, as the registry gives it.
    pub digest: Digest,
    /// The tags that it was given now.
    pub tags: Vec<String>,
    /// What it runs on: several for an index, none when the registry cannot tell.
    pub platforms: Vec<Platform>,
    /// Whether the registry had the very same image already.
    pub already_there: bool,
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;

    #[test]
    fn references_are_read_and_written_as_docker_does() {
        let digest = format!("sha256:{}", "a".repeat(64));
        let table = [
            ("web", None, "web", None),
            ("web:1", None, "web", Some("1")),
            ("team/web:1", None, "team/web", Some("1")),
            ("localhost/web", Some("localhost"), "web", None),
            ("127.0.0.1:4566/web", Some("127.0.0.1:4566"), "web", None),
            (
                "1.dkr.ecr.us-east-1.amazonaws.com/a/b:c",
                Some("1.dkr.ecr.us-east-1.amazonaws.com"),
                "a/b",
                Some("c"),
            ),
        ];
        for (text, registry, repository, tag) in table {
            let image: ImageRef = text.parse().unwrap();
            assert_eq!(image.registry(), registry, "{text}");
            assert_eq!(image.repository(), repository, "{text}");
            assert_eq!(image.tag(), tag, "{text}");
            assert_eq!(image.to_string(), text);
            let pinned = image.with_digest(digest.parse().unwrap());
            assert_eq!(pinned.to_string(), format!("{}@{digest}", image.name()));
        }
    }

    #[test]
    fn what_is_not_a_reference_is_refused() {
        for text in [
            "",
            "Web",
            "web:",
            "web@sha256:12",
            "web:a b",
            "host:80/",
            "web:1:2",
        ] {
            assert!(text.parse::<ImageRef>().is_err(), "{text:?}");
        }
    }

    #[test]
    fn ecs_platforms_are_oci_platforms() {
        assert_eq!(
            Platform::from_ecs("X86_64", "LINUX").to_string(),
            "linux/amd64"
        );
        assert_eq!(
            Platform::from_ecs("ARM64", "LINUX").to_string(),
            "linux/arm64"
        );
        assert_eq!(
            Platform::from_ecs("X86_64", "WINDOWS_SERVER_2022_CORE").to_string(),
            "windows/amd64"
        );
        let v8: Platform = "linux/arm64/v8".parse().unwrap();
        assert!(v8.runs_on(&Platform::new("linux", "arm64")));
        assert!(!v8.runs_on(&Platform::new("linux", "amd64")));
    }
}
