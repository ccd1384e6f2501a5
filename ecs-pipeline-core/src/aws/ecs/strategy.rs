//! How ECS is to replace a service's tasks: whether it has to be set, whether it can be, and the
//! `deploymentConfiguration` that sets it.

use std::time::Duration;

use aws_sdk_ecs::types::{DeploymentConfiguration, DeploymentStrategy, Service};
use serde_json::{Map, Value, json};

use super::EcsDeployer;
use super::describe::shifts_traffic;
use super::raw::RawBodies;
use crate::error::{ErrorKind, ProviderError};
use crate::model::{EcsStrategy, ServiceRef};

const MINUTE: u64 = 60;
/// The longest that a step or a bake may last, in minutes.
const LONGEST: u64 = 1440;
/// What ECS takes where the service does not say.
const STEP_PERCENT: f64 = 10.0;
const STEP_BAKE: i32 = 6;
const CANARY_PERCENT: f64 = 5.0;
const CANARY_BAKE: i32 = 10;

impl EcsDeployer {
    /// The `deploymentConfiguration` that gives a service this strategy and keeps the rest of what
    /// it has: UpdateService replaces the structure, it does not merge it.
    pub(super) async fn with_strategy(
        &self,
        service: &ServiceRef,
        strategy: &EcsStrategy,
    ) -> Result<Value, ProviderError> {
        let present = self.configuration_of(service).await?;
        Ok(configured(Some(&present), strategy))
    }

    /// The service's `deploymentConfiguration` as ECS writes it, with members that no SDK knows.
    pub(super) async fn configuration_of(
        &self,
        service: &ServiceRef,
    ) -> Result<Value, ProviderError> {
        const OPERATION: &str = "ecs:DescribeServices";
        let raw = RawBodies::default();
        self.client
            .describe_services()
            .cluster(&service.cluster)
            .services(&service.service)
            .customize()
            .interceptor(raw.clone())
            .send()
            .await
            .map_err(|error| self.errors.map(OPERATION, service.to_string(), error))?;
        let answer = raw.received().unwrap_or_default();
        // Without it, what the service has would be replaced by nothing.
        let found = answer.pointer("/services/0").ok_or_else(|| {
            let message = "the answer does not have the service";
            ProviderError::new(ErrorKind::Internal, OPERATION, service.to_string(), message)
        })?;
        Ok(found["deploymentConfiguration"].clone())
    }
}

/// A `deploymentConfiguration` with this strategy, and what does not belong to another one kept.
pub(super) fn configured(present: Option<&Value>, strategy: &EcsStrategy) -> Value {
    let mut members = present
        .and_then(Value::as_object)
        .cloned()
        .unwrap_or_default();
    for of_another in [
        "bakeTimeInMinutes",
        "linearConfiguration",
        "canaryConfiguration",
    ] {
        members.remove(of_another);
    }
    members.insert("strategy".to_owned(), json!(strategy.name()));
    let mut set = |name: &str, value: Value| drop(members.insert(name.to_owned(), value));
    match strategy {
        EcsStrategy::Rolling => {}
        EcsStrategy::BlueGreen { bake } => set("bakeTimeInMinutes", minutes(*bake)),
        EcsStrategy::Linear {
            step_percent,
            step_bake,
            bake,
        } => {
            set("bakeTimeInMinutes", minutes(*bake));
            let steps = json!({
                "stepPercent": step_percent, "stepBakeTimeInMinutes": minutes(*step_bake),
            });
            set("linearConfiguration", steps);
        }
        EcsStrategy::Canary {
            percent,
            canary_bake,
            bake,
        } => {
            set("bakeTimeInMinutes", minutes(*bake));
            let canary = json!({
                "canaryPercent": percent, "canaryBakeTimeInMinutes": minutes(*canary_bake),
            });
            set("canaryConfiguration", canary);
        }
    }
    if strategy.shifts_traffic() {
        members.remove("earlySuccessCriteria");
    }
    Value::Object(members)
}

fn minutes(duration: Duration) -> Value {
    json!(duration.as_secs() / MINUTE)
}

/// The strategy that a service has.
pub(super) fn present(service: &Service) -> EcsStrategy {
    let Some(configuration) = service.deployment_configuration() else {
        return EcsStrategy::Rolling;
    };
    let bake = of_minutes(configuration.bake_time_in_minutes().unwrap_or(0));
    match configuration.strategy() {
        Some(DeploymentStrategy::BlueGreen) => EcsStrategy::BlueGreen { bake },
        Some(DeploymentStrategy::Linear) => linear(configuration, bake),
        Some(DeploymentStrategy::Canary) => canary(configuration, bake),
        _ => EcsStrategy::Rolling,
    }
}

fn linear(configuration: &DeploymentConfiguration, bake: Duration) -> EcsStrategy {
    let steps = configuration.linear_configuration();
    EcsStrategy::Linear {
        step_percent: steps
            .and_then(|steps| steps.step_percent())
            .unwrap_or(STEP_PERCENT),
        step_bake: of_minutes(
            steps
                .and_then(|steps| steps.step_bake_time_in_minutes())
                .unwrap_or(STEP_BAKE),
        ),
        bake,
    }
}

fn canary(configuration: &DeploymentConfiguration, bake: Duration) -> EcsStrategy {
    let canary = configuration.canary_configuration();
    EcsStrategy::Canary {
        percent: canary
            .and_then(|canary| canary.canary_percent())
            .unwrap_or(CANARY_PERCENT),
        canary_bake: of_minutes(
            canary
                .and_then(|canary| canary.canary_bake_time_in_minutes())
                .unwrap_or(CANARY_BAKE),
        ),
        bake,
    }
}

