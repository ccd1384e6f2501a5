//! Smithy RPC v2 CBOR (<https://smithy.io/2.0/additional-specs/protocols/smithy-rpc-v2.html>),
//! as far as the services here use it: no blobs.

use axum::response::{IntoResponse, Response};
use ciborium::Value as Cbor;
use http::{HeaderMap, HeaderValue, StatusCode, header};
use serde_json::{Map, Number, Value};

use crate::world::{ApiError, Service};

use super::{Call, Protocol, Refusal, json, xml};

/// The header that says that both sides speak this protocol.
const PROTOCOL: (&str, &str) = ("smithy-protocol", "rpc-v2-cbor");

const CONTENT_TYPE: &str = "application/cbor";

/// CBOR's tag of a time in seconds since the epoch (RFC 8949, section 3.4.2).
const EPOCH: u64 = 1;

/// Reads a request to `/service/SERVICE/operation/OPERATION`.
pub(super) fn read(
    service: &str,
    operation: &str,
    headers: &HeaderMap,
    body: &[u8],
) -> Result<Call, Refusal> {
    let refused = |message: String| Refusal {
        protocol: Protocol::Cbor,
        error: Protocol::Cbor.unknown_operation(message),
    };
    if headers.get(PROTOCOL.0) != Some(&HeaderValue::from_static(PROTOCOL.1)) {
        return Err(refused(format!(
            "the sandbox answers such a path to requests with the header {}: {} only",
            PROTOCOL.0, PROTOCOL.1
        )));
    }
    // What stands before a dot is the service's namespace.
    let service = match service.rsplit('.').next() {
        Some("GraniteServiceVersion20100801") => Service::CloudWatch,
        _ => {
            return Err(refused(format!(
                "the sandbox does not implement {service} {operation}"
            )));
        }
    };
    Ok(Call {
        protocol: Protocol::Cbor,
        service,
        operation: operation.into(),
        input: input(body),
    })
}

fn input(body: &[u8]) -> Result<Value, ApiError> {
    if body.is_empty() {
        return Ok(Value::Object(Map::new()));
    }
    let read = ciborium::from_reader(body).map_err(|error| malformed(&error.to_string()))?;
    match to_json(read)? {
        object @ Value::Object(_) => Ok(object),
        _ => Err(malformed("the input is not a map")),
    }
}

fn malformed(why: &str) -> ApiError {
    ApiError::client(
        "SerializationException",
        format!("the request is not the CBOR of a structure: {why}"),
    )
}

fn to_json(cbor: Cbor) -> Result<Value, ApiError> {
    match cbor {
        Cbor::Null => Ok(Value::Null),
        Cbor::Bool(flag) => Ok(flag.into()),
        Cbor::Text(text) => Ok(text.into()),
        Cbor::Integer(number) => Number::from_i128(number.into())
            .map(Value::Number)
            .ok_or_else(|| malformed("an integer is out of range")),
        Cbor::Float(number) => Number::from_f64(number)
            .map(Value::Number)
            .ok_or_else(|| malformed("a number is not finite")),
        Cbor::Tag(EPOCH, seconds) => to_json(*seconds),
        Cbor::Array(items) => items.into_iter().map(to_json).collect(),
        Cbor::Map(members) => members.into_iter().map(member_to_json).collect(),
        _ => Err(malformed("a value has a type that no member here has")),
    }
}

fn member_to_json((name, value): (Cbor, Cbor)) -> Result<(String, Value), ApiError> {
    let name = name
        .into_text()
        .map_err(|_| malformed("the name of a member is not text"))?;
    Ok((name, to_json(value)?))
}

fn from_json(name: &str, value: &Value) -> Cbor {
    match value {
        Value::Null => Cbor::Null,
        Value::Bool(flag) => Cbor::Bool(*flag),
        Value::String(text) => Cbor::Text(text.clone()),
        Value::Number(number) if xml::TIMESTAMPS.contains(&name) => Cbor::Tag(
            EPOCH,
            Box::new(Cbor::Float(number.as_f64().unwrap_or_default())),
        ),
        Value::Number(number) => number_from_json(number),
        Value::Array(items) => {
            Cbor::Array(items.iter().map(|item| from_json(name, item)).collect())
        }
        Value::Object(members) => Cbor::Map(
            members
                .iter()
                // An absent member is left out, as the protocol wants it.
                .filter(|(_, value)| !value.is_null())
                .map(|(name, value)| (Cbor::Text(name.clone()), from_json(name, value)))
                .collect(),
        ),
    }
}

fn number_from_json(number: &Number) -> Cbor {
    if let Some(whole) = number.as_i64() {
        Cbor::from(whole)
    } else if let Some(whole) = number.as_u64() {
        Cbor::from(whole)
    } else {
        Cbor::Float(number.as_f64().unwrap_or_default())
    }
}

