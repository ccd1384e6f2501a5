//! What judges a deployment: gates, and one-off tasks.

use std::sync::Arc;
use std::time::Duration;

use ecs_pipeline_core::aws::cloudwatch::AlarmGate;
use ecs_pipeline_core::aws::ecs::{EcsTaskRunner, ServiceStableGate, TargetHealthGate};
use ecs_pipeline_core::engine::{Checks, Gate, Job};
use ecs_pipeline_core::gate::{CommandGate, HttpGate, SampleGate};
use ecs_pipeline_core::model::ServiceRef;
use ecs_pipeline_core::provider::{HealthGate, TaskRequest, TaskRunner};

use crate::config::{self, Config, GateConfig, PlainGate, TaskConfig};
use crate::context::Context;
use crate::error::CliError;

/// Requests of a sample for which the configuration names no number.
const SAMPLE: u32 = 50;

/// Everything that the configuration has judge a deployment.
pub(crate) async fn checks(
    context: &Context,
    config: Option<&Config>,
    service: &ServiceRef,
) -> Result<Checks, CliError> {
    let Some(config) = config else {
        return Ok(Checks::none());
    };
    let mut checks = Checks::gates(gates(context, config, service).await?);
    checks.before = jobs(context, config, &config.before, service).await;
    checks.after = jobs(context, config, &config.after, service).await;
    Ok(checks)
}

async fn jobs(
    context: &Context,
    config: &Config,
    tasks: &[TaskConfig],
    service: &ServiceRef,
) -> Vec<Job> {
    if tasks.is_empty() {
        return Vec::new();
    }
    let aws = context.aws().await;
    let runner: Arc<dyn TaskRunner> = Arc::new(EcsTaskRunner::new(aws).with_logs(aws));
    let imaged = config.deploy.as_ref().map(|deploy| &deploy.container);
    let job = |task: &TaskConfig| {
        let container = task.container.as_ref().or(imaged);
        let container = container.cloned().unwrap_or_default();
        let mut request =
            TaskRequest::new(&task.name, service.clone(), container, task.command.clone());
        for (name, value) in &task.environment {
            request = request.with_env(name, value);
        }
        let job = Job::new(runner.clone(), request);
        match task.timeout {
            Some(timeout) => job.within(timeout),
            None => job,
        }
    };
    tasks.iter().map(job).collect()
}

/// The configured gates, in order.
pub(crate) async fn gates(
    context: &Context,
    config: &Config,
    service: &ServiceRef,
) -> Result<Vec<Gate>, CliError> {
    let mut gates = Vec::with_capacity(config.gates.len());
    for gate in &config.gates {
        gates.push(one_gate(context, gate, service).await?);
    }
    Ok(gates)
}

async fn one_gate(
    context: &Context,
    config: &GateConfig,
    service: &ServiceRef,
) -> Result<Gate, CliError> {
    let (gate, timing) = provider(context, config, service).await?;
    let mut gate = Gate::new(gate);
    gate.successes = timing.successes.unwrap_or(gate.successes);
    gate.limit = timing.timeout.unwrap_or(gate.limit);
    gate.during = timing.during;
    let interval = timing
        .interval
        .unwrap_or(gate.interval)
        .div_f64(context.speed());
    gate.interval = interval.max(Duration::from_millis(50));
    Ok(gate)
}

async fn provider(
    context: &Context,
    config: &GateConfig,
    service: &ServiceRef,
) -> Result<(Arc<dyn HealthGate>, PlainGate), CliError> {
    let aws = context.aws().await;
    if let Some(http) = &config.http {
        return Ok((http_gate(context, http, service).await?, http.timing()));
    }
    if let Some(alarms) = &config.alarms {
        let mut gate = AlarmGate::new(aws, alarms.names.clone())?;
        if let Some(over) = alarms.over {
            gate = gate.over(over);
        }
        return Ok((Arc::new(gate), alarms.timing()));
    }
    if let Some(command) = &config.command {
        let mut gate = CommandGate::new(command.run.clone())?;
        if let Some(limit) = command.limit {
            gate = gate.limit(limit);
        }
        if command.patient {
            gate = gate.patient();
        }
        return Ok((Arc::new(gate), command.timing()));
    }
    if let Some(timing) = &config.target_health {
        let gate = TargetHealthGate::new(aws, service.clone());
        return Ok((Arc::new(gate), timing.clone()));
    }
    let gate = ServiceStableGate::new(aws, service.clone());
    let timing = config.service_stable.clone().unwrap_or_default();
    Ok((Arc::new(gate), timing))
}

/// One request a reading, or many that are judged together.
async fn http_gate(
    context: &Context,
    config: &config::HttpGate,
    service: &ServiceRef,
) -> Result<Arc<dyn HealthGate>, CliError> {
    let probe = probe(context, config, service).await?;
    if !config.is_sample() {
        return Ok(Arc::new(probe));
    }
    let mut gate = SampleGate::new(probe, config.requests.unwrap_or(SAMPLE))?;
    if let Some(percent) = config.max_errors {
        gate = gate.errors_at_most(percent)?;
    }
    for (percentile, limit) in &config.latency {
        gate = gate.latency_at_most((*percentile).into(), limit.0);
    }
    Ok(Arc::new(gate))
}

/// Without a URL, the service's own load balancer is asked.
async fn probe(
    context: &Context,
    config: &config::HttpGate,
    service: &ServiceRef,
) -> Result<HttpGate, CliError> {
    let path = config.path.as_deref().unwrap_or("/");
    let url = match &config.url {
        Some(url) => format!(
            "{}{}",
            url.trim_end_matches('/'),
            config.path.as_deref().unwrap_or_default()
        ),
        None => {
            let targets = TargetHealthGate::new(context.aws().await, service.clone());
            let url = targets.load_balancer_url().await?;
            format!(
                "{}/{}",
                url.trim_end_matches('/'),
                path.trim_start_matches('/')
            )
        }
    };
    let mut gate = HttpGate::new(&url)?;
    if let Some(status) = &config.status {
        gate = gate.expect_status(status)?;
    }
    if let Some(body) = &config.body {
        gate = gate.expect_body(body)?;
    }
    Ok(gate)
}
