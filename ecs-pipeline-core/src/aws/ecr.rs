//! Amazon ECR: repositories and credentials through its API, images through the OCI protocol.

use std::path::Path;

use async_trait::async_trait;
use aws_sdk_ecr::types::{ImageScanningConfiguration, ImageTagMutability};
use tokio::sync::Mutex;

use super::{AwsConfig, Errors};
#[cfg(feature = "docker")]
use crate::docker::DockerCli;
use crate::error::{ErrorKind, ProviderError};
use crate::model::{BuiltImage, Digest, ImageRef, PublishRequest, PublishedImage};
use crate::oci::{Layout, Manifest, RegistryClient};
use crate::provider::{Output, Registry};

/// How a repository is created where it is missing.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct CreateRepository {
    /// Scan every image as it is pushed.
    pub scan_on_push: bool,
    /// A tag that is there cannot be given to another image.
    pub immutable_tags: bool,
}

/// An ECR registry as the place to publish to.
///
/// Images that an engine built are pushed by `docker push`, packed ones (a directory with an OCI
/// layout) over the registry protocol. The digest is read back from the registry either way.
pub struct EcrRegistry {
    client: aws_sdk_ecr::Client,
    errors: Errors,
    #[cfg(feature = "docker")]
    docker: DockerCli,
    create: Option<CreateRepository>,
    host: Option<String>,
    token: Mutex<Option<String>>,
}

/// Names the registry, and not the token.
impl std::fmt::Debug for EcrRegistry {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("EcrRegistry")
            .field("create", &self.create)
            .field("host", &self.host)
            .finish_non_exhaustive()
    }
}

/// A repository's registry and name, as ECR gives them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Repository {
    /// `host[:port]` of its registry.
    pub host: String,
    /// Its name in the registry.
    pub name: String,
}

impl EcrRegistry {
    /// The registry of the configuration's account and region.
    #[must_use]
    pub fn new(config: &AwsConfig) -> Self {
        Self {
            client: aws_sdk_ecr::Client::new(config.sdk()),
            errors: config.errors(),
            #[cfg(feature = "docker")]
            docker: DockerCli::default(),
            create: None,
            host: None,
            token: Mutex::default(),
        }
    }

    /// Pushes with this command.
    #[cfg(feature = "docker")]
    #[must_use]
    pub fn with_docker(mut self, docker: DockerCli) -> Self {
        self.docker = docker;
        self
    }

    /// Creates a repository that is missing. Needs `ecr:CreateRepository`.
    #[must_use]
    pub fn creating(mut self, create: CreateRepository) -> Self {
        self.create = Some(create);
        self
    }

    /// Takes this `host[:port]` in place of the one in the repository's URI.
    #[must_use]
    pub fn with_host(mut self, host: impl Into<String>) -> Self {
        self.host = Some(host.into());
        self
    }

    /// The repository; created where it is missing and [`creating`](Self::creating) was asked for.
    ///
    /// # Errors
    ///
    /// [`NotFound`](ErrorKind::NotFound) when it is missing and not to be created.
    pub async fn ensure_repository(&self, name: &str) -> Result<Repository, ProviderError> {
        match (self.repository(name).await, self.create) {
            (Err(error), Some(create)) if error.kind() == ErrorKind::NotFound => {
                self.create_repository(name, create).await
            }
            (found, _) => found,
        }
    }

    /// The repository, which must be there.
    ///
    /// # Errors
    ///
    /// [`NotFound`](ErrorKind::NotFound) when it is not.
    pub async fn repository(&self, name: &str) -> Result<Repository, ProviderError> {
        const OPERATION: &str = "ecr:DescribeRepositories";
        let answer = self
            .client
            .describe_repositories()
            .repository_names(name)
            .send()
            .await
            .map_err(|error| {
                let error = self.errors.map(OPERATION, name, error);
                match error.kind() {
                    ErrorKind::NotFound => error.with_hint(
                        "create the repository, or let this tool create it: `create: {}` under `registry` in ecs-pipeline.yml",
                    ),
                    _ => error,
                }
            })?;
        let uri = answer
            .repositories()
            .first()
            .and_then(|found| found.repository_uri());
        self.place(uri, OPERATION, name)
    }

