//! `deploymentConfiguration`.

use serde::Deserialize;
use serde_json::{Map, Value, json};

use super::ApiError;
use super::alarm_watch::DeploymentAlarms;
use super::arithmetic::Bounds;
use super::breaker::Breaker;
use super::input::invalid;
use super::strategy::StrategyConfiguration;

/// `deploymentConfiguration`, as far as a deployment goes by it.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct DeploymentConfiguration {
    maximum_percent: Option<u32>,
    minimum_healthy_percent: Option<u32>,
    deployment_circuit_breaker: Option<Breaker>,
    alarms: Option<DeploymentAlarms>,
    #[serde(flatten)]
    pub(super) strategy: StrategyConfiguration,
}

impl DeploymentConfiguration {
    /// Reads it from a service's settings.
    pub(super) fn read(settings: &Map<String, Value>) -> Result<Self, ApiError> {
        let given = settings.get("deploymentConfiguration");
        let given = given.cloned().unwrap_or_else(|| json!({}));
        let read = serde_json::from_value(given);
        read.map_err(|e| invalid(format!("Invalid deploymentConfiguration: {e}.")))
    }

    pub(super) fn check(&self) -> Result<(), ApiError> {
        let (min, max) = self.percents();
        if min > 100 {
            return Err(invalid("minimumHealthyPercent must be between 0 and 100."));
        }
        if max < 100 {
            return Err(invalid("maximumPercent must be 100 or more."));
        }
        if min == 100 && max == 100 {
            return Err(invalid(
                "Both maximumPercent and minimumHealthyPercent cannot be 100 as this will block deployments.",
            ));
        }
        if let Some(alarms) = &self.alarms {
            alarms.check()?;
        }
        self.strategy.check()
    }

    fn percents(&self) -> (u32, u32) {
        (
            self.minimum_healthy_percent.unwrap_or(100),
            self.maximum_percent.unwrap_or(200),
        )
    }

    pub(super) fn bounds(&self, desired: u32) -> Bounds {
        let (min, max) = self.percents();
        Bounds::new(desired, min, max)
    }

    /// The circuit breaker, where it is enabled.
    pub(super) fn breaker(&self) -> Option<&Breaker> {
        self.deployment_circuit_breaker
            .as_ref()
            .filter(|b| b.enable)
    }

    /// The deployment alarms, where they are enabled.
    pub(super) fn alarms(&self) -> Option<&DeploymentAlarms> {
        self.alarms.as_ref().filter(|a| a.enable)
    }
}

/// Takes a request's `deploymentConfiguration` over into a service's settings. Members that are
/// not given stay, except those that belong to a strategy that is given up.
pub(super) fn merge(settings: &mut Map<String, Value>, new: &Map<String, Value>) {
    let merged = settings
        .entry("deploymentConfiguration")
        .or_insert_with(|| json!({}));
    let Some(merged) = merged.as_object_mut() else {
        return;
    };
    if let Some(strategy) = new.get("strategy").and_then(Value::as_str) {
        for (member, owners) in [
            ("linearConfiguration", &["LINEAR"][..]),
            ("canaryConfiguration", &["CANARY"]),
            ("lifecycleHooks", &["BLUE_GREEN", "LINEAR", "CANARY"]),
        ] {
            if !owners.contains(&strategy) {
                merged.remove(member);
            }
        }
    }
    merged.extend(new.clone());
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_belongs_to_a_strategy_goes_with_it() {
        let mut settings = Map::new();
        for (new, merged) in [
            (
                json!({"strategy": "CANARY", "canaryConfiguration": {}, "maximumPercent": 150}),
                json!({"strategy": "CANARY", "canaryConfiguration": {}, "maximumPercent": 150}),
            ),
            (
                json!({"bakeTimeInMinutes": 1}),
                json!({"strategy": "CANARY", "canaryConfiguration": {}, "maximumPercent": 150, "bakeTimeInMinutes": 1}),
            ),
            (
                json!({"strategy": "LINEAR", "linearConfiguration": {}, "lifecycleHooks": []}),
                json!({"strategy": "LINEAR", "linearConfiguration": {}, "lifecycleHooks": [], "maximumPercent": 150, "bakeTimeInMinutes": 1}),
            ),
            (
                json!({"strategy": "ROLLING"}),
                json!({"strategy": "ROLLING", "maximumPercent": 150, "bakeTimeInMinutes": 1}),
            ),
        ] {
            if let Value::Object(new) = new {
                merge(&mut settings, &new);
            }
            assert_eq!(settings["deploymentConfiguration"], merged);
        }
    }
}
