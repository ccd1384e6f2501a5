//! How a strategy is configured, and what AWS refuses of it.

use std::time::Duration;

use serde::Deserialize;

use super::super::ApiError;
use super::super::input::invalid;
use super::hook::Hook;
use super::steps::Share;

/// `deploymentConfiguration.strategy`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub(in crate::world::ecs) enum Strategy {
    #[default]
    Rolling,
    BlueGreen,
    Linear,
    Canary,
}

impl Strategy {
    /// Whether it shifts traffic between two sets of tasks.
    pub(in crate::world::ecs) fn shifts(self) -> bool {
        self != Self::Rolling
    }

    pub(in crate::world::ecs) fn name(self) -> &'static str {
        match self {
            Self::Rolling => "ROLLING",
            Self::BlueGreen => "BLUE_GREEN",
            Self::Linear => "LINEAR",
            Self::Canary => "CANARY",
        }
    }
}

/// `linearConfiguration`.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(in crate::world::ecs) struct LinearConfiguration {
    step_percent: Option<f64>,
    step_bake_time_in_minutes: Option<u32>,
}

impl LinearConfiguration {
    pub(super) fn step(&self) -> Share {
        let percent = self.step_percent.unwrap_or(10.0);
        Share::from_percent(percent).unwrap_or(Share::ALL)
    }

    pub(super) fn bake(&self) -> Duration {
        minutes(self.step_bake_time_in_minutes.unwrap_or(6))
    }
}

/// `canaryConfiguration`.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(in crate::world::ecs) struct CanaryConfiguration {
    canary_percent: Option<f64>,
    canary_bake_time_in_minutes: Option<u32>,
}

impl CanaryConfiguration {
    pub(super) fn share(&self) -> Share {
        let percent = self.canary_percent.unwrap_or(5.0);
        Share::from_percent(percent).unwrap_or(Share::ALL)
    }

    pub(super) fn bake(&self) -> Duration {
        minutes(self.canary_bake_time_in_minutes.unwrap_or(10))
    }
}

/// The members of `deploymentConfiguration` that belong to strategies.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(in crate::world::ecs) struct StrategyConfiguration {
    #[serde(default)]
    pub(in crate::world::ecs) strategy: Strategy,
    bake_time_in_minutes: Option<u32>,
    linear_configuration: Option<LinearConfiguration>,
    canary_configuration: Option<CanaryConfiguration>,
    #[serde(default)]
    pub(super) lifecycle_hooks: Vec<Hook>,
}

impl StrategyConfiguration {
    /// `bakeTimeInMinutes`, where it is given.
    pub(in crate::world::ecs) fn bake(&self) -> Option<Duration> {
        self.bake_time_in_minutes.map(minutes)
    }

    pub(super) fn steps(&self) -> Vec<super::steps::Step> {
        let linear = self.linear_configuration.clone().unwrap_or_default();
        let canary = self.canary_configuration.clone().unwrap_or_default();
        super::steps::steps(self.strategy, &linear, &canary)
    }

    pub(in crate::world::ecs) fn check(&self) -> Result<(), ApiError> {
        self.check_belonging()?;
        check_minutes("bakeTimeInMinutes", self.bake_time_in_minutes)?;
        if self.strategy == Strategy::BlueGreen && self.bake_time_in_minutes.is_none() {
            return Err(invalid(
                "bakeTimeInMinutes must be specified for the BLUE_GREEN deployment strategy.",
            ));
        }
        if let Some(linear) = &self.linear_configuration {
            check_percent("stepPercent", linear.step_percent, 3.0)?;
            check_minutes("stepBakeTimeInMinutes", linear.step_bake_time_in_minutes)?;
        }
        if let Some(canary) = &self.canary_configuration {
            check_percent("canaryPercent", canary.canary_percent, 0.1)?;
            check_minutes(
                "canaryBakeTimeInMinutes",
                canary.canary_bake_time_in_minutes,
            )?;
        }
        self.lifecycle_hooks.iter().try_for_each(Hook::check)
    }

    /// Each strategy has members of its own.
    fn check_belonging(&self) -> Result<(), ApiError> {
        for (member, given, allowed) in [
            (
                "linearConfiguration",
                self.linear_configuration.is_some(),
                self.strategy == Strategy::Linear,
            ),
            (
                "canaryConfiguration",
                self.canary_configuration.is_some(),
                self.strategy == Strategy::Canary,
            ),
            (
                "lifecycleHooks",
                !self.lifecycle_hooks.is_empty(),
                self.strategy.shifts(),
            ),
        ] {
            if given && !allowed {
                return Err(invalid(format!(
                    "{member} is not valid for the {} deployment strategy.",
                    self.strategy.name()
                )));
            }
        }
        Ok(())
    }
}

fn minutes(minutes: u32) -> Duration {
    Duration::from_secs(u64::from(minutes) * 60)
}

