//! What would fail when the service is created, or later in a deployment.

use super::{ServiceOptions, infrastructure_role, network_mode, roles};
use crate::application::{Application, Strategy};
use crate::limits;
use crate::options::{CodedeployOptions, Options};
use crate::problem::Problems;

mod capacity;
mod listeners;
mod task_definition;
#[cfg(test)]
mod tests;

pub(crate) fn check(application: &Application, options: &Options, problems: &mut Problems) {
    let service = &options.service;
    names(application, problems);
    numbers(service, problems);
    scaling(application, service, problems);
    policies(service, problems);
    bake_time(&application.strategy, problems);
    listeners::check(application, service, problems);
    capacity::check(application, options, problems);
    task_definition::check(application, problems);
    let is_codedeploy = matches!(application.strategy, Strategy::Codedeploy { .. });
    if !is_codedeploy && options.codedeploy != CodedeployOptions::default() {
        problems.add(
            "infra.codedeploy",
            "it is for a service whose traffic CodeDeploy moves, and deploy.strategy is not codedeploy",
            "take it away, or choose the strategy codedeploy",
        );
    }
}

fn names(application: &Application, problems: &mut Problems) {
    let name = &application.name;
    limits::SERVICE.check("deploy.service", &application.service, problems);
    let balancer = &application.load_balancer;
    limits::LOAD_BALANCER.check("application", balancer, problems);
    if balancer.starts_with("internal-") || balancer.starts_with('-') || balancer.ends_with('-') {
        problems.add(
            "application",
            format!(
                "the load balancer is named after it, and ELB takes no name that begins with internal- or has \
                 a hyphen at an end, such as {balancer}"
            ),
            "choose another name",
        );
    }
    // Of a rolling service the second is not there, but would be if its strategy changed.
    limits::TARGET_GROUP.check("application", &format!("{name}-green"), problems);
    limits::FAMILY.check("deploy.task-definition", &application.task.family, problems);
    let (execution, task) = roles(application);
    let mut roles = vec![
        ("deploy.task-definition", execution),
        ("deploy.task-definition", task),
    ];
    if application.strategy.is_shifted_by_ecs() {
        roles.push(("application", infrastructure_role(application)));
    }
    for (member, role) in roles {
        let (path, role) = role.rsplit_once('/').unwrap_or(("", &role));
        limits::ROLE.check(member, role, problems);
        limits::ROLE_PATH.check(member, path, problems);
    }
    for group in &application.task.log_groups {
        limits::LOG_GROUP.check("deploy.task-definition", &group.name, problems);
    }
}

/// Numbers that AWS takes only within limits, by the references of `RegisterScalableTarget`,
/// `CreateTargetGroup`, `ModifyTargetGroupAttributes` and `CreateService`.
fn numbers(service: &ServiceOptions, problems: &mut Problems) {
    let health = &service.health_check;
    for (member, value, least, most) in [
        // 0 is taken, but then nothing scales: there are no tasks that have a CPU to be used.
        ("min-tasks", service.min_tasks, 1, i32::MAX as u32),
        ("max-tasks", service.max_tasks, 1, i32::MAX as u32),
        ("cpu-target", service.cpu_target.into(), 1, 100),
        (
            "request-target",
            service.request_target.unwrap_or(1),
            1,
            i32::MAX as u32,
        ),
        (
            "error-threshold",
            service.error_threshold,
            1,
            i32::MAX as u32,
        ),
        ("health-check.interval", health.interval.into(), 5, 300),
        ("health-check.timeout", health.timeout.into(), 2, 120),
        ("health-check.healthy", health.healthy.into(), 2, 10),
        ("health-check.unhealthy", health.unhealthy.into(), 2, 10),
        (
            "health-check-grace",
            service.health_check_grace,
            0,
            i32::MAX as u32,
        ),
        (
            "deregistration-delay",
            service.deregistration_delay.into(),
            0,
            3600,
        ),
    ] {
        if !(least..=most).contains(&value) {
            problems.add(
                format!("infra.service.{member}"),
                format!("{value} is not from {least} to {most}"),
                "choose a number between them",
            );
        }
    }
    if !RETENTION.contains(&service.log_retention_days) {
        let known: Vec<_> = RETENTION.iter().map(u16::to_string).collect();
        problems.add(
            "infra.service.log-retention-days",
            format!(
                "CloudWatch Logs does not keep logs for {} days",
                service.log_retention_days
            ),
            format!("choose one of {}", known.join(", ")),
        );
    }
}

/// The days that `PutRetentionPolicy` takes.
const RETENTION: [u16; 22] = [
    1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922,
    3288, 3653,
];

fn scaling(application: &Application, service: &ServiceOptions, problems: &mut Problems) {
    let (min, max) = (service.min_tasks, service.max_tasks);
    if min > max {
        problems.add(
            "infra.service.min-tasks",
            format!("at least {min} tasks are more than the {max} there are at most"),
            "raise infra.service.max-tasks, or lower this",
        );
    }
    // ALBRequestCountPerTarget is of one target group, and the tasks change theirs with each deployment.
    if service.request_target.is_some() && application.strategy.shifts() {
        problems.add(
            "infra.service.request-target",
            "requests are counted for one target group, and a deployment moves the tasks to the other one",
            "take it away: the CPU decides; or choose the strategy rolling",
        );
    }
}

fn policies(service: &ServiceOptions, problems: &mut Problems) {
    for policy in &service.task_policies {
        let parts: Vec<_> = policy.splitn(6, ':').collect();
        let is_policy = matches!(
            parts.as_slice(),
            ["arn", _, "iam", "", _, name] if name.strip_prefix("policy/").is_some_and(|it| !it.is_empty())
        );
        if !is_policy {
            problems.add(
                "infra.service.task-policies",
                format!("{policy} is not the ARN of a managed policy"),
                "write one such as arn:aws:iam::123456789012:policy/NAME",
            );
        }
    }
}

/// CloudFormation waits for 36 hours at most, and refuses a linear or canary deployment that it reckons to
/// take more than 33 (the reference of AWS::ECS::Service, `LinearConfiguration`); ECS takes no wait of more
/// than a day.
fn bake_time(strategy: &Strategy, problems: &mut Problems) {
    const MOST: f64 = 33.0 * 60.0;
    const DAY: u32 = 24 * 60;
    let (step, bake, steps) = match *strategy {
        Strategy::BlueGreen { bake } => (0, bake, 0.0),
        Strategy::Linear {
            percent,
            step,
            bake,
        } => (step, bake, waits(percent)),
        Strategy::Canary { step, bake, .. } => (step, bake, 1.0),
        Strategy::Rolling | Strategy::Codedeploy { .. } => return,
    };
    let help = "take fewer or shorter steps, or a shorter bake time";
    let longest = step.max(bake);
    if longest > DAY {
        let message = format!("ECS waits for {DAY} minutes at most, and not for {longest}");
        return problems.add("deploy.strategy", message, help);
    }
    let minutes = f64::from(bake) + f64::from(step) * steps;
    if minutes > MOST {
        let message = format!(
            "a deployment takes {minutes} minutes, and CloudFormation takes no more than {MOST}: it gives up \
             after 36 hours"
        );
        problems.add("deploy.strategy", message, help);
    }
}

/// How often a linear deployment waits: not after the step with which all traffic has moved.
fn waits(percent: f64) -> f64 {
    let steps = (100.0 / percent).floor();
    let is_even = (steps * percent - 100.0).abs() < 1e-9;
    steps - f64::from(u8::from(is_even))
}
