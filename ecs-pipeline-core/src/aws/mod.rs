//! Everything that speaks to AWS, one file or folder a service.
//!
//! Credentials, region, profile and endpoint come from the SDK's usual chain (environment, profile
//! files, container and instance roles), so `AWS_ENDPOINT_URL` points all of it somewhere else.

#[cfg(feature = "aws-cloudwatch")]
pub mod cloudwatch;
#[cfg(feature = "aws-codedeploy")]
pub mod codedeploy;
#[cfg(feature = "aws-doctor")]
pub mod doctor;
#[cfg(feature = "aws-ecr")]
pub mod ecr;
#[cfg(feature = "aws-ecs")]
pub mod ecs;
#[cfg(feature = "aws-elbv2")]
pub mod elbv2;
#[cfg(any(
    feature = "aws-cloudwatch",
    feature = "aws-ecr",
    feature = "aws-ecs",
    feature = "aws-logs",
    feature = "aws-s3"
))]
mod error;
mod http;
#[cfg(feature = "aws-logs")]
pub mod logs;
#[cfg(feature = "aws-s3")]
pub mod s3;
#[cfg(all(test, feature = "aws-ecs", feature = "aws-ecr"))]
mod testing;

use std::time::Duration;

use aws_config::timeout::TimeoutConfig;
use aws_config::{BehaviorVersion, ConfigLoader, Region, SdkConfig};
use aws_credential_types::Credentials;

#[cfg(any(
    feature = "aws-cloudwatch",
    feature = "aws-ecr",
    feature = "aws-ecs",
    feature = "aws-logs",
    feature = "aws-s3"
))]
pub(crate) use error::Errors;

/// How long one attempt at a call may take, and how long it may take to connect. A call that
/// fails for a passing reason is tried three times in all, as the SDK's standard mode does,
/// unless `AWS_MAX_ATTEMPTS` says otherwise.
const ATTEMPT: Duration = Duration::from_secs(30);
const CONNECT: Duration = Duration::from_secs(5);

/// How to reach AWS: one for all of a run's clients.
#[derive(Debug, Clone)]
pub struct AwsConfig {
    sdk: SdkConfig,
}

impl AwsConfig {
    /// What the SDK's usual chain finds.
    pub async fn load() -> Self {
        Self::load_with(&AwsOptions::default()).await
    }

    /// What the SDK's usual chain finds, where `options` do not say otherwise.
    pub async fn load_with(options: &AwsOptions) -> Self {
        let mut loader = defaults();
        if let Some(region) = &options.region {
            loader = loader.region(Region::new(region.clone()));
        }
        if let Some(profile) = &options.profile {
            loader = loader.profile_name(profile);
        }
        if let Some(endpoint) = &options.endpoint_url {
            loader = loader.endpoint_url(endpoint);
        }
        Self {
            sdk: loader.load().await,
        }
    }

    /// A configuration that was put together elsewhere: assumed roles, an HTTP client of one's own.
    #[must_use]
    pub fn from_sdk(sdk: SdkConfig) -> Self {
        Self { sdk }
    }

    /// An endpoint of one's own with keys of one's own, whatever the environment says: for a
    /// sandbox in the same process.
    pub async fn with_keys(endpoint_url: &str, region: &str, key_id: &str, secret: &str) -> Self {
        let keys = Credentials::new(key_id, secret, None, None, "explicit keys");
        let loader = defaults()
            .region(Region::new(region.to_owned()))
            .endpoint_url(endpoint_url)
            .credentials_provider(keys);
        Self {
            sdk: loader.load().await,
        }
    }

    /// The SDK's own configuration, for a client that this crate does not have.
    #[must_use]
    pub fn sdk(&self) -> &SdkConfig {
        &self.sdk
    }

    /// The region, where one was found.
    #[must_use]
    pub fn region(&self) -> Option<&str> {
        self.sdk.region().map(Region::as_ref)
    }

    /// The endpoint that takes AWS's place, where one is set.
    #[must_use]
    pub fn endpoint_url(&self) -> Option<&str> {
        self.sdk.endpoint_url()
    }

    #[cfg(any(
        feature = "aws-cloudwatch",
        feature = "aws-ecr",
        feature = "aws-ecs",
        feature = "aws-logs",
        feature = "aws-s3"
    ))]
    pub(crate) fn errors(&self) -> Errors {
        Errors::new(self.endpoint_url())
    }
}

/// What the caller says rather than the environment.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct AwsOptions {
    /// `eu-west-1`, …
    pub region: Option<String>,
    /// A profile of the shared configuration files.
    pub profile: Option<String>,
    /// An endpoint that takes AWS's place for every service.
    pub endpoint_url: Option<String>,
}

fn defaults() -> ConfigLoader {
    aws_config::defaults(BehaviorVersion::latest())
        .timeout_config(timeouts())
        .http_client(http::OneClient::default())
}

fn timeouts() -> TimeoutConfig {
    TimeoutConfig::builder()
        .connect_timeout(CONNECT)
        .operation_attempt_timeout(ATTEMPT)
        .build()
}
