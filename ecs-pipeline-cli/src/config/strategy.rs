//! How the new revision takes over: the strategy's part of `deploy`.

use std::path::PathBuf;
use std::time::Duration;

use clap::ValueEnum;
use ecs_pipeline_core::aws::codedeploy::RollbackEvent;
use ecs_pipeline_core::model::{Change, EcsStrategy};
use schemars::JsonSchema;
use serde::Deserialize;

use super::duration;

/// How the new revision takes over from the old one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum StrategyName {
    /// ECS replaces tasks a few at a time.
    Rolling,
    /// ECS moves all traffic at once to new tasks that stand beside the old ones.
    BlueGreen,
    /// ECS moves the traffic in equal steps.
    Linear,
    /// ECS moves a small share of the traffic first, and then the rest.
    Canary,
    /// CodeDeploy moves the traffic; the service's deployment controller is CODE_DEPLOY.
    Codedeploy,
}

/// The steps of `linear`.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case", deny_unknown_fields, default)]
pub(crate) struct Linear {
    /// The share of a step, in percent from 3 to 100.
    pub(crate) percent: f64,
    /// How long each step lasts, in whole minutes.
    #[serde(deserialize_with = "whole_minutes")]
    #[schemars(with = "String")]
    pub(crate) step: Duration,
}

/// ECS's own values.
impl Default for Linear {
    fn default() -> Self {
        Self {
            percent: 10.0,
            step: minutes(6),
        }
    }
}

/// The first step of `canary`.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case", deny_unknown_fields, default)]
pub(crate) struct Canary {
    /// The first share, in percent from 0.1 to 100.
    pub(crate) percent: f64,
    /// How long it lasts, in whole minutes.
    #[serde(deserialize_with = "whole_minutes")]
    #[schemars(with = "String")]
    pub(crate) step: Duration,
}

/// ECS's own values.
impl Default for Canary {
    fn default() -> Self {
        Self {
            percent: 5.0,
            step: minutes(10),
        }
    }
}

/// What CodeDeploy is told.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case", deny_unknown_fields, default)]
pub(crate) struct CodeDeploy {
    /// The application; left out: `AppECS-CLUSTER-SERVICE`, the name that AWS's console gives.
    pub(crate) application: Option<String>,
    /// The deployment group; left out: `DgpECS-CLUSTER-SERVICE`.
    pub(crate) deployment_group: Option<String>,
    /// How the traffic moves, such as CodeDeployDefault.ECSCanary10Percent5Minutes; left out: as
    /// the group has it.
    pub(crate) deployment_config: Option<String>,
    /// What CodeDeploy shows beside the deployment.
    pub(crate) description: Option<String>,
    /// The AppSpec file; left out: made from the service's load balancer.
    pub(crate) appspec: Option<PathBuf>,
    /// What makes CodeDeploy itself roll back; left out: as the group has it.
    pub(crate) auto_rollback: Option<Vec<RollbackOn>>,
    /// The alarms that stop the deployment; left out: the group's.
    pub(crate) alarms: Option<Vec<String>>,
    /// The bucket that the AppSpec is put into; left out: it is sent along.
    pub(crate) bucket: Option<String>,
    /// What its key begins with there.
    pub(crate) prefix: Option<String>,
}

/// What makes CodeDeploy roll a deployment back by itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum RollbackOn {
    /// It failed.
    Failure,
    /// One of its alarms went off.
    Alarm,
    /// Somebody stopped it.
    Stop,
}

impl From<RollbackOn> for RollbackEvent {
    fn from(on: RollbackOn) -> Self {
        match on {
            RollbackOn::Failure => Self::Failure,
            RollbackOn::Alarm => Self::Alarm,
            RollbackOn::Stop => Self::Stop,
        }
    }
}

impl super::Deploy {
    /// The strategy for ECS to be set to; none where the service's own stays, or where CodeDeploy
    /// moves the traffic.
    pub(crate) fn ecs_strategy(&self, name: StrategyName) -> Option<EcsStrategy> {
        let bake = self.bake.unwrap_or(minutes(5));
        let linear = self.linear.clone().unwrap_or_default();
        let canary = self.canary.clone().unwrap_or_default();
        match name {
            StrategyName::Codedeploy => None,
            StrategyName::Rolling => Some(EcsStrategy::Rolling),
            StrategyName::BlueGreen => Some(EcsStrategy::BlueGreen { bake }),
            StrategyName::Linear => Some(EcsStrategy::Linear {
                step_percent: linear.percent,
                step_bake: linear.step,
                bake,
            }),
            StrategyName::Canary => Some(EcsStrategy::Canary {
                percent: canary.percent,
                canary_bake: canary.step,
                bake,
            }),
        }
    }

