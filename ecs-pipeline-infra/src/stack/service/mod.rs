//! The load balancer, the service, its roles, logs, scaling and alarms.

use minijinja::context;
use minijinja::value::Serde;
use serde::Serialize;

use super::cluster::{Capacity, capacity};
use super::{Kind, Stack, engine};
use crate::application::{Application, Strategy};
use crate::options::Options;
use crate::policy::Role;

mod check;
mod first_revision;
mod options;

pub(crate) use check::check;
pub use options::{HealthCheckOptions, ServiceOptions};

pub(super) fn stack(application: &Application, options: &Options) -> Stack {
    let (execution, task) = roles(application);
    let infrastructure = infrastructure_role(application);
    let context = context! {
        application => Serde(application),
        options => Serde(options),
        on_instances => capacity(application, options) == Capacity::Ec2,
        network_mode => network_mode(application),
        shifts => application.strategy.shifts(),
        shifted_by_ecs => application.strategy.is_shifted_by_ecs(),
        alarms => Serde(alarms(&application.strategy)),
        unhealthy_minutes => options.service.health_check_grace.div_ceil(60).saturating_add(2),
        execution_role => Serde(RoleName::read(&execution)),
        task_role => Serde(RoleName::read(&task)),
        one_role => execution == task,
        infrastructure_role => Serde(RoleName::read(&infrastructure)),
        execution_statements => Role::TaskExecution.statements_of_stack(application, options),
        first_revision => first_revision::properties(application, options),
    };
    Stack {
        kind: Kind::Service,
        name: format!("{}-service", application.name),
        template: engine::render("service.yaml", context),
        parameters: parameters(application, options, &execution, &task),
        names_roles: true,
    }
}

fn parameters(
    application: &Application,
    options: &Options,
    execution: &str,
    task: &str,
) -> Vec<(String, String)> {
    let name = &application.name;
    let chosen = &options.service;
    let health = &chosen.health_check;
    let mut parameters = vec![
        ("NetworkStack", format!("{}-network", application.cluster)),
        ("RegistryStack", format!("{name}-registry")),
        ("ClusterStack", format!("{}-cluster", application.cluster)),
        ("Application", name.clone()),
        ("LoadBalancerName", application.load_balancer.clone()),
        ("Service", application.service.clone()),
        ("Family", application.task.family.clone()),
        ("Repository", application.repository.clone()),
        // Always in the file: left to CloudFormation, a revision named in one update would be named in
        // every later one too.
        (
            "TaskDefinition",
            application
                .revision
                .as_ref()
                .unwrap_or(&application.task.family)
                .clone(),
        ),
        ("FirstTag", "first".to_owned()),
        ("ContainerName", application.container.clone()),
        ("ContainerPort", application.port.to_string()),
        (
            "ExecutionRoleName",
            RoleName::read(execution).name.to_owned(),
        ),
        ("MinTasks", chosen.min_tasks.to_string()),
        ("MaxTasks", chosen.max_tasks.to_string()),
        ("CpuTarget", chosen.cpu_target.to_string()),
        ("HealthCheckPath", health.path.clone()),
        ("HealthCheckMatcher", health.matcher.clone()),
        ("HealthCheckInterval", health.interval.to_string()),
        ("HealthCheckTimeout", health.timeout.to_string()),
        ("HealthyThreshold", health.healthy.to_string()),
        ("UnhealthyThreshold", health.unhealthy.to_string()),
        ("HealthCheckGrace", chosen.health_check_grace.to_string()),
        (
            "DeregistrationDelay",
            chosen.deregistration_delay.to_string(),
        ),
        ("ErrorThreshold", chosen.error_threshold.to_string()),
        ("DeletionProtection", chosen.deletion_protection.to_string()),
    ];
    if execution != task {
        parameters.push(("TaskRoleName", RoleName::read(task).name.to_owned()));
    }
    if !application.task.log_groups.is_empty() {
        parameters.push(("LogRetentionDays", chosen.log_retention_days.to_string()));
    }
    let optional = [
        ("Certificate", chosen.certificate.clone()),
        (
            "RequestTarget",
            chosen.request_target.map(|it| it.to_string()),
        ),
    ];
    let given = optional
        .into_iter()
        .filter_map(|(name, value)| Some((name, value?)));
    parameters.extend(given);
    parameters.extend(strategy_parameters(application, chosen));
    parameters
        .into_iter()
        .map(|(name, value)| (name.to_owned(), value))
        .collect()
}

fn strategy_parameters(
    application: &Application,
    chosen: &ServiceOptions,
) -> Vec<(&'static str, String)> {
    let mut parameters = Vec::new();
    if application.strategy.shifts() {
        parameters.push(("TestPort", chosen.test_port().to_string()));
    }
    if application.strategy.is_shifted_by_ecs() {
        let role = infrastructure_role(application);
        let name = RoleName::read(&role).name.to_owned();
        parameters.push(("InfrastructureRoleName", name));
    }
    match &application.strategy {
        Strategy::Rolling | Strategy::Codedeploy { .. } => {}
        Strategy::BlueGreen { bake } => parameters.push(("BakeTime", bake.to_string())),
        Strategy::Linear {
            percent,
            step,
            bake,
        }
        | Strategy::Canary {
            percent,
            step,
            bake,
        } => parameters.extend([
            ("StepPercent", percent.to_string()),
            ("StepBakeTime", step.to_string()),
            ("BakeTime", bake.to_string()),
        ]),
    }
    parameters
}

/// What the alarms are about, in the order in which the stack exports their names; each name ends with
/// one of these.
pub(super) fn alarms(strategy: &Strategy) -> &'static [&'static str] {
    match strategy.shifts() {
        true => &[
            "target-5xx",
            "load-balancer-5xx",
            "blue-unhealthy",
            "green-unhealthy",
        ],
        false => &["target-5xx", "load-balancer-5xx", "blue-unhealthy"],
    }
}

/// The name, with its path, of the role with which ECS moves traffic.
fn infrastructure_role(application: &Application) -> String {
    let given = application.infrastructure_role.clone();
    given.unwrap_or_else(|| format!("{}-infrastructure", application.name))
}

/// The names, with their paths, of the role with which tasks start and of the one that containers have:
/// the task definition's, so that the revisions that the pipeline registers find them.
fn roles(application: &Application) -> (String, String) {
    let Application { name, task, .. } = application;
    let or = |role: &Option<String>, default: &str| {
        let role = role.clone();
        role.unwrap_or_else(|| format!("{name}-{default}"))
    };
    (
        or(&task.execution_role, "execution"),
        or(&task.task_role, "task"),
    )
}

/// The task definition's network mode; ECS takes `bridge` where there is none.
fn network_mode(application: &Application) -> &str {
    let mode = application.task.document.get("networkMode");
    mode.and_then(|mode| mode.as_str()).unwrap_or("bridge")
}

/// A role's name in its two parts.
#[derive(Serialize)]
struct RoleName<'n> {
    /// With a slash at both ends; none where the role has no path of its own.
    path: Option<String>,
    name: &'n str,
}

impl<'n> RoleName<'n> {
    fn read(role: &'n str) -> Self {
        let (path, name) = match role.rsplit_once('/') {
            Some((path, name)) => (Some(format!("/{path}/")), name),
            None => (None, role),
        };
        Self { path, name }
    }
}
