//! Errors in AWS's terms.

/// What a service answers when it refuses a request.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{code}: {message}")]
pub struct ApiError {
    /// The HTTP status.
    pub status: u16,
    /// The exception's name as the service model has it, such as `ServiceNotFoundException`.
    pub code: String,
    /// The text for people.
    pub message: String,
}

impl ApiError {
    /// A refusal that blames the request (HTTP 400).
    #[must_use]
    pub fn client(code: impl Into<String>, message: impl Into<String>) -> Self {
        Self {
            status: 400,
            code: code.into(),
            message: message.into(),
        }
    }

    /// Whether a policy is why.
    pub(crate) fn is_access_denied(&self) -> bool {
        matches!(self.code.as_str(), "AccessDenied" | "AccessDeniedException")
    }

    /// The operation exists in AWS but not here.
    #[must_use]
    pub fn not_implemented(service: &str, operation: &str) -> Self {
        Self {
            status: 501,
            code: "NotImplemented".into(),
            message: format!("the sandbox does not implement {service} {operation}"),
        }
    }
}
