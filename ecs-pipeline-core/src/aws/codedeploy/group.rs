//! What a deployment group says before anything is changed.

use aws_sdk_codedeploy::types::{
    ComputePlatform, DeploymentGroupInfo, DeploymentInfo, DeploymentReadyAction, DeploymentStatus,
    InstanceAction,
};

use super::settings::{CodeDeploySettings, short_name};
use super::verdict::is_over;
use crate::error::{ErrorKind, ProviderError};
use crate::model::ServiceRef;

const OPERATION: &str = "codedeploy:GetDeploymentGroup";

/// Adds what to do to the error of a group or application that is not there.
pub(super) fn missing(error: ProviderError, application: &str, group: &str) -> ProviderError {
    error.with_hint(format!(
        "name the service's application and deployment group in the settings `application` and `deployment_group`: {application} and {group} were looked for"
    ))
}

/// Refuses a group that deploys something else.
pub(super) fn check(
    group: &DeploymentGroupInfo,
    service: &ServiceRef,
) -> Result<(), ProviderError> {
    let name = group.deployment_group_name().unwrap_or_default();
    let refused = |message: String| {
        Err(
            ProviderError::new(ErrorKind::Invalid, OPERATION, name, message).with_hint(
                "name the service's own deployment group in the setting `deployment_group`",
            ),
        )
    };
    if let Some(platform) = group.compute_platform()
        && *platform != ComputePlatform::Ecs
    {
        let platform = platform.as_str();
        return refused(format!(
            "the deployment group is for the compute platform {platform}"
        ));
    }
    let same = |one: Option<&str>, other: &str| {
        one.is_some_and(|one| short_name(one) == short_name(other))
    };
    let services = group.ecs_services();
    let is_ours = services.iter().any(|one| {
        same(one.service_name(), &service.service) && same(one.cluster_name(), &service.cluster)
    });
    if services.is_empty() || is_ours {
        return Ok(());
    }
    let deploys: Vec<_> = services
        .iter()
        .map(|one| {
            format!(
                "{}/{}",
                one.cluster_name().unwrap_or_default(),
                one.service_name().unwrap_or_default()
            )
        })
        .collect();
    refused(format!(
        "the deployment group deploys {}, not {service}",
        deploys.join(", ")
    ))
}

/// A deployment group, and how it stands.
#[derive(Debug)]
pub(super) struct Group {
    pub(super) info: DeploymentGroupInfo,
    /// Its last deployment, rollbacks too.
    pub(super) last: Option<Last>,
}

/// A group's last deployment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Last {
    pub(super) id: String,
    status: DeploymentStatus,
}

impl Last {
    /// As the group has it.
    pub(super) fn attempted(group: &DeploymentGroupInfo) -> Option<Self> {
        let last = group.last_attempted_deployment()?;
        Some(Self {
            id: last.deployment_id()?.to_owned(),
            status: last.status()?.clone(),
        })
    }

    /// As its own record has it.
    pub(super) fn of(info: &DeploymentInfo) -> Option<Self> {
        Some(Self {
            id: info.deployment_id()?.to_owned(),
            status: info.status()?.clone(),
        })
    }

    pub(super) fn has_failed(&self) -> bool {
        is_over(&self.status) && self.status != DeploymentStatus::Succeeded
    }
}

impl Group {
    pub(super) fn last_id(&self) -> Option<&str> {
        self.last.as_ref().map(|last| last.id.as_str())
    }

    /// The deployment that the group is busy with.
    pub(super) fn busy_with(&self) -> Option<&str> {
        let last = self.last.as_ref()?;
        (!is_over(&last.status)).then_some(last.id.as_str())
    }

    /// Whether nothing goes on, and the last deployment, if there was one, has succeeded.
    pub(super) fn is_calm(&self) -> bool {
        self.last
            .as_ref()
            .is_none_or(|last| last.status == DeploymentStatus::Succeeded)
    }
}

/// What is to be known before going on.
pub(super) fn warnings(group: &DeploymentGroupInfo, settings: &CodeDeploySettings) -> Vec<String> {
    let mut warnings = Vec::new();
    let rolls_back = match &settings.auto_rollback {
        Some(events) => !events.is_empty(),
        None => group
            .auto_rollback_configuration()
            .is_some_and(|configuration| configuration.enabled),
    };
    if !rolls_back {
        warnings.push(
            "CodeDeploy does not roll a failed deployment of this group back: only this run will, while it is there".to_owned(),
        );
    }
    let Some(blue_green) = group.blue_green_deployment_configuration() else {
        return warnings;
    };
    if let Some(ready) = blue_green.deployment_ready_option()
        && ready.action_on_timeout() == Some(&DeploymentReadyAction::StopDeployment)
    {
        warnings.push(format!(
            "the traffic is moved only at somebody's word: without it the deployment stops after {} minutes",
            ready.wait_time_in_minutes
        ));
    }
    if let Some(end) = blue_green.terminate_blue_instances_on_deployment_success()
        && end.action() == Some(&InstanceAction::Terminate)
        && end.termination_wait_time_in_minutes > 0
    {
        warnings.push(format!(
            "the old version is kept for {} minutes after the traffic has moved, and the deployment ends only then",
            end.termination_wait_time_in_minutes
        ));
    }
    warnings
}

