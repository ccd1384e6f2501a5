//! Reading requests, and the errors that CodePipeline gives about them.
//!
//! Its exceptions are those of the service model. Where AWS's text is known from public reports it is
//! used; elsewhere the text is the sandbox's own, and says what is wrong.

use super::ApiError;
pub(super) use crate::world::json::{read, without_nulls};

pub(super) fn invalid(message: impl Into<String>) -> ApiError {
    ApiError::client("ValidationException", message)
}

/// Something about the pipeline as a whole.
pub(super) fn bad_structure(message: impl Into<String>) -> ApiError {
    ApiError::client("InvalidStructureException", message)
}

pub(super) fn bad_stage(message: impl Into<String>) -> ApiError {
    ApiError::client("InvalidStageDeclarationException", message)
}

pub(super) fn bad_action(message: impl Into<String>) -> ApiError {
    ApiError::client("InvalidActionDeclarationException", message)
}

/// A member that the operation requires.
pub(super) fn required<T>(value: Option<T>, member: &str) -> Result<T, ApiError> {
    value.ok_or_else(|| {
        invalid(format!(
            "1 validation error detected: Value null at '{member}' failed to satisfy constraint: \
             Member must not be null"
        ))
    })
}

/// Refuses what cannot be the name of a pipeline, a stage or an action.
pub(super) fn check_name(name: &str, member: &str) -> Result<(), ApiError> {
    check_characters(name, member, "A-Za-z0-9.@\\-_", b".@-_")
}

/// Refuses what cannot be the name of an artifact.
pub(super) fn check_artifact_name(name: &str, member: &str) -> Result<(), ApiError> {
    check_characters(name, member, "a-zA-Z0-9_\\-", b"_-")
}

/// Refuses what cannot be a namespace, or the name of a variable.
pub(super) fn check_namespace(name: &str, member: &str) -> Result<(), ApiError> {
    check_characters(name, member, "A-Za-z0-9@\\-_", b"@-_")
}

/// 1 to 100 characters, out of letters, digits and `also`, which AWS writes as `class`.
fn check_characters(name: &str, member: &str, class: &str, also: &[u8]) -> Result<(), ApiError> {
    let allowed = |byte: u8| byte.is_ascii_alphanumeric() || also.contains(&byte);
    if (1..=100).contains(&name.len()) && name.bytes().all(allowed) {
        return Ok(());
    }
    Err(invalid(format!(
        "1 validation error detected: Value '{name}' at '{member}' failed to satisfy constraint: \
         Member must satisfy regular expression pattern: [{class}]+, and have 1 to 100 characters"
    )))
}

/// One page of a list, and the token of the next one. A token is the place at which its page begins.
pub(super) fn page<T>(
    items: Vec<T>,
    size: Option<usize>,
    token: Option<&str>,
) -> Result<(Vec<T>, Option<String>), ApiError> {
    let start = match token {
        None => 0,
        Some(token) => token
            .parse()
            .ok()
            .filter(|at| *at < items.len())
            .ok_or_else(|| {
                ApiError::client("InvalidNextTokenException", "The next token is not valid")
            })?,
    };
    let size = size.unwrap_or(items.len()).max(1);
    let next = start.saturating_add(size);
    let token = (next < items.len()).then(|| next.to_string());
    Ok((items.into_iter().skip(start).take(size).collect(), token))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;

    #[test]
    fn names_have_a_form() {
        for (name, fits) in [
            ("My.Pipeline@2_x-y", true),
            ("", false),
            ("a b", false),
            ("a/b", false),
        ] {
            assert_eq!(check_name(name, "pipeline.name").is_ok(), fits, "{name}");
        }
        assert!(check_name(&"x".repeat(101), "pipeline.name").is_err());
        assert!(check_artifact_name("a.b", "name").is_err());
        assert!(check_namespace("a.b", "namespace").is_err());
    }

    #[test]
    fn a_list_comes_in_pages() {
        let (first, token) = page(vec![1, 2, 3], Some(2), None).unwrap();
        assert_eq!(first, [1, 2]);
        let (rest, end) = page(vec![1, 2, 3], Some(2), token.as_deref()).unwrap();
        assert_eq!((rest, end), (vec![3], None));
        assert!(page(vec![1], None, Some("x")).is_err());
        assert_eq!(page(Vec::<u8>::new(), None, None).unwrap(), (vec![], None));
    }
}
