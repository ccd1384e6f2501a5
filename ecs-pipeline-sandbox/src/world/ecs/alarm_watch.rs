//! Deployment alarms: CloudWatch alarms that make a deployment fail.

use std::time::Duration;

use serde::Deserialize;
use serde_json::{Value, json};

use super::ApiError;
use super::input::invalid;
use super::service_deployment::Monitor;
use crate::world::alarms::Alarms;

/// How long a rolling deployment with alarms bakes when it does not say how long: "The default
/// bake time is less than 5 minutes"
/// (<https://docs.aws.amazon.com/AmazonECS/latest/developerguide/deployment-alarm-failure.html>).
pub(super) const DEFAULT_BAKE: Duration = Duration::from_secs(3 * 60);

/// `alarms` of a deployment configuration.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct DeploymentAlarms {
    alarm_names: Vec<String>,
    pub(super) enable: bool,
    pub(super) rollback: bool,
}

impl DeploymentAlarms {
    pub(super) fn check(&self) -> Result<(), ApiError> {
        if self.enable && self.alarm_names.is_empty() {
            return Err(invalid("alarmNames must be specified to enable alarms."));
        }
        Ok(())
    }
}

/// What one service deployment watches.
#[derive(Debug)]
pub(super) struct AlarmWatch {
    names: Vec<String>,
    triggered: Vec<String>,
    monitor: Monitor,
    pub(super) rolls_back: bool,
}

impl AlarmWatch {
    /// "If an alarm is in the ALARM state at the beginning of a deployment, Amazon ECS will not
    /// monitor alarms for the duration of that deployment" (same page as [`DEFAULT_BAKE`]).
    pub(super) fn new(configured: Option<&DeploymentAlarms>, alarms: &Alarms) -> Self {
        let names = configured.map_or_else(Vec::new, |c| c.alarm_names.clone());
        let ignored = names.is_empty() || names.iter().any(|name| alarms.in_alarm(name));
        Self {
            names,
            triggered: Vec::new(),
            monitor: match ignored {
                true => Monitor::Disabled,
                false => Monitor::Monitoring,
            },
            rolls_back: configured.is_some_and(|c| c.rollback),
        }
    }

    /// Looks at the alarms; whether one has gone off that had not before.
    pub(super) fn goes_off(&mut self, alarms: &Alarms) -> bool {
        if self.monitor != Monitor::Monitoring {
            return false;
        }
        let triggered = self.names.iter().filter(|name| alarms.in_alarm(name));
        self.triggered = triggered.cloned().collect();
        if self.triggered.is_empty() {
            return false;
        }
        self.monitor = Monitor::Triggered;
        true
    }

    /// The deployment is over.
    pub(super) fn end(&mut self) {
        if self.monitor == Monitor::Monitoring {
            self.monitor = Monitor::Complete;
        }
    }

    pub(super) fn describe(&self) -> Value {
        json!({
            "status": self.monitor.name(),
            "alarmNames": self.names,
            "triggeredAlarmNames": self.triggered,
        })
    }
}
