//! Reading a service, and saying what there is where it is not found.

use aws_sdk_ecs::types::{DeploymentStrategy, LoadBalancer, Service};

use super::EcsDeployer;
use crate::error::{ErrorKind, ProviderError};
use crate::model::{DeploymentId, ServiceRef, TaskDefinitionArn};
use crate::rolling::{DeploymentSnapshot, ServiceEvent, ServiceSnapshot};

/// How many names a hint lists.
const NAMES: i32 = 10;

/// Whether a service of this name can be created: there is none, or one that was deleted.
pub(in crate::aws) fn is_absent(found: Option<&Service>) -> bool {
    found.is_none_or(|found| found.status() == Some("INACTIVE"))
}

impl EcsDeployer {
    /// The service, or `None` when ECS does not know it.
    pub(in crate::aws) async fn describe_service(
        &self,
        service: &ServiceRef,
    ) -> Result<Option<Service>, ProviderError> {
        let answer = self
            .client
            .describe_services()
            .cluster(&service.cluster)
            .services(&service.service)
            .send()
            .await;
        match answer {
            Ok(answer) => Ok(answer.services.unwrap_or_default().into_iter().next()),
            Err(error) => {
                let error = self
                    .errors
                    .map("ecs:DescribeServices", service.to_string(), error);
                if error.kind() == ErrorKind::NotFound {
                    return Err(self.no_such_cluster(service, error).await);
                }
                Err(error)
            }
        }
    }

    /// The service, which must be there and active.
    pub(in crate::aws) async fn active_service(
        &self,
        service: &ServiceRef,
    ) -> Result<Service, ProviderError> {
        let found = self.describe_service(service).await?;
        self.must_be_active(service, found).await
    }

    pub(in crate::aws) async fn must_be_active(
        &self,
        service: &ServiceRef,
        found: Option<Service>,
    ) -> Result<Service, ProviderError> {
        match found {
            Some(found) if found.status() == Some("ACTIVE") => Ok(found),
            Some(found) => Err(ProviderError::new(
                ErrorKind::NotFound,
                "ecs:DescribeServices",
                service.to_string(),
                format!(
                    "the service is {}",
                    found.status().unwrap_or("in no known state")
                ),
            )
            .with_hint("create the service anew, or name one that is ACTIVE")),
            None => Err(self.no_such_service(service).await),
        }
    }

    /// How many tasks the service wants, and its target groups, each with its alternate.
    #[cfg(feature = "aws-elbv2")]
    pub(in crate::aws) async fn desired_and_groups(
        &self,
        service: &ServiceRef,
    ) -> Result<(u32, Vec<Vec<String>>), ProviderError> {
        let found = self.active_service(service).await?;
        let groups = found.load_balancers().iter().map(sides).collect::<Vec<_>>();
        let groups = groups.into_iter().filter(|sides| !sides.is_empty());
        Ok((count(found.desired_count), groups.collect()))
    }

    async fn no_such_service(&self, service: &ServiceRef) -> ProviderError {
        let names = self
            .client
            .list_services()
            .cluster(&service.cluster)
            .max_results(NAMES)
            .send()
            .await
            .ok()
            .map(|answer| answer.service_arns.unwrap_or_default());
        ProviderError::new(
            ErrorKind::NotFound,
            "ecs:DescribeServices",
            service.to_string(),
            format!(
                "cluster {} has no service {}",
                service.cluster, service.service
            ),
        )
        .with_hint(known_names("service", &service.service, names.as_deref()))
    }

    async fn no_such_cluster(&self, service: &ServiceRef, error: ProviderError) -> ProviderError {
        let names = self
            .client
            .list_clusters()
            .max_results(NAMES)
            .send()
            .await
            .ok()
            .map(|answer| answer.cluster_arns.unwrap_or_default());
        error.with_hint(known_names("cluster", &service.cluster, names.as_deref()))
    }
}

/// What to do about a name that is none, by those that there are; none where they could not be listed.
fn known_names(what: &str, wanted: &str, arns: Option<&[String]>) -> String {
    let Some(arns) = arns else {
        return format!("check the {what}'s name and the region");
    };
    let mut names: Vec<&str> = arns
        .iter()
        .map(|arn| arn.rsplit_once('/').map_or(arn.as_str(), |(_, name)| name))
        .collect();
    names.sort_unstable();
    if names.is_empty() {
        return format!("check the {what}'s name and the region: none is to be seen here");
    }
    let alike = |name: &&str| {
        name.eq_ignore_ascii_case(wanted) || name.contains(wanted) || wanted.contains(*name)
    };
    match names.iter().copied().find(alike) {
        Some(name) => format!("did you mean {name}? There is: {}", names.join(", ")),
        None => format!("name one of: {}", names.join(", ")),
    }
}

