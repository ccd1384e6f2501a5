//! What is rehearsed, and how fast time passes.

use std::time::Duration;

use clap::ValueEnum;
use ecs_pipeline_core::model::EcsStrategy;

use crate::args::{OnTimeout, RehearseArgs, Scenario, StrategyArgs, WaitArgs};
use crate::config::{Config, ConfigError, Deploy, StrategyName, Variables};
use crate::context::Context;
use crate::error::CliError;

/// How fast the sandbox's time passes where nothing has to be waited for.
const USUAL_SPEED: f64 = 10.0;

/// How fast at most. Containers do not start faster because a clock does.
const TOP_SPEED: f64 = 120.0;

/// What a strategy's waits are to take of real time.
const SHORT_ENOUGH: Duration = Duration::from_secs(30);

/// How long a rolling deployment that watches alarms is to bake. Without it the deployment might be
/// over before anything can happen to it.
pub(super) const ROLLING_BAKE: Duration = Duration::from_secs(3 * 60);

/// How long CodeDeploy is to keep the old version after the traffic has moved.
pub(super) const TERMINATION_WAIT: Duration = Duration::from_secs(5 * 60);

/// How long a version that CodeDeploy waits for gets, beyond what is waited by design.
const PATIENCE: Duration = Duration::from_secs(10 * 60);

/// How CodeDeploy moves the traffic where the configuration does not say.
const USUAL_DEPLOYMENT_CONFIG: &str = "CodeDeployDefault.ECSCanary10Percent5Minutes";

/// The variables of a build of this version: `VERSION`, and the tag where the configuration has none.
pub(super) fn version(variables: &Variables, version: &str) -> Variables {
    let variables = variables.clone().with("VERSION", version);
    variables.with("ECS_PIPELINE_TAG", version)
}

/// One rehearsal.
#[derive(Debug, Clone, Copy)]
pub(super) struct Rehearsal<'a> {
    pub(super) args: &'a RehearseArgs,
    pub(super) strategy: StrategyName,
    pub(super) scenario: Scenario,
    /// What is waited by design, in the sandbox's time.
    pub(super) waits: Duration,
    pub(super) speed: f64,
}

impl<'a> Rehearsal<'a> {
    pub(super) fn plan(context: &Context, args: &'a RehearseArgs) -> Result<Self, CliError> {
        let variables = version(&context.variables, "rehearsal-1");
        let path = args.directory.join(&context.global.config);
        let config = Config::read(&path, &variables)?;
        let deploy = deploy_of(context, &config)?;
        let strategy = args.strategy.or(deploy.strategy);
        let strategy = strategy.unwrap_or(StrategyName::Rolling);
        let scenario = args.scenario.unwrap_or_default();
        let waits = waits(deploy, strategy, scenario);
        Ok(Self {
            args,
            strategy,
            scenario,
            waits,
            speed: args.speed.unwrap_or_else(|| speed(waits)),
        })
    }

    /// The strategy for the deployment, where somebody asked for one.
    pub(super) fn strategy_args(&self) -> StrategyArgs {
        StrategyArgs {
            strategy: self.args.strategy,
            ..StrategyArgs::default()
        }
    }

    /// Whether only the run's time limit can end it: CodeDeploy has no circuit breaker, and waits
    /// an hour for the new tasks to become healthy
    /// (<https://docs.aws.amazon.com/codedeploy/latest/userguide/limits.html>).
    pub(super) fn ends_by_time_limit(&self) -> bool {
        self.strategy == StrategyName::Codedeploy && is_fault(self.scenario)
    }

    pub(super) fn wait_args(&self) -> WaitArgs {
        let mut wait = self.args.wait.clone();
        if self.ends_by_time_limit() {
            wait.timeout = wait.timeout.or(Some(PATIENCE.div_f64(self.speed)));
            wait.on_timeout = wait.on_timeout.or(Some(OnTimeout::Rollback));
        }
        wait
    }

    /// Whether an alarm is to end the deployment, or to keep it from ending at once.
    pub(super) fn has_alarm(&self) -> bool {
        let rolls = self.strategy == StrategyName::Rolling;
        match self.scenario {
            Scenario::Alarm => true,
            Scenario::Rollback => rolls,
            _ => false,
        }
    }

    /// `canary`.
    pub(super) fn strategy_name(&self) -> String {
        name_of(self.strategy)
    }

    /// `missing-image`.
    pub(super) fn scenario_name(&self) -> String {
        name_of(self.scenario)
    }
}

/// Whether the new version is broken.
fn is_fault(scenario: Scenario) -> bool {
    matches!(
        scenario,
        Scenario::Unhealthy | Scenario::CrashLoop | Scenario::MissingImage
    )
}

