//! `ecs-pipeline status`.

use ecs_pipeline_core::aws::ecs::ServiceStatus;
use ecs_pipeline_core::engine::Report;

use crate::args::{OutputFormat, ServiceArgs};
use crate::context::Context;
use crate::error::{CliError, internal};
use crate::report::{print_line, shift, short};
use crate::wiring;

pub(crate) async fn status(context: &Context, args: &ServiceArgs) -> Result<Report, CliError> {
    let config = context.config_unless_named(args)?;
    let service = context.service(config.as_ref(), args)?;
    let status = wiring::ecs_deployer(context).await.status(&service).await?;
    match context.global.output {
        OutputFormat::Text => lines(&status).iter().for_each(|line| print_line(line)),
        OutputFormat::Json => {
            let mut object = serde_json::to_value(&status).map_err(|e| internal("status", e))?;
            object["type"] = "service_status".into();
            print_line(&object.to_string());
        }
    }
    let revision = status
        .task_definition
        .as_ref()
        .map_or("none", |arn| arn.short());
    Ok(Report::done(format!("{service} is set to run {revision}")))
}

fn lines(status: &ServiceStatus) -> Vec<String> {
    let mut lines = vec![format!(
        "{}  {}  {} wanted, {} running, {} starting",
        status.service, status.status, status.desired, status.running, status.pending
    )];
    lines.push("deployments:".to_owned());
    for deployment in &status.deployments {
        let counts = &deployment.counts;
        lines.push(format!(
            "  {}  {}  {}/{} running, {} starting, {} failed  {}",
            deployment.id,
            counts.task_definition.short(),
            counts.running,
            counts.desired,
            counts.pending,
            counts.failed,
            deployment.rollout_state.as_deref().unwrap_or("-"),
        ));
        if let Some(reason) = &deployment.reason {
            lines.push(format!("    {reason}"));
        }
    }
    if !status.past.is_empty() {
        lines.push("latest service deployments:".to_owned());
    }
    for past in &status.past {
        let revision = past.task_definition.as_ref().map_or("-", |arn| arn.short());
        let reason = past.reason.as_deref().unwrap_or_default();
        let stage = past.stage.as_ref();
        let shift = shift(stage.map(|stage| stage.name.as_str()), past.traffic);
        let held = stage.and_then(|stage| stage.held.clone());
        let told = [
            shift.unwrap_or_default(),
            reason.to_owned(),
            held.unwrap_or_default(),
        ];
        let told: Vec<String> = told.into_iter().filter(|text| !text.is_empty()).collect();
        lines.push(
            format!("  {}  {revision}  {}", past.status, told.join("; "))
                .trim_end()
                .to_owned(),
        );
    }
    if !status.events.is_empty() {
        lines.push("latest events:".to_owned());
    }
    lines.extend(
        status
            .events
            .iter()
            .map(|event| format!("  {}", short(&event.text))),
    );
    lines
}
