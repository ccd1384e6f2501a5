//! Connections to targets.

use std::net::SocketAddr;
use std::time::Duration;

use bytes::Bytes;
use http::{Method, Request, Response, Uri, Version};
use http_body_util::{BodyExt, Empty, combinators::UnsyncBoxBody};
use hyper::body::{Body, Incoming};
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::client::legacy::{Client, Error};
use hyper_util::rt::{TokioExecutor, TokioTimer};

type RequestBody = UnsyncBoxBody<Bytes, hyper::Error>;

/// How long a target may take to accept a connection (ALB: 10 s).
const CONNECT_TIMEOUT: Duration = Duration::from_secs(10);

/// Why there is no answer from a target.
#[derive(Debug, thiserror::Error)]
pub(super) enum NoAnswer {
    #[error("the target's connection failed: {0}")]
    Broken(String),
    #[error("the target did not answer in time")]
    TimedOut,
}

/// Sends requests to targets and keeps connections for the next ones.
#[derive(Debug, Clone)]
pub(super) struct Upstream {
    pooled: Client<HttpConnector, RequestBody>,
    /// Opens a connection for each request.
    fresh: Client<HttpConnector, RequestBody>,
    timeout: Duration,
}

impl Upstream {
    /// `timeout`: how long a target may take until its answer begins.
    pub(super) fn new(timeout: Duration) -> Self {
        Self {
            pooled: client(usize::MAX),
            fresh: client(0),
            timeout,
        }
    }

    /// Sends a request to a target. The answer's body streams.
    ///
    /// A target may close an idle connection in the very moment in which a request is sent on
    /// it, and nobody can tell then whether the request was seen. So what may be sent twice goes
    /// over pooled connections and, if one breaks before an answer, once more over a fresh one;
    /// what may not goes over a fresh one from the start. No request is lost to a stale
    /// connection, and none is carried out twice by our doing.
    pub(super) async fn send(
        &self,
        to: SocketAddr,
        request: Request<Incoming>,
    ) -> Result<Response<Incoming>, NoAnswer> {
        let (mut head, body) = request.into_parts();
        head.version = Version::HTTP_11;
        head.uri = target_uri(to, &head.uri)?;
        // Both may hold a connection's upgrade, which is not ours to pass on.
        head.extensions.clear();
        if !(replayable(&head.method) && body.is_end_stream()) {
            let request = Request::from_parts(head, body.boxed_unsync());
            return self.within_time(self.fresh.request(request)).await;
        }
        let request = || Request::from_parts(head.clone(), nothing());
        match self.within_time(self.pooled.request(request())).await {
            Err(NoAnswer::Broken(_)) => self.within_time(self.fresh.request(request())).await,
            answered => answered,
        }
    }

    async fn within_time(
        &self,
        answer: impl Future<Output = Result<Response<Incoming>, Error>>,
    ) -> Result<Response<Incoming>, NoAnswer> {
        match tokio::time::timeout(self.timeout, answer).await {
            Err(_) => Err(NoAnswer::TimedOut),
            Ok(Ok(response)) => Ok(response),
            Ok(Err(error)) if timed_out(&error) => Err(NoAnswer::TimedOut),
            Ok(Err(error)) => Err(NoAnswer::Broken(with_causes(&error))),
        }
    }
}

fn client(idle_connections: usize) -> Client<HttpConnector, RequestBody> {
    let mut connector = HttpConnector::new();
    connector.set_connect_timeout(Some(CONNECT_TIMEOUT));
    connector.set_nodelay(true);
    Client::builder(TokioExecutor::new())
        .pool_timer(TokioTimer::new())
        .pool_max_idle_per_host(idle_connections)
        .build(connector)
}

/// Safe methods, and those whose repetition changes nothing more (RFC 9110, section 9.2).
fn replayable(method: &Method) -> bool {
    method.is_idempotent()
}

fn nothing() -> RequestBody {
    Empty::new().map_err(|never| match never {}).boxed_unsync()
}

fn target_uri(to: SocketAddr, asked: &Uri) -> Result<Uri, NoAnswer> {
    let path = asked.path_and_query().map_or("/", |path| path.as_str());
    Uri::builder()
        .scheme("http")
        .authority(to.to_string())
        .path_and_query(path)
        .build()
        .map_err(|error| NoAnswer::Broken(error.to_string()))
}

fn timed_out(error: &Error) -> bool {
    causes(error).any(|cause| {
        cause
            .downcast_ref::<std::io::Error>()
            .is_some_and(|io| io.kind() == std::io::ErrorKind::TimedOut)
    })
}

fn with_causes(error: &Error) -> String {
    causes(error)
        .map(ToString::to_string)
        .collect::<Vec<_>>()
        .join(": ")
}

fn causes<'e>(
    error: &'e (dyn std::error::Error + 'static),
) -> impl Iterator<Item = &'e (dyn std::error::Error + 'static)> {
    std::iter::successors(Some(error), |error| error.source())
}
