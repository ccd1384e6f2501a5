//! CloudWatch alarms: what they were told to watch, and the state that somebody set.
//!
//! There are no metrics here. An alarm changes its state when SetAlarmState says so, and stays
//! there; in AWS the next evaluation of the metric would set it back.

mod configuration;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};

use super::input::{bounded, invalid, required, text, texts};
use super::{ApiError, Time, World};
use configuration::configuration;

/// The longest StateReason, in characters.
const LONGEST_REASON: usize = 1023;

/// All alarms.
#[derive(Debug, Default)]
pub(super) struct Alarms {
    by_name: BTreeMap<String, Alarm>,
}

#[derive(Debug)]
struct Alarm {
    configuration: Map<String, Value>,
    configured: Time,
    state: State,
    reason: String,
    reason_data: Option<String>,
    /// When the state was set last, to whatever.
    updated: Time,
    /// When it last became another one.
    transitioned: Time,
}

/// `StateValue`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    Ok,
    Alarm,
    InsufficientData,
}

impl State {
    fn read(input: &Value) -> Result<Option<Self>, ApiError> {
        let Some(written) = text(input, "StateValue") else {
            return Ok(None);
        };
        match written.as_str() {
            "OK" => Ok(Some(Self::Ok)),
            "ALARM" => Ok(Some(Self::Alarm)),
            "INSUFFICIENT_DATA" => Ok(Some(Self::InsufficientData)),
            other => Err(not_one_of(
                "stateValue",
                other,
                &["INSUFFICIENT_DATA", "ALARM", "OK"],
            )),
        }
    }

    fn name(self) -> &'static str {
        match self {
            Self::Ok => "OK",
            Self::Alarm => "ALARM",
            Self::InsufficientData => "INSUFFICIENT_DATA",
        }
    }
}

impl Alarm {
    fn new(now: Time, configuration: Map<String, Value>) -> Self {
        Self {
            configuration,
            configured: now,
            state: State::InsufficientData,
            reason: "Unchecked: Initial alarm creation".into(),
            reason_data: None,
            updated: now,
            transitioned: now,
        }
    }

    fn described(&self, name: &str, arn: String) -> Value {
        let mut told = self.configuration.clone();
        told.extend([
            ("AlarmName".into(), name.into()),
            ("AlarmArn".into(), arn.into()),
            (
                "AlarmConfigurationUpdatedTimestamp".into(),
                self.configured.epoch_seconds().into(),
            ),
            ("StateValue".into(), self.state.name().into()),
            ("StateReason".into(), self.reason.as_str().into()),
            (
                "StateUpdatedTimestamp".into(),
                self.updated.epoch_seconds().into(),
            ),
            (
                "StateTransitionedTimestamp".into(),
                self.transitioned.epoch_seconds().into(),
            ),
        ]);
        if let Some(data) = &self.reason_data {
            told.insert("StateReasonData".into(), data.as_str().into());
        }
        told.into()
    }
}

impl Alarms {
    /// Whether the alarm is in the state ALARM. One that does not exist is not.
    pub(super) fn in_alarm(&self, name: &str) -> bool {
        let alarm = self.by_name.get(name);
        alarm.is_some_and(|alarm| alarm.state == State::Alarm)
    }

    /// Whether there is such an alarm.
    pub(super) fn exists(&self, name: &str) -> bool {
        self.by_name.contains_key(name)
    }

    fn put(&mut self, now: Time, input: &Value) -> Result<Value, ApiError> {
        let name = required(input, "AlarmName")?;
        let configuration = configuration(input)?;
        match self.by_name.get_mut(&name) {
            // An update leaves the alarm's state as it is.
            Some(alarm) => {
                alarm.configuration = configuration;
                alarm.configured = now;
            }
            None => {
                self.by_name.insert(name, Alarm::new(now, configuration));
            }
        }
        Ok(json!({}))
    }

