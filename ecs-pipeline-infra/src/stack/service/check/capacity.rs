//! Whether tasks of this kind can run where the cluster has room, with a load balancer before them. (That
//! they fit the capacity at all is the cluster's to see.)

use super::network_mode;
use crate::application::Application;
use crate::options::Options;
use crate::problem::Problems;
use crate::stack::cluster::{self, Capacity};

const TASK_DEFINITION: &str = "deploy.task-definition";

pub(super) fn check(application: &Application, options: &Options, problems: &mut Problems) {
    match cluster::capacity(application, options) {
        Capacity::Fargate => on_fargate(application, problems),
        Capacity::Ec2 => on_instances(application, options, problems),
    }
}

fn on_fargate(application: &Application, problems: &mut Problems) {
    let lacks = |member: &str| {
        let value = application.task.document.get(member);
        value.is_none_or(serde_json::Value::is_null)
    };
    for member in ["cpu", "memory"].into_iter().filter(|it| lacks(it)) {
        problems.add(
            TASK_DEFINITION,
            format!("on Fargate a task has a size, and this one has no {member}"),
            format!("write \"{member}\" beside \"family\""),
        );
    }
    if lacks("executionRoleArn") {
        problems.add(
            TASK_DEFINITION,
            "Fargate pulls from ECR with an execution role, and this task definition has none",
            format!(
                "write \"executionRoleArn\": \"arn:aws:iam::ACCOUNT:role/{}-execution\": the stack creates it",
                application.name
            ),
        );
    }
}

fn on_instances(application: &Application, options: &Options, problems: &mut Problems) {
    match network_mode(application) {
        "awsvpc" => {}
        "bridge" | "host" => static_port(application, options, problems),
        "none" => problems.add(
            TASK_DEFINITION,
            "with the network mode none no request reaches a task",
            "write awsvpc, bridge or host",
        ),
        other => problems.add(
            TASK_DEFINITION,
            format!("ECS has no network mode {other}"),
            "write awsvpc, bridge or host",
        ),
    }
}

/// A port of an instance is taken by one task: those that run beside each other in a deployment need an
/// instance each.
fn static_port(application: &Application, options: &Options, problems: &mut Problems) {
    let Application {
        task,
        container,
        port,
        ..
    } = application;
    let taken = match network_mode(application) {
        "host" => Some(*port),
        _ => task.host_port(container, *port),
    };
    let Some(taken) = taken else {
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
    let instances = cluster::instances(options).max;
    if u64::from(tasks) + u64::from(beside) > u64::from(instances) {
        problems.add(
            "infra.service.max-tasks",
            format!(
                "each task takes port {taken} of its instance: {tasks} do not fit on {instances} instances, since \
                 {why}"
            ),
            "raise infra.cluster.instances.max, lower this, or (network mode bridge) leave out the hostPort, \
             for a port of its own a task",
        );
    }
}
