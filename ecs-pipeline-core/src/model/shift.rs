//! Deployments that shift traffic: how it is asked for, and how far it is.

use std::time::Duration;

use serde::{Deserialize, Serialize};

/// How ECS itself is to replace a service's tasks: `deploymentConfiguration.strategy` and what
/// goes with it.
#[derive(Debug, Clone, Copy, PartialEq)]
#[non_exhaustive]
pub enum EcsStrategy {
    /// `ROLLING`: old tasks give way to new ones a few at a time.
    Rolling,
    /// `BLUE_GREEN`: the new tasks come up beside the old ones, and all traffic moves at once.
    BlueGreen {
        /// How long both are kept after the traffic has moved; whole minutes.
        bake: Duration,
    },
    /// `LINEAR`: the traffic moves in equal steps.
    Linear {
        /// The share of a step in percent, 3 to 100.
        step_percent: f64,
        /// How long each step lasts; whole minutes.
        step_bake: Duration,
        /// How long both are kept after all traffic has moved; whole minutes.
        bake: Duration,
    },
    /// `CANARY`: a small share of the traffic moves first, and the rest at once.
    Canary {
        /// The first share in percent, 0.1 to 100.
        percent: f64,
        /// How long the first step lasts; whole minutes.
        canary_bake: Duration,
        /// How long both are kept after all traffic has moved; whole minutes.
        bake: Duration,
    },
}

impl EcsStrategy {
    /// The name that ECS has for it.
    #[must_use]
    pub fn name(&self) -> &'static str {
        match self {
            Self::Rolling => "ROLLING",
            Self::BlueGreen { .. } => "BLUE_GREEN",
            Self::Linear { .. } => "LINEAR",
            Self::Canary { .. } => "CANARY",
        }
    }

    /// Whether traffic moves between two target groups, rather than task by task.
    #[must_use]
    pub fn shifts_traffic(&self) -> bool {
        !matches!(self, Self::Rolling)
    }
}

/// The lifecycle stages of an ECS deployment in their order
/// (<https://docs.aws.amazon.com/AmazonECS/latest/developerguide/blue-green-deployment-how-it-works.html>).
pub const ECS_STAGES: &[&str] = &[
    "RECONCILE_SERVICE",
    "PRE_SCALE_UP",
    "SCALE_UP",
    "POST_SCALE_UP",
    "TEST_TRAFFIC_SHIFT",
    "POST_TEST_TRAFFIC_SHIFT",
    "PRE_PRODUCTION_TRAFFIC_SHIFT",
    "PRODUCTION_TRAFFIC_SHIFT",
    "POST_PRODUCTION_TRAFFIC_SHIFT",
    "BAKE_TIME",
    "CLEAN_UP",
];

/// The lifecycle events of a CodeDeploy deployment to ECS in their order
/// (<https://docs.aws.amazon.com/codedeploy/latest/userguide/reference-appspec-file-structure-hooks.html>).
pub const CODE_DEPLOY_STAGES: &[&str] = &[
    "BeforeInstall",
    "Install",
    "AfterInstall",
    "AllowTestTraffic",
    "AfterAllowTestTraffic",
    "BeforeAllowTraffic",
    "AllowTraffic",
    "AfterAllowTraffic",
];

/// The stage that a deployment has reached, in the controller's own words.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Stage {
    /// One of [`ECS_STAGES`] or [`CODE_DEPLOY_STAGES`].
    pub name: String,
    /// What it waits for, when it goes on only at somebody's word
    /// ([`Deployer::proceed`](crate::provider::Deployer::proceed)).
    pub held: Option<String>,
}

/// How much of the traffic the new revision gets, in percent.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct TrafficShare {
    /// Of production traffic.
    pub production: f64,
    /// Of test traffic, where there is a test listener.
    pub test: Option<f64>,
}
