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
pub struct ProviderError {
    kind: ErrorKind,
    // Boxed text keeps every `Result` of this crate small.
    operation: Box<str>,
    target: Box<str>,
    message: Box<str>,
    request_id: Option<Box<str>>,
    hint: Option<Box<str>>,
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
        Self {
            kind,
            operation: operation.into().into_boxed_str(),
            target: target.into().into_boxed_str(),
            message: message.into().into_boxed_str(),
            request_id: None,
            hint: None,
            source: None,
        }
    }

    /// Adds what to do about it.
    #[must_use]
    pub fn with_hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = Some(hint.into().into_boxed_str());
        self
    }

    /// Adds the id by which AWS support finds the request.
    #[must_use]
    pub fn with_request_id(mut self, id: Option<String>) -> Self {
        self.request_id = id.map(String::into_boxed_str);
        self
    }

    /// Adds the error underneath.
    #[must_use]
    pub fn with_source(mut self, source: impl Into<Box<dyn StdError + Send + Sync>>) -> Self {
        self.source = Some(source.into());
        self
    }

    /// What kind of failure it is.
    #[must_use]
    pub fn kind(&self) -> ErrorKind {
        self.kind
    }

    /// What was tried: `ecs:UpdateService`, `docker build`, …
    #[must_use]
    pub fn operation(&self) -> &str {
        &self.operation
    }

    /// What it was tried on.
    #[must_use]
    pub fn target(&self) -> &str {
        &self.target
    }

    /// The id by which AWS support finds the request.
    #[must_use]
    pub fn request_id(&self) -> Option<&str> {
        self.request_id.as_deref()
    }
}

impl fmt::Display for ProviderError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.operation)?;
        if !self.target.is_empty() {
            write!(f, " {}", self.target)?;
        }
        write!(f, ": {}", self.message)?;
        match &self.request_id {
            Some(id) => write!(f, " (request id {id})"),
            None => Ok(()),
        }
    }
}

impl StdError for ProviderError {
    fn source(&self) -> Option<&(dyn StdError + 'static)> {
        self.source
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
        self.hint.as_deref()
    }
}
