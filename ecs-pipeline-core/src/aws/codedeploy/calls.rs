//! The calls of CodeDeploy's API, one attempt each where a second one would do more than the first.

use aws_sdk_codedeploy::types::{
    AlarmConfiguration, AutoRollbackConfiguration, AutoRollbackEvent, DeploymentGroupInfo,
    DeploymentInfo, DeploymentWaitType, EcsTarget, RevisionLocation,
};
use aws_smithy_types::error::metadata::ProvideErrorMetadata;

use super::group::{Group, Last};
use super::settings::RollbackEvent;
use super::{CodeDeployDeployer, group, verdict};
use crate::error::{ErrorKind, ProviderError};
use crate::model::{DeploymentId, ServiceRef};

/// What CreateDeployment came to.
#[derive(Debug)]
pub(super) enum Created {
    Started(DeploymentId),
    /// The group has another deployment, which AWS names in the error's text.
    Busy {
        by: Option<String>,
        error: ProviderError,
    },
}

pub(super) const CREATE: &str = "codedeploy:CreateDeployment";

/// How the traffic goes back: no step of a canary helps the users of a version that failed.
const ALL_AT_ONCE: &str = "CodeDeployDefault.ECSAllAtOnce";

/// Which way a deployment goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Way {
    /// To a new revision.
    There,
    /// To a former one.
    Back,
}

impl CodeDeployDeployer {
    /// The deployment group, which must be there, with its last deployment.
    pub(super) async fn get_group(&self, service: &ServiceRef) -> Result<Group, ProviderError> {
        let info = self.get_group_info(service).await?;
        let mut last = Last::attempted(&info);
        // A rollback is a deployment of its own, which the failed one names; the group need not.
        if let Some(failed) = last.as_ref().filter(|last| last.has_failed()) {
            let failed = self.get_deployment(&failed.id).await?;
            if let Some(id) = verdict::rollback_of(&failed) {
                last = Last::of(&self.get_deployment(id).await?);
            }
        }
        Ok(Group { info, last })
    }

    async fn get_group_info(
        &self,
        service: &ServiceRef,
    ) -> Result<DeploymentGroupInfo, ProviderError> {
        const OPERATION: &str = "codedeploy:GetDeploymentGroup";
        let application = self.settings.application_of(service);
        let name = self.settings.group_of(service);
        let target = format!("{application}/{name}");
        let answer = self
            .client
            .get_deployment_group()
            .application_name(&application)
            .deployment_group_name(&name)
            .send()
            .await
            .map_err(|error| {
                let error = self.errors.map(OPERATION, target.as_str(), error);
                match error.kind() {
                    ErrorKind::NotFound => group::missing(error, &application, &name),
                    _ => error,
                }
            })?;
        answer.deployment_group_info.ok_or_else(|| {
            ProviderError::new(
                ErrorKind::Internal,
                OPERATION,
                target,
                "the answer names no deployment group",
            )
        })
    }

    pub(super) async fn get_deployment(&self, id: &str) -> Result<DeploymentInfo, ProviderError> {
        const OPERATION: &str = "codedeploy:GetDeployment";
        let answer = self
            .client
            .get_deployment()
            .deployment_id(id)
            .send()
            .await
            .map_err(|error| self.errors.map(OPERATION, id, error))?;
        answer.deployment_info.ok_or_else(|| {
            ProviderError::new(
                ErrorKind::Internal,
                OPERATION,
                id,
                "the answer has no deployment",
            )
        })
    }

    /// One attempt: the SDK must not start a second deployment when an answer is lost.
    pub(super) async fn create_deployment(
        &self,
        service: &ServiceRef,
        revision: RevisionLocation,
        description: Option<String>,
        way: Way,
    ) -> Result<Created, ProviderError> {
        let group = self.settings.group_of(service);
        let sent = self
            .client
            .create_deployment()
            .application_name(self.settings.application_of(service))
            .deployment_group_name(&group)
            .revision(revision)
            .set_deployment_config_name(match way {
                Way::There => self.settings.deployment_config.clone(),
                Way::Back => Some(ALL_AT_ONCE.to_owned()),
            })
            .set_description(description)
            .set_auto_rollback_configuration(self.settings.auto_rollback.as_deref().map(rollbacks))
            .set_override_alarm_configuration(self.settings.alarms.as_deref().map(alarms))
            .customize()
            .config_override(once())
            .send()
            .await;
        match sent {
            Ok(answer) => answer
                .deployment_id
                .map(|id| Created::Started(DeploymentId::new(id)))
                .ok_or_else(|| {
                    ProviderError::new(
                        ErrorKind::Internal,
                        CREATE,
                        group,
                        "the answer names no deployment",
                    )
                }),
            Err(error) => {
                let busy = error
                    .as_service_error()
                    .is_some_and(|error| error.is_deployment_limit_exceeded_exception());
                let by = group::named_deployment(error.message().unwrap_or_default());
                let error = self.errors.map(CREATE, group, error);
                match (busy, by) {
                    (true, by) => Ok(Created::Busy {
                        error: group::busy(error, by.as_deref()),
                        by,
                    }),
                    (false, _) => Err(error),
                }
            }
        }
    }