    async fn create_repository(
        &self,
        name: &str,
        create: CreateRepository,
    ) -> Result<Repository, ProviderError> {
        const OPERATION: &str = "ecr:CreateRepository";
        let mutability = if create.immutable_tags {
            ImageTagMutability::Immutable
        } else {
            ImageTagMutability::Mutable
        };
        let scanning = ImageScanningConfiguration::builder()
            .scan_on_push(create.scan_on_push)
            .build();
        let created = self
            .client
            .create_repository()
            .repository_name(name)
            .image_tag_mutability(mutability)
            .image_scanning_configuration(scanning)
            .send()
            .await
            .map_err(|error| self.errors.map(OPERATION, name, error));
        match created {
            Ok(answer) => {
                let uri = answer.repository().and_then(|found| found.repository_uri());
                self.place(uri, OPERATION, name)
            }
            // Another run was faster.
            Err(error) if error.kind() == ErrorKind::Conflict => self.repository(name).await,
            Err(error) => Err(error),
        }
    }

    fn place(
        &self,
        uri: Option<&str>,
        operation: &str,
        name: &str,
    ) -> Result<Repository, ProviderError> {
        let (host, path) = uri.and_then(|uri| uri.split_once('/')).ok_or_else(|| {
            ProviderError::new(
                ErrorKind::Internal,
                operation,
                name,
                "the answer has no repositoryUri",
            )
        })?;
        Ok(Repository {
            host: self.host.clone().unwrap_or_else(|| host.to_owned()),
            name: path.to_owned(),
        })
    }

    /// What the registry takes as HTTP Basic: base64 of `AWS:PASSWORD`, good for twelve hours.
    ///
    /// # Errors
    ///
    /// [`Denied`](ErrorKind::Denied) without `ecr:GetAuthorizationToken`.
    pub async fn authorization(&self) -> Result<String, ProviderError> {
        const OPERATION: &str = "ecr:GetAuthorizationToken";
        let mut kept = self.token.lock().await;
        if let Some(token) = &*kept {
            return Ok(token.clone());
        }
        let answer = self
            .client
            .get_authorization_token()
            .send()
            .await
            .map_err(|error| self.errors.map(OPERATION, "", error))?;
        let token = answer
            .authorization_data()
            .first()
            .and_then(|data| data.authorization_token())
            .ok_or_else(|| {
                ProviderError::new(
                    ErrorKind::Internal,
                    OPERATION,
                    "",
                    "the answer has no token",
                )
            })?;
        *kept = Some(token.to_owned());
        Ok(token.to_owned())
    }

    /// Logs the user's own Docker in to the repository's registry, for builds that begin with an image
    /// from there. A push needs no such login.
    ///
    /// # Errors
    ///
    /// As [`authorization`](Self::authorization) and [`DockerCli::login`].
    #[cfg(feature = "docker")]
    pub async fn log_docker_in(&self, repository: &Repository) -> Result<(), ProviderError> {
        use base64::Engine as _;
        let token = self.authorization().await?;
        let decoded = base64::engine::general_purpose::STANDARD.decode(&token);
        let decoded = decoded.ok().and_then(|bytes| String::from_utf8(bytes).ok());
        let pair = decoded.as_deref().and_then(|text| text.split_once(':'));
        let (user, password) = pair.ok_or_else(|| {
            ProviderError::new(
                ErrorKind::Internal,
                "ecr:GetAuthorizationToken",
                "",
                "the token is not USER:PASSWORD in base64",
            )
        })?;
        self.docker.login(&repository.host, user, password).await
    }

    async fn registry(&self, repository: &Repository) -> Result<RegistryClient, ProviderError> {
        RegistryClient::new(&repository.host, Some(self.authorization().await?))
    }

    /// Pushes the image under a tag that does not name it yet, and answers the digest that was
    /// pushed, where it is known.
    async fn push(
        &self,
        image: &BuiltImage,
        repository: &Repository,
        tag: &str,
        client: &RegistryClient,
        output: &Output,
    ) -> Result<Option<Digest>, ProviderError> {
        let directory = Path::new(&image.name);
        if Layout::is_at(directory) {
            let layout = Layout::open(directory)?;
            return client
                .push(&layout, &repository.name, tag, output)
                .await
                .map(|manifest| Some(manifest.digest));
        }
        self.push_from_engine(image, repository, tag, output).await
    }

