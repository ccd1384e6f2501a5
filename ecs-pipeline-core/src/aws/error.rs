//! The SDK's errors as [`ProviderError`]s: the one place where AWS's codes get a meaning.

use std::error::Error as StdError;

use aws_smithy_runtime_api::client::orchestrator::HttpResponse;
use aws_smithy_runtime_api::client::result::SdkError;
use aws_smithy_types::error::metadata::ProvideErrorMetadata;

use crate::denial;
use crate::error::{ErrorKind, ProviderError};

/// The metadata key under which the SDK keeps the request id.
const REQUEST_ID: &str = "aws_request_id";

/// Turns errors of one client into [`ProviderError`]s.
#[derive(Debug, Clone, Default)]
pub(crate) struct Errors {
    endpoint: Option<String>,
}

impl Errors {
    pub(crate) fn new(endpoint: Option<&str>) -> Self {
        Self {
            endpoint: endpoint.map(str::to_owned),
        }
    }

    /// `operation` is written as IAM writes it: `ecs:UpdateService`.
    pub(crate) fn map<E>(
        &self,
        operation: &str,
        target: impl Into<String>,
        error: SdkError<E, HttpResponse>,
    ) -> ProviderError
    where
        E: StdError + ProvideErrorMetadata + Send + Sync + 'static,
    {
        let code = error.code().map(str::to_owned);
        let reading = match (&error, &code) {
            (SdkError::DispatchFailure(_) | SdkError::TimeoutError(_), _)
            | (SdkError::ConstructionFailure(_), _) => self.not_sent(&error),
            (_, Some(code)) => {
                answered(operation, code, error.message().unwrap_or_default(), &error)
            }
            (_, None) => unreadable(&error),
        };
        let request_id = error.meta().extra(REQUEST_ID).map(str::to_owned);
        let mut mapped = ProviderError::new(reading.kind, operation, target, reading.message)
            .with_request_id(request_id)
            .with_source(error);
        if let Some(hint) = reading.hint {
            mapped = mapped.with_hint(hint);
        }
        mapped
    }

    /// No request reached AWS, or no answer came back.
    fn not_sent<E>(&self, error: &SdkError<E, HttpResponse>) -> Reading
    where
        E: StdError + 'static,
    {
        let chain = chain(error);
        let text = chain.join(": ").to_lowercase();
        let place = self.endpoint.as_deref().unwrap_or("AWS");
        if text.contains("region") && (text.contains("missing") || text.contains("must be set")) {
            return Reading::new(ErrorKind::Invalid, "no AWS region is set")
                .hint("set AWS_REGION, or `region` in the AWS profile");
        }
        if text.contains("credential") || text.contains("identity") || text.contains("sso") {
            return no_credentials(&chain);
        }
        if matches!(error, SdkError::TimeoutError(_))
            || text.contains("timed out")
            || text.contains("timeout")
        {
            return Reading::new(
                ErrorKind::Unavailable,
                format!("{place} did not answer in time"),
            )
            .hint("check the network, a proxy, and AWS_ENDPOINT_URL if it is set");
        }
        if matches!(error, SdkError::ConstructionFailure(_)) {
            return Reading::new(
                ErrorKind::Invalid,
                chain.last().cloned().unwrap_or_default(),
            );
        }
        let cause = chain.last().cloned().unwrap_or_default();
        let hint = match &self.endpoint {
            Some(endpoint) => format!(
                "check that something listens at {endpoint}: AWS_ENDPOINT_URL or the AWS profile points there"
            ),
            None => "check the network, a proxy, and the region".to_owned(),
        };
        Reading::new(
            ErrorKind::Unavailable,
            format!("could not reach {place}: {cause}"),
        )
        .hint(hint)
    }
}

struct Reading {
    kind: ErrorKind,
    message: String,
    hint: Option<String>,
}

impl Reading {
    fn new(kind: ErrorKind, message: impl Into<String>) -> Self {
        Self {
            kind,
            message: message.into(),
            hint: None,
        }
    }

    fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = Some(hint.into());
        self
    }
}

