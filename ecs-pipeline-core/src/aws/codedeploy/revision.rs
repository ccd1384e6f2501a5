//! Which task definition a deployment brings: from what CodeDeploy and ECS keep of it.

use aws_sdk_codedeploy::types::{
    AppSpecContent, DeploymentInfo, RevisionLocation, RevisionLocationType,
};
#[cfg(feature = "aws-s3")]
use aws_sdk_codedeploy::types::{BundleType, S3Location};
use aws_sdk_ecs::types::{Service, TaskSet};
use sha2::{Digest, Sha256};

use super::CodeDeployDeployer;
use super::app_spec::{app_spec, revision_in};
use super::settings::RevisionStore;
use crate::error::ProviderError;
use crate::model::{ServiceRef, TaskDefinitionArn};

/// The task set that the production traffic goes to.
pub(super) fn primary(service: &Service) -> Option<&TaskSet> {
    service
        .task_sets()
        .iter()
        .find(|set| set.status() == Some("PRIMARY"))
}

/// The revision that the service runs: its PRIMARY task set's. An endpoint without task sets has
/// the service's own.
pub(super) fn primary_revision(service: &Service) -> Option<TaskDefinitionArn> {
    let text = primary(service)
        .and_then(|set| set.task_definition())
        .or_else(|| service.task_definition())?;
    text.parse().ok()
}

/// The revision of the task set that a deployment has created.
fn created_by(service: &Service, deployment: &str) -> Option<TaskDefinitionArn> {
    let set = service
        .task_sets()
        .iter()
        .find(|set| set.external_id() == Some(deployment))?;
    set.task_definition()?.parse().ok()
}

fn content_of(location: &RevisionLocation) -> Option<&str> {
    location
        .app_spec_content()
        .and_then(|content| content.content())
        .or_else(|| location.string()?.content())
}

/// What tells two AppSpecs apart where their content is not read.
pub(super) fn key_of(location: &RevisionLocation) -> Option<String> {
    if let Some(object) = location.s3_location() {
        return Some(format!("{}/{}", object.bucket()?, object.key()?));
    }
    let sum = location
        .app_spec_content()
        .and_then(|content| content.sha256())
        .or_else(|| location.string()?.sha256());
    sum.map(str::to_owned)
        .or_else(|| content_of(location).map(sha256))
}

pub(super) fn sha256(content: &str) -> String {
    let sum = Sha256::digest(content.as_bytes());
    sum.iter().map(|byte| format!("{byte:02x}")).collect()
}

impl CodeDeployDeployer {
    /// Puts the AppSpec for a revision where CodeDeploy is to read it.
    pub(super) async fn store_revision(
        &self,
        service: &ServiceRef,
        revision: &TaskDefinitionArn,
    ) -> Result<RevisionLocation, ProviderError> {
        let route = self.route(service).await?;
        let content = app_spec(&self.settings, &route, revision.as_str()).to_json_string();
        let sum = sha256(&content);
        match &self.settings.revision {
            RevisionStore::Content => Ok(RevisionLocation::builder()
                .revision_type(RevisionLocationType::AppSpecContent)
                .app_spec_content(
                    AppSpecContent::builder()
                        .content(content)
                        .sha256(sum)
                        .build(),
                )
                .build()),
            #[cfg(feature = "aws-s3")]
            RevisionStore::S3 { bucket, prefix } => {
                let key = format!("{prefix}{sum}.json");
                let stored = self.objects.put(bucket, &key, content).await?;
                Ok(RevisionLocation::builder()
                    .revision_type(RevisionLocationType::S3)
                    .s3_location(
                        S3Location::builder()
                            .bucket(bucket)
                            .key(key)
                            .bundle_type(BundleType::Json)
                            .set_version(stored.version)
                            .set_e_tag(stored.e_tag)
                            .build(),
                    )
                    .build())
            }
        }
    }

    /// The revision that a deployment brings; `None` where nothing tells.
    pub(super) async fn revision_of(
        &self,
        info: &DeploymentInfo,
        service: Option<&Service>,
    ) -> Option<TaskDefinitionArn> {
        let id = info.deployment_id().unwrap_or_default();
        let known = self.known().revisions.get(id).cloned();
        let found = match known.or_else(|| created_by(service?, id)) {
            Some(found) => found,
            None => {
                self.revision_at(info.application_name(), info.revision()?)
                    .await?
            }
        };
        self.known().revisions.insert(id.to_owned(), found.clone());
        Some(found)
    }

    /// The revision that an AppSpec deploys, wherever it lies.
    pub(super) async fn revision_at(
        &self,
        application: Option<&str>,
        location: &RevisionLocation,
    ) -> Option<TaskDefinitionArn> {
        if let Some(content) = content_of(location) {
            return revision_in(content);
        }
        #[cfg(feature = "aws-s3")]
        if let Some(object) = location.s3_location() {
            let content = self.objects.get(object.bucket()?, object.key()?).await;
            return revision_in(&shown(content)?);
        }
        // GetDeployment may give the checksum alone; the application keeps the content.
        let answer = self
            .client
            .get_application_revision()
            .application_name(application?)
            .revision(location.clone())
            .send()
            .await
            .map_err(|error| {
                self.errors.map(
                    "codedeploy:GetApplicationRevision",
                    application.unwrap_or_default(),
                    error,
                )
            });
        revision_in(content_of(shown(answer)?.revision()?)?)
    }
}

/// What is read to know more, and whose lack fails nothing.
fn shown<T>(answer: Result<T, ProviderError>) -> Option<T> {
    answer
        .inspect_err(|error| tracing::debug!(%error, "a deployment's revision was not read"))
        .ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_checksum_is_the_contents() {
        // `printf '' | sha256sum`, and of "abc".
        assert_eq!(
            sha256(""),
            "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
        );
        assert_eq!(
            sha256("abc"),
            "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
        );
    }

    #[test]
    fn a_location_is_known_by_its_checksum_or_object() {
        let content = AppSpecContent::builder().content("abc").build();
        let inline = RevisionLocation::builder()
            .app_spec_content(content)
            .build();
        assert_eq!(key_of(&inline), Some(sha256("abc")));
        let object = aws_sdk_codedeploy::types::S3Location::builder()
            .bucket("b")
            .key("k")
            .build();
        let stored = RevisionLocation::builder().s3_location(object).build();
        assert_eq!(key_of(&stored), Some("b/k".to_owned()));
        assert_eq!(key_of(&RevisionLocation::builder().build()), None);
    }
}
