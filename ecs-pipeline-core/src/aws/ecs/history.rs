//! What a service ran before: from its deployments' history, never "revision minus one".

use aws_sdk_ecs::types::{ServiceDeployment, ServiceDeploymentStatus};

use super::EcsDeployer;
use super::describe::{millis, snapshot, task_definition};
use super::service_deployments::twice;
use super::strategy::waits;
use crate::error::{ErrorKind, ProviderError};
use crate::model::{Deployment, ServiceRef, TaskDefinitionArn};
use crate::rolling::last_good;

/// How far back the history is read: what one DescribeServiceDeployments takes.
const HISTORY: i32 = 20;

/// The revision before the present one in a history of successes, the latest first. One that was
/// gone back from is no place to go back to: the service ran the same revision before and after it,
/// as it does after a gate has failed.
pub(in crate::aws) fn former<'a, T: PartialEq>(history: &'a [T], present: &T) -> Option<&'a T> {
    history.iter().enumerate().find_map(|(at, candidate)| {
        let (later, earlier) = (history.get(..at)?, history.get(at + 1..)?);
        let gone_back_from = later
            .iter()
            .chain([present])
            .any(|after| after != candidate && earlier.contains(after));
        (candidate != present && !gone_back_from).then_some(candidate)
    })
}

impl EcsDeployer {
    /// The revision that the service ran before the present one, in a deployment that succeeded:
    /// where a rollback by hand goes. ECS keeps 90 days of history.
    ///
    /// # Errors
    ///
    /// [`NotFound`](ErrorKind::NotFound) when the service does not exist, and whatever keeps the
    /// history from being read.
    pub async fn last_good_of(
        &self,
        service: &ServiceRef,
    ) -> Result<Option<TaskDefinitionArn>, ProviderError> {
        let found = self.active_service(service).await?;
        let present = task_definition(
            found.task_definition(),
            "ecs:DescribeServices",
            &service.to_string(),
        )?;
        self.succeeded_before(service, &present).await
    }

    pub(super) async fn succeeded_before(
        &self,
        service: &ServiceRef,
        present: &TaskDefinitionArn,
    ) -> Result<Option<TaskDefinitionArn>, ProviderError> {
        let history = self
            .past_deployments(service, Some(ServiceDeploymentStatus::Successful), HISTORY)
            .await?;
        let revisions: Vec<_> = history
            .iter()
            .filter_map(|one| self.target_of(one))
            .collect();
        Ok(former(&revisions, present).cloned())
    }

    /// A service's deployments, the latest first, with their revisions learnt.
    pub(super) async fn past_deployments(
        &self,
        service: &ServiceRef,
        status: Option<ServiceDeploymentStatus>,
        most: i32,
    ) -> Result<Vec<ServiceDeployment>, ProviderError> {
        let listed = self
            .client
            .list_service_deployments()
            .cluster(&service.cluster)
            .service(&service.service)
            .set_status(status.map(|status| vec![status]))
            .max_results(most)
            .customize()
            .config_override(twice())
            .send()
            .await
            .map_err(|error| {
                self.errors
                    .map("ecs:ListServiceDeployments", service.to_string(), error)
            })?;
        let arns = listed
            .service_deployments
            .unwrap_or_default()
            .into_iter()
            .filter_map(|brief| brief.service_deployment_arn)
            .collect();
        let mut found = self.describe_service_deployments(arns).await?;
        self.learn_revisions(&found).await?;
        found.sort_by_key(|one| std::cmp::Reverse(millis(one.created_at())));
        Ok(found)
    }

    /// The ARN of a revision that is named by its ARN or as `FAMILY:REVISION`.
    ///
    /// # Errors
    ///
    /// [`NotFound`](ErrorKind::NotFound) or [`Invalid`](ErrorKind::Invalid) when there is no such
    /// revision.
    pub async fn find_revision(&self, revision: &str) -> Result<TaskDefinitionArn, ProviderError> {
        const OPERATION: &str = "ecs:DescribeTaskDefinition";
        let answer = self
            .client
            .describe_task_definition()
            .task_definition(revision)
            .send()
            .await
            .map_err(|error| match self.errors.map(OPERATION, revision, error) {
                error if error.kind() == ErrorKind::NotFound => {
                    no_such_revision(OPERATION, revision)
                }
                error => error,
            })?;
        let arn = answer
            .task_definition()
            .and_then(|found| found.task_definition_arn())
            .unwrap_or_default();
        arn.parse().map_err(|error| {
            ProviderError::new(
                ErrorKind::Internal,
                OPERATION,
                revision,
                "the answer has no ARN",
            )
            .with_source(error)
        })
    }

    pub(super) async fn current_deployment(
        &self,
        service: &ServiceRef,
    ) -> Result<Deployment, ProviderError> {
        let found = self.active_service(service).await?;
        let view = snapshot(&found);
        let primary = view.primary().ok_or_else(|| {
            ProviderError::new(
                ErrorKind::NotFound,
                "ecs:DescribeServices",
                service.to_string(),
                "the service has no PRIMARY deployment",
            )
        })?;
        let former = last_good(&view).filter(|good| *good != primary.task_definition);
        let last_good = match former {
            Some(former) => Some(former),
            // An endpoint without the history leaves it unknown: that is no failure of this call.
            None => self
                .succeeded_before(service, &primary.task_definition)
                .await
                .unwrap_or_default(),
        };
        Ok(Deployment {
            last_good,
            service_deployment: found.current_service_deployment().map(str::to_owned),
            waits: waits(&found),
            ..Deployment::new(
                service.clone(),
                primary.id.clone(),
                primary.task_definition.clone(),
            )
        })
    }
}

/// AWS only says "Unable to describe task definition."
fn no_such_revision(operation: &str, revision: &str) -> ProviderError {
    let family = revision.split(':').next().unwrap_or(revision);
    ProviderError::new(
        ErrorKind::NotFound,
        operation,
        revision,
        "there is no such revision",
    )
    .with_hint(format!(
        "`aws ecs list-task-definitions --family-prefix {family}` lists those that there are"
    ))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;

    fn web(revision: u32) -> TaskDefinitionArn {
        format!("arn:aws:ecs:us-east-1:123456789012:task-definition/web:{revision}")
            .parse()
            .unwrap()
    }

    #[test]
    fn the_former_revision_is_none_that_was_gone_back_from() {
        let table: [(&[u32], u32, Option<u32>); 6] = [
            (&[3, 2, 1], 3, Some(2)),
            // 2 was deployed and gone back from: 1 ran before and after it.
            (&[1, 2, 1], 1, None),
            (&[3, 3, 2], 3, Some(2)),
            (&[4, 1, 2, 1], 4, Some(1)),
            (&[1], 1, None),
            (&[], 1, None),
        ];
        for (history, present, expected) in table {
            let history: Vec<_> = history.iter().copied().map(web).collect();
            let found = former(&history, &web(present));
            assert_eq!(found, expected.map(web).as_ref(), "{history:?}");
        }
    }
}
