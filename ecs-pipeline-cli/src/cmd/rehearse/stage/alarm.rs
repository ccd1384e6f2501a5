//! A CloudWatch alarm of the service.

use ecs_pipeline_sandbox::Sandbox;
use ecs_pipeline_sandbox::world::Service;
use serde_json::json;

use super::calls::call;
use crate::error::CliError;

/// The alarm that a deployment watches.
pub(in crate::cmd::rehearse) const ALARM: &str = "rehearsal-errors";

/// An alarm that is well.
pub(super) fn create(sandbox: &Sandbox, name: &str) -> Result<(), CliError> {
    let alarm = json!({
        "AlarmName": name, "Namespace": "AWS/ApplicationELB",
        "MetricName": "HTTPCode_Target_5XX_Count", "Statistic": "Sum", "Period": 60,
        "EvaluationPeriods": 1, "Threshold": 1, "ComparisonOperator": "GreaterThanThreshold",
    });
    call(sandbox, Service::CloudWatch, "PutMetricAlarm", alarm)?;
    set(sandbox, name, "OK")
}

/// Sets it off.
pub(in crate::cmd::rehearse) fn set_off(sandbox: &Sandbox) -> Result<(), CliError> {
    set(sandbox, ALARM, "ALARM")
}

fn set(sandbox: &Sandbox, name: &str, state: &str) -> Result<(), CliError> {
    let state = json!({
        "AlarmName": name, "StateValue": state, "StateReason": "set by the rehearsal",
    });
    call(sandbox, Service::CloudWatch, "SetAlarmState", state)?;
    Ok(())
}