fn of_minutes(minutes: i32) -> Duration {
    Duration::from_secs(u64::try_from(minutes).unwrap_or(0) * MINUTE)
}

/// How long a deployment of this service waits by design.
pub(super) fn waits(service: &Service) -> Duration {
    match present(service) {
        // A rolling update bakes for the sake of the alarms alone.
        EcsStrategy::Rolling => service
            .deployment_configuration()
            .filter(|configuration| configuration.alarms().is_some_and(|alarms| alarms.enable))
            .map_or(Duration::ZERO, |configuration| {
                of_minutes(configuration.bake_time_in_minutes().unwrap_or(0))
            }),
        EcsStrategy::BlueGreen { bake } => bake,
        EcsStrategy::Linear {
            step_percent,
            step_bake,
            bake,
        } => step_bake * steps_before_the_last(step_percent) + bake,
        EcsStrategy::Canary {
            canary_bake, bake, ..
        } => canary_bake + bake,
    }
}

/// How many steps of traffic come before the one that moves the rest: there is no step's wait
/// after that.
fn steps_before_the_last(percent: f64) -> u32 {
    let mut steps = 0;
    let mut shifted = percent;
    while percent > 0.0 && shifted < 100.0 {
        steps += 1;
        shifted += percent;
    }
    steps
}

/// What makes a strategy one that ECS does not take.
pub(super) fn flaw(strategy: &EcsStrategy) -> Option<String> {
    match strategy {
        EcsStrategy::Rolling => None,
        EcsStrategy::BlueGreen { bake } => flaw_of_time("the bake time", *bake),
        EcsStrategy::Linear {
            step_percent,
            step_bake,
            bake,
        } => flaw_of_share("a step", *step_percent, 3.0)
            .or_else(|| flaw_of_time("the time of a step", *step_bake))
            .or_else(|| flaw_of_time("the bake time", *bake)),
        EcsStrategy::Canary {
            percent,
            canary_bake,
            bake,
        } => flaw_of_share("the canary's share", *percent, 0.1)
            .or_else(|| flaw_of_time("the canary's time", *canary_bake))
            .or_else(|| flaw_of_time("the bake time", *bake)),
    }
}

fn flaw_of_time(what: &str, time: Duration) -> Option<String> {
    let whole = time.as_secs().is_multiple_of(MINUTE) && time.subsec_nanos() == 0;
    let in_range = time.as_secs() <= LONGEST * MINUTE;
    (!whole || !in_range)
        .then(|| format!("{what} is {time:?}; ECS takes whole minutes up to {LONGEST}"))
}

fn flaw_of_share(what: &str, percent: f64, least: f64) -> Option<String> {
    let in_range = (least..=100.0).contains(&percent);
    let of_tenths = ((percent * 10.0).round() - percent * 10.0).abs() < 1e-6;
    (!in_range || !of_tenths)
        .then(|| format!("{what} is {percent} %; ECS takes {least} to 100 in steps of 0.1"))
}

/// What the load balancers of a service lack for traffic to be shifted between two target groups,
/// a sentence each. A service without load balancers shifts by Service Connect, or has no traffic.
pub(super) fn lacking(service: &Service) -> Vec<String> {
    let balancers = service.load_balancers().iter();
    balancers
        .filter_map(|balancer| {
            let advanced = balancer.advanced_configuration();
            let has = |member: Option<&str>| member.is_some_and(|text| !text.is_empty());
            lack(
                balancer.target_group_arn().unwrap_or_default(),
                [
                    has(advanced.and_then(|one| one.alternate_target_group_arn())),
                    has(advanced.and_then(|one| one.production_listener_rule())),
                    has(advanced.and_then(|one| one.role_arn())),
                ],
            )
        })
        .collect()
}

/// [`lacking`] for a service that is yet to be created.
pub(super) fn lacking_in(body: &Map<String, Value>) -> Vec<String> {
    let balancers = body.get("loadBalancers").and_then(Value::as_array);
    balancers
        .into_iter()
        .flatten()
        .filter_map(|balancer| {
            let text = |path: &str| balancer.pointer(path).and_then(Value::as_str);
            let has = |name: &str| {
                let member = text(&format!("/advancedConfiguration/{name}"));
                member.is_some_and(|text| !text.is_empty())
            };
            lack(
                text("/targetGroupArn").unwrap_or_default(),
                NEEDED.map(|(name, _)| has(name)),
            )
        })
        .collect()
}

/// The members of `advancedConfiguration` that traffic cannot be shifted without.
const NEEDED: [(&str, &str); 3] = [
    ("alternateTargetGroupArn", "the other target group"),
    (
        "productionListenerRule",
        "the rule that the traffic comes by",
    ),
    ("roleArn", "the role by which ECS changes that rule"),
];

fn lack(group: &str, has: [bool; 3]) -> Option<String> {
    let missing: Vec<String> = NEEDED
        .iter()
        .zip(has)
        .filter(|(_, has)| !has)
        .map(|((name, what), _)| format!("{name} ({what})"))
        .collect();
    let name = group.split('/').nth(1).unwrap_or("a load balancer");
    (!missing.is_empty()).then(|| {
        format!(
            "the advancedConfiguration of {name} lacks {}",
            missing.join(", ")
        )
    })
}

/// What is lost on the way from one strategy to another.
pub(super) fn dropped(service: &Service, wanted: &EcsStrategy) -> Option<String> {
    let criteria = service
        .deployment_configuration()
        .and_then(|configuration| configuration.early_success_criteria());
    (criteria.is_some() && !shifts_traffic(service) && wanted.shifts_traffic()).then(|| {
        format!(
            "earlySuccessCriteria is for rolling updates alone: with {} it is taken out",
            wanted.name()
        )
    })
}

#[cfg(test)]
#[path = "strategy_tests.rs"]
mod tests;
