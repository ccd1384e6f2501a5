//! Whether tasks of this kind can run where the cluster has room, with a load balancer before them.

use serde_json::Value;

use super::{network_mode, on_instances};
use crate::application::Application;
use crate::options::Options;
use crate::problem::Problems;

pub(super) fn check(application: &Application, options: &Options, problems: &mut Problems) {
    match on_instances(options) {
        true => instances(application, options, problems),
        false => fargate(application, problems),
    }
}

fn fargate(application: &Application, problems: &mut Problems) {
    let document = &application.task.document;
    let says = |member: &str| document.get(member).is_some_and(|value| !value.is_null());
    if !is_for(document, "FARGATE") {
        problems.add(
            "infra.cluster.capacity",
            "it is fargate, and the task definition's requiresCompatibilities has no FARGATE",
            "choose ec2, or put FARGATE into requiresCompatibilities",
        );
        return;
    }
    let mode = network_mode(application);
    if mode != "awsvpc" {
        problems.add(
            "deploy.task-definition",
            format!("Fargate takes the network mode awsvpc alone, and this one has {mode}"),
            "write \"networkMode\": \"awsvpc\"",
        );
    }
    if !says("cpu") || !says("memory") {
        problems.add(
            "deploy.task-definition",
            "Fargate takes a task's cpu and memory from the task definition, and this one lacks them",
            "write \"cpu\" and \"memory\" beside \"family\"",
        );
    }
    if !says("executionRoleArn") {
        problems.add(
            "deploy.task-definition",
            "Fargate pulls from ECR with an execution role, and this task definition has none",
            format!(
                "write \"executionRoleArn\": \"arn:aws:iam::ACCOUNT:role/{}-execution\": the stack creates it",
                application.name
            ),
        );
    }
}

fn instances(application: &Application, options: &Options, problems: &mut Problems) {
    if !is_for(&application.task.document, "EC2") {
        problems.add(
            "infra.cluster.capacity",
            "it is ec2, and the task definition's requiresCompatibilities has no EC2",
            "choose fargate, or put EC2 into requiresCompatibilities",
        );
    }
    match network_mode(application) {
        "awsvpc" => {}
        "bridge" | "host" => static_port(application, options, problems),
        "none" => problems.add(
            "deploy.task-definition",
            "with the network mode none no request reaches a task",
            "choose awsvpc, bridge or host",
        ),
        other => problems.add(
            "deploy.task-definition",
            format!("ECS has no network mode {other}"),
            "choose awsvpc, bridge or host",
        ),
    }
}

/// Whether `requiresCompatibilities` allows it; where there is none ECS sees for itself.
fn is_for(document: &Value, what: &str) -> bool {
    let list = document
        .get("requiresCompatibilities")
        .and_then(Value::as_array);
    list.is_none_or(|list| list.is_empty() || list.iter().any(|item| item == what))
}

/// A port of the instance is taken by one task: what runs beside each other in a deployment needs an
/// instance each.
fn static_port(application: &Application, options: &Options, problems: &mut Problems) {
    let Some(port) = host_port(application) else {
        return;
    };
    let tasks = options.service.max_tasks;
    let (beside, why) = match application.strategy.shifts() {
        true => (
            tasks,
            "a second revision of the same size runs beside the first",
        ),
        false => (1, "a deployment starts a task before it stops one"),
    };
    let cluster = serde_json::to_value(&options.cluster).unwrap_or_default();
    let instances = cluster
        .get("max-instances")
        .and_then(Value::as_u64)
        .unwrap_or(u64::MAX);
    if u64::from(tasks) + u64::from(beside) > instances {
        problems.add(
            "infra.service.max-tasks",
            format!(
                "each task takes port {port} of an instance: {tasks} tasks do not fit on {instances} instances, \
                 where {why}"
            ),
            "leave the hostPort out (bridge) for a port of its own a task, raise the instances, or lower this",
        );
    }
}

/// The instance's port that the application's container has to itself.
fn host_port(application: &Application) -> Option<u64> {
    if network_mode(application) == "host" {
        return Some(application.port.into());
    }
    let containers = application.task.document.get("containerDefinitions")?;
    let mut containers = containers.as_array()?.iter();
    let container = containers.find(|it| {
        it.get("name")
            .is_some_and(|it| *it == application.container)
    })?;
    let mut mappings = container.get("portMappings")?.as_array()?.iter();
    let port = |mapping: &Value, member: &str| mapping.get(member).and_then(Value::as_u64);
    let mapping = mappings.find(|it| port(it, "containerPort") == Some(application.port.into()))?;
    port(mapping, "hostPort").filter(|port| *port != 0)
}
