//! What PutMetricAlarm's input says, kept to be given back.

use serde_json::{Map, Value};

use super::super::ApiError;
use super::super::input::{bounded, flag, required, texts};
use super::not_one_of;

/// Members of PutMetricAlarm that DescribeAlarms gives back as they were put.
const CONFIGURATION: [&str; 17] = [
    "AlarmDescription",
    "MetricName",
    "Namespace",
    "Statistic",
    "ExtendedStatistic",
    "Dimensions",
    "Period",
    "Unit",
    "EvaluationPeriods",
    "DatapointsToAlarm",
    "Threshold",
    "ComparisonOperator",
    "TreatMissingData",
    "EvaluateLowSampleCountPercentile",
    "Metrics",
    "ThresholdMetricId",
    "EvaluationCriteria",
];

/// Lists of ARNs that are always given back, empty or not.
const ACTIONS: [&str; 3] = ["OKActions", "AlarmActions", "InsufficientDataActions"];

const COMPARISONS: [&str; 7] = [
    "GreaterThanOrEqualToThreshold",
    "GreaterThanThreshold",
    "LessThanThreshold",
    "LessThanOrEqualToThreshold",
    "LessThanLowerOrGreaterThanUpperThreshold",
    "LessThanLowerThreshold",
    "GreaterThanUpperThreshold",
];

/// What is kept of PutMetricAlarm's input, with the types that the service model gives it.
pub(super) fn configuration(input: &Value) -> Result<Map<String, Value>, ApiError> {
    bounded(input, "EvaluationPeriods", 1, u32::MAX)?;
    required(input, "EvaluationPeriods")?;
    let comparison = required(input, "ComparisonOperator")?;
    if !COMPARISONS.contains(&comparison.as_str()) {
        return Err(not_one_of("comparisonOperator", &comparison, &COMPARISONS));
    }
    let mut kept: Map<String, Value> = CONFIGURATION
        .iter()
        .filter_map(|name| Some(((*name).into(), typed(name, input.get(*name)?))))
        .filter(|(_, value)| !value.is_null())
        .collect();
    kept.insert(
        "ActionsEnabled".into(),
        flag(input, "ActionsEnabled").unwrap_or(true).into(),
    );
    for name in ACTIONS {
        kept.insert(name.into(), texts(input, name).into());
    }
    Ok(kept)
}

/// A value with its type: AWS Query sends numbers and booleans as strings, and JSON a threshold
/// of 5 as a whole number, which CBOR clients do not take for a double.
fn typed(name: &str, value: &Value) -> Value {
    match value {
        Value::Array(items) => items.iter().map(|item| typed(name, item)).collect(),
        Value::Object(members) => members
            .iter()
            .map(|(name, value)| (name.clone(), typed(name, value)))
            .collect(),
        scalar => match name {
            "EvaluationPeriods" | "DatapointsToAlarm" | "Period" => {
                whole(scalar).map_or_else(|| scalar.clone(), Value::from)
            }
            "Threshold" => double(scalar).map_or_else(|| scalar.clone(), Value::from),
            "ReturnData" => match scalar.as_str() {
                Some(flag) => flag.eq_ignore_ascii_case("true").into(),
                None => scalar.clone(),
            },
            _ => scalar.clone(),
        },
    }
}

fn whole(value: &Value) -> Option<i64> {
    value.as_i64().or_else(|| value.as_str()?.parse().ok())
}

fn double(value: &Value) -> Option<f64> {
    value.as_f64().or_else(|| value.as_str()?.parse().ok())
}
