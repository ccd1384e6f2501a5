//! Elastic Container Service: clusters, task definitions, services, their deployments and tasks.
//!
//! A request changes what is wanted; [`World::reconcile_services`] then moves every service as
//! far as it can be moved now. What is due later is in [`Ecs::due`] and in each service's
//! `wake`, so that nothing has to be polled.

mod alarm_watch;
mod arithmetic;
mod breaker;
mod cluster;
mod configuration;
mod definition;
mod deployment;
mod detect;
mod ending;
mod events;
mod execution;
mod failure;
mod image_resolution;
mod input;
mod instance;
mod load_balancing;
mod plan;
mod run_task;
mod scheduler;
mod service;
mod service_deployment;
mod service_deployment_view;
mod service_view;
mod side_by_side;
mod strategy;
mod tags;
mod task;
mod task_api;
mod task_definition;
mod task_health;
pub(super) mod task_sets;
mod task_view;
mod validate;

#[cfg(test)]
mod rollout_properties;
#[cfg(test)]
mod scenarios;
#[cfg(test)]
pub(super) mod script;

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use super::alarms::Alarms;
use super::arn::Arns;
use super::elbv2::Elbv2;
use super::id::Ids;
use super::logs::Logs;
use super::{ApiError, Effect, Observation, TaskId, Time, World};
use crate::access::Control;
use cluster::Cluster;
use image_resolution::ResolvedImages;
use service::{Service, ServiceKey};
use task::Task;
use task_definition::Family;

/// All ECS state.
#[derive(Debug, Default)]
pub(super) struct Ecs {
    /// By name.
    clusters: BTreeMap<String, Cluster>,
    /// By family name.
    families: BTreeMap<String, Family>,
    services: BTreeMap<ServiceKey, Service>,
    tasks: BTreeMap<TaskId, Task>,
    /// Client tokens of RunTask, by cluster and token.
    run_tokens: BTreeMap<(String, String), run_task::Remembered>,
    /// When a task moves on by the passing of time alone.
    due: BTreeSet<(Time, TaskId)>,
    addresses: instance::Addresses,
    images: ResolvedImages,
}

/// What ECS reaches for outside itself while it works.
struct Outside<'a> {
    now: Time,
    arns: &'a Arns,
    ids: &'a mut Ids,
    elbv2: &'a mut Elbv2,
    logs: &'a mut Logs,
    alarms: &'a Alarms,
    control: &'a mut Control,
    effects: &'a mut Vec<Effect>,
}

/// The earlier of two moments, where there are any.
fn earliest(one: Option<Time>, other: Option<Time>) -> Option<Time> {
    [one, other].into_iter().flatten().min()
}

impl World {
    pub(super) fn call_ecs(&mut self, operation: &str, input: Value) -> Result<Value, ApiError> {
        let (ecs, mut outside) = self.ecs_and_outside();
        let out = &mut outside;
        match operation {
            "CreateCluster" => ecs.create_cluster(out, input),
            "DescribeClusters" => ecs.describe_clusters(input),
            "ListClusters" => ecs.list_clusters(input),
            "DeleteCluster" => ecs.delete_cluster(input),
            "ListContainerInstances" => ecs.list_container_instances(input),
            "DescribeContainerInstances" => ecs.describe_container_instances(input),
            "RegisterTaskDefinition" => ecs.register_task_definition(out, input),
            "DescribeTaskDefinition" => ecs.describe_task_definition(input),
            "ListTaskDefinitions" => ecs.list_task_definitions(input),
            "ListTaskDefinitionFamilies" => ecs.list_task_definition_families(input),
            "DeregisterTaskDefinition" => ecs.deregister_task_definition(out, input),
            "CreateService" => ecs.create_service(out, input),
            "UpdateService" => ecs.update_service(out, input),
            "DescribeServices" => ecs.describe_services(input),
            "ListServices" => ecs.list_services(input),
            "DescribeTaskSets" => ecs.describe_task_sets(input),
            "DeleteService" => ecs.delete_service(out, input),
            "ListServiceDeployments" => ecs.list_service_deployments(input),
            "DescribeServiceDeployments" => ecs.describe_service_deployments(input),
            "DescribeServiceRevisions" => ecs.describe_service_revisions(input),
            "ContinueServiceDeployment" => ecs.continue_service_deployment(input),
            "StopServiceDeployment" => ecs.stop_service_deployment(out, input),
            "RunTask" => ecs.run_task(out, input),
            "StopTask" => ecs.stop_task(out, input),
            "ListTasks" => ecs.list_tasks(input),
            "DescribeTasks" => ecs.describe_tasks(input),
            "TagResource" => ecs.tag_resource(input),
            "UntagResource" => ecs.untag_resource(input),
            "ListTagsForResource" => ecs.list_tags_for_resource(input),
            other => Err(ApiError::not_implemented("ECS", other)),
        }
    }

    /// A task started, failed, changed its health, or ended.
    pub(super) fn observe_task(&mut self, observation: Observation) {
        let (ecs, mut out) = self.ecs_and_outside();
        ecs.observe(&mut out, observation);
    }

    /// Hands a container's line to the log group that its task definition names.
    pub(super) fn container_logged(&mut self, task: &TaskId, container: &str, line: String) {
        let (ecs, out) = self.ecs_and_outside();
        let heard = ecs.tasks.get(task).filter(|task| !task.muted);
        if let Some((group, stream)) = heard.and_then(|task| task.log_stream(container)) {
            out.logs.append(out.now, &group, &stream, line);
        }
    }

    /// Moves every service as far as it can be moved now.
    pub(super) fn reconcile_services(&mut self) {
        let (ecs, mut out) = self.ecs_and_outside();
        ecs.advance_tasks(&mut out);
        ecs.reconcile(&mut out);
    }

    pub(super) fn next_ecs_wakeup(&self) -> Option<Time> {
        let task = self.ecs.due.first().map(|(at, _)| *at);
        let service = self.ecs.services.values().filter_map(|s| s.wake).min();
        [task, service].into_iter().flatten().min()
    }

    fn ecs_and_outside(&mut self) -> (&mut Ecs, Outside<'_>) {
        let outside = Outside {
            now: self.now,
            arns: &self.arns,
            ids: &mut self.ids,
            elbv2: &mut self.elbv2,
            logs: &mut self.logs,
            alarms: &self.alarms,
            control: &mut self.control,
            effects: &mut self.effects,
        };
        (&mut self.ecs, outside)
    }
}