    /// The change with this strategy. Numbers that the configuration leaves out stay as the service
    /// has them.
    pub(crate) fn by_strategy(&self, change: Change, name: StrategyName) -> Change {
        let gives_numbers = self.bake.is_some()
            || match name {
                StrategyName::Linear => self.linear.is_some(),
                StrategyName::Canary => self.canary.is_some(),
                _ => false,
            };
        match self.ecs_strategy(name) {
            Some(strategy) if gives_numbers => change.with_strategy(strategy),
            Some(strategy) => change.with_kind_of(strategy),
            None => change,
        }
    }

    pub(super) fn check_strategy(&self) -> Result<(), String> {
        let in_range = |name: &str, percent: f64, least: f64| {
            if (least..=100.0).contains(&percent) {
                return Ok(());
            }
            Err(format!(
                "deploy.{name}.percent: {percent} is not between {least} and 100"
            ))
        };
        if let Some(linear) = &self.linear {
            in_range("linear", linear.percent, 3.0)?;
        }
        if let Some(canary) = &self.canary {
            in_range("canary", canary.percent, 0.1)?;
        }
        let whole = |time: Duration| time.as_secs().is_multiple_of(60) && time.subsec_nanos() == 0;
        if self.bake.is_some_and(|bake| !whole(bake)) {
            return Err("deploy.bake: ECS takes whole minutes".to_owned());
        }
        Ok(())
    }
}

fn minutes(minutes: u64) -> Duration {
    Duration::from_secs(minutes * 60)
}

fn whole_minutes<'de, D: serde::Deserializer<'de>>(from: D) -> Result<Duration, D::Error> {
    let time = duration(from)?.unwrap_or_default();
    if time.as_secs() % 60 != 0 || time.subsec_nanos() != 0 {
        return Err(serde::de::Error::custom("ECS takes whole minutes"));
    }
    Ok(time)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use ecs_pipeline_core::model::{ServiceRef, TaskDefinitionSource};

    use super::super::{Config, Variables};
    use super::*;

    fn deploy(more: &str) -> Result<super::super::Deploy, String> {
        let text =
            format!("application: web\ndeploy: {{cluster: c, service: s, container: web{more}}}\n");
        let config = Config::parse(&text, &Variables::from_pairs([("A", "b")]))?;
        Ok(config.deploy.unwrap())
    }

    #[test]
    fn numbers_that_are_left_out_stay_as_the_service_has_them() {
        let change = || {
            let service = ServiceRef::new("c", "s");
            Change::new(service, TaskDefinitionSource::Current)
        };
        for (more, keeps) in [
            ("", true),
            (", linear: {percent: 20}", true),
            (", canary: {percent: 20}", false),
            (", bake: 10m", false),
        ] {
            let changed = deploy(more)
                .unwrap()
                .by_strategy(change(), StrategyName::Canary);
            assert_eq!(changed.keeps_strategy_numbers, keeps, "{more}");
            assert_eq!(changed.strategy.unwrap().name(), "CANARY");
        }
        let by_code_deploy = deploy("")
            .unwrap()
            .by_strategy(change(), StrategyName::Codedeploy);
        assert_eq!(by_code_deploy.strategy, None);
    }

    #[test]
    fn what_ecs_does_not_take_is_refused_with_its_name() {
        for (more, words) in [
            (", canary: {percent: 0}", "deploy.canary.percent"),
            (", linear: {percent: 2.9}", "deploy.linear.percent"),
            (", bake: 90s", "deploy.bake"),
            (", bake: 500ms", "deploy.bake"),
            (", canary: {step: 90s}", "whole minutes"),
            (", strategy: blue", "blue-green"),
            (", codedeploy: {auto-rollback: [never]}", "never"),
        ] {
            let message = deploy(more).unwrap_err();
            assert!(message.contains(words), "{more}: {message}");
        }
    }
}
