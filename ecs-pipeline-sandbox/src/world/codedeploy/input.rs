//! Reading requests, and the errors that CodeDeploy gives about them.

use super::ApiError;
pub(super) use crate::world::json::{read, without_nulls};

/// What is named in CodeDeploy, with the words of its errors.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Application,
    Group,
    Config,
}

impl Kind {
    /// The stem of the exceptions' names.
    fn stem(self) -> &'static str {
        match self {
            Self::Application => "Application",
            Self::Group => "DeploymentGroup",
            Self::Config => "DeploymentConfig",
        }
    }

    fn words(self) -> &'static str {
        match self {
            Self::Application => "application",
            Self::Group => "Deployment Group",
            Self::Config => "Deployment Configuration",
        }
    }

    /// `…DoesNotExistException`.
    pub(super) fn missing(self, name: &str) -> ApiError {
        ApiError::client(
            format!("{}DoesNotExistException", self.stem()),
            format!("No {} found for name: {name}", self.words()),
        )
    }

    /// `…AlreadyExistsException`.
    pub(super) fn taken(self, name: &str) -> ApiError {
        ApiError::client(
            format!("{}AlreadyExistsException", self.stem()),
            format!("{} already exists: {name}", self.words()),
        )
    }

    /// A name that is there and has the form that CodeDeploy asks for.
    pub(super) fn name(self, given: Option<String>) -> Result<String, ApiError> {
        let name = given.filter(|name| !name.is_empty()).ok_or_else(|| {
            ApiError::client(
                format!("{}NameRequiredException", self.stem()),
                format!("The {} name was not specified", self.words()),
            )
        })?;
        let allowed = |b: u8| b.is_ascii_alphanumeric() || b"+=,.@_-".contains(&b);
        if name.len() <= 100 && name.bytes().all(allowed) {
            return Ok(name);
        }
        Err(ApiError::client(
            format!("Invalid{}NameException", self.stem()),
            format!(
                "The {} name '{name}' must have 1 to 100 characters out of A-Z a-z 0-9 and + = , . @ _ -",
                self.words()
            ),
        ))
    }
}

/// One page of a list. Everything fits on one, so a token can only be a mistake.
pub(super) fn only_page(token: Option<&str>) -> Result<(), ApiError> {
    match token {
        None => Ok(()),
        Some(_) => Err(ApiError::client(
            "InvalidNextTokenException",
            "The next token is not valid",
        )),
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;

    #[test]
    fn names_are_required_and_have_a_form() {
        let long = "x".repeat(101);
        for (kind, given, code) in [
            (Kind::Application, None, "ApplicationNameRequiredException"),
            (
                Kind::Application,
                Some(""),
                "ApplicationNameRequiredException",
            ),
            (Kind::Group, None, "DeploymentGroupNameRequiredException"),
            (Kind::Config, None, "DeploymentConfigNameRequiredException"),
            (
                Kind::Application,
                Some("a b"),
                "InvalidApplicationNameException",
            ),
            (
                Kind::Group,
                Some("a/b"),
                "InvalidDeploymentGroupNameException",
            ),
            (
                Kind::Config,
                Some(&*long),
                "InvalidDeploymentConfigNameException",
            ),
        ] {
            let error = kind.name(given.map(str::to_owned)).unwrap_err();
            assert_eq!(error.code, code, "{given:?}");
        }
        let name = "Dgp_ECS-c+s=1,2.3@4".to_owned();
        assert_eq!(Kind::Group.name(Some(name.clone())).unwrap(), name);
    }
}