fn no_credentials(chain: &[String]) -> Reading {
    let text = chain.join(": ");
    let lower = text.to_lowercase();
    let message = if lower.contains("expired") {
        "the AWS credentials have expired".to_owned()
    } else if lower.contains("no providers in chain")
        || lower.contains("no credentials found in chain")
        || lower.contains("not loaded")
        || lower.contains("not provide")
    {
        "no AWS credentials were found".to_owned()
    } else {
        format!(
            "the AWS credentials could not be read: {}",
            chain
                .last()
                .and_then(|said| said.lines().next())
                .unwrap_or_default()
        )
    };
    Reading::new(ErrorKind::Unauthenticated, message).hint(CREDENTIALS)
}

const CREDENTIALS: &str = "give the job a role, or set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY (and AWS_SESSION_TOKEN), or AWS_PROFILE; `aws sso login` renews an SSO session";

const EXPIRED: &str = "renew the credentials (`aws sso login`, or a new AWS_SESSION_TOKEN); in CI, let the role's session last longer than the job";

/// AWS answered with an error code.
fn answered<E>(
    operation: &str,
    code: &str,
    message: &str,
    error: &SdkError<E, HttpResponse>,
) -> Reading
where
    E: StdError + 'static,
{
    let kind = kind_of(code, message, status_of(error));
    let said = match message.trim() {
        "" => code.to_owned(),
        message => message.to_owned(),
    };
    let reading = Reading::new(kind, said);
    match kind {
        ErrorKind::Denied => reading.hint(denial::advice_for(operation, message)),
        ErrorKind::Unauthenticated if code.contains("Expired") => reading.hint(EXPIRED),
        ErrorKind::Unauthenticated => reading.hint(CREDENTIALS),
        ErrorKind::Quota => {
            reading.hint("ask for a higher quota, or clean up; trying again will not help")
        }
        _ => reading,
    }
}

/// The kind of an error code of any of the services used here. Codes beat the HTTP status, since
/// most of AWS's errors are a 400.
fn kind_of(code: &str, message: &str, status: u16) -> ErrorKind {
    if let Some(kind) = kind_by_message(message) {
        return kind;
    }
    match code {
        "ExpiredToken"
        | "ExpiredTokenException"
        | "TokenRefreshRequired"
        | "UnrecognizedClientException"
        | "InvalidClientTokenId"
        | "InvalidSignatureException"
        | "SignatureDoesNotMatch"
        | "IncompleteSignature"
        | "MissingAuthenticationToken"
        | "MissingAuthenticationTokenException"
        | "AuthFailure"
        | "InvalidAccessKeyId"
        | "RequestExpired" => ErrorKind::Unauthenticated,
        "UnauthorizedOperation" => ErrorKind::Denied,
        "TooManyRequestsException"
        | "RequestLimitExceeded"
        | "SlowDown"
        | "PriorRequestNotComplete" => ErrorKind::Throttled,
        "ConflictException"
        | "UpdateInProgressException"
        | "ResourceInUseException"
        // CodeDeploy: the group takes one deployment at a time.
        | "DeploymentLimitExceededException"
        | "DeploymentAlreadyCompletedException"
        | "DeploymentIsNotInReadyStateException" => ErrorKind::Conflict,
        "ServiceNotActiveException" => ErrorKind::NotFound,
        _ if code.starts_with("AccessDenied") => ErrorKind::Denied,
        _ if code.contains("Throttl") => ErrorKind::Throttled,
        "NoSuchBucket" | "NoSuchKey" | "NoSuchEntity" => ErrorKind::NotFound,
        _ if code.contains("NotFound") || code.contains("DoesNotExist") => ErrorKind::NotFound,
        _ if code.contains("AlreadyExists") => ErrorKind::Conflict,
        _ if code.contains("LimitExceeded") || code.contains("Quota") => ErrorKind::Quota,
        _ if status >= 500 => ErrorKind::Unavailable,
        "ServerException" | "InternalFailure" | "ServiceUnavailable" | "InternalError" => {
            ErrorKind::Unavailable
        }
        _ => ErrorKind::Invalid,
    }
}

