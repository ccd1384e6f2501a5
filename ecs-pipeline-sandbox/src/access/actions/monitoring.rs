//! CloudWatch Logs, and CloudWatch's alarms.

use crate::access::Request;

use super::Asked;

/// The ARN of a log group as IAM sees it: denials name the group with an empty stream, so that a policy must end in
/// `:*`.
pub(super) fn group(asked: &Asked<'_>, name: &str) -> String {
    asked.arn("logs", &format!("log-group:{name}:log-stream:"))
}

pub(super) fn logs(asked: &Asked<'_>) -> Vec<Request> {
    let identifier = asked.text("logGroupIdentifier").map(|named| {
        let name = named.rsplit(":log-group:").next().unwrap_or(named);
        name.trim_end_matches(":*")
    });
    let name = asked
        .text("logGroupName")
        .or(identifier)
        .unwrap_or_default();
    let resource = match asked.operation {
        "DescribeLogGroups" => group(asked, ""),
        "CreateLogGroup" | "DeleteLogGroup" | "DescribeLogStreams" | "FilterLogEvents" => {
            group(asked, name)
        }
        "CreateLogStream" | "PutLogEvents" | "GetLogEvents" => {
            group(asked, name) + asked.named("logStreamName")
        }
        _ => return Vec::new(),
    };
    vec![asked.own("logs", resource)]
}

pub(super) fn cloudwatch(asked: &Asked<'_>) -> Vec<Request> {
    let alarm = |name: &str| asked.arn("cloudwatch", &format!("alarm:{name}"));
    match asked.operation {
        "PutMetricAlarm" | "SetAlarmState" => {
            vec![asked.own("cloudwatch", alarm(asked.named("AlarmName")))]
        }
        "DescribeAlarms" | "DeleteAlarms" => {
            let named: Vec<String> = asked.texts("AlarmNames").map(alarm).collect();
            let all = vec![alarm("*")];
            vec![asked.own_on_all("cloudwatch", if named.is_empty() { all } else { named })]
        }
        _ => Vec::new(),
    }
}
