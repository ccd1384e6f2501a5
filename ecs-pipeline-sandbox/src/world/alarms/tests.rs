use std::time::Duration;

use super::*;
use crate::world::{Place, Service};

fn world() -> World {
    World::new(Place::default(), Time::default())
}

fn at(world: &mut World, second: u64, operation: &str, input: Value) -> Result<Value, ApiError> {
    let now = Time::from_epoch(Duration::from_secs(second));
    world.call(now, Service::CloudWatch, operation, input)
}

fn call(world: &mut World, operation: &str, input: Value) -> Result<Value, ApiError> {
    at(world, 0, operation, input)
}

fn put(world: &mut World, name: &str) {
    let input = json!({
        "AlarmName": name, "EvaluationPeriods": 1, "Threshold": 5,
        "ComparisonOperator": "GreaterThanThreshold",
    });
    call(world, "PutMetricAlarm", input).unwrap();
}

fn set(world: &mut World, second: u64, name: &str, state: &str) {
    let input = json!({ "AlarmName": name, "StateValue": state, "StateReason": "a test" });
    at(world, second, "SetAlarmState", input).unwrap();
}

fn names(answer: &Value) -> Vec<&str> {
    let alarms = answer["MetricAlarms"].as_array().unwrap().iter();
    alarms
        .map(|alarm| alarm["AlarmName"].as_str().unwrap())
        .collect()
}

#[test]
fn an_alarm_is_told_as_it_was_put() {
    let mut world = world();
    let put = json!({
        "AlarmName": "5xx", "AlarmDescription": "too many errors", "Namespace": "AWS/X",
        "MetricName": "Errors", "Statistic": "Sum", "Period": 60, "EvaluationPeriods": 2,
        "Threshold": 5, "ComparisonOperator": "GreaterThanThreshold",
        "Dimensions": [{ "Name": "a", "Value": "b" }], "AlarmActions": ["arn:aws:sns:x"],
        "Tags": [{ "Key": "k", "Value": "v" }], "Unit": null,
    });
    at(&mut world, 7, "PutMetricAlarm", put).unwrap();
    let told = call(&mut world, "DescribeAlarms", json!({})).unwrap();
    let expected = json!({ "CompositeAlarms": [], "MetricAlarms": [{
        "AlarmName": "5xx",
        "AlarmArn": "arn:aws:cloudwatch:us-east-1:123456789012:alarm:5xx",
        "AlarmDescription": "too many errors", "Namespace": "AWS/X",
        "MetricName": "Errors", "Statistic": "Sum", "Period": 60, "EvaluationPeriods": 2,
        "Threshold": 5.0, "ComparisonOperator": "GreaterThanThreshold",
        "Dimensions": [{ "Name": "a", "Value": "b" }],
        "ActionsEnabled": true, "OKActions": [], "AlarmActions": ["arn:aws:sns:x"],
        "InsufficientDataActions": [],
        "AlarmConfigurationUpdatedTimestamp": 7.0, "StateUpdatedTimestamp": 7.0,
        "StateTransitionedTimestamp": 7.0, "StateValue": "INSUFFICIENT_DATA",
        "StateReason": "Unchecked: Initial alarm creation",
    }] });
    assert_eq!(told, expected);
}

#[test]
fn values_have_their_types_whatever_the_protocol() {
    let mut world = world();
    let form = json!({
        "AlarmName": "a", "EvaluationPeriods": "3", "Threshold": "0.5", "Period": "60",
        "ComparisonOperator": "LessThanThreshold", "ActionsEnabled": "false", "OKActions": "",
        "Metrics": [{ "Id": "m", "ReturnData": "true", "MetricStat": { "Period": "30" } }],
    });
    call(&mut world, "PutMetricAlarm", form).unwrap();
    let told = call(&mut world, "DescribeAlarms", json!({})).unwrap();
    let alarm = &told["MetricAlarms"][0];
    assert_eq!(alarm["EvaluationPeriods"], json!(3));
    assert_eq!(alarm["Threshold"], json!(0.5));
    assert_eq!(alarm["ActionsEnabled"], json!(false));
    assert_eq!(alarm["OKActions"], json!([]));
    let metric = json!({ "Id": "m", "ReturnData": true, "MetricStat": { "Period": 30 } });
    assert_eq!(alarm["Metrics"], json!([metric]));
}

#[test]
fn a_state_stays_until_it_is_set() {
    let mut world = world();
    put(&mut world, "a");
    assert!(!world.alarms.in_alarm("a"));
    set(&mut world, 10, "a", "ALARM");
    assert!(world.alarms.in_alarm("a"));
    put(&mut world, "a");
    assert!(world.alarms.in_alarm("a"), "an update leaves the state");
    set(&mut world, 20, "a", "ALARM");
    let told = call(&mut world, "DescribeAlarms", json!({})).unwrap();
    let alarm = &told["MetricAlarms"][0];
    assert_eq!(alarm["StateReason"], json!("a test"));
    assert_eq!(alarm["StateUpdatedTimestamp"], json!(20.0));
    assert_eq!(alarm["StateTransitionedTimestamp"], json!(10.0));
    set(&mut world, 30, "a", "OK");
    assert!(!world.alarms.in_alarm("a"));
    assert!(world.alarms.exists("a") && !world.alarms.exists("b"));
    assert!(!world.alarms.in_alarm("b"));
}