/// ECS puts several things under one `ClientException`; these messages tell them apart.
fn kind_by_message(message: &str) -> Option<ErrorKind> {
    let table = [
        (
            "Too many concurrent attempts to create a new revision",
            ErrorKind::Throttled,
        ),
        (
            "active deployments exist, unable to create new deployment",
            ErrorKind::Conflict,
        ),
        ("Unable to describe task definition", ErrorKind::NotFound),
        ("is not authorized to perform", ErrorKind::Denied),
    ];
    table
        .into_iter()
        .find(|(text, _)| message.contains(text))
        .map(|(_, kind)| kind)
}

/// AWS answered with something that is no AWS error: a proxy, or an emulator that lacks the
/// operation and sends a page of HTML.
fn unreadable<E>(error: &SdkError<E, HttpResponse>) -> Reading
where
    E: StdError + 'static,
{
    let status = status_of(error);
    let kind = match status {
        401 => ErrorKind::Unauthenticated,
        403 => ErrorKind::Denied,
        404 => ErrorKind::NotFound,
        429 => ErrorKind::Throttled,
        500.. => ErrorKind::Unavailable,
        // A success that cannot be read.
        0..300 => ErrorKind::Internal,
        _ => ErrorKind::Invalid,
    };
    Reading::new(
        kind,
        format!("HTTP {status} with an answer that is no AWS answer"),
    )
    .hint("look at what answers there: a proxy, or an endpoint that lacks this operation")
}

fn status_of<E>(error: &SdkError<E, HttpResponse>) -> u16 {
    error
        .raw_response()
        .map_or(0, |response| response.status().as_u16())
}

/// The messages of an error and what is underneath it, without repetition.
fn chain<E: StdError + 'static>(error: &SdkError<E, HttpResponse>) -> Vec<String> {
    let mut texts = vec![error.to_string()];
    let mut next = error.source();
    while let Some(error) = next {
        texts.push(error.to_string());
        next = error.source();
    }
    texts.dedup();
    texts
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;

    #[test]
    fn codes_have_a_kind() {
        let table = [
            ("AccessDeniedException", "", 400, ErrorKind::Denied),
            ("AccessDenied", "", 403, ErrorKind::Denied),
            ("ExpiredTokenException", "", 400, ErrorKind::Unauthenticated),
            (
                "UnrecognizedClientException",
                "",
                400,
                ErrorKind::Unauthenticated,
            ),
            (
                "ThrottlingException",
                "Rate exceeded",
                400,
                ErrorKind::Throttled,
            ),
            ("ServiceNotFoundException", "", 400, ErrorKind::NotFound),
            ("RepositoryNotFoundException", "", 400, ErrorKind::NotFound),
            (
                "RepositoryAlreadyExistsException",
                "",
                400,
                ErrorKind::Conflict,
            ),
            ("LimitExceededException", "", 400, ErrorKind::Quota),
            (
                "DeploymentLimitExceededException",
                "The Deployment Group 'x' already has an active Deployment 'd-1'",
                400,
                ErrorKind::Conflict,
            ),
            (
                "DeploymentGroupDoesNotExistException",
                "",
                400,
                ErrorKind::NotFound,
            ),
            ("NoSuchBucket", "", 404, ErrorKind::NotFound),
            ("NoSuchEntity", "", 404, ErrorKind::NotFound),
            ("ServerException", "", 500, ErrorKind::Unavailable),
            (
                "ClientException",
                "Too many concurrent attempts to create a new revision of the specified family.",
                400,
                ErrorKind::Throttled,
            ),
            (
                "ClientException",
                "Unable to describe task definition.",
                400,
                ErrorKind::NotFound,
            ),
            (
                "InvalidParameterException",
                "5 active deployments exist, unable to create new deployment.",
                400,
                ErrorKind::Conflict,
            ),
            (
                "ClientException",
                "Container list cannot be empty.",
                400,
                ErrorKind::Invalid,
            ),
            ("NobodyKnows", "", 503, ErrorKind::Unavailable),
        ];
        for (code, message, status, kind) in table {
            assert_eq!(kind_of(code, message, status), kind, "{code} {message}");
        }
    }
}
