//! CloudWatch alarms: what they were told to watch, and the state that somebody set.
//!
//! There are no metrics here. An alarm changes its state when SetAlarmState says so, and stays
//! there; in AWS the next evaluation of the metric would set it back.

use std::collections::BTreeMap;

/// All alarms.
#[derive(Debug, Default)]
pub(super) struct Alarms {
    by_name: BTreeMap<String, Alarm>,
}

#[derive(Debug)]
struct Alarm {
    state: State,
}

/// `StateValue`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    Ok,
    Alarm,
    InsufficientData,
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
}
