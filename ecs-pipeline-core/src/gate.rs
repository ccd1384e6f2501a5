//! A gate that asks the service itself: one HTTP request, judged by status and body.

use std::error::Error;
use std::fmt;
use std::ops::RangeInclusive;
use std::time::Duration;

use async_trait::async_trait;
use http_body_util::{BodyExt, Empty, Limited};
use hyper::body::{Bytes, Incoming};
use hyper::header::{HOST, HeaderMap, HeaderName, HeaderValue, USER_AGENT};
use hyper::{Request, Response, StatusCode, Uri};
use hyper_rustls::{HttpsConnector, HttpsConnectorBuilder};
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::TokioExecutor;
use regex_lite::Regex;

use crate::error::{ErrorKind, ProviderError};
use crate::provider::{GateReading, HealthGate};

/// What is read of a body before it is judged.
const BODY_LIMIT: usize = 1 << 20;

/// Reads a URL. Each reading is one GET over a connection of its own, so that a load balancer
/// chooses a target each time. Redirects are answers, and are not followed. An answer that is not
/// as expected, or none at all, is [not yet](crate::model::GateState::NotYet).
///
/// ```
/// use std::time::Duration;
/// use ecs_pipeline_core::gate::HttpGate;
///
/// let gate = HttpGate::new("http://web.example.com/health")?
///     .expect_status("200-299")?
///     .expect_body(r"/version [0-9]+/")?
///     .header("x-probe", "ecs-pipeline")?
///     .timeout(Duration::from_secs(3));
/// # Ok::<(), ecs_pipeline_core::ProviderError>(())
/// ```
#[derive(Debug, Clone)]
pub struct HttpGate {
    url: Uri,
    status: Vec<RangeInclusive<u16>>,
    body: Option<BodyMatch>,
    headers: HeaderMap,
    timeout: Duration,
    client: Client<HttpsConnector<HttpConnector>, Empty<Bytes>>,
}

#[derive(Debug, Clone)]
enum BodyMatch {
    Contains(String),
    Matches(Regex),
}

impl HttpGate {
    /// A gate that expects status 200 from this `http` or `https` URL within 5 seconds. Servers
    /// are trusted by the certificates of this machine's trust store.
    ///
    /// # Errors
    ///
    /// [`Invalid`](ErrorKind::Invalid) when it is not such a URL, and
    /// [`Unavailable`](ErrorKind::Unavailable) when an `https` URL is given and this machine has
    /// no trusted certificates.
    pub fn new(url: &str) -> Result<Self, ProviderError> {
        let uri: Uri = url
            .parse()
            .map_err(|error| invalid(url, "it is not a URL").with_source(error))?;
        if !matches!(uri.scheme_str(), Some("http" | "https")) {
            return Err(invalid(url, "the URL must begin with http:// or https://"));
        }
        if uri.host().is_none_or(str::is_empty) {
            return Err(invalid(url, "the URL names no host"));
        }
        if uri.authority().is_some_and(|part| part.as_str().contains('@')) {
            let message = "credentials in the URL would be printed: give an authorization header";
            return Err(invalid(url, message));
        }
        Ok(Self {
            client: client(&uri)?,
            url: uri,
            status: vec![200..=200],
            body: None,
            headers: HeaderMap::new(),
            timeout: Duration::from_secs(5),
        })
    }

    /// The statuses that pass: one, a range, or a list of these, such as `200-299,304`.
    ///
    /// # Errors
    ///
    /// [`Invalid`](ErrorKind::Invalid) when it is not so written, or names what is no status.
    pub fn expect_status(mut self, statuses: &str) -> Result<Self, ProviderError> {
        self.status = statuses
            .split(',')
            .map(|part| status_range(part.trim()))
            .collect::<Option<_>>()
            .ok_or_else(|| {
                let rule = "statuses are written as 200, 200-299 or 200,302, from 100 to 599";
                invalid(statuses, rule)
            })?;
        Ok(self)
    }

    /// What the body must contain: a text, or a regular expression between slashes.
    ///
    /// # Errors
    ///
    /// [`Invalid`](ErrorKind::Invalid) when the regular expression is not one.
    pub fn expect_body(mut self, wanted: &str) -> Result<Self, ProviderError> {
        let pattern = wanted
            .strip_prefix('/')
            .and_then(|rest| rest.strip_suffix('/'));
        self.body = Some(match pattern {
            Some(pattern) => BodyMatch::Matches(Regex::new(pattern).map_err(|error| {
                let message = format!("it is not a regular expression: {error}");
                invalid(wanted, &message).with_source(error)
            })?),
            None => BodyMatch::Contains(wanted.to_owned()),
        });
        Ok(self)
    }

    /// Adds a header to the request; `host` chooses a virtual host.
    ///
    /// # Errors
    ///
    /// [`Invalid`](ErrorKind::Invalid) when name or value may not stand in a header.
    pub fn header(mut self, name: &str, value: &str) -> Result<Self, ProviderError> {
        let bad = |what: &str| invalid(name, &format!("it is not the {what} of a header"));
        let key = HeaderName::try_from(name).map_err(|_| bad("name"))?;
        let value = HeaderValue::try_from(value).map_err(|_| bad("value"))?;
        self.headers.insert(key, value);
        Ok(self)
    }

