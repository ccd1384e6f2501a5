//! The front ends: AWS's protocols over HTTP on one side, the world on the other.
//!
//! AWS JSON 1.1 for ECS, ECR, CodeDeploy, CodePipeline and CloudWatch Logs, AWS Query for ELBv2, STS and IAM, and for
//! CloudWatch alarms both and CBOR, since clients differ in what they speak to it; and S3, which is
//! told by its signature's scope. A request must be signed, as AWS asks, but nobody checks the
//! signature: any credentials will do.
//!
//! The router is a service without sockets, timers or threads of its own, so that a test can put a
//! client straight on it.

mod caller;
mod cbor;
mod ecr;
mod json;
mod query;
mod s3;
mod xml;

#[cfg(test)]
mod tests;

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

use axum::Router;
use axum::body::Body;
use axum::extract::{DefaultBodyLimit, Path, Request, State};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use bytes::Bytes;
use http::{HeaderMap, HeaderValue, StatusCode, header};
use serde_json::Value;

use crate::access::Principal;
use crate::faults::{ApiFault, Faults};
use crate::registry::Registry;
use crate::shared::Shared;
use crate::world::{ApiError, Service};

/// The largest request: PutImage takes manifests of 4 MiB, which JSON makes longer.
const MAX_REQUEST_BYTES: usize = 16 * 1024 * 1024;

/// How often each operation was called; clones share the counts.
#[derive(Debug, Clone, Default)]
pub struct Calls {
    counts: Arc<Mutex<BTreeMap<String, u64>>>,
}

impl Calls {
    /// The counts by `Service.Operation`, such as `ECS.DescribeServices`. Every request counts,
    /// whatever became of it.
    #[must_use]
    pub fn snapshot(&self) -> BTreeMap<String, u64> {
        self.lock().clone()
    }

    /// All calls together.
    #[must_use]
    pub fn total(&self) -> u64 {
        self.lock().values().sum()
    }

