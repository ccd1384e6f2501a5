//! Amazon CloudWatch: the gate over alarms.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use async_trait::async_trait;
use aws_sdk_cloudwatch::types::{AlarmType, StateValue};
use tokio::time::Instant;

use super::{AwsConfig, Errors};
use crate::error::{ErrorKind, ProviderError};
use crate::provider::{GateReading, HealthGate};

const OPERATION: &str = "cloudwatch:DescribeAlarms";

/// What one DescribeAlarms takes.
const NAMES: usize = 100;

/// Passes when none of some alarms is going off, metric and composite alarms alike.
///
/// An alarm in ALARM fails it. One without enough data is waited for, unless
/// [that is tolerated](Self::tolerate_missing_data).
#[derive(Debug)]
pub struct AlarmGate {
    client: aws_sdk_cloudwatch::Client,
    errors: Errors,
    names: Vec<String>,
    rules: Rules,
    watched: Mutex<Watched>,
}

/// When an alarm is well.
#[derive(Debug, Clone, Copy, Default)]
struct Rules {
    tolerates_missing_data: bool,
    over: Duration,
}

/// An alarm as it was read.
#[derive(Debug, Clone, PartialEq)]
struct Alarm {
    name: String,
    state: State,
    reason: String,
    /// When its state last changed, in milliseconds by CloudWatch's clock.
    changed: Option<i64>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    Ok,
    Alarm,
    MissingData,
}

/// Since when each alarm was seen to be well, and the change of state that this began with.
type Watched = HashMap<String, (Option<i64>, Instant)>;

impl AlarmGate {
    /// A gate over the alarms of these names.
    ///
    /// # Errors
    ///
    /// [`Invalid`](ErrorKind::Invalid) when there are none, or more than the 100 that one call
    /// takes.
    pub fn new<S: Into<String>>(
        config: &AwsConfig,
        names: impl IntoIterator<Item = S>,
    ) -> Result<Self, ProviderError> {
        let mut names: Vec<String> = names.into_iter().map(Into::into).collect();
        names.sort_unstable();
        names.dedup();
        if names.is_empty() || names.len() > NAMES {
            let said = format!(
                "an alarm gate takes 1 to {NAMES} names, not {}",
                names.len()
            );
            return Err(ProviderError::new(ErrorKind::Invalid, "alarms", "", said));
        }
        Ok(Self {
            client: aws_sdk_cloudwatch::Client::new(config.sdk()),
            errors: config.errors(),
            names,
            rules: Rules::default(),
            watched: Mutex::default(),
        })
    }

    /// Takes an alarm without enough data for one that is well: a new service may have no traffic
    /// to measure.
    #[must_use]
    pub fn tolerate_missing_data(mut self) -> Self {
        self.rules.tolerates_missing_data = true;
        self
    }

    /// Passes only when the alarms have been well for this long, counted from the first reading:
    /// an alarm that has been OK for days has not measured the new version yet. One that went off
    /// between two readings starts the count anew, for CloudWatch notes when its state changed.
    #[must_use]
    pub fn over(mut self, window: Duration) -> Self {
        self.rules.over = window;
        self
    }

    async fn alarms(&self) -> Result<Vec<Alarm>, ProviderError> {
        let answer = self
            .client
            .describe_alarms()
            .set_alarm_names(Some(self.names.clone()))
            // Composite alarms are left out unless they are asked for.
            .alarm_types(AlarmType::MetricAlarm)
            .alarm_types(AlarmType::CompositeAlarm)
            .max_records(i32::try_from(NAMES).unwrap_or(i32::MAX))
            .send()
            .await
            .map_err(|error| self.errors.map(OPERATION, self.names.join(", "), error))?;
        let millis =
            |time: Option<&aws_smithy_types::DateTime>| time.and_then(|time| time.to_millis().ok());
        let metric = answer.metric_alarms().iter().map(|alarm| Alarm {
            name: alarm.alarm_name().unwrap_or_default().to_owned(),
            state: state(alarm.state_value()),
            reason: alarm.state_reason().unwrap_or_default().to_owned(),
            changed: millis(alarm.state_updated_timestamp()),
        });
        let composite = answer.composite_alarms().iter().map(|alarm| Alarm {
            name: alarm.alarm_name().unwrap_or_default().to_owned(),
            state: state(alarm.state_value()),
            reason: alarm.state_reason().unwrap_or_default().to_owned(),
            changed: millis(alarm.state_updated_timestamp()),
        });
        Ok(metric.chain(composite).collect())
    }
}

#[async_trait]
impl HealthGate for AlarmGate {
    fn describe(&self) -> String {
        match self.names.as_slice() {
            [one] => format!("alarm {one}"),
            names => format!("alarms {}", names.join(", ")),
        }
    }

    async fn read(&self) -> Result<GateReading, ProviderError> {
        let alarms = self.alarms().await?;
        if let Some(name) = missing(&self.names, &alarms) {
            return Err(ProviderError::new(
                ErrorKind::NotFound,
                OPERATION,
                name,
                "there is no such alarm",
            )
            .with_hint("check the alarm's name, the region and the account"));
        }
        let mut watched = self.watched.lock().unwrap_or_else(PoisonError::into_inner);
        Ok(judge(&alarms, self.rules, &mut watched, Instant::now()))
    }
}

/// What is newer than the SDK is no data that can be read.
fn state(value: Option<&StateValue>) -> State {
    match value {
        Some(StateValue::Ok) => State::Ok,
        Some(StateValue::Alarm) => State::Alarm,
        _ => State::MissingData,
    }
}

