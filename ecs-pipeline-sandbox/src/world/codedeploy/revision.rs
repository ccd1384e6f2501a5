//! Revisions: where the AppSpec of a deployment comes from, and what it says.

use ecs_pipeline_artifacts::app_spec::{AppSpec, TargetService};
use serde::Deserialize;
use serde_json::Value;
use sha2::{Digest as _, Sha256};

use super::ApiError;
use super::deployment::Fault;
use super::input::read;

/// A `RevisionLocation`, as far as a deployment to ECS can have one.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Location {
    revision_type: Option<String>,
    string: Option<Content>,
    app_spec_content: Option<Content>,
    s3_location: Option<S3Location>,
}

#[derive(Debug, Deserialize)]
struct Content {
    content: Option<String>,
    sha256: Option<String>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct S3Location {
    bucket: Option<String>,
    key: Option<String>,
    bundle_type: Option<String>,
    version: Option<String>,
    e_tag: Option<String>,
}

/// An object of S3.
#[derive(Debug)]
pub(super) struct ObjectName {
    pub(super) bucket: String,
    pub(super) key: String,
    /// Without one, the newest.
    pub(super) version: Option<String>,
    /// The object must have this one.
    pub(super) e_tag: Option<String>,
}

/// Where the AppSpec is.
enum Source {
    Text(String),
    Object(ObjectName),
}

pub(super) fn required() -> ApiError {
    ApiError::client(
        "RevisionRequiredException",
        "RevisionLocation must be specified",
    )
}

pub(super) fn invalid(message: impl Into<String>) -> ApiError {
    ApiError::client("InvalidRevisionException", message)
}

/// Refuses what is no revision for ECS, without looking at what it points at.
pub(super) fn check(revision: &Value) -> Result<(), ApiError> {
    source(revision).map(|_| ())
}

/// The text of a revision's AppSpec. `object` reads an object of S3.
pub(super) fn text(
    revision: &Value,
    object: impl FnOnce(&ObjectName) -> Option<Vec<u8>>,
) -> Result<Vec<u8>, ApiError> {
    match source(revision)? {
        Source::Text(text) => Ok(text.into_bytes()),
        Source::Object(name) => object(&name).ok_or_else(|| {
            ApiError::client(
                "RevisionDoesNotExistException",
                format!(
                    "The object with key '{}' does not exist in bucket '{}', or not in this version",
                    name.key, name.bucket
                ),
            )
        }),
    }
}

/// The AppSpec, which names exactly one service. CodeDeploy reads it when the deployment is there:
/// a mistake in it fails the deployment, and not the request.
pub(super) fn app_spec(text: &[u8]) -> Result<AppSpec, Fault> {
    let app_spec = AppSpec::parse(text).map_err(|error| unreadable(&error.to_string()))?;
    match app_spec.services.len() {
        1 => Ok(app_spec),
        n => Err(unreadable(&format!(
            "It must have one resource, and has {n}"
        ))),
    }
}

fn unreadable(why: &str) -> Fault {
    Fault::new(
        "INVALID_REVISION",
        format!(
            "The deployment failed because the AppSpec file that specifies the deployment configuration is missing or has an invalid configuration. {why}"
        ),
    )
}

/// The service of an AppSpec that [`app_spec`] has read.
pub(super) fn target(app_spec: &AppSpec) -> Option<&TargetService> {
    app_spec.services.first()
}

fn source(revision: &Value) -> Result<Source, ApiError> {
    let location: Location = read(revision)?;
    match location.revision_type.as_deref() {
        None => Err(invalid("The revision type was not specified")),
        Some("AppSpecContent") => content(location.app_spec_content),
        Some("String") => content(location.string),
        Some("S3") => object(location.s3_location),
        Some(other) => Err(invalid(format!(
            "For ECS deployments the revision type must be S3, AppSpecContent or String, and is {other}"
        ))),
    }
}

fn content(given: Option<Content>) -> Result<Source, ApiError> {
    let given = given.ok_or_else(|| invalid("The content of the revision was not specified"))?;
    let Some(content) = given.content.filter(|c| !c.is_empty()) else {
        return Err(invalid("The content of the revision was not specified"));
    };
    if given
        .sha256
        .is_some_and(|sha256| !sha256.eq_ignore_ascii_case(&sha256_of(&content)))
    {
        return Err(invalid(
            "The SHA256 hash value does not match the content of the revision",
        ));
    }
    Ok(Source::Text(content))
}

fn object(given: Option<S3Location>) -> Result<Source, ApiError> {
    let missing = || invalid("An S3 revision needs a bucket, a key and a bundle type");
    let given = given.ok_or_else(missing)?;
    let bundle = given.bundle_type.map(|bundle| bundle.to_ascii_uppercase());
    match (given.bucket, given.key, bundle.as_deref()) {
        (Some(bucket), Some(key), Some("YAML" | "JSON")) => Ok(Source::Object(ObjectName {
            bucket,
            key,
            version: given.version,
            e_tag: given.e_tag,
        })),
        (Some(_), Some(_), Some(_)) => Err(invalid("BundleType must be either YAML or JSON")),
        _ => Err(missing()),
    }
}

pub(super) fn sha256_of(content: &str) -> String {
    Sha256::digest(content.as_bytes())
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use serde_json::json;

    use super::*;

    fn yaml() -> String {
        AppSpec::new("arn:aws:ecs:r:1:task-definition/web:2", "app", 80).to_yaml_string()
    }

    #[test]
    fn an_appspec_comes_from_text_or_from_s3() {
        let object = |name: &ObjectName| {
            (name.bucket == "b" && name.key == "k").then(|| yaml().into_bytes())
        };
        for revision in [
            json!({"revisionType": "AppSpecContent", "appSpecContent": {"content": yaml()}}),
            json!({"revisionType": "AppSpecContent", "appSpecContent": {
                "content": yaml(), "sha256": sha256_of(&yaml()).to_uppercase()}}),
            json!({"revisionType": "String", "string": {"content": yaml()}}),
            json!({"revisionType": "S3", "s3Location": {
                "bucket": "b", "key": "k", "bundleType": "yaml"}}),
        ] {
            let read = app_spec(&text(&revision, object).unwrap()).unwrap();
            let service = target(&read).unwrap();
            assert_eq!(service.load_balancer.container_port, 80, "{revision}");
        }
    }

    #[test]
    fn what_is_no_revision_is_refused() {
        let invalid = "InvalidRevisionException";
        for (revision, code, part) in [
            (json!({}), invalid, "type was not specified"),
            (json!({"revisionType": "GitHub"}), invalid, "GitHub"),
            (json!({"revisionType": "String"}), invalid, "content"),
            (
                json!({"revisionType": "AppSpecContent", "appSpecContent": {
                    "content": yaml(), "sha256": "00"}}),
                invalid,
                "SHA256",
            ),
            (
                json!({"revisionType": "S3", "s3Location": {
                    "bucket": "b", "key": "k", "bundleType": "zip"}}),
                invalid,
                "BundleType must be either YAML or JSON",
            ),
            (
                json!({"revisionType": "S3", "s3Location": {
                    "bucket": "b", "key": "k", "bundleType": "JSON"}}),
                "RevisionDoesNotExistException",
                "'k'",
            ),
        ] {
            let error = text(&revision, |_| None).unwrap_err();
            assert_eq!(error.code, code, "{revision}");
            assert!(error.message.contains(part), "{revision}: {error}");
        }
    }

    #[test]
    fn an_appspec_that_cannot_be_read_is_a_fault_of_the_deployment() {
        for text in [
            "",
            "version: 0.0\nResources: []\n",
            "version: 0.0\nos: linux\n",
            "version: 0.0 Resources: - TargetService:",
        ] {
            let fault = app_spec(text.as_bytes()).unwrap_err();
            assert_eq!(fault.code, "INVALID_REVISION", "{text}");
        }
    }
}
