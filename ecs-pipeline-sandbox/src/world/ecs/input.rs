//! Reading requests: typed members out of JSON, pages, and the errors that ECS gives.

use serde_json::{Map, Value};

use super::ApiError;
pub(super) use crate::world::json::{read, without_nulls};

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