fn missing<'a>(names: &'a [String], alarms: &[Alarm]) -> Option<&'a str> {
    names
        .iter()
        .find(|name| !alarms.iter().any(|alarm| alarm.name == **name))
        .map(String::as_str)
}

fn judge(alarms: &[Alarm], rules: Rules, watched: &mut Watched, now: Instant) -> GateReading {
    if let Some(off) = alarms.iter().find(|alarm| alarm.state == State::Alarm) {
        watched.clear();
        return GateReading::failing(format!("alarm {} is in ALARM: {}", off.name, off.reason));
    }
    let is_well = |alarm: &&Alarm| alarm.state == State::Ok || rules.tolerates_missing_data;
    for alarm in alarms {
        if !is_well(&alarm) {
            watched.remove(&alarm.name);
            continue;
        }
        let since = watched
            .entry(alarm.name.clone())
            .or_insert((alarm.changed, now));
        if since.0 != alarm.changed {
            *since = (alarm.changed, now);
        }
    }
    if let Some(unwell) = alarms.iter().find(|alarm| !is_well(alarm)) {
        return GateReading::not_yet(format!("alarm {} has not enough data", unwell.name));
    }
    let well_for = watched
        .values()
        .map(|(_, since)| now.saturating_duration_since(*since))
        .min()
        .unwrap_or_default();
    let count = match alarms {
        [one] => format!("alarm {} is well", one.name),
        _ => format!("all {} alarms are well", alarms.len()),
    };
    if well_for < rules.over {
        return GateReading::not_yet(format!(
            "{count} for {} of {} s",
            well_for.as_secs(),
            rules.over.as_secs()
        ));
    }
    GateReading::passing(count)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;
    use crate::model::GateState;

    fn alarm(name: &str, state: State) -> Alarm {
        Alarm {
            name: name.to_owned(),
            state,
            reason: "Threshold Crossed".to_owned(),
            changed: Some(1),
        }
    }

    fn config() -> AwsConfig {
        AwsConfig::from_sdk(
            aws_config::SdkConfig::builder()
                .behavior_version(aws_config::BehaviorVersion::latest())
                .build(),
        )
    }

    #[test]
    fn one_alarm_that_goes_off_fails_and_one_without_data_waits() {
        use State::{Alarm, MissingData, Ok};
        let table: [(&[State], bool, GateState, &str); 6] = [
            (
                &[Ok, Ok],
                false,
                GateState::Passing,
                "all 2 alarms are well",
            ),
            (
                &[Ok, Alarm],
                false,
                GateState::Failing,
                "alarm a1 is in ALARM: Threshold Crossed",
            ),
            (&[MissingData, Alarm], true, GateState::Failing, "a1"),
            (
                &[Ok, MissingData],
                false,
                GateState::NotYet,
                "alarm a1 has not enough data",
            ),
            (&[Ok, MissingData], true, GateState::Passing, "all 2"),
            (&[Ok], false, GateState::Passing, "alarm a0 is well"),
        ];
        for (states, tolerates_missing_data, expected, said) in table {
            let alarms: Vec<_> = states
                .iter()
                .enumerate()
                .map(|(at, state)| alarm(&format!("a{at}"), *state))
                .collect();
            let rules = Rules {
                tolerates_missing_data,
                ..Rules::default()
            };
            let reading = judge(&alarms, rules, &mut Watched::new(), Instant::now());
            assert_eq!(reading.state, expected, "{states:?}");
            assert!(reading.detail.contains(said), "{}", reading.detail);
        }
    }

    #[test]
    fn a_window_counts_from_the_first_reading_and_anew_after_every_change() {
        let rules = Rules {
            over: Duration::from_secs(300),
            ..Rules::default()
        };
        let start = Instant::now();
        let mut watched = Watched::new();
        let mut read = |at: u64, state, changed| {
            let alarm = Alarm {
                changed: Some(changed),
                ..alarm("5xx", state)
            };
            let now = start + Duration::from_secs(at);
            judge(&[alarm], rules, &mut watched, now)
        };
        let first = read(0, State::Ok, 1);
        assert_eq!(first.detail, "alarm 5xx is well for 0 of 300 s");
        assert_eq!(read(299, State::Ok, 1).state, GateState::NotYet);
        // It went off and came back between two readings.
        assert_eq!(read(301, State::Ok, 2).state, GateState::NotYet);
        assert_eq!(read(400, State::MissingData, 3).state, GateState::NotYet);
        assert_eq!(read(500, State::Ok, 4).state, GateState::NotYet);
        assert_eq!(read(800, State::Ok, 4).state, GateState::Passing);
        assert_eq!(read(801, State::Alarm, 5).state, GateState::Failing);
        assert_eq!(read(802, State::Ok, 6).state, GateState::NotYet);
    }

    #[test]
    fn an_alarm_that_is_not_there_is_named() {
        let names = ["5xx".to_owned(), "latency".to_owned()];
        let found = [alarm("5xx", State::Ok)];
        assert_eq!(missing(&names, &found), Some("latency"));
        assert_eq!(missing(&names[..1], &found), None);
    }

    #[test]
    fn a_gate_has_some_names_and_each_once() {
        let none: [&str; 0] = [];
        assert!(AlarmGate::new(&config(), none).is_err());
        let many = (0..101).map(|at| at.to_string());
        assert!(AlarmGate::new(&config(), many).is_err());
        let gate = AlarmGate::new(&config(), ["b", "a", "b"]).unwrap();
        assert_eq!(gate.describe(), "alarms a, b");
    }
}
