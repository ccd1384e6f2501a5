//! How long a deployment waits by design: for the traffic, and with the old version still there.

use std::time::Duration;

use aws_sdk_codedeploy::types::{
    BlueGreenDeploymentConfiguration, DeploymentGroupInfo, InstanceAction, TrafficRoutingConfig,
};

use super::CodeDeployDeployer;
use crate::model::ServiceRef;

impl CodeDeployDeployer {
    /// It makes forecasts and time limits better, and its lack fails nothing.
    pub(super) async fn learn_waits(&self, service: &ServiceRef, group: &DeploymentGroupInfo) {
        if self.known().waits.contains_key(service) {
            return;
        }
        let own = self.settings.deployment_config.as_deref();
        let shift = match own.or_else(|| group.deployment_config_name()) {
            // Its shift takes no time, and it is the group's default.
            None | Some("CodeDeployDefault.ECSAllAtOnce") => Duration::ZERO,
            Some(name) => self.shift_of(name).await,
        };
        let kept = group
            .blue_green_deployment_configuration()
            .map_or(Duration::ZERO, waits);
        self.known().waits.insert(service.clone(), shift + kept);
    }

    async fn shift_of(&self, name: &str) -> Duration {
        let answer = self
            .client
            .get_deployment_config()
            .deployment_config_name(name)
            .send()
            .await
            .map_err(|error| {
                self.errors
                    .map("codedeploy:GetDeploymentConfig", name, error)
            });
        match answer {
            Ok(answer) => answer
                .deployment_config_info()
                .and_then(|info| info.traffic_routing_config())
                .map_or(Duration::ZERO, shift),
            Err(error) => {
                tracing::debug!(%error, "the deployment configuration was not read");
                shift_by_name(name)
            }
        }
    }
}

/// From the first step of the traffic to the last.
fn shift(routing: &TrafficRoutingConfig) -> Duration {
    let canary = routing
        .time_based_canary()
        .map_or(Duration::ZERO, |canary| minutes(canary.canary_interval));
    let linear = routing.time_based_linear().map(|linear| {
        let percent = u32::try_from(linear.linear_percentage).unwrap_or(0).max(1);
        let steps = 100_u32.div_ceil(percent).saturating_sub(1);
        minutes(linear.linear_interval) * steps
    });
    canary + linear.unwrap_or_default()
}

/// That of AWS's own configurations, for whoever may not read them
/// (<https://docs.aws.amazon.com/codedeploy/latest/userguide/deployment-configurations.html>).
fn shift_by_name(name: &str) -> Duration {
    minutes(match name {
        "CodeDeployDefault.ECSLinear10PercentEvery1Minutes" => 9,
        "CodeDeployDefault.ECSLinear10PercentEvery3Minutes" => 27,
        "CodeDeployDefault.ECSCanary10Percent5Minutes" => 5,
        "CodeDeployDefault.ECSCanary10Percent15Minutes" => 15,
        _ => 0,
    })
}

/// Before the traffic moves, and before the old version is taken down.
fn waits(configuration: &BlueGreenDeploymentConfiguration) -> Duration {
    let ready = configuration
        .deployment_ready_option()
        .map_or(Duration::ZERO, |ready| minutes(ready.wait_time_in_minutes));
    let kept = configuration
        .terminate_blue_instances_on_deployment_success()
        .filter(|end| end.action() == Some(&InstanceAction::Terminate))
        .map_or(Duration::ZERO, |end| {
            minutes(end.termination_wait_time_in_minutes)
        });
    ready + kept
}

fn minutes(count: i32) -> Duration {
    Duration::from_secs(u64::try_from(count).unwrap_or(0) * 60)
}

#[cfg(test)]
mod tests {
    use aws_sdk_codedeploy::types::{
        BlueInstanceTerminationOption, DeploymentReadyOption, TimeBasedCanary, TimeBasedLinear,
    };

    use super::*;

    #[test]
    fn a_shift_takes_the_time_between_its_steps() {
        let linear = |percent, interval| {
            let linear = TimeBasedLinear::builder()
                .linear_percentage(percent)
                .linear_interval(interval)
                .build();
            TrafficRoutingConfig::builder()
                .time_based_linear(linear)
                .build()
        };
        let canary = TimeBasedCanary::builder()
            .canary_percentage(10)
            .canary_interval(15)
            .build();
        let canary = TrafficRoutingConfig::builder()
            .time_based_canary(canary)
            .build();
        let at_once = TrafficRoutingConfig::builder().build();
        let table = [
            (linear(10, 1), 9),
            (linear(10, 3), 27),
            (linear(30, 1), 3),
            (linear(0, 1), 99),
            (canary, 15),
            (at_once, 0),
        ];
        for (routing, expected) in table {
            assert_eq!(shift(&routing), minutes(expected), "{routing:?}");
        }
    }

    #[test]
    fn only_what_is_taken_down_is_waited_for() {
        for (action, expected) in [
            (InstanceAction::Terminate, 65),
            (InstanceAction::KeepAlive, 5),
        ] {
            let ready = DeploymentReadyOption::builder()
                .wait_time_in_minutes(5)
                .build();
            let end = BlueInstanceTerminationOption::builder()
                .action(action)
                .termination_wait_time_in_minutes(60)
                .build();
            let configuration = BlueGreenDeploymentConfiguration::builder()
                .deployment_ready_option(ready)
                .terminate_blue_instances_on_deployment_success(end)
                .build();
            assert_eq!(waits(&configuration), minutes(expected));
        }
    }
}