    /// Stops a deployment and has CodeDeploy bring the traffic back to where it was.
    pub(super) async fn stop_deployment(&self, id: &str) -> Result<(), ProviderError> {
        self.client
            .stop_deployment()
            .deployment_id(id)
            .auto_rollback_enabled(true)
            .send()
            .await
            .map_err(|error| self.errors.map("codedeploy:StopDeployment", id, error))?;
        Ok(())
    }

    pub(super) async fn let_go_on(
        &self,
        id: &str,
        wait: DeploymentWaitType,
    ) -> Result<(), ProviderError> {
        self.client
            .continue_deployment()
            .deployment_id(id)
            .deployment_wait_type(wait)
            .customize()
            .config_override(once())
            .send()
            .await
            .map_err(|error| self.errors.map("codedeploy:ContinueDeployment", id, error))?;
        Ok(())
    }

    /// The deployment's target: the service with its task sets and lifecycle events. `None` as
    /// long as it has none.
    pub(super) async fn get_target(&self, id: &str) -> Result<Option<EcsTarget>, ProviderError> {
        let known = self.known().targets.get(id).cloned();
        let target = match known {
            Some(target) => target,
            None => match self.list_targets(id).await? {
                Some(target) => {
                    self.known().targets.insert(id.to_owned(), target.clone());
                    target
                }
                None => return Ok(None),
            },
        };
        let answer = self
            .client
            .batch_get_deployment_targets()
            .deployment_id(id)
            .target_ids(target)
            .customize()
            .config_override(once())
            .send()
            .await
            .map_err(|error| {
                self.errors
                    .map("codedeploy:BatchGetDeploymentTargets", id, error)
            })?;
        let targets = answer.deployment_targets.unwrap_or_default();
        Ok(targets.into_iter().find_map(|target| target.ecs_target))
    }

    /// An ECS deployment has one target, `CLUSTER:SERVICE`.
    async fn list_targets(&self, id: &str) -> Result<Option<String>, ProviderError> {
        let sent = self
            .client
            .list_deployment_targets()
            .deployment_id(id)
            .customize()
            .config_override(once())
            .send()
            .await;
        match sent {
            Ok(answer) => Ok(answer.target_ids.unwrap_or_default().into_iter().next()),
            Err(error)
                if error
                    .as_service_error()
                    .is_some_and(|error| error.is_deployment_not_started_exception()) =>
            {
                Ok(None)
            }
            Err(error) => Err(self
                .errors
                .map("codedeploy:ListDeploymentTargets", id, error)),
        }
    }
}

/// For calls that must not be made twice, or that may fail without harm.
fn once() -> aws_sdk_codedeploy::config::Builder {
    aws_sdk_codedeploy::config::Builder::new()
        .retry_config(aws_config::retry::RetryConfig::disabled())
}

fn rollbacks(on: &[RollbackEvent]) -> AutoRollbackConfiguration {
    let events = on.iter().map(|event| match event {
        RollbackEvent::Failure => AutoRollbackEvent::DeploymentFailure,
        RollbackEvent::Alarm => AutoRollbackEvent::DeploymentStopOnAlarm,
        RollbackEvent::Stop => AutoRollbackEvent::DeploymentStopOnRequest,
    });
    AutoRollbackConfiguration::builder()
        .enabled(!on.is_empty())
        .set_events((!on.is_empty()).then(|| events.collect()))
        .build()
}

fn alarms(names: &[String]) -> AlarmConfiguration {
    let alarms = names.iter().map(|name| {
        aws_sdk_codedeploy::types::Alarm::builder()
            .name(name)
            .build()
    });
    AlarmConfiguration::builder()
        .enabled(!names.is_empty())
        .set_alarms(Some(alarms.collect()))
        .build()
}
