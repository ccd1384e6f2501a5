//! What a proxy does to headers.

use std::net::IpAddr;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{SystemTime, UNIX_EPOCH};

use http::header::{
    CONNECTION, HeaderMap, HeaderName, HeaderValue, PROXY_AUTHENTICATE, PROXY_AUTHORIZATION, TE,
    TRAILER, TRANSFER_ENCODING, UPGRADE,
};

const X_FORWARDED_FOR: HeaderName = HeaderName::from_static("x-forwarded-for");
const X_FORWARDED_PROTO: HeaderName = HeaderName::from_static("x-forwarded-proto");
const X_FORWARDED_PORT: HeaderName = HeaderName::from_static("x-forwarded-port");
const X_AMZN_TRACE_ID: HeaderName = HeaderName::from_static("x-amzn-trace-id");

/// Headers that concern one connection and end there (RFC 9110, section 7.6.1).
const HOP_BY_HOP: [HeaderName; 9] = [
    CONNECTION,
    HeaderName::from_static("keep-alive"),
    HeaderName::from_static("proxy-connection"),
    PROXY_AUTHENTICATE,
    PROXY_AUTHORIZATION,
    TE,
    TRAILER,
    TRANSFER_ENCODING,
    UPGRADE,
];

/// Removes what concerns only the connection on which the message came.
pub(super) fn remove_hop_by_hop(headers: &mut HeaderMap) {
    let named: Vec<HeaderName> = headers
        .get_all(CONNECTION)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(','))
        .filter_map(|name| name.trim().parse().ok())
        .collect();
    for name in named.iter().chain(&HOP_BY_HOP) {
        headers.remove(name);
    }
}

/// Adds what an ALB adds: who asked, how, on which port, and a trace id.
pub(super) fn add_forwarded(headers: &mut HeaderMap, client: IpAddr, port: u16) {
    let chain = headers
        .get_all(X_FORWARDED_FOR)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .map(String::from)
        .chain([client.to_string()])
        .collect::<Vec<_>>()
        .join(", ");
    set(headers, X_FORWARDED_FOR, &chain);
    set(headers, X_FORWARDED_PROTO, "http");
    set(headers, X_FORWARDED_PORT, &port.to_string());
    let trace = trace_id(
        headers
            .get(X_AMZN_TRACE_ID)
            .and_then(|value| value.to_str().ok()),
    );
    set(headers, X_AMZN_TRACE_ID, &trace);
}

fn set(headers: &mut HeaderMap, name: HeaderName, value: &str) {
    if let Ok(value) = HeaderValue::from_str(value) {
        headers.insert(name, value);
    }
}

/// `Root=1-TIME-ID` for a request without a trace; a request that has one keeps its root and
/// gets a `Self` of its own in front, as the ALB guide's request tracing has it.
#[expect(
    clippy::disallowed_methods,
    reason = "a trace id carries the date of the machine, not the sandbox's"
)]
fn trace_id(given: Option<&str>) -> String {
    static REQUESTS: AtomicU64 = AtomicU64::new(0);
    let now = SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .unwrap_or_default();
    let id = format!(
        "1-{:08x}-{:08x}{:016x}",
        now.as_secs(),
        now.subsec_nanos(),
        REQUESTS.fetch_add(1, Ordering::Relaxed)
    );
    match given {
        Some(given) if given.contains("Root=") => format!("Self={id};{given}"),
        Some(given) if !given.is_empty() => format!("Root={id};{given}"),
        _ => format!("Root={id}"),
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used)]
    use super::*;

    fn headers(pairs: &[(&str, &str)]) -> HeaderMap {
        pairs
            .iter()
            .map(|(name, value)| {
                (
                    name.parse::<HeaderName>().unwrap(),
                    value.parse::<HeaderValue>().unwrap(),
                )
            })
            .collect()
    }

    #[test]
    fn headers_of_the_connection_go_and_all_others_stay() {
        let mut map = headers(&[
            ("connection", "close, X-Mine"),
            ("x-mine", "1"),
            ("keep-alive", "timeout=5"),
            ("transfer-encoding", "chunked"),
            ("te", "trailers"),
            ("x-other", "2"),
        ]);
        remove_hop_by_hop(&mut map);
        assert_eq!(map, headers(&[("x-other", "2")]));
    }

    #[test]
    fn the_client_is_added_to_the_chain() {
        let mut map = headers(&[
            ("x-forwarded-for", "203.0.113.7"),
            ("x-forwarded-port", "1"),
        ]);
        add_forwarded(&mut map, [127, 0, 0, 1].into(), 8080);
        assert_eq!(map["x-forwarded-for"], "203.0.113.7, 127.0.0.1");
        assert_eq!(map["x-forwarded-proto"], "http");
        assert_eq!(map["x-forwarded-port"], "8080");
        assert!(
            map["x-amzn-trace-id"]
                .to_str()
                .unwrap()
                .starts_with("Root=1-")
        );
    }

    #[test]
    fn a_trace_keeps_its_root() {
        let traced = trace_id(Some("Root=1-67891233-abcdef012345678912345678"));
        assert!(traced.starts_with("Self=1-"));
        assert!(traced.ends_with(";Root=1-67891233-abcdef012345678912345678"));
        assert_ne!(trace_id(None), trace_id(None));
    }
}