pub(super) fn answer(output: &Value) -> Response {
    // An operation without output answers without body and without its type.
    if output.as_object().is_none_or(Map::is_empty) {
        return [PROTOCOL].into_response();
    }
    respond(StatusCode::OK, output)
}

pub(super) fn error(error: &ApiError) -> Response {
    let status = StatusCode::from_u16(error.status).unwrap_or(StatusCode::BAD_REQUEST);
    let mut response = respond(status, &json::told(error));
    json::add_query_error(response.headers_mut(), error);
    response
}

fn respond(status: StatusCode, output: &Value) -> Response {
    let mut body = Vec::new();
    if let Err(error) = ciborium::into_writer(&from_json("", output), &mut body) {
        tracing::error!(%error, "an answer cannot be written as CBOR");
        return StatusCode::INTERNAL_SERVER_ERROR.into_response();
    }
    let headers = [PROTOCOL, (header::CONTENT_TYPE.as_str(), CONTENT_TYPE)];
    (status, headers, body).into_response()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    /// Bytes by hand, from RFC 8949's appendix A and section 3.
    #[test]
    fn requests_are_read() {
        let table: [(&[u8], Value); 8] = [
            (b"", json!({})),
            (b"\xa0", json!({})),
            (b"\xbf\xff", json!({})),
            (b"\xa1\x61a\x01", json!({ "a": 1 })),
            (
                b"\xa2\x61a\x20\x61b\x82\xf5\xf6",
                json!({ "a": -1, "b": [true, null] }),
            ),
            // Indefinite lengths: a map, an array, a text in two pieces.
            (
                b"\xbf\x61a\x9f\x7f\x62xy\x61z\xff\xff\xff",
                json!({ "a": ["xyz"] }),
            ),
            // 1.5 as a half, a single and a double.
            (
                b"\xa1\x61a\x83\xf9\x3e\x00\xfa\x3f\xc0\x00\x00\
                  \xfb\x3f\xf8\x00\x00\x00\x00\x00\x00",
                json!({ "a": [1.5, 1.5, 1.5] }),
            ),
            // A timestamp: tag 1, 1363896240.5.
            (
                b"\xa1\x61t\xc1\xfb\x41\xd4\x52\xd9\xec\x20\x00\x00",
                json!({ "t": 1_363_896_240.5 }),
            ),
        ];
        for (bytes, expected) in table {
            assert_eq!(input(bytes), Ok(expected), "{bytes:02x?}");
        }
    }

    #[test]
    fn what_no_request_can_be_is_refused() {
        let table: [&[u8]; 9] = [
            b"\x01",                                 // not a map
            b"\xa1\x61a",                            // ends too early
            b"\xa1\x01\x01",                         // a number as a name
            b"\xa1\x61a\x41x",                       // a blob
            b"\xa1\x61a\xc0\x61x",                   // a tag of another kind
            b"\xa1\x61a\xf9\x7e\x00",                // NaN
            b"\xa1\x61a\x61\xff",                    // not UTF-8
            b"\xbb\xff\xff\xff\xff\xff\xff\xff\xff", // a length that nobody has
            b"{\"a\":1}",
        ];
        for bytes in table {
            let error = input(bytes).unwrap_err();
            assert_eq!(error.code, "SerializationException", "{bytes:02x?}");
        }
        let deep = [b"\xa1\x61a".as_slice(), &[0x81; 100_000]].concat();
        assert!(input(&deep).is_err(), "nesting has an end");
    }

    #[test]
    fn answers_are_written() {
        let table: [(Value, &[u8]); 6] = [
            (json!({ "a": 1, "b": null }), b"\xa1\x61a\x01"),
            (json!({ "a": [] }), b"\xa1\x61a\x80"),
            (json!({ "a": -500 }), b"\xa1\x61a\x39\x01\xf3"),
            (
                json!({ "a": u64::MAX }),
                b"\xa1\x61a\x1b\xff\xff\xff\xff\xff\xff\xff\xff",
            ),
            (
                json!({ "a": { "b": "ü" } }),
                b"\xa1\x61a\xa1\x61b\x62\xc3\xbc",
            ),
            // A timestamp stays one when it has no fraction.
            (
                json!({ "CreatedTime": 1.0 }),
                b"\xa1\x6bCreatedTime\xc1\xf9\x3c\x00",
            ),
        ];
        for (value, expected) in table {
            let mut bytes = Vec::new();
            ciborium::into_writer(&from_json("", &value), &mut bytes).unwrap();
            assert_eq!(bytes, expected, "{value}");
        }
    }

    #[test]
    fn a_whole_double_stays_a_double() {
        let written = from_json("", &json!(5.0));
        assert_eq!(written, Cbor::Float(5.0));
    }
}
