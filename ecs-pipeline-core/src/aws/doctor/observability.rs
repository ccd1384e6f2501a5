//! CloudWatch: log groups and alarms.

use std::collections::BTreeMap;

use aws_sdk_cloudwatch::types::{AlarmType, StateValue};

use super::{Doctor, Read, fact};
use crate::doctor::Fact;
use crate::error::ProviderError;

impl Doctor {
    /// The prefix's own name comes first.
    pub(super) async fn log_group(self, name: String) -> Read<()> {
        const OPERATION: &str = "logs:DescribeLogGroups";
        let call = self.logs.describe_log_groups().log_group_name_prefix(&name);
        let answer = call.send().await;
        let read = fact(answer.map_err(|error| self.errors.map(OPERATION, name.as_str(), error)))?;
        let is_there = read.map(|answer| {
            let mut groups = answer.log_groups().iter();
            groups.any(|group| group.log_group_name() == Some(&name))
        });
        Ok(match is_there {
            Fact::Known(false) => Fact::Absent,
            read => read.map(|_| ()),
        })
    }

    /// The states of those of the named alarms that are there.
    pub(super) async fn alarms(
        &self,
        names: Vec<String>,
    ) -> Result<Option<Fact<BTreeMap<String, String>>>, ProviderError> {
        const OPERATION: &str = "cloudwatch:DescribeAlarms";
        if names.is_empty() {
            return Ok(None);
        }
        let call = self.alarms.describe_alarms();
        let call = call.set_alarm_names(Some(names.clone()));
        // Composite alarms are left out unless they are asked for.
        let call = call
            .alarm_types(AlarmType::MetricAlarm)
            .alarm_types(AlarmType::CompositeAlarm);
        let answer = call.send().await;
        let read = answer.map_err(|error| self.errors.map(OPERATION, names.join(", "), error));
        Ok(Some(fact(read)?.map(|answer| {
            let metric = answer.metric_alarms().iter();
            let metric = metric.map(|alarm| (alarm.alarm_name(), alarm.state_value()));
            let composite = answer.composite_alarms().iter();
            let composite = composite.map(|alarm| (alarm.alarm_name(), alarm.state_value()));
            let state =
                |state: Option<&StateValue>| state.map_or("", |state| state.as_str()).to_owned();
            let all = metric.chain(composite);
            all.map(|(name, value)| (name.unwrap_or_default().to_owned(), state(value)))
                .collect()
        })))
    }
}
