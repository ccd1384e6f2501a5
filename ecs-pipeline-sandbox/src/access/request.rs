//! Who asks, and what for.

use std::collections::BTreeMap;
use std::fmt;
use std::str::FromStr;

use crate::world::{ApiError, Service};

use super::policy::Refusal;

/// Whose policy decides.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum Principal {
    /// Whoever calls the API, with any access key but those below.
    Caller,
    /// The service role of CodeBuild: its own work, and what a build's commands call.
    Codebuild,
    /// The service role of CodePipeline.
    Codepipeline,
    /// The service role of CodeDeploy.
    Codedeploy,
    /// The task execution role, with which ECS starts tasks.
    TaskExecution,
}

/// The access key that a build's commands get, by which they are known as [`Principal::Codebuild`].
pub(crate) const BUILD_ACCESS_KEY: &str = "ASIASANDBOXCODEBUILD";

impl Principal {
    /// All of them.
    pub const ALL: [Self; 5] = [
        Self::Caller,
        Self::Codebuild,
        Self::Codepipeline,
        Self::Codedeploy,
        Self::TaskExecution,
    ];

    /// Whom a request's access key belongs to.
    pub(crate) fn of_key(access_key: &str) -> Self {
        match access_key {
            BUILD_ACCESS_KEY => Self::Codebuild,
            _ => Self::Caller,
        }
    }

    fn name(self) -> &'static str {
        match self {
            Self::Caller => "caller",
            Self::Codebuild => "codebuild",
            Self::Codepipeline => "codepipeline",
            Self::Codedeploy => "codedeploy",
            Self::TaskExecution => "task-execution",
        }
    }
}

impl fmt::Display for Principal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// A name that no [`Principal`] has.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("'{0}' is none of caller, codebuild, codepipeline, codedeploy and task-execution")]
pub struct UnknownPrincipal(String);

impl FromStr for Principal {
    type Err = UnknownPrincipal;

    fn from_str(name: &str) -> Result<Self, Self::Err> {
        let mut all = Self::ALL.into_iter();
        let found = all.find(|principal| principal.name() == name);
        found.ok_or_else(|| UnknownPrincipal(name.to_owned()))
    }
}

/// A principal with the ARN by which error messages call it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Identity {
    pub(crate) principal: Principal,
    pub(crate) arn: String,
}

impl Identity {
    /// Whoever asks the API, in the account.
    pub(crate) fn of_api(principal: Principal, account: &str) -> Self {
        match principal {
            Principal::Caller => Self {
                principal,
                arn: format!("arn:aws:iam::{account}:user/sandbox"),
            },
            service => Self::assumed(service, account, None, "sandbox"),
        }
    }

    /// A service with its role, given by name or ARN, where it is known.
    pub(crate) fn assumed(
        principal: Principal,
        account: &str,
        role: Option<&str>,
        session: &str,
    ) -> Self {
        let own = format!("sandbox-{principal}");
        let role = role.map_or(own.as_str(), |role| role.rsplit('/').next().unwrap_or(role));
        Self {
            principal,
            arn: format!("arn:aws:sts::{account}:assumed-role/{role}/{session}"),
        }
    }
}

/// An action on resources, with what conditions may ask about.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
#[non_exhaustive]
pub struct Request {
    /// Such as `ecs:UpdateService`.
    pub action: String,
    /// ARNs, all of which must be allowed, or `*` where the action has no resource type.
    pub resources: Vec<String>,
    /// The values of condition keys, such as `ecs:cluster`.
    pub context: BTreeMap<String, Vec<String>>,
}

impl Request {
    /// An action on one resource.
    #[must_use]
    pub fn new(action: impl Into<String>, resource: impl Into<String>) -> Self {
        Self::of_all(action, [resource.into()])
    }

    /// An action on several resources. Where a request names none, it is no less than one on all of them.
    pub(crate) fn of_all(
        action: impl Into<String>,
        resources: impl IntoIterator<Item = String>,
    ) -> Self {
        let mut resources: Vec<String> = resources.into_iter().collect();
        if resources.is_empty() {
            resources.push("*".to_owned());
        }
        Self {
            action: action.into(),
            resources,
            context: BTreeMap::new(),
        }
    }

    /// The same with a condition key.
    #[must_use]
    pub fn with(mut self, key: impl Into<String>, value: impl Into<String>) -> Self {
        let values = self.context.entry(key.into()).or_default();
        values.push(value.into());
        self
    }
}

/// What AWS answers to a request that a policy does not allow.
///
/// ELBv2 and S3 do not name the resource of an action that has no resource type; S3 puts the others in quotes, and IAM
/// has their names in place of their ARNs.
pub(crate) fn denied(
    service: Option<Service>,
    who: &Identity,
    request: &Request,
    refusal: &Refusal,
) -> ApiError {
    let action = &request.action;
    let resource = match refusal.resource.as_str() {
        "*" if matches!(service, None | Some(Service::Elbv2)) => String::new(),
        resource if action.starts_with("s3:") => format!(" on resource: \"{resource}\""),
        resource if service == Some(Service::Iam) => {
            let name = resource.rsplit('/').next().unwrap_or(resource);
            format!(" on resource: role {name}")
        }
        resource => format!(" on resource: {resource}"),
    };
    let why = match refusal.explicit {
        true => "with an explicit deny in an identity-based policy".to_owned(),
        false => format!("because no identity-based policy allows the {action} action"),
    };
    let message = format!(
        "User: {} is not authorized to perform: {action}{resource} {why}",
        who.arn
    );
    let (status, code) = match service {
        // S3, and the services that spoke AWS Query first.
        None | Some(Service::Elbv2 | Service::CloudWatch | Service::Sts | Service::Iam) => {
            (403, "AccessDenied")
        }
        Some(_) => (400, "AccessDeniedException"),
    };
    ApiError {
        status,
        code: code.into(),
        message,
    }
}