/// A value as the command line has it.
fn name_of(value: impl ValueEnum) -> String {
    let name = value.to_possible_value();
    name.map_or_else(String::new, |name| name.get_name().to_owned())
}

pub(super) fn deploy_of<'a>(context: &Context, config: &'a Config) -> Result<&'a Deploy, CliError> {
    config.deploy.as_ref().ok_or_else(|| {
        CliError::Config(ConfigError::Lacks {
            path: context.global.config.clone(),
            member: "deploy",
        })
    })
}

/// The configuration's deployment configuration of CodeDeploy, or the rehearsal's.
pub(super) fn deployment_config(deploy: &Deploy) -> &str {
    let configured = deploy.codedeploy.deployment_config.as_deref();
    configured.unwrap_or(USUAL_DEPLOYMENT_CONFIG)
}

fn speed(waits: Duration) -> f64 {
    let wanted = waits.as_secs_f64() / SHORT_ENOUGH.as_secs_f64();
    wanted.ceil().clamp(USUAL_SPEED, TOP_SPEED)
}

fn waits(deploy: &Deploy, strategy: StrategyName, scenario: Scenario) -> Duration {
    match deploy.ecs_strategy(strategy) {
        None => shift_time(deployment_config(deploy)) + TERMINATION_WAIT,
        Some(EcsStrategy::BlueGreen { bake }) => bake,
        Some(EcsStrategy::Linear {
            step_percent,
            step_bake,
            bake,
        }) => {
            // After the last step there is no wait of its own.
            let steps = (100.0 / step_percent).ceil() - 1.0;
            step_bake.mul_f64(steps) + bake
        }
        Some(EcsStrategy::Canary {
            canary_bake, bake, ..
        }) => canary_bake + bake,
        Some(_) if matches!(scenario, Scenario::Alarm | Scenario::Rollback) => ROLLING_BAKE,
        Some(_) => Duration::ZERO,
    }
}

/// How long the traffic takes to move by one of CodeDeploy's own configurations
/// (<https://docs.aws.amazon.com/codedeploy/latest/userguide/deployment-configurations.html>).
fn shift_time(deployment_config: &str) -> Duration {
    let minutes = match deployment_config {
        "CodeDeployDefault.ECSCanary10Percent5Minutes" => 5,
        "CodeDeployDefault.ECSCanary10Percent15Minutes" => 15,
        "CodeDeployDefault.ECSLinear10PercentEvery1Minutes" => 9,
        "CodeDeployDefault.ECSLinear10PercentEvery3Minutes" => 27,
        _ => 0,
    };
    Duration::from_secs(60 * minutes)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;

    fn deploy(more: &str) -> Deploy {
        let text = format!("{{cluster: c, service: s, container: web{more}}}");
        serde_yaml::from_str(&text).unwrap()
    }

    #[test]
    fn the_waits_are_those_of_the_strategy() {
        use Scenario::{Alarm, Good, Rollback, Unhealthy};
        use StrategyName::{BlueGreen, Canary, Codedeploy, Linear, Rolling};
        let of_code_deploy = |name: &str| {
            format!(", codedeploy: {{deployment-config: CodeDeployDefault.ECS{name}}}")
        };
        let (all_at_once, linear) = (
            of_code_deploy("AllAtOnce"),
            of_code_deploy("Linear10PercentEvery3Minutes"),
        );
        for (more, strategy, scenario, minutes) in [
            ("", Rolling, Good, 0),
            ("", Rolling, Unhealthy, 0),
            ("", Rolling, Alarm, 3),
            ("", Rolling, Rollback, 3),
            ("", BlueGreen, Good, 5),
            (", bake: 2m", BlueGreen, Alarm, 2),
            ("", Canary, Good, 10 + 5),
            ("", Linear, Good, 9 * 6 + 5),
            (", linear: {percent: 30, step: 1m}", Linear, Good, 3 + 5),
            (", linear: {percent: 100, step: 1m}", Linear, Good, 5),
            ("", Codedeploy, Good, 5 + 5),
            (&all_at_once, Codedeploy, Good, 5),
            (&linear, Codedeploy, Good, 27 + 5),
        ] {
            let waits = waits(&deploy(more), strategy, scenario);
            assert_eq!(waits.as_secs(), 60 * minutes, "{more} {strategy:?}");
        }
    }

    #[test]
    fn waits_take_half_a_minute_of_real_time_within_bounds() {
        let minutes = |minutes: u64| Duration::from_secs(60 * minutes);
        for (waits, expected) in [(0, 10.0), (5, 10.0), (15, 30.0), (59, 118.0), (600, 120.0)] {
            assert!((speed(minutes(waits)) - expected).abs() < 1e-9, "{waits}");
        }
    }
}
