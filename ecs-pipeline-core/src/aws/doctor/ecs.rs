//! The cluster, the service, and what it runs.

use aws_sdk_ecs::types::LoadBalancer;
use ecs_pipeline_artifacts::task_definition::TaskDefinitionDocument;

use super::{Doctor, Read, fact};
use crate::aws::ecs::RawBodies;
use crate::aws::ecs::describe::count;
use crate::doctor::{Attachment, Cluster, Fact, Service, TaskDefinition};
use crate::error::{ErrorKind, ProviderError};
use crate::model::ServiceRef;

impl Doctor {
    /// Where ECS itself does not answer, neither will anything else.
    pub(super) async fn cluster(&self, service: &ServiceRef) -> Read<Cluster> {
        const OPERATION: &str = "ecs:DescribeClusters";
        let name = &service.cluster;
        let answer = self.ecs.describe_clusters().clusters(name).send().await;
        let answer = answer.map_err(|error| self.errors.map(OPERATION, name, error));
        let clusters = match answer {
            Err(error) if !matches!(error.kind(), ErrorKind::Denied | ErrorKind::NotFound) => {
                return Err(error);
            }
            answer => fact(answer)?.map(|answer| answer.clusters.unwrap_or_default()),
        };
        Ok(first(
            clusters.map(|all| all.into_iter().next().map(cluster)),
        ))
    }

    pub(super) async fn service(&self, service: &ServiceRef) -> Read<Service> {
        let ServiceRef {
            cluster,
            service: name,
        } = service;
        let call = self.ecs.describe_services().cluster(cluster).services(name);
        let answer = call.send().await.map_err(|error| {
            self.errors
                .map("ecs:DescribeServices", service.to_string(), error)
        });
        let services = fact(answer)?.map(|answer| answer.services.unwrap_or_default());
        Ok(first(services.map(|all| all.first().map(described))))
    }

    /// The revision that the service is set to, every member as AWS has it.
    pub(super) async fn running(
        &self,
        service: Option<&Service>,
    ) -> Result<Option<Fact<TaskDefinition>>, ProviderError> {
        const OPERATION: &str = "ecs:DescribeTaskDefinition";
        let Some(arn) = service.and_then(|service| service.task_definition.as_deref()) else {
            return Ok(None);
        };
        let bodies = RawBodies::default();
        let call = self.ecs.describe_task_definition().task_definition(arn);
        let sent = call.customize().interceptor(bodies.clone()).send().await;
        let read = fact(sent.map_err(|error| self.errors.map(OPERATION, arn, error)))?;
        let origin = arn.rsplit('/').next().unwrap_or(arn);
        let read = read.map(|_| {
            let body = bodies.received()?;
            let document = TaskDefinitionDocument::from_value(body).ok()?;
            Some(TaskDefinition::new(origin, document))
        });
        Ok(Some(match read {
            Fact::Known(None) => Fact::Unreadable {
                why: format!("{OPERATION}: the answer has no task definition"),
            },
            read => first(read),
        }))
    }
}

/// What a list that holds at most one came to.
fn first<T>(fact: Fact<Option<T>>) -> Fact<T> {
    match fact {
        Fact::Known(Some(known)) => Fact::Known(known),
        Fact::Known(None) | Fact::Absent => Fact::Absent,
        Fact::Denied { action, allow } => Fact::Denied { action, allow },
        Fact::Unreadable { why } => Fact::Unreadable { why },
    }
}

fn cluster(found: aws_sdk_ecs::types::Cluster) -> Cluster {
    Cluster {
        status: found.status.unwrap_or_default(),
        instances: count(found.registered_container_instances_count),
        capacity_providers: found.capacity_providers.unwrap_or_default(),
    }
}

/// With CodeDeploy the network and the load balancer of the PRIMARY task set count.
fn described(found: &aws_sdk_ecs::types::Service) -> Service {
    let configuration = found.deployment_configuration();
    let percent = |value: Option<i32>, usual| value.map_or(usual, count);
    let mut sets = found.task_sets().iter();
    let set = sets.find(|set| set.status() == Some("PRIMARY"));
    let balancers = match set.map(|set| set.load_balancers()) {
        Some(of_set) if !of_set.is_empty() => of_set,
        _ => found.load_balancers(),
    };
    let launch_type = found
        .launch_type()
        .or(set.and_then(|set| set.launch_type()));
    let of_set = set.map_or(&[][..], |set| set.capacity_provider_strategy());
    let providers = found.capacity_provider_strategy().iter().chain(of_set);
    let alarms = configuration
        .and_then(|one| one.alarms())
        .filter(|alarms| alarms.enable);
    let under_way = found.deployments().iter().filter(|one| {
        one.rollout_state()
            .is_some_and(|state| state.as_str() == "IN_PROGRESS")
    });
    Service {
        status: found.status().unwrap_or_default().to_owned(),
        controller: found
            .deployment_controller()
            .map_or("ECS", |one| one.r#type().as_str())
            .to_owned(),
        strategy: configuration
            .and_then(|one| one.strategy())
            .map_or("ROLLING", |strategy| strategy.as_str())
            .to_owned(),
        is_daemon: found
            .scheduling_strategy()
            .is_some_and(|one| one.as_str() == "DAEMON"),
        desired: count(found.desired_count),
        minimum_percent: percent(
            configuration.and_then(|one| one.minimum_healthy_percent()),
            100,
        ),
        maximum_percent: percent(configuration.and_then(|one| one.maximum_percent()), 200),
        breaks: configuration
            .and_then(|one| one.deployment_circuit_breaker())
            .is_some_and(|breaker| breaker.enable),
        alarms: alarms
            .map(|alarms| alarms.alarm_names().to_vec())
            .unwrap_or_default(),
        grace_seconds: percent(found.health_check_grace_period_seconds(), 0),
        launch_type: launch_type.map(|one| one.as_str().to_owned()),
        capacity_providers: providers
            .map(|item| item.capacity_provider().to_owned())
            .collect(),
        load_balancers: balancers.iter().map(attachment).collect(),
        task_definition: set
            .and_then(|set| set.task_definition())
            .or(found.task_definition())
            .map(str::to_owned),
        under_way: under_way
            .filter_map(|one| one.id().map(str::to_owned))
            .collect(),
    }
}

fn attachment(balancer: &LoadBalancer) -> Attachment {
    let advanced = balancer.advanced_configuration();
    let own = |member: Option<&str>| member.map(str::to_owned);
    Attachment {
        target_group: own(balancer.target_group_arn()),
        container: balancer.container_name().unwrap_or_default().to_owned(),
        port: balancer
            .container_port()
            .and_then(|port| u16::try_from(port).ok())
            .unwrap_or_default(),
        alternate: own(advanced.and_then(|one| one.alternate_target_group_arn())),
        production_rule: own(advanced.and_then(|one| one.production_listener_rule())),
        test_rule: own(advanced.and_then(|one| one.test_listener_rule())),
        role: own(advanced.and_then(|one| one.role_arn())),
    }
}
