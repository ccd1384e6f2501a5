//! Why an action failed.

use serde_json::{Value, json};

use super::ApiError;

/// `errorDetails`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Failure {
    /// A `FailureType`.
    code: &'static str,
    pub(super) message: String,
}

impl Failure {
    /// The action cannot work as it is configured, or with what it was given.
    pub(super) fn configuration(message: impl Into<String>) -> Self {
        let message = message.into();
        Self {
            code: "ConfigurationError",
            message,
        }
    }

    /// What the action started did not succeed.
    pub(super) fn job(message: impl Into<String>) -> Self {
        let message = message.into();
        Self {
            code: "JobFailed",
            message,
        }
    }

    /// The role may not do what the action does.
    pub(super) fn permission(message: impl Into<String>) -> Self {
        let message = message.into();
        Self {
            code: "PermissionError",
            message,
        }
    }

    /// What an action says that calls another service by one name.
    pub(super) fn calling(call: &str, service: &str, error: &ApiError) -> Self {
        let refused = Self::refused(service, error);
        Self {
            message: format!("Error calling {call}: {}", refused.message),
            ..refused
        }
    }

    /// Another service refused what the action asked of it; worded as AWS's SDK for Java words it, in which
    /// the actions are written.
    pub(super) fn refused(service: &str, error: &ApiError) -> Self {
        let told = format!(
            "{} (Service: {service}; Status Code: {}; Error Code: {})",
            error.message, error.status, error.code
        );
        match error.is_access_denied() {
            true => Self::permission(told),
            false => Self::configuration(told),
        }
    }

    pub(super) fn describe(&self) -> Value {
        json!({"code": self.code, "message": self.message})
    }
}
