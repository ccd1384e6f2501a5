//! What providers answer when they cannot do what is asked.

use std::error::Error as StdError;
use std::fmt;

/// What kind of failure it is: enough to decide whether to try again and which exit code it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ErrorKind {
    /// The thing that was named does not exist.
    NotFound,
    /// The caller is known but may not do this.
    Denied,
    /// The caller is not known: no credentials, or expired ones.
    Unauthenticated,
    /// Too many requests.
    Throttled,
    /// The request itself is wrong.
    Invalid,
    /// Something else is in the way: a deployment under way, a tag that cannot be overwritten.
    Conflict,
    /// A limit of the account was reached.
    Quota,
    /// The service, engine or network did not answer, or answered that it cannot now.
    Unavailable,
    /// The work was done and failed: a build that does not compile, a push that broke.
    Failed,
    /// What should not happen.
    Internal,
}

impl ErrorKind {
    /// Whether the same request may succeed if it is made again a little later.
    #[must_use]
    pub fn is_transient(self) -> bool {
        matches!(self, Self::Throttled | Self::Unavailable)
    }
}

/// A provider's failure: what was tried, on what, and why it failed.
///
/// `Display` gives one sentence without the hint; [`Hint::hint`] says what to do about it.
#[derive(Debug)]
pub struct ProviderError(Box<Parts>);

/// Boxed, so that a `Result` is not as large as its rarest case.
#[derive(Debug)]
struct Parts {
    kind: ErrorKind,
    operation: String,
    target: String,
    message: String,
    request_id: Option<String>,
    hint: Option<String>,
    source: Option<Box<dyn StdError + Send + Sync>>,
}

impl ProviderError {
    /// A failure of `operation` (such as `ecs:UpdateService` or `docker build`) on `target`.
    pub fn new(
        kind: ErrorKind,
        operation: impl Into<String>,
        target: impl Into<String>,
        message: impl Into<String>,
    ) -> Self {
        Self(Box::new(Parts {
            kind,
            operation: operation.into(),
            target: target.into(),
            message: message.into(),
            request_id: None,
            hint: None,
            source: None,
        }))
    }

    /// Adds what to do about it.
    #[must_use]
    pub fn with_hint(mut self, hint: impl Into<String>) -> Self {
        self.0.hint = Some(hint.into());
        self
    }

    /// Adds the id by which AWS support finds the request.
    #[must_use]
    pub fn with_request_id(mut self, id: Option<String>) -> Self {
        self.0.request_id = id;
        self
    }

    /// Adds the error underneath.
    #[must_use]
    pub fn with_source(mut self, source: impl Into<Box<dyn StdError + Send + Sync>>) -> Self {
        self.0.source = Some(source.into());
        self
    }

    /// What kind of failure it is.
    #[must_use]
    pub fn kind(&self) -> ErrorKind {
        self.0.kind
    }

    /// What was tried: `ecs:UpdateService`, `docker build`, …
    #[must_use]
    pub fn operation(&self) -> &str {
        &self.0.operation
    }

    /// What it was tried on.
    #[must_use]
    pub fn target(&self) -> &str {
        &self.0.target
    }

    /// The id by which AWS support finds the request.
    #[must_use]
    pub fn request_id(&self) -> Option<&str> {
        self.0.request_id.as_deref()
    }
}

impl fmt::Display for ProviderError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.0.operation)?;
        if !self.0.target.is_empty() {
            write!(f, " {}", self.0.target)?;
        }
        write!(f, ": {}", self.0.message)?;
        match &self.0.request_id {
            Some(id) => write!(f, " (request id {id})"),
            None => Ok(()),
        }
    }
}

impl StdError for ProviderError {
    fn source(&self) -> Option<&(dyn StdError + 'static)> {
        self.0
            .source
            .as_deref()
            .map(|source| source as &(dyn StdError + 'static))
    }
}

/// What to do about an error; kept apart from `Display`, so that it is printed once and last.
pub trait Hint {
    /// A sentence that begins with a verb, where there is something to advise.
    fn hint(&self) -> Option<&str>;
}

impl Hint for ProviderError {
    fn hint(&self) -> Option<&str> {
        self.0.hint.as_deref()
    }
}