    #[cfg(feature = "docker")]
    async fn push_from_engine(
        &self,
        image: &BuiltImage,
        repository: &Repository,
        tag: &str,
        output: &Output,
    ) -> Result<Option<Digest>, ProviderError> {
        let full_name = format!("{}/{}:{tag}", repository.host, repository.name);
        let token = self.authorization().await?;
        self.docker
            .push(&image.name, &full_name, Some(&token), output)
            .await
    }

    #[cfg(not(feature = "docker"))]
    async fn push_from_engine(
        &self,
        image: &BuiltImage,
        _repository: &Repository,
        _tag: &str,
        _output: &Output,
    ) -> Result<Option<Digest>, ProviderError> {
        Err(ProviderError::new(
            ErrorKind::Invalid,
            "push",
            &image.name,
            "this build of the crate cannot push from a Docker engine",
        )
        .with_hint("enable the feature `docker`"))
    }
}

#[async_trait]
impl Registry for EcrRegistry {
    async fn publish(
        &self,
        image: &BuiltImage,
        request: &PublishRequest,
        output: &Output,
    ) -> Result<PublishedImage, ProviderError> {
        let Some(first) = request.tags.first() else {
            return Err(ProviderError::new(
                ErrorKind::Invalid,
                "push",
                &request.repository,
                "at least one tag is needed",
            ));
        };
        let repository = self.ensure_repository(&request.repository).await?;
        let client = self.registry(&repository).await?;
        let there = client.manifest(&repository.name, first).await?;
        let there = there.filter(|manifest| manifest.config().as_ref() == Some(&image.id));
        let mut already_there = there.is_some();
        let manifest = match there {
            Some(manifest) => manifest,
            None => {
                let pushed = self
                    .push(image, &repository, first, &client, output)
                    .await?;
                // By the tag only where nothing better is known: it may be another run's by now.
                let reference = pushed.map_or_else(|| first.clone(), |digest| digest.to_string());
                read_back(&client, &repository, &reference).await?
            }
        };
        for tag in request.tags.iter().skip(1) {
            let before = client.manifest(&repository.name, tag).await?;
            if before.is_none_or(|before| before.digest != manifest.digest) {
                already_there = false;
                client
                    .put_manifest(&repository.name, tag, &manifest)
                    .await?;
            }
        }
        Ok(PublishedImage {
            image: pinned(&repository, &manifest)?,
            digest: manifest.digest,
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
        let repository = self.repository(repository).await?;
        let client = self.registry(&repository).await?;
        let manifest = read_back(&client, &repository, reference).await?;
        let is_tag = !reference.starts_with("sha256:");
        Ok(PublishedImage {
            image: pinned(&repository, &manifest)?,
            platforms: client.platforms(&repository.name, &manifest).await?,
            digest: manifest.digest,
            tags: is_tag.then(|| reference.to_owned()).into_iter().collect(),
            already_there: true,
        })
    }
}

async fn read_back(
    client: &RegistryClient,
    repository: &Repository,
    reference: &str,
) -> Result<Manifest, ProviderError> {
    client
        .manifest(&repository.name, reference)
        .await?
        .ok_or_else(|| {
            ProviderError::new(
                ErrorKind::NotFound,
                "registry manifest",
                format!("{}/{}", repository.host, repository.name),
                format!("there is no image {reference}"),
            )
            .with_hint("push the image first, or name a tag that is there")
        })
}

fn pinned(repository: &Repository, manifest: &Manifest) -> Result<ImageRef, ProviderError> {
    let name = format!("{}/{}", repository.host, repository.name);
    let image: ImageRef = name.parse().map_err(|error| {
        ProviderError::new(ErrorKind::Invalid, "push", &name, format!("{error}"))
    })?;
    Ok(image.with_digest(manifest.digest.clone()))
}

#[cfg(all(test, feature = "aws-ecs"))]
#[path = "ecr_tests.rs"]
mod tests;