/// The deployment that AWS names between quotes: `… already has an active Deployment 'd-ABC'`.
pub(super) fn named_deployment(message: &str) -> Option<String> {
    message
        .split('\'')
        .find(|word| is_deployment_id(word))
        .map(str::to_owned)
}

/// Whether it is an id as CodeDeploy gives it.
fn is_deployment_id(text: &str) -> bool {
    text.strip_prefix("d-")
        .is_some_and(|rest| !rest.is_empty() && rest.chars().all(|one| one.is_ascii_alphanumeric()))
}

/// The group takes one deployment at a time, and has one.
pub(super) fn busy(error: ProviderError, by: Option<&str>) -> ProviderError {
    error.with_hint(format!(
        "wait for {}, stop it, or set `when_busy` to wait or supersede",
        by.unwrap_or("the other deployment")
    ))
}

/// The same, found before it was tried.
pub(super) fn is_busy(group: &DeploymentGroupInfo, by: &str) -> ProviderError {
    let error = ProviderError::new(
        ErrorKind::Conflict,
        OPERATION,
        group.deployment_group_name().unwrap_or_default(),
        format!("another deployment is in progress: {by}"),
    );
    busy(error, Some(by))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use aws_sdk_codedeploy::types::{EcsService, LastDeploymentInfo};

    use super::*;

    #[test]
    fn the_busy_deployment_is_named_in_either_form_of_the_message() {
        let table = [
            (
                "The Deployment Group 'web' already has an active Deployment 'd-ABC123XYZ'",
                Some("d-ABC123XYZ"),
            ),
            (
                "Deployment group 'web-group' is already deploying deployment 'd-1A2B'.",
                Some("d-1A2B"),
            ),
            ("The limit of 'd-' was reached", None),
            ("Rate exceeded", None),
        ];
        for (message, expected) in table {
            assert_eq!(named_deployment(message).as_deref(), expected, "{message}");
        }
    }

    #[test]
    fn a_group_is_busy_until_its_last_deployment_is_over() {
        let table = [
            (DeploymentStatus::Created, true),
            (DeploymentStatus::Queued, true),
            (DeploymentStatus::InProgress, true),
            (DeploymentStatus::Baking, true),
            (DeploymentStatus::Ready, true),
            (DeploymentStatus::Succeeded, false),
            (DeploymentStatus::Failed, false),
            (DeploymentStatus::Stopped, false),
        ];
        for (status, busy) in table {
            let last = LastDeploymentInfo::builder()
                .deployment_id("d-1")
                .status(status.clone())
                .build();
            let info = DeploymentGroupInfo::builder()
                .last_attempted_deployment(last)
                .build();
            let last = Last::attempted(&info);
            let group = Group { info, last };
            assert_eq!(group.busy_with().is_some(), busy, "{status:?}");
            let calm = status == DeploymentStatus::Succeeded;
            assert_eq!(group.is_calm(), calm, "{status:?}");
        }
        let info = DeploymentGroupInfo::builder()
            // As an emulator has it.
            .last_attempted_deployment(LastDeploymentInfo::builder().build())
            .build();
        let last = Last::attempted(&info);
        let never = Group { info, last };
        assert_eq!(never.busy_with(), None);
        assert!(never.is_calm());
    }

    #[test]
    fn a_group_must_deploy_this_service() {
        let service = ServiceRef::new("prod", "web");
        let table = [
            (None, None, true),
            (Some(ComputePlatform::Ecs), Some(("prod", "web")), true),
            (
                None,
                Some((
                    "arn:aws:ecs:eu-west-1:1:cluster/prod",
                    "arn:aws:ecs:eu-west-1:1:service/prod/web",
                )),
                true,
            ),
            (None, Some(("prod", "api")), false),
            (None, Some(("test", "web")), false),
            (Some(ComputePlatform::Server), None, false),
        ];
        for (platform, deploys, fits) in table {
            let services = deploys.map(|(cluster, name)| {
                vec![
                    EcsService::builder()
                        .cluster_name(cluster)
                        .service_name(name)
                        .build(),
                ]
            });
            let group = DeploymentGroupInfo::builder()
                .set_compute_platform(platform)
                .set_ecs_services(services)
                .build();
            assert_eq!(check(&group, &service).is_ok(), fits, "{group:?}");
        }
    }
}