    fn set_state(&mut self, now: Time, input: &Value) -> Result<Value, ApiError> {
        let name = required(input, "AlarmName")?;
        required(input, "StateValue")?;
        let state = State::read(input)?;
        let reason = required(input, "StateReason")?;
        if reason.chars().count() > LONGEST_REASON {
            return Err(invalid(format!(
                "1 validation error detected: Value at 'stateReason' failed to satisfy \
                 constraint: Member must have length less than or equal to {LONGEST_REASON}"
            )));
        }
        let reason_data = text(input, "StateReasonData");
        if let Some(data) = &reason_data
            && serde_json::from_str::<Value>(data).is_err()
        {
            return Err(ApiError::client(
                "InvalidFormat",
                "StateReasonData was not syntactically valid JSON",
            ));
        }
        let alarm = self.by_name.get_mut(&name).ok_or_else(not_found)?;
        if let Some(state) = state
            && state != alarm.state
        {
            alarm.state = state;
            alarm.transitioned = now;
        }
        alarm.updated = now;
        alarm.reason = reason;
        alarm.reason_data = reason_data;
        Ok(json!({}))
    }

    /// Deletes all that are named, or none.
    fn delete(&mut self, input: &Value) -> Result<Value, ApiError> {
        let names = texts(input, "AlarmNames");
        if !names.iter().all(|name| self.exists(name)) {
            return Err(not_found());
        }
        for name in names {
            self.by_name.remove(&name);
        }
        Ok(json!({}))
    }

    /// The alarms that DescribeAlarms asks for, in the order of their names.
    fn wanted(&self, input: &Value) -> Result<Vec<(&String, &Alarm)>, ApiError> {
        let names = texts(input, "AlarmNames");
        let prefix = text(input, "AlarmNamePrefix");
        if !names.is_empty() && prefix.is_some() {
            return Err(invalid(
                "AlarmNamePrefix cannot be specified together with AlarmNames",
            ));
        }
        let prefix = prefix.unwrap_or_default();
        let state = State::read(input)?;
        let types = texts(input, "AlarmTypes");
        if !types.is_empty() && !types.iter().any(|kind| kind == "MetricAlarm") {
            return Ok(Vec::new());
        }
        let wanted = self.by_name.iter().filter(|(name, alarm)| {
            (names.is_empty() || names.contains(name))
                && name.starts_with(&prefix)
                && state.is_none_or(|state| state == alarm.state)
        });
        Ok(wanted.collect())
    }
}

impl World {
    pub(super) fn call_cloudwatch(
        &mut self,
        operation: &str,
        input: &Value,
    ) -> Result<Value, ApiError> {
        match operation {
            "PutMetricAlarm" => self.alarms.put(self.now, input),
            "DescribeAlarms" => self.describe_alarms(input),
            "SetAlarmState" => self.alarms.set_state(self.now, input),
            "DeleteAlarms" => self.alarms.delete(input),
            other => Err(ApiError::not_implemented("CloudWatch", other)),
        }
    }

    fn describe_alarms(&self, input: &Value) -> Result<Value, ApiError> {
        let wanted = self.alarms.wanted(input)?;
        let most = bounded(input, "MaxRecords", 1, 100)?.unwrap_or(50);
        let most = usize::try_from(most).unwrap_or(usize::MAX);
        // A token names the first alarm of its page, so that alarms that come and go meanwhile
        // make no other one appear twice or not at all.
        let from = match text(input, "NextToken") {
            Some(token) => named_by(&token)?,
            None => String::new(),
        };
        let mut rest = wanted.into_iter().filter(|(name, _)| **name >= from);
        let page: Vec<Value> = rest
            .by_ref()
            .take(most)
            .map(|(name, alarm)| alarm.described(name, self.arns.alarm(name)))
            .collect();
        let mut answer = json!({ "MetricAlarms": page, "CompositeAlarms": [] });
        if let (Some((next, _)), Some(members)) = (rest.next(), answer.as_object_mut()) {
            members.insert("NextToken".into(), token_for(next).into());
        }
        Ok(answer)
    }
}

fn token_for(name: &str) -> String {
    format!("from:{name}")
}

fn named_by(token: &str) -> Result<String, ApiError> {
    let name = token.strip_prefix("from:").ok_or_else(|| {
        ApiError::client("InvalidNextToken", "The next token specified is invalid.")
    })?;
    Ok(name.into())
}

fn not_found() -> ApiError {
    ApiError {
        status: 404,
        code: "ResourceNotFound".into(),
        message: "Unknown".into(),
    }
}

fn not_one_of(member: &str, value: &str, allowed: &[&str]) -> ApiError {
    invalid(format!(
        "1 validation error detected: Value '{value}' at '{member}' failed to satisfy \
         constraint: Member must satisfy enum value set: [{}]",
        allowed.join(", ")
    ))
}