    /// How long one request may take, from the connection to the end of the body.
    #[must_use]
    pub fn timeout(mut self, timeout: Duration) -> Self {
        self.timeout = timeout;
        self
    }

    fn request(&self) -> Request<Empty<Bytes>> {
        let mut request = Request::new(Empty::new());
        *request.uri_mut() = self.url.clone();
        let agent = concat!("ecs-pipeline/", env!("CARGO_PKG_VERSION"));
        let headers = request.headers_mut();
        headers.insert(USER_AGENT, HeaderValue::from_static(agent));
        headers.extend(self.headers.clone());
        request
    }

    async fn ask(&self) -> GateReading {
        let told = |what: String| format!("{} {what}", self.what());
        let response = match self.client.request(self.request()).await {
            Ok(response) => response,
            Err(error) => {
                let doing = if error.is_connect() {
                    "could not connect"
                } else {
                    "was not answered"
                };
                return GateReading::not_yet(told(format!("{doing}: {}", innermost(&error))));
            }
        };
        let status = response.status();
        if !self.passes(status) {
            return GateReading::not_yet(told(format!("answered {}", status.as_u16())));
        }
        match self.judge_body(response).await {
            Ok(()) => GateReading::passing(told(format!("answered {}", status.as_u16()))),
            Err(why) => {
                let why = format!("answered {}, but {why}", status.as_u16());
                GateReading::not_yet(told(why))
            }
        }
    }

    fn what(&self) -> String {
        match self.headers.get(HOST) {
            Some(host) => format!("GET {} (host {host:?})", self.url),
            None => format!("GET {}", self.url),
        }
    }

    fn passes(&self, status: StatusCode) -> bool {
        self.status
            .iter()
            .any(|range| range.contains(&status.as_u16()))
    }

    async fn judge_body(&self, response: Response<Incoming>) -> Result<(), String> {
        let Some(wanted) = &self.body else {
            return Ok(());
        };
        let body = Limited::new(response.into_body(), BODY_LIMIT)
            .collect()
            .await
            .map_err(|error| format!("its body could not be read: {error}"))?
            .to_bytes();
        let body = String::from_utf8_lossy(&body);
        if wanted.is_in(&body) {
            Ok(())
        } else {
            Err(format!("its body {wanted}: {}", beginning(&body)))
        }
    }
}

#[async_trait]
impl HealthGate for HttpGate {
    fn describe(&self) -> String {
        format!("HTTP {}", self.url)
    }

    async fn read(&self) -> Result<GateReading, ProviderError> {
        let reading = tokio::time::timeout(self.timeout, self.ask()).await;
        Ok(reading.unwrap_or_else(|_| {
            let limit = self.timeout.as_secs_f64();
            GateReading::not_yet(format!("{} was not answered within {limit} s", self.what()))
        }))
    }
}

impl BodyMatch {
    fn is_in(&self, body: &str) -> bool {
        match self {
            Self::Contains(text) => body.contains(text),
            Self::Matches(pattern) => pattern.is_match(body),
        }
    }
}

impl fmt::Display for BodyMatch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Contains(text) => write!(f, "does not contain {text:?}"),
            Self::Matches(pattern) => write!(f, "does not match /{}/", pattern.as_str()),
        }
    }
}

fn client(
    url: &Uri,
) -> Result<Client<HttpsConnector<HttpConnector>, Empty<Bytes>>, ProviderError> {
    let mut tcp = HttpConnector::new();
    tcp.enforce_http(false);
    let tls = HttpsConnectorBuilder::new();
    // Reading the trust store takes its time, and only TLS needs it.
    let tls = if url.scheme_str() == Some("https") {
        tls.with_native_roots().map_err(|error| {
            ProviderError::new(
                ErrorKind::Unavailable,
                "HTTP gate",
                url.to_string(),
                "no trusted certificates were found on this machine",
            )
            .with_hint("install the ca-certificates package, or set SSL_CERT_FILE")
            .with_source(error)
        })?
    } else {
        tls.with_tls_config(no_tls(url)?)
    };
    let connector = tls.https_or_http().enable_http1().wrap_connector(tcp);
    Ok(Client::builder(TokioExecutor::new())
        .pool_max_idle_per_host(0)
        .retry_canceled_requests(false)
        .build(connector))
}

fn status_range(text: &str) -> Option<RangeInclusive<u16>> {
    let (first, last) = text.split_once('-').unwrap_or((text, text));
    let number = |text: &str| {
        let number: u16 = text.trim().parse().ok()?;
        (100..=599).contains(&number).then_some(number)
    };
    let (first, last) = (number(first)?, number(last)?);
    (first <= last).then_some(first..=last)
}

/// The end of a chain of errors: `connection refused` says more than `client error`.
fn innermost(error: &dyn Error) -> String {
    let mut innermost = error;
    while let Some(source) = innermost.source() {
        innermost = source;
    }
    innermost.to_string()
}

/// Enough of a body to see what it is, on one line.
fn beginning(body: &str) -> String {
    const SHOWN: usize = 80;
    let shown: String = body.chars().take(SHOWN).collect();
    if shown.len() < body.len() {
        format!("{shown:?}…")
    } else {
        format!("{shown:?}")
    }
}

fn invalid(target: &str, message: &str) -> ProviderError {
    ProviderError::new(ErrorKind::Invalid, "HTTP gate", target, message)
}