/// The service without SDK types.
pub(super) fn snapshot(service: &Service) -> ServiceSnapshot {
    ServiceSnapshot {
        status: service.status().unwrap_or_default().to_owned(),
        desired: count(service.desired_count),
        running: count(service.running_count),
        pending: count(service.pending_count),
        deployments: service
            .deployments()
            .iter()
            .filter_map(deployment)
            .collect(),
        events: service
            .events()
            .iter()
            .map(|event| ServiceEvent {
                id: event.id().unwrap_or_default().to_owned(),
                text: event.message().unwrap_or_default().to_owned(),
                created_at: millis(event.created_at()),
            })
            .collect(),
        rolls_back: rolls_back(service),
        ..ServiceSnapshot::default()
    }
}

/// Whether ECS itself rolls a failed deployment of this service back.
pub(super) fn rolls_back(service: &Service) -> bool {
    let Some(configuration) = service.deployment_configuration() else {
        return false;
    };
    let breaker = configuration
        .deployment_circuit_breaker()
        .is_some_and(|breaker| breaker.enable && breaker.rollback);
    breaker
        || configuration
            .alarms()
            .is_some_and(|alarms| alarms.enable && alarms.rollback)
}

fn deployment(deployment: &aws_sdk_ecs::types::Deployment) -> Option<DeploymentSnapshot> {
    Some(DeploymentSnapshot {
        id: DeploymentId::new(deployment.id()?),
        status: deployment.status().unwrap_or_default().into(),
        task_definition: deployment.task_definition()?.parse().ok()?,
        desired: count(deployment.desired_count),
        running: count(deployment.running_count),
        pending: count(deployment.pending_count),
        failed_tasks: count(deployment.failed_tasks),
        rollout_state: deployment
            .rollout_state()
            .map(|state| state.as_str().into()),
        rollout_state_reason: deployment.rollout_state_reason().map(str::to_owned),
        created_at: millis(deployment.created_at()),
    })
}

/// Whether the service's deployments shift traffic between two sides.
pub(super) fn shifts_traffic(service: &Service) -> bool {
    let configuration = service.deployment_configuration();
    let strategy = configuration.and_then(|configuration| configuration.strategy());
    strategy.is_some_and(|strategy| *strategy != DeploymentStrategy::Rolling)
}

/// The target groups of a service, with those that the other side takes turns with.
pub(super) fn all_target_groups(service: &Service) -> Vec<String> {
    service.load_balancers().iter().flat_map(sides).collect()
}

/// A target group, and the one that it takes turns with.
fn sides(balancer: &LoadBalancer) -> Vec<String> {
    let alternate = balancer
        .advanced_configuration()
        .and_then(|advanced| advanced.alternate_target_group_arn.clone());
    let primary = balancer.target_group_arn.clone();
    primary.into_iter().chain(alternate).collect()
}

/// The target groups that a service's tasks are registered in.
pub(super) fn target_groups(service: &Service) -> Vec<String> {
    service
        .load_balancers()
        .iter()
        .filter_map(|balancer| balancer.target_group_arn().map(str::to_owned))
        .collect()
}

/// A count as AWS means it: an endpoint was seen to answer `-1`.
pub(in crate::aws) fn count(count: i32) -> u32 {
    u32::try_from(count).unwrap_or(0)
}

pub(in crate::aws) fn millis(time: Option<&aws_smithy_types::DateTime>) -> i64 {
    time.and_then(|time| time.to_millis().ok()).unwrap_or(0)
}

/// A task definition's ARN as AWS wrote it.
pub(in crate::aws) fn task_definition(
    text: Option<&str>,
    operation: &str,
    target: &str,
) -> Result<TaskDefinitionArn, ProviderError> {
    let text = text.unwrap_or_default();
    text.parse().map_err(|error| {
        ProviderError::new(
            ErrorKind::Internal,
            operation,
            target,
            "the answer names no task definition",
        )
        .with_source(error)
    })
}
