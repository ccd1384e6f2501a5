//! Reading the inputs of AWS's JSON protocols.

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
