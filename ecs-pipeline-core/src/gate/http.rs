//! A gate that asks the service itself: one HTTP request, judged by status and body.

use std::fmt;
use std::ops::RangeInclusive;
use std::time::Duration;

use async_trait::async_trait;
use http_body_util::{BodyExt, Empty, Limited};
use hyper::body::{Bytes, Incoming};
use hyper::header::{HOST, HeaderMap, HeaderName, HeaderValue, USER_AGENT};
use hyper::{Request, Response, StatusCode, Uri};
use hyper_rustls::{HttpsConnector, HttpsConnectorBuilder};
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::client::legacy::{Client, Error};
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
    transport: Transport,
}

/// Reading the trust store takes its time, and only TLS needs it.
#[derive(Debug, Clone)]
enum Transport {
    Plain(Client<HttpConnector, Empty<Bytes>>),
    Tls(Client<HttpsConnector<HttpConnector>, Empty<Bytes>>),
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
        if uri
            .authority()
            .is_some_and(|part| part.as_str().contains('@'))
        {
            let message = "credentials in the URL would be printed: give an authorization header";
            return Err(invalid(uri.host().unwrap_or_default(), message));
        }
        Ok(Self {
            transport: Transport::to(&uri)?,
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
        let response = match self.transport.send(self.request()).await {
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

impl Transport {
    fn to(url: &Uri) -> Result<Self, ProviderError> {
        let mut builder = Client::builder(TokioExecutor::new());
        // A connection that is not kept is a connection of its own for each reading.
        builder
            .pool_max_idle_per_host(0)
            .retry_canceled_requests(false);
        let mut tcp = HttpConnector::new();
        if url.scheme_str() != Some("https") {
            return Ok(Self::Plain(builder.build(tcp)));
        }
        tcp.enforce_http(false);
        let tls = HttpsConnectorBuilder::new()
            .with_provider_and_native_roots(rustls::crypto::aws_lc_rs::default_provider())
            .map_err(|error| {
                ProviderError::new(
                    ErrorKind::Unavailable,
                    "HTTP gate",
                    url.to_string(),
                    "no trusted certificates were found on this machine",
                )
                .with_hint("install the ca-certificates package, or set SSL_CERT_FILE")
                .with_source(error)
            })?
            .https_only()
            .enable_http1()
            .wrap_connector(tcp);
        Ok(Self::Tls(builder.build(tls)))
    }

    async fn send(&self, request: Request<Empty<Bytes>>) -> Result<Response<Incoming>, Error> {
        match self {
            Self::Plain(client) => client.request(request).await,
            Self::Tls(client) => client.request(request).await,
        }
    }
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
fn innermost(error: &dyn std::error::Error) -> String {
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

#[cfg(test)]
pub(super) mod tests {
    #![allow(clippy::unwrap_used)]

    use std::net::SocketAddr;
    use std::sync::Arc;
    use std::sync::atomic::{AtomicUsize, Ordering};

    use http_body_util::Full;
    use hyper::service::service_fn;
    use hyper_util::rt::TokioIo;
    use tokio::net::TcpListener;

    use super::*;
    use crate::model::GateState;

    /// Serves what the path asks for, and counts connections.
    pub(in crate::gate) async fn server() -> (SocketAddr, Arc<AtomicUsize>) {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let connections = Arc::new(AtomicUsize::new(0));
        let counted = connections.clone();
        tokio::spawn(async move {
            loop {
                let (stream, _) = listener.accept().await.unwrap();
                counted.fetch_add(1, Ordering::SeqCst);
                let service = service_fn(answer);
                let serving = hyper::server::conn::http1::Builder::new()
                    .serve_connection(TokioIo::new(stream), service);
                tokio::spawn(serving);
            }
        });
        (address, connections)
    }

    async fn answer(request: Request<Incoming>) -> hyper::Result<Response<Full<Bytes>>> {
        let path = request.uri().path().trim_start_matches('/');
        if path == "silence" {
            std::future::pending::<()>().await;
        }
        let header = |name| match request.headers().get(name) {
            Some(value) => value.to_str().unwrap().to_owned(),
            None => "none".to_owned(),
        };
        let body = match path {
            "large" => "x".repeat(BODY_LIMIT + 1),
            _ => format!(
                "version 2 host {} probe {}",
                header("host"),
                header("x-probe")
            ),
        };
        let mut response = Response::new(Full::new(Bytes::from(body)));
        *response.status_mut() = path.parse().unwrap_or(StatusCode::OK);
        if path == "302" {
            let target = HeaderValue::from_static("/200");
            response.headers_mut().insert("location", target);
        }
        Ok(response)
    }

    async fn read(gate: &HttpGate) -> (bool, String) {
        let reading = gate.read().await.unwrap();
        (reading.state == GateState::Passing, reading.detail)
    }

    #[tokio::test]
    async fn a_reading_is_judged_by_status_and_body() {
        let (address, _) = server().await;
        let table = [
            ("health", "200", None, true, "answered 200"),
            ("503", "200", None, false, "answered 503"),
            ("204", "200-299", None, true, "answered 204"),
            ("404", "200-299, 404", None, true, "answered 404"),
            ("302", "200", None, false, "answered 302"),
            ("302", "302", None, true, "answered 302"),
            ("health", "200", Some("version 2"), true, "answered 200"),
            (
                "health",
                "200",
                Some("version 3"),
                false,
                "answered 200, but its body does not contain \"version 3\"",
            ),
            (
                "health",
                "200",
                Some("/version [0-9]/"),
                true,
                "answered 200",
            ),
            (
                "health",
                "200",
                Some("/^version [3-9]/"),
                false,
                "answered 200, but its body does not match /^version [3-9]/",
            ),
            (
                "large",
                "200",
                Some("x"),
                false,
                "answered 200, but its body could not be read: length limit exceeded",
            ),
        ];
        for (path, status, body, passes, detail) in table {
            let url = format!("http://{address}/{path}");
            let mut gate = HttpGate::new(&url).unwrap().expect_status(status).unwrap();
            if let Some(body) = body {
                gate = gate.expect_body(body).unwrap();
            }
            let (passed, told) = read(&gate).await;
            assert_eq!(passed, passes, "{url}: {told}");
            let expected = format!("GET {url} {detail}");
            assert!(told.starts_with(&expected), "{told} is not {expected}");
        }
    }

    #[tokio::test]
    async fn headers_are_sent_and_host_can_be_chosen() {
        let (address, _) = server().await;
        let gate = HttpGate::new(&format!("http://{address}/"))
            .unwrap()
            .header("Host", "web.example.com")
            .unwrap()
            .header("X-Probe", "1")
            .unwrap()
            .expect_body("host web.example.com probe 1")
            .unwrap();
        let (passed, told) = read(&gate).await;
        assert!(passed, "{told}");
        assert!(told.contains("(host \"web.example.com\")"), "{told}");
    }

    #[tokio::test]
    async fn each_reading_has_a_connection_of_its_own() {
        let (address, connections) = server().await;
        let gate = HttpGate::new(&format!("http://{address}/")).unwrap();
        for _ in 0..3 {
            assert!(read(&gate).await.0);
        }
        assert_eq!(connections.load(Ordering::SeqCst), 3);
    }

    #[tokio::test]
    async fn no_answer_is_not_yet() {
        let (address, _) = server().await;
        let gate = HttpGate::new(&format!("http://{address}/silence")).unwrap();
        let gate = gate.timeout(Duration::from_millis(50));
        let (passed, told) = read(&gate).await;
        assert!(!passed);
        assert!(told.ends_with("was not answered within 0.05 s"), "{told}");

        let closed = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = closed.local_addr().unwrap();
        drop(closed);
        let gate = HttpGate::new(&format!("http://{address}/")).unwrap();
        let (passed, told) = read(&gate).await;
        assert!(!passed);
        assert!(
            told.contains("could not connect: Connection refused"),
            "{told}"
        );
    }

    #[tokio::test]
    async fn it_keeps_the_contract() {
        let (address, _) = server().await;
        let well = HttpGate::new(&format!("http://{address}/")).unwrap();
        let ill = HttpGate::new(&format!("http://{address}/500")).unwrap();
        crate::contract::health_gate(&well, &ill).await;
    }

    #[tokio::test]
    async fn https_is_not_spoken_in_clear() {
        let (address, _) = server().await;
        match HttpGate::new(&format!("https://{address}/")) {
            Ok(gate) => {
                let (passed, told) = read(&gate).await;
                assert!(!passed);
                assert!(told.contains("could not connect: "), "{told}");
            }
            Err(error) => assert_eq!(error.kind(), ErrorKind::Unavailable, "no trust store"),
        }
    }

    #[test]
    fn credentials_in_a_url_are_not_printed() {
        let error = HttpGate::new("http://user:secret@web.example.com/").unwrap_err();
        assert!(!error.to_string().contains("secret"), "{error}");
    }

    #[test]
    fn what_cannot_be_asked_is_refused_at_once() {
        for url in [
            "",
            "/health",
            "web.example.com/health",
            "ftp://web.example.com/",
            "http://",
            "http://user:secret@web.example.com/",
        ] {
            let error = HttpGate::new(url).unwrap_err();
            assert_eq!(error.kind(), ErrorKind::Invalid, "{url}");
        }
        for statuses in ["", "ok", "200-", "299-200", "99", "600", "200,,201"] {
            let gate = HttpGate::new("http://127.0.0.1/").unwrap();
            assert!(gate.expect_status(statuses).is_err(), "{statuses:?}");
        }
        let gate = HttpGate::new("http://127.0.0.1/").unwrap();
        assert!(gate.clone().expect_body("/(/").is_err());
        assert!(gate.clone().header("a b", "c").is_err());
        assert!(gate.header("a", "b\nc").is_err());
    }
}