    /// Counts a call and gives its number.
    fn count(&self, service: &str, operation: &str) -> u64 {
        let mut counts = self.lock();
        *counts.entry(format!("{service}.{operation}")).or_default() += 1;
        counts.values().sum()
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, BTreeMap<String, u64>> {
        // A panic elsewhere cannot leave the map half changed.
        self.counts.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Marks an answer whose connection is to be dropped ([`ApiFault::DropBefore`] and
/// [`ApiFault::DropAfter`]). Over a socket the broken body ends the connection; who calls the
/// router directly finds this in the answer's extensions.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Dropped;

#[derive(Debug, Clone)]
struct Api {
    shared: Shared,
    faults: Faults,
    calls: Calls,
    registry: Registry,
}

/// The AWS API at `/`, the registry under `/v2/`, and `/_sandbox/health` and `/_sandbox/calls`.
pub(crate) fn router(shared: Shared, faults: Faults, calls: Calls, registry: Registry) -> Router {
    let of_the_registry = registry.router();
    let api = Api {
        shared,
        faults,
        calls,
        registry,
    };
    Router::new()
        .route("/", post(answer).fallback(elsewhere))
        .route(
            "/service/{service}/operation/{operation}",
            post(answer_cbor).fallback(elsewhere),
        )
        .route("/_sandbox/health", get(health))
        .route("/_sandbox/calls", get(calls_so_far))
        .route("/_sandbox/blobs/{digest}", get(layer))
        .fallback(elsewhere)
        .layer(DefaultBodyLimit::max(MAX_REQUEST_BYTES))
        .with_state(api)
        .merge(of_the_registry)
}

/// A protocol of AWS, with what its answers need.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Protocol {
    /// AWS JSON 1.1.
    Json,
    /// AWS JSON 1.0 of a service that spoke AWS Query before.
    JsonAfterQuery,
    /// Smithy RPC v2 CBOR, likewise.
    Cbor,
    /// AWS Query, with the namespace of the answers.
    Query(&'static str),
}

/// A request whose service and operation are known.
#[derive(Debug, Clone, PartialEq)]
struct Call {
    protocol: Protocol,
    service: Service,
    operation: String,
    /// `Err` when the body does not parse.
    input: Result<Value, ApiError>,
}

/// Why a request is not a [`Call`].
#[derive(Debug, Clone, PartialEq, Eq)]
struct Refusal {
    protocol: Protocol,
    error: ApiError,
}

impl Call {
    fn read(headers: &HeaderMap, body: &[u8]) -> Result<Self, Refusal> {
        let text_of = |name: &str| headers.get(name).and_then(|value| value.to_str().ok());
        if let Some(target) = text_of("x-amz-target") {
            return json::read(target, body);
        }
        match text_of(header::CONTENT_TYPE.as_str()) {
            Some(form) if form.starts_with("application/x-www-form-urlencoded") => {
                query::read(body)
            }
            _ => Err(Refusal {
                protocol: Protocol::Json,
                error: ApiError::client(
                    "UnknownOperationException",
                    "The sandbox speaks AWS JSON 1.1 (with an X-Amz-Target header) and AWS Query \
                     (with a form), and this request is neither",
                ),
            }),
        }
    }
}

impl Protocol {
    fn answer(self, operation: &str, output: &Value, request: &str) -> Response {
        match self {
            Self::Json => json::answer(output),
            Self::JsonAfterQuery => json::answer_after_query(output),
            Self::Cbor => cbor::answer(output),
            Self::Query(namespace) => query::answer(namespace, operation, output, request),
        }
    }

    fn error(self, error: &ApiError, request: &str) -> Response {
        match self {
            Self::Json => json::error(error),
            Self::JsonAfterQuery => json::error_after_query(error),
            Self::Cbor => cbor::error(error),
            Self::Query(namespace) => query::error(namespace, error, request),
        }
    }

    /// What AWS says when it does not know an operation.
    fn unknown_operation(self, message: String) -> ApiError {
        ApiError::client(
            match self {
                Self::Json | Self::JsonAfterQuery | Self::Cbor => "UnknownOperationException",
                Self::Query(_) => "InvalidAction",
            },
            message,
        )
    }

    fn unauthenticated(self) -> ApiError {
        let (status, code) = match self {
            Self::Json | Self::JsonAfterQuery | Self::Cbor => {
                (400, "MissingAuthenticationTokenException")
            }
            Self::Query(_) => (403, "MissingAuthenticationToken"),
        };
        ApiError {
            status,
            code: code.into(),
            message: "Missing Authentication Token".into(),
        }
    }

    fn throttled(self) -> ApiError {
        ApiError::client(
            match self {
                Self::Json => "ThrottlingException",
                Self::JsonAfterQuery | Self::Cbor | Self::Query(_) => "Throttling",
            },
            "Rate exceeded",
        )
    }

    fn broken(self) -> ApiError {
        ApiError {
            status: 500,
            code: match self {
                Self::Json => "ServerException".into(),
                Self::JsonAfterQuery | Self::Cbor | Self::Query(_) => "InternalFailure".into(),
            },
            message: "Service unavailable: a fault that the sandbox was asked for".into(),
        }
    }
}

async fn answer(State(api): State<Api>, headers: HeaderMap, body: Bytes) -> Response {
    api.respond(&headers, Call::read(&headers, &body)).await
}

async fn answer_cbor(
    State(api): State<Api>,
    Path((service, operation)): Path<(String, String)>,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    let read = cbor::read(&service, &operation, &headers, &body);
    api.respond(&headers, read).await
}

impl Api {
    /// Counts a request and answers it, whether it is a call or not.
    async fn respond(&self, headers: &HeaderMap, read: Result<Call, Refusal>) -> Response {
        let call = match read {
            Ok(call) => call,
            Err(Refusal { protocol, error }) => {
                let request = request_id(self.calls.count("Unknown", "Unknown"));
                return identified(protocol.error(&error, &request), &request);
            }
        };
        let number = self.calls.count(call.service.name(), &call.operation);
        let request = request_id(number);
        let response = if headers.contains_key(header::AUTHORIZATION) {
            let principal = caller::of_headers(headers);
            self.answer(&call, principal, &request).await
        } else {
            let error = call.protocol.unauthenticated();
            call.protocol.error(&error, &request)
        };
        identified(response, &request)
    }

    /// Answers a call, with the fault that it meets.
    async fn answer(&self, call: &Call, principal: Principal, request: &str) -> Response {
        let carried_out = async { Ok(self.carry_out(call, principal, request).await) };
        let protocol = call.protocol;
        self.meet(
            &call.operation,
            || protocol.throttled(),
            || protocol.broken(),
            carried_out,
        )
        .await
        .unwrap_or_else(|error| protocol.error(&error, request))
    }

    /// Carries out an operation with the fault that it meets; two of the faults have another form
    /// in each protocol.
    async fn meet(
        &self,
        operation: &str,
        throttled: impl FnOnce() -> ApiError,
        broken: impl FnOnce() -> ApiError,
        carried_out: impl Future<Output = Result<Response, ApiError>>,
    ) -> Result<Response, ApiError> {
        match self.faults.take_api(operation) {
            None => carried_out.await,
            Some(ApiFault::HtmlError) => Ok(html_error()),
            Some(ApiFault::DropBefore) => Ok(dropped()),
            Some(ApiFault::DropAfter) => {
                // Whatever it would have answered is what gets lost.
                drop(carried_out.await);
                Ok(dropped())
            }
            Some(ApiFault::Throttle) => Err(throttled()),
            Some(ApiFault::ServerError) => Err(broken()),
            Some(ApiFault::Refuse { code, message }) => Err(ApiError::client(code, message)),
        }
    }

    async fn carry_out(&self, call: &Call, principal: Principal, request: &str) -> Response {
        let output = match &call.input {
            Err(error) => Err(error.clone()),
            Ok(input) => self.ask(call, principal, input).await,
        };
        match output {
            Ok(output) => call.protocol.answer(&call.operation, &output, request),
            // An operation that is not here at all, unlike a detail of one.
            Err(error) if error.status == 501 && error.message.ends_with(&call.operation) => {
                let error = call.protocol.unknown_operation(error.message);
                call.protocol.error(&error, request)
            }
            Err(error) => call.protocol.error(&error, request),
        }
    }

    /// Asks the world, if the caller may.
    async fn ask(
        &self,
        call: &Call,
        principal: Principal,
        input: &Value,
    ) -> Result<Value, ApiError> {
        let Call {
            service, operation, ..
        } = call;
        self.shared
            .authorize(principal, *service, operation, input)?;
        let input = input.clone();
        match service {
            Service::Ecr => {
                ecr::call(&self.shared, &self.registry, principal, operation, input).await
            }
            _ => self.shared.call_as(principal, *service, operation, input),
        }
    }
}

/// A request id in AWS's form, from the number of the request.
fn request_id(number: u64) -> String {
    format!("00000000-0000-4000-8000-{number:012x}")
}

fn identified(mut response: Response, request: &str) -> Response {
    if let Ok(id) = HeaderValue::from_str(request) {
        response.headers_mut().insert("x-amzn-requestid", id);
    }
    response
}

/// What a broken proxy answers.
fn html_error() -> Response {
    (
        StatusCode::INTERNAL_SERVER_ERROR,
        [(header::CONTENT_TYPE, "text/html")],
        "<html><head><title>500 Internal Server Error</title></head>\
         <body><center><h1>500 Internal Server Error</h1></center></body></html>",
    )
        .into_response()
}

/// An answer that breaks before its first byte has left.
fn dropped() -> Response {
    let broken = std::io::Error::from(std::io::ErrorKind::ConnectionReset);
    let body = Body::from_stream(futures::stream::once(async { Err::<Bytes, _>(broken) }));
    let mut response = Response::new(body);
    response.extensions_mut().insert(Dropped);
    response
}

async fn health() -> Response {
    json::plain(&serde_json::json!({ "status": "ok" }))
}

async fn calls_so_far(State(api): State<Api>) -> Response {
    json::plain(&serde_json::json!(api.calls.snapshot()))
}

/// What GetDownloadUrlForLayer points at: as with AWS, whoever has the URL has the layer.
async fn layer(State(api): State<Api>, Path(digest): Path<String>) -> Response {
    match api.registry.blob(&digest).await {
        Some(bytes) => bytes.into_response(),
        None => StatusCode::NOT_FOUND.into_response(),
    }
}

/// Every other method and path: S3's, or those of services that are not here.
async fn elsewhere(State(api): State<Api>, request: Request) -> Response {
    if s3::is_meant(request.uri(), request.headers()) {
        return s3::answer(&api, request).await;
    }
    let (method, path) = (request.method(), request.uri().path());
    let error = ApiError {
        status: 501,
        code: "NotImplemented".into(),
        message: format!("the sandbox does not implement {method} {path}"),
    };
    let request = request_id(0);
    identified(query::error("", &error, &request), &request)
}
