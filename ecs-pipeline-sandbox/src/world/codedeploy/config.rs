//! Deployment configurations: in which steps production traffic goes over.

use std::time::Duration;

use serde::Deserialize;
use serde_json::{Value, json};

use super::input::{Kind, read};
use super::{ApiError, CodeDeploy, Surroundings, Time, only_ecs};

/// How production traffic goes over.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Routing {
    AllAtOnce,
    /// So many percent at once, and the rest after the interval.
    Canary {
        percent: u32,
        minutes: u32,
    },
    /// So many percent at once, and as many more after each interval.
    Linear {
        percent: u32,
        minutes: u32,
    },
}

/// A step of the traffic's way.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Step {
    /// How long after the first step.
    pub(super) after: Duration,
    /// The replacement's share from then on.
    pub(super) percent: u32,
}

impl Routing {
    /// The steps in order; the last one has 100 percent.
    pub(super) fn steps(self) -> Vec<Step> {
        let step = |count: u32, minutes: u32, percent: u32| Step {
            after: Duration::from_secs(60 * u64::from(minutes) * u64::from(count)),
            percent: percent.min(100),
        };
        match self {
            Self::AllAtOnce => vec![step(0, 0, 100)],
            Self::Canary { percent, minutes } => {
                vec![step(0, minutes, percent), step(1, minutes, 100)]
            }
            Self::Linear { percent, minutes } => (0..100_u32.div_ceil(percent.max(1)))
                .map(|n| step(n, minutes, percent * (n + 1)))
                .collect(),
        }
    }

    fn describe(self) -> Value {
        match self {
            Self::AllAtOnce => json!({"type": "AllAtOnce"}),
            Self::Canary { percent, minutes } => json!({
                "type": "TimeBasedCanary",
                "timeBasedCanary": {"canaryPercentage": percent, "canaryInterval": minutes},
            }),
            Self::Linear { percent, minutes } => json!({
                "type": "TimeBasedLinear",
                "timeBasedLinear": {"linearPercentage": percent, "linearInterval": minutes},
            }),
        }
    }
}

/// The configuration of a group that names none.
pub(super) const ALL_AT_ONCE: &str = "CodeDeployDefault.ECSAllAtOnce";

/// The ones that CodeDeploy brings along for ECS.
const PREDEFINED: [(&str, Routing); 5] = [
    (ALL_AT_ONCE, Routing::AllAtOnce),
    (
        "CodeDeployDefault.ECSLinear10PercentEvery1Minutes",
        Routing::Linear {
            percent: 10,
            minutes: 1,
        },
    ),
    (
        "CodeDeployDefault.ECSLinear10PercentEvery3Minutes",
        Routing::Linear {
            percent: 10,
            minutes: 3,
        },
    ),
    (
        "CodeDeployDefault.ECSCanary10Percent5Minutes",
        Routing::Canary {
            percent: 10,
            minutes: 5,
        },
    ),
    (
        "CodeDeployDefault.ECSCanary10Percent15Minutes",
        Routing::Canary {
            percent: 10,
            minutes: 15,
        },
    ),
];

