//! One request through the load balancer.

use std::net::IpAddr;
use std::sync::{Arc, Mutex, PoisonError};

use bytes::Bytes;
use http::header::{CONTENT_TYPE, HOST, LOCATION, SERVER};
use http::{HeaderValue, Request, Response, StatusCode, Uri, Version};
use http_body_util::{BodyExt, Full, combinators::UnsyncBoxBody};
use hyper::body::Incoming;
use tokio::sync::watch;

use super::balance::Balance;
use super::traffic::{Counter, Parties};
use super::upstream::{NoAnswer, Upstream};
use super::{headers, rules};
use crate::world::{Destination, Forward, Routes, Weighted};

pub(super) type ResponseBody = UnsyncBoxBody<Bytes, hyper::Error>;

/// A listener's way with requests.
#[derive(Debug)]
pub(super) struct Proxy {
    listener: String,
    /// The port that CreateListener named, which is what targets are told.
    port: u16,
    routes: watch::Receiver<Arc<Routes>>,
    balance: Mutex<Balance>,
    upstream: Upstream,
    counter: Counter,
}

/// What a listener decided to do with a request.
enum Decision {
    Send(Box<Destination>),
    Answer(Response<ResponseBody>),
    /// No target can be asked.
    Unavailable,
}

impl Proxy {
    pub(super) fn new(
        listener: String,
        port: u16,
        routes: watch::Receiver<Arc<Routes>>,
        upstream: Upstream,
        counter: Counter,
    ) -> Self {
        Self {
            listener,
            port,
            routes,
            balance: Mutex::default(),
            upstream,
            counter,
        }
    }

    /// Answers a request of `client`.
    pub(super) async fn handle(
        &self,
        client: IpAddr,
        request: Request<Incoming>,
    ) -> Response<ResponseBody> {
        let mut parties = Parties {
            listener: self.listener.clone(),
            ..Parties::default()
        };
        let decision = self.decide(&request, &mut parties);
        self.counter.received(&parties);
        let (response, own) = match decision {
            Decision::Answer(response) => (response, true),
            Decision::Unavailable => (gateway_error(StatusCode::SERVICE_UNAVAILABLE), true),
            Decision::Send(to) => self.forward(client, &to, request, &parties).await,
        };
        self.counter
            .answered(&parties, response.status().as_u16(), own);
        response
    }

    fn decide(&self, request: &Request<Incoming>, parties: &mut Parties) -> Decision {
        let routes = self.routes.borrow().clone();
        let host = asked_host(request);
        let Some((rule, route)) = routes
            .0
            .get(&self.listener)
            .and_then(|routes| rules::first_match(routes, host, request.uri().path()))
        else {
            return Decision::Unavailable;
        };
        match &route.forward {
            Forward::To(groups) => self.choose(rule, groups, parties),
            Forward::Fixed {
                status,
                body,
                content_type,
            } => Decision::Answer(answer(*status, content_type, body.clone())),
            Forward::Redirect { status, location } => {
                let location = self.expand(location, host, request.uri());
                Decision::Answer(redirect(*status, &location))
            }
        }
    }

    fn choose(&self, rule: usize, groups: &[Weighted], parties: &mut Parties) -> Decision {
        // A panic elsewhere can at most leave a share a request off.
        let mut balance = self.balance.lock().unwrap_or_else(PoisonError::into_inner);
        let Some(group) = balance.group(rule, groups) else {
            return Decision::Unavailable;
        };
        parties.target_group = Some(group.target_group.clone());
        let Some(destination) = balance.target(group) else {
            return Decision::Unavailable;
        };
        parties
            .task_definition
            .clone_from(&destination.task_definition);
        Decision::Send(Box::new(destination.clone()))
    }

    async fn forward(
        &self,
        client: IpAddr,
        to: &Destination,
        mut request: Request<Incoming>,
        parties: &Parties,
    ) -> (Response<ResponseBody>, bool) {
        headers::remove_hop_by_hop(request.headers_mut());
        headers::add_forwarded(request.headers_mut(), client, self.port);
        match self.upstream.send(to.address, request).await {
            Ok(response) => (self.passed_on(response, parties), false),
            Err(error) => {
                tracing::warn!(
                    listener = %self.listener, target = %to.address, task = ?to.task, %error,
                    "a request got no answer from its target"
                );
                let status = match error {
                    NoAnswer::Broken(_) => StatusCode::BAD_GATEWAY,
                    NoAnswer::TimedOut => StatusCode::GATEWAY_TIMEOUT,
                };
                (gateway_error(status), true)
            }
        }
    }

    fn passed_on(&self, response: Response<Incoming>, parties: &Parties) -> Response<ResponseBody> {
        let (mut head, body) = response.into_parts();
        head.version = Version::HTTP_11;
        head.extensions.clear();
        headers::remove_hop_by_hop(&mut head.headers);
        let counter = self.counter.clone();
        let parties = parties.clone();
        let body = body
            .map_err(move |error| {
                counter.broke(&parties);
                error
            })
            .boxed_unsync();
        Response::from_parts(head, body)
    }

    /// Fills in the keywords of RedirectConfig: `#{protocol}`, `#{host}`, `#{port}`, `#{path}`
    /// (without its leading slash) and `#{query}`.
    fn expand(&self, location: &str, host: &str, asked: &Uri) -> String {
        location
            .replace("#{protocol}", "http")
            .replace("#{host}", rules::host_name(host))
            .replace("#{port}", &self.port.to_string())
            .replace("#{path}", asked.path().trim_start_matches('/'))
            .replace("#{query}", asked.query().unwrap_or_default())
            .trim_end_matches('?')
            .to_owned()
    }

    pub(super) fn weights_changed(&self) {
        self.balance
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .weights_changed();
    }
}

fn asked_host(request: &Request<Incoming>) -> &str {
    request
        .uri()
        .authority()
        .map(http::uri::Authority::as_str)
        .or_else(|| request.headers().get(HOST)?.to_str().ok())
        .unwrap_or_default()
}

fn answer(status: u16, content_type: &str, body: String) -> Response<ResponseBody> {
    let body = Full::from(body)
        .map_err(|never| match never {})
        .boxed_unsync();
    let mut response = Response::new(body);
    *response.status_mut() =
        StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let headers = response.headers_mut();
    headers.insert(SERVER, HeaderValue::from_static("awselb/2.0"));
    if let Ok(value) = HeaderValue::from_str(content_type) {
        headers.insert(CONTENT_TYPE, value);
    }
    response
}

fn redirect(status: u16, location: &str) -> Response<ResponseBody> {
    let mut response = answer(status, "text/html", String::new());
    if let Ok(value) = HeaderValue::from_str(location) {
        response.headers_mut().insert(LOCATION, value);
    }
    response
}

/// The page that an ALB sends when it has no answer of a target.
fn gateway_error(status: StatusCode) -> Response<ResponseBody> {
    let reason = match status {
        StatusCode::SERVICE_UNAVAILABLE => "Service Temporarily Unavailable",
        StatusCode::GATEWAY_TIMEOUT => "Gateway Time-out",
        other => other.canonical_reason().unwrap_or_default(),
    };
    let title = format!("{} {reason}", status.as_u16());
    let page = format!(
        "<html>\r\n<head><title>{title}</title></head>\r\n<body>\r\n\
         <center><h1>{title}</h1></center>\r\n</body>\r\n</html>\r\n"
    );
    answer(status.as_u16(), "text/html", page)
}