#[test]
fn alarms_are_found_by_name_prefix_and_state() {
    let mut world = world();
    for name in ["web-5xx", "web-slow", "job"] {
        put(&mut world, name);
    }
    set(&mut world, 0, "web-slow", "ALARM");
    let table: [(Value, &[&str]); 8] = [
        (json!({}), &["job", "web-5xx", "web-slow"]),
        (
            json!({ "AlarmNamePrefix": "web-" }),
            &["web-5xx", "web-slow"],
        ),
        (json!({ "AlarmNames": ["job", "none"] }), &["job"]),
        (json!({ "AlarmNames": "" }), &["job", "web-5xx", "web-slow"]),
        (json!({ "StateValue": "ALARM" }), &["web-slow"]),
        (json!({ "StateValue": "OK" }), &[]),
        (json!({ "AlarmTypes": ["CompositeAlarm"] }), &[]),
        (
            json!({ "AlarmTypes": ["MetricAlarm"], "AlarmNamePrefix": "j" }),
            &["job"],
        ),
    ];
    for (input, expected) in table {
        let told = call(&mut world, "DescribeAlarms", input.clone()).unwrap();
        assert_eq!(names(&told), expected, "{input}");
    }
}

#[test]
fn pages_miss_nothing_when_alarms_come_and_go() {
    let mut world = world();
    for name in ["b", "c", "d", "e"] {
        put(&mut world, name);
    }
    let mut input = json!({ "MaxRecords": 2 });
    let first = call(&mut world, "DescribeAlarms", input.clone()).unwrap();
    assert_eq!(names(&first), ["b", "c"]);
    put(&mut world, "a");
    call(&mut world, "DeleteAlarms", json!({ "AlarmNames": ["b"] })).unwrap();
    input["NextToken"] = first["NextToken"].clone();
    let second = call(&mut world, "DescribeAlarms", input).unwrap();
    assert_eq!(names(&second), ["d", "e"]);
    assert_eq!(second.get("NextToken"), None);
}

#[test]
fn wrong_requests_are_refused_and_change_nothing() {
    let mut world = world();
    put(&mut world, "a");
    let long = "x".repeat(LONGEST_REASON + 1);
    let table = [
        (
            "SetAlarmState",
            json!({ "AlarmName": "b", "StateValue": "OK", "StateReason": "" }),
            (404, "ResourceNotFound"),
        ),
        (
            "SetAlarmState",
            json!({ "AlarmName": "a", "StateValue": "RED", "StateReason": "" }),
            (400, "ValidationError"),
        ),
        (
            "SetAlarmState",
            json!({ "AlarmName": "a", "StateValue": "ALARM" }),
            (400, "ValidationError"),
        ),
        (
            "SetAlarmState",
            json!({ "AlarmName": "a", "StateValue": "ALARM", "StateReason": long }),
            (400, "ValidationError"),
        ),
        (
            "SetAlarmState",
            json!({ "AlarmName": "a", "StateValue": "ALARM", "StateReason": "", "StateReasonData": "{" }),
            (400, "InvalidFormat"),
        ),
        (
            "DeleteAlarms",
            json!({ "AlarmNames": ["a", "b"] }),
            (404, "ResourceNotFound"),
        ),
        (
            "DescribeAlarms",
            json!({ "NextToken": "x" }),
            (400, "InvalidNextToken"),
        ),
        (
            "DescribeAlarms",
            json!({ "AlarmNames": ["a"], "AlarmNamePrefix": "a" }),
            (400, "ValidationError"),
        ),
        (
            "PutMetricAlarm",
            json!({ "AlarmName": "b", "EvaluationPeriods": 0, "ComparisonOperator": "LessThanThreshold" }),
            (400, "ValidationError"),
        ),
        (
            "PutMetricAlarm",
            json!({ "AlarmName": "b", "EvaluationPeriods": 1, "ComparisonOperator": "Above" }),
            (400, "ValidationError"),
        ),
        ("GetMetricData", json!({}), (501, "NotImplemented")),
    ];
    for (operation, input, (status, code)) in table {
        let error = call(&mut world, operation, input.clone()).unwrap_err();
        assert_eq!(
            (error.status, error.code.as_str()),
            (status, code),
            "{input}"
        );
    }
    let told = call(&mut world, "DescribeAlarms", json!({})).unwrap();
    assert_eq!(names(&told), ["a"]);
    assert!(!world.alarms.in_alarm("a"));
}