/// A configuration that somebody created.
#[derive(Debug)]
pub(super) struct Config {
    id: String,
    routing: Routing,
    created_at: Time,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct CreateInput {
    deployment_config_name: Option<String>,
    compute_platform: Option<String>,
    traffic_routing_config: Option<RoutingInput>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct RoutingInput {
    r#type: String,
    time_based_canary: Option<CanaryInput>,
    time_based_linear: Option<LinearInput>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct CanaryInput {
    canary_percentage: u32,
    canary_interval: u32,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct LinearInput {
    linear_percentage: u32,
    linear_interval: u32,
}

impl RoutingInput {
    fn routing(&self) -> Result<Routing, ApiError> {
        let (percent, minutes, routing) = match (
            self.r#type.as_str(),
            &self.time_based_canary,
            &self.time_based_linear,
        ) {
            ("AllAtOnce", None, None) => return Ok(Routing::AllAtOnce),
            ("TimeBasedCanary", Some(c), None) => {
                let (percent, minutes) = (c.canary_percentage, c.canary_interval);
                (percent, minutes, Routing::Canary { percent, minutes })
            }
            ("TimeBasedLinear", None, Some(l)) => {
                let (percent, minutes) = (l.linear_percentage, l.linear_interval);
                (percent, minutes, Routing::Linear { percent, minutes })
            }
            (kind, _, _) => {
                return Err(invalid_routing(&format!(
                    "The configuration of {kind} is missing, or another one is there"
                )));
            }
        };
        match (1..=99).contains(&percent) && minutes >= 1 {
            true => Ok(routing),
            false => Err(invalid_routing(
                "The percentage must be between 1 and 99 and the interval at least one minute",
            )),
        }
    }
}

fn invalid_routing(message: &str) -> ApiError {
    ApiError::client("InvalidTrafficRoutingConfigurationException", message)
}

impl CodeDeploy {
    /// How a configuration, given by name, routes.
    pub(super) fn routing(&self, name: &str) -> Result<Routing, ApiError> {
        let predefined = PREDEFINED.iter().find(|(n, _)| *n == name);
        predefined
            .map(|(_, routing)| *routing)
            .or_else(|| self.configs.get(name).map(|c| c.routing))
            .ok_or_else(|| Kind::Config.missing(name))
    }

    pub(super) fn create_config(
        &mut self,
        around: &mut Surroundings<'_>,
        input: &Value,
    ) -> Result<Value, ApiError> {
        let input: CreateInput = read(input)?;
        let name = Kind::Config.name(input.deployment_config_name)?;
        only_ecs(input.compute_platform.as_deref())?;
        if name.starts_with("CodeDeployDefault") {
            return Err(ApiError::client(
                "InvalidDeploymentConfigNameException",
                "Names that begin with CodeDeployDefault are reserved",
            ));
        }
        if self.routing(&name).is_ok() {
            return Err(Kind::Config.taken(&name));
        }
        let routing = match &input.traffic_routing_config {
            Some(given) => given.routing()?,
            None => Routing::AllAtOnce,
        };
        let id = around.ids.uuid();
        let config = Config {
            id: id.clone(),
            routing,
            created_at: around.now,
        };
        self.configs.insert(name, config);
        Ok(json!({"deploymentConfigId": id}))
    }

    pub(super) fn get_config(&self, input: &Value) -> Result<Value, ApiError> {
        let input: CreateInput = read(input)?;
        let name = Kind::Config.name(input.deployment_config_name)?;
        let routing = self.routing(&name)?;
        let created = self.configs.get(&name);
        Ok(json!({"deploymentConfigInfo": {
            "deploymentConfigId": created.map_or("00000000-0000-0000-0000-000000000000", |c| &c.id),
            "deploymentConfigName": name,
            "createTime": created.map_or(Time::default(), |c| c.created_at).epoch_seconds(),
            "computePlatform": "ECS",
            "trafficRoutingConfig": routing.describe(),
        }}))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn steps(routing: Routing) -> Vec<(u64, u32)> {
        let steps = routing.steps();
        steps
            .iter()
            .map(|s| (s.after.as_secs() / 60, s.percent))
            .collect()
    }

    #[test]
    fn steps_are_in_minutes_and_end_with_everything() {
        for (routing, expected) in [
            (Routing::AllAtOnce, vec![(0, 100)]),
            (
                Routing::Canary {
                    percent: 10,
                    minutes: 5,
                },
                vec![(0, 10), (5, 100)],
            ),
            (
                Routing::Linear {
                    percent: 30,
                    minutes: 2,
                },
                vec![(0, 30), (2, 60), (4, 90), (6, 100)],
            ),
        ] {
            assert_eq!(steps(routing), expected, "{routing:?}");
        }
    }

    #[test]
    fn ten_percent_every_three_minutes_takes_27_minutes() {
        let routing = PREDEFINED.iter().find(|(n, _)| n.contains("Every3"));
        let steps = routing.map(|(_, r)| steps(*r)).unwrap_or_default();
        assert_eq!(steps.len(), 10);
        assert_eq!(steps.last(), Some(&(27, 100)));
    }
}
