//! The gates' part of the configuration.

use std::collections::BTreeMap;
use std::time::Duration;

use schemars::JsonSchema;
use serde::Deserialize;

use super::{NumberOrText, duration, number_or_text};

/// One entry of `gates`: a map with one key, the gate's kind.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub(crate) struct GateConfig {
    pub(crate) service_stable: Option<PlainGate>,
    pub(crate) target_health: Option<PlainGate>,
    pub(crate) http: Option<HttpGate>,
    pub(crate) alarms: Option<AlarmsGate>,
    pub(crate) command: Option<CommandGate>,
}

impl GateConfig {
    /// The kinds, as they are written.
    pub(super) const KINDS: &str = "service-stable, target-health, http, alarms, command";

    pub(super) fn kinds(&self) -> usize {
        [
            self.service_stable.is_some(),
            self.target_health.is_some(),
            self.http.is_some(),
            self.alarms.is_some(),
            self.command.is_some(),
        ]
        .into_iter()
        .filter(|given| *given)
        .count()
    }
}

/// How any gate is read.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub(crate) struct PlainGate {
    /// Readings in a row that must pass.
    #[serde(default)]
    pub(crate) successes: Option<u32>,
    /// From one reading to the next.
    #[serde(default, deserialize_with = "duration")]
    #[schemars(with = "Option<String>")]
    pub(crate) interval: Option<Duration>,
    /// How long it may take until enough readings have passed.
    #[serde(default, deserialize_with = "duration")]
    #[schemars(with = "Option<String>")]
    pub(crate) timeout: Option<Duration>,
    /// Read it during the deployment too, from the moment the new revision gets traffic: when it
    /// fails, the deployment is rolled back at once.
    #[serde(default)]
    pub(crate) during: bool,
}

#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub(crate) struct HttpGate {
    /// The whole URL; without it, the service's load balancer is asked, at `path`.
    pub(crate) url: Option<String>,
    pub(crate) path: Option<String>,
    /// The status that must be answered: `200`, `200-299`, `200,204`.
    #[serde(default, deserialize_with = "number_or_text")]
    #[schemars(with = "Option<NumberOrText>")]
    pub(crate) status: Option<String>,
    /// Text that the body must contain; between slashes, an expression that it must match.
    pub(crate) body: Option<String>,
    /// How many requests make one reading. More than one are judged together, and a reading over
    /// a limit fails at once.
    pub(crate) requests: Option<u32>,
    /// How many of the requests may fail, in percent.
    pub(crate) max_errors: Option<f64>,
    /// How long the answers may take, by percentile: `{p95: 300ms}`.
    #[serde(default)]
    pub(crate) latency: BTreeMap<Percentile, Time>,
    #[serde(default)]
    pub(crate) successes: Option<u32>,
    #[serde(default, deserialize_with = "duration")]
    #[schemars(with = "Option<String>")]
    pub(crate) interval: Option<Duration>,
    #[serde(default, deserialize_with = "duration")]
    #[schemars(with = "Option<String>")]
    pub(crate) timeout: Option<Duration>,
    #[serde(default)]
    pub(crate) during: bool,
}

impl HttpGate {
    pub(crate) fn timing(&self) -> PlainGate {
        PlainGate {
            successes: self.successes,
            interval: self.interval,
            timeout: self.timeout,
            during: self.during,
        }
    }

    /// Whether several requests are judged together.
    pub(crate) fn is_sample(&self) -> bool {
        self.requests.is_some() || self.max_errors.is_some() || !self.latency.is_empty()
    }
}

/// Which of the answers a limit is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Percentile {
    P50,
    P90,
    P95,
    P99,
    Max,
}

impl From<Percentile> for ecs_pipeline_core::gate::Percentile {
    fn from(percentile: Percentile) -> Self {
        match percentile {
            Percentile::P50 => Self::P50,
            Percentile::P90 => Self::P90,
            Percentile::P95 => Self::P95,
            Percentile::P99 => Self::P99,
            Percentile::Max => Self::Max,
        }
    }
}

/// A time such as 300ms.
#[derive(Debug, Clone, Copy, Deserialize, JsonSchema)]
#[serde(try_from = "String")]
#[schemars(with = "String")]
pub(crate) struct Time(pub(crate) Duration);

impl TryFrom<String> for Time {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        super::time(&text).map(Self)
    }
}

/// CloudWatch alarms, none of which may be in ALARM.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub(crate) struct AlarmsGate {
    /// Their names.
    pub(crate) names: Vec<String>,
    /// How long they must have been well.
    #[serde(default, deserialize_with = "duration")]
    #[schemars(with = "Option<String>")]
    pub(crate) over: Option<Duration>,
    #[serde(default, deserialize_with = "duration")]
    #[schemars(with = "Option<String>")]
    pub(crate) interval: Option<Duration>,
    #[serde(default, deserialize_with = "duration")]
    #[schemars(with = "Option<String>")]
    pub(crate) timeout: Option<Duration>,
    #[serde(default)]
    pub(crate) during: bool,
}

impl AlarmsGate {
    pub(crate) fn timing(&self) -> PlainGate {
        PlainGate {
            successes: None,
            interval: self.interval,
            timeout: self.timeout,
            during: self.during,
        }
    }
}

/// A command whose exit status 0 passes.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub(crate) struct CommandGate {
    /// Its words; there is no shell.
    pub(crate) run: Vec<String>,
    /// How long one run of it may take.
    #[serde(default, deserialize_with = "duration")]
    #[schemars(with = "Option<String>")]
    pub(crate) limit: Option<Duration>,
    /// Run it again after a failure, until `timeout`.
    #[serde(default)]
    pub(crate) patient: bool,
    #[serde(default)]
    pub(crate) successes: Option<u32>,
    #[serde(default, deserialize_with = "duration")]
    #[schemars(with = "Option<String>")]
    pub(crate) interval: Option<Duration>,
    #[serde(default, deserialize_with = "duration")]
    #[schemars(with = "Option<String>")]
    pub(crate) timeout: Option<Duration>,
    #[serde(default)]
    pub(crate) during: bool,
}

impl CommandGate {
    pub(crate) fn timing(&self) -> PlainGate {
        PlainGate {
            successes: self.successes,
            interval: self.interval,
            timeout: self.timeout,
            during: self.during,
        }
    }
}
