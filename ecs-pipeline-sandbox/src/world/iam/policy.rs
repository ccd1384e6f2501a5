//! Policy documents: kept as they were written, after a look at their form. What they allow is not
//! judged here.

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use serde_json::Value;

use crate::world::ApiError;

/// What a URL leaves as it is (RFC 3986).
const ENCODED: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'-')
    .remove(b'.')
    .remove(b'_')
    .remove(b'~');

/// As IAM's answers hold it.
pub(super) fn encoded(document: &str) -> String {
    utf8_percent_encode(document, ENCODED).to_string()
}

/// Says who may take a role on: with principals, and without resources.
pub(super) fn trust_policy(document: &str) -> Result<String, ApiError> {
    for statement in statements(document)? {
        if statement.get("Resource").is_some() {
            return Err(malformed("Has prohibited field Resource"));
        }
        if !has(&statement, "Principal") {
            return Err(malformed("Missing required field Principal"));
        }
        let actions = many(statement.get("Action"));
        let of_sts = |action: &Value| action.as_str().is_some_and(|one| one.starts_with("sts:"));
        if !actions.iter().all(of_sts) {
            return Err(malformed(
                "AssumeRole policy may only specify STS AssumeRole actions.",
            ));
        }
    }
    Ok(document.to_owned())
}

/// Says what a role may do: with resources, and without principals.
pub(super) fn inline_policy(document: &str) -> Result<String, ApiError> {
    for statement in statements(document)? {
        if has(&statement, "Principal") {
            return Err(malformed("Policy document should not specify a principal."));
        }
        if !has(&statement, "Action") {
            return Err(malformed("Policy statement must contain actions."));
        }
        if !has(&statement, "Resource") {
            return Err(malformed("Policy statement must contain resources."));
        }
    }
    Ok(document.to_owned())
}

/// Whether a statement has an element, or what negates it.
fn has(statement: &Value, element: &str) -> bool {
    statement.get(element).is_some() || statement.get(format!("Not{element}")).is_some()
}

fn statements(document: &str) -> Result<Vec<Value>, ApiError> {
    let policy: Value = serde_json::from_str(document)
        .map_err(|_| malformed("This policy contains invalid Json"))?;
    let statements = many(policy.get("Statement"));
    let effects =
        |statement: &Value| matches!(statement["Effect"].as_str(), Some("Allow" | "Deny"));
    match !statements.is_empty() && statements.iter().all(effects) {
        true => Ok(statements),
        false => Err(malformed("Syntax errors in policy.")),
    }
}

fn many(one_or_many: Option<&Value>) -> Vec<Value> {
    match one_or_many {
        None => Vec::new(),
        Some(Value::Array(many)) => many.clone(),
        Some(one) => vec![one.clone()],
    }
}

fn malformed(message: &str) -> ApiError {
    ApiError::client("MalformedPolicyDocument", message)
}