fn check_minutes(member: &str, minutes: Option<u32>) -> Result<(), ApiError> {
    match minutes {
        Some(minutes) if minutes > 1440 => {
            Err(invalid(format!("{member} must be between 0 and 1440.")))
        }
        _ => Ok(()),
    }
}

fn check_percent(member: &str, percent: Option<f64>, least: f64) -> Result<(), ApiError> {
    let refused = percent.is_some_and(|p| p < least || Share::from_percent(p).is_none());
    match refused {
        true => Err(invalid(format!(
            "{member} must be a multiple of 0.1 between {least:.1} and 100.0."
        ))),
        false => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use serde_json::{Value, json};

    use super::*;

    fn check(configuration: Value) -> Result<(), String> {
        let read: StrategyConfiguration = serde_json::from_value(configuration).unwrap();
        read.check().map_err(|e| e.message)
    }

    #[test]
    fn what_belongs_together_is_accepted() {
        let hook = json!({
            "hookTargetArn": "arn:aws:lambda:us-east-1:123456789012:function:f",
            "roleArn": "arn:aws:iam::123456789012:role/r",
            "lifecycleStages": ["PRE_SCALE_UP", "PRODUCTION_TRAFFIC_SHIFT"],
        });
        let pause = json!({
            "targetType": "PAUSE", "lifecycleStages": ["POST_SCALE_UP"],
            "timeoutConfiguration": {"timeoutInMinutes": 20160, "action": "CONTINUE"},
        });
        for good in [
            json!({}),
            json!({"bakeTimeInMinutes": 5}),
            json!({"strategy": "BLUE_GREEN", "bakeTimeInMinutes": 0, "lifecycleHooks": [hook, pause]}),
            json!({"strategy": "LINEAR"}),
            json!({"strategy": "LINEAR", "linearConfiguration": {"stepPercent": 3.1, "stepBakeTimeInMinutes": 1440}}),
            json!({"strategy": "CANARY", "canaryConfiguration": {"canaryPercent": 0.1}}),
        ] {
            assert_eq!(check(good.clone()), Ok(()), "{good}");
        }
    }

    #[test]
    fn what_aws_refuses_is_refused() {
        let with_hook = |hook: Value| json!({"strategy": "LINEAR", "lifecycleHooks": [hook]});
        let pause = |stages: Value, timeout: u32| {
            with_hook(json!({
                "targetType": "PAUSE", "lifecycleStages": stages,
                "timeoutConfiguration": {"timeoutInMinutes": timeout},
            }))
        };
        for (bad, part) in [
            (
                json!({"strategy": "BLUE_GREEN"}),
                "bakeTimeInMinutes must be specified",
            ),
            (
                json!({"strategy": "CANARY", "bakeTimeInMinutes": 1441}),
                "between 0 and 1440",
            ),
            (
                json!({"strategy": "CANARY", "linearConfiguration": {}}),
                "linearConfiguration is not valid",
            ),
            (
                json!({"canaryConfiguration": {}}),
                "not valid for the ROLLING",
            ),
            (
                json!({"strategy": "LINEAR", "linearConfiguration": {"stepPercent": 2.9}}),
                "between 3.0 and 100.0",
            ),
            (
                json!({"strategy": "CANARY", "canaryConfiguration": {"canaryPercent": 5.55}}),
                "a multiple of 0.1",
            ),
            (
                json!({"strategy": "CANARY", "canaryConfiguration": {"canaryBakeTimeInMinutes": 1441}}),
                "canaryBakeTimeInMinutes",
            ),
            (
                json!({"lifecycleHooks": [{"targetType": "PAUSE", "lifecycleStages": ["PRE_SCALE_UP"]}]}),
                "lifecycleHooks is not valid",
            ),
            (pause(json!([]), 1), "lifecycleStages"),
            (pause(json!(["PRE_SCALE_UP"]), 0), "between 1 and 20160"),
            (
                pause(json!(["PRODUCTION_TRAFFIC_SHIFT"]), 1),
                "PRODUCTION_TRAFFIC_SHIFT",
            ),
            (pause(json!(["BAKE_TIME"]), 1), "BAKE_TIME"),
            (
                with_hook(json!({"lifecycleStages": ["PRE_SCALE_UP"]})),
                "hookTargetArn",
            ),
            (
                with_hook(json!({"lifecycleStages": ["PRE_SCALE_UP"], "hookTargetArn": "f"})),
                "roleArn",
            ),
            (
                with_hook(
                    json!({"targetType": "PAUSE", "lifecycleStages": ["PRE_SCALE_UP"], "hookTargetArn": "f"}),
                ),
                "hookTargetArn",
            ),
        ] {
            let refusal = check(bad.clone()).unwrap_err();
            assert!(refusal.contains(part), "{bad}: {refusal}");
        }
    }
}
