//! Reading requests: typed members out of JSON, pages, and the errors that ECS gives.

use serde::de::DeserializeOwned;
use serde_json::{Map, Value};

use super::ApiError;

/// Reads an input shape. Members with the value null are absent, as AWS treats them.
pub(super) fn read<T: DeserializeOwned>(input: &Value) -> Result<T, ApiError> {
    serde_json::from_value(without_nulls(input))
        .map_err(|e| ApiError::client("SerializationException", e.to_string()))
}

/// A copy without the members whose value is null.
pub(super) fn without_nulls(value: &Value) -> Value {
    match value {
        Value::Object(members) => members
            .iter()
            .filter(|(_, v)| !v.is_null())
            .map(|(k, v)| (k.clone(), without_nulls(v)))
            .collect::<Map<_, _>>()
            .into(),
        Value::Array(items) => items.iter().map(without_nulls).collect(),
        other => other.clone(),
    }
}

pub(super) fn client(message: impl Into<String>) -> ApiError {
    ApiError::client("ClientException", message)
}

pub(super) fn invalid(message: impl Into<String>) -> ApiError {
    ApiError::client("InvalidParameterException", message)
}

/// The name in an ARN, or the name itself.
pub(super) fn last_part(name_or_arn: &str) -> &str {
    match name_or_arn.starts_with("arn:") {
        true => name_or_arn.rsplit('/').next().unwrap_or(name_or_arn),
        false => name_or_arn,
    }
}

/// One page of `all`, and the token of the next. The token is the index at which it starts.
pub(super) fn page(
    all: &[String],
    max: Option<usize>,
    token: Option<&str>,
) -> Result<(Vec<String>, Option<String>), ApiError> {
    let start = match token {
        None => 0,
        Some(token) => token
            .parse::<usize>()
            .map_err(|_| invalid("Invalid token."))?,
    };
    let end = start
        .saturating_add(max.unwrap_or(100).clamp(1, 100))
        .min(all.len());
    let items = all.get(start..end).unwrap_or_default().to_vec();
    Ok((items, (end < all.len()).then(|| end.to_string())))
}

/// The answer of a List operation.
pub(super) fn listed(member: &str, items: Vec<String>, next: Option<String>) -> Value {
    let mut answer = Map::new();
    answer.insert(member.into(), items.into());
    if let Some(next) = next {
        answer.insert("nextToken".into(), next.into());
    }
    answer.into()
}

/// An entry of `failures[]`.
pub(super) fn missing(arn: &str) -> Value {
    serde_json::json!({ "arn": arn, "reason": "MISSING" })
}
