//! The bytes of an upload, out of whatever the client wrapped them in.

use axum::body::{Body, to_bytes};
use bytes::{Bytes, BytesMut};
use http::{HeaderMap, HeaderName, HeaderValue, header};
use http_body_util::LengthLimitError;

use crate::world::ApiError;

use super::{checksum, errors};

/// The largest object. AWS takes 5 GiB in one PutObject; what a pipeline hands on is small.
pub(super) const MOST_BYTES: usize = 256 * 1024 * 1024;

/// What `aws-chunked` may add to the largest object.
const MOST_FRAMING: usize = 1024 * 1024;

/// An upload: its bytes, and the headers that came after them.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(super) struct Upload {
    pub(super) bytes: Bytes,
    pub(super) trailers: HeaderMap,
}

impl Upload {
    /// The bytes, if they are what the client meant to send, and all headers.
    pub(super) fn verified(self, mut headers: HeaderMap) -> Result<(HeaderMap, Bytes), ApiError> {
        checksum::verify_payload(&headers, &self.bytes)?;
        headers.extend(self.trailers);
        checksum::verify(&headers, &self.bytes)?;
        Ok((headers, self.bytes))
    }
}

pub(super) async fn read(headers: &HeaderMap, body: Body) -> Result<Upload, ApiError> {
    read_up_to(MOST_BYTES, headers, body).await
}

async fn read_up_to(most: usize, headers: &HeaderMap, body: Body) -> Result<Upload, ApiError> {
    let length = |name: &str| headers.get(name)?.to_str().ok()?.parse::<usize>().ok();
    let announced = length(header::CONTENT_LENGTH.as_str());
    if announced.is_some_and(|length| length > most + MOST_FRAMING) {
        return Err(errors::too_large());
    }
    let bytes = to_bytes(body, most + MOST_FRAMING).await.map_err(|error| {
        match error.into_inner().downcast::<LengthLimitError>() {
            Ok(_) => errors::too_large(),
            Err(_) => errors::incomplete_body(),
        }
    })?;
    let upload = match is_chunked(headers) {
        true => decode(&bytes)?,
        false => Upload {
            bytes,
            trailers: HeaderMap::new(),
        },
    };
    if upload.bytes.len() > most {
        return Err(errors::too_large());
    }
    let promised = length("x-amz-decoded-content-length");
    if promised.is_some_and(|length| length != upload.bytes.len()) {
        return Err(errors::incomplete_body());
    }
    Ok(upload)
}

/// Whether the body is `aws-chunked`: the signature's form says so, whatever `Content-Encoding`
/// says beside it.
fn is_chunked(headers: &HeaderMap) -> bool {
    let form = headers.get("x-amz-content-sha256");
    form.is_some_and(|form| form.as_bytes().starts_with(b"STREAMING-"))
}

/// Takes `aws-chunked` apart: `SIZE[;chunk-signature=…]`, CRLF, that many bytes, CRLF; and after
/// the chunk of size 0 the trailing headers.
fn decode(body: &Bytes) -> Result<Upload, ApiError> {
    let mut rest = body.clone();
    let mut chunks = Vec::new();
    loop {
        let line = take_line(&mut rest)?;
        let size = line.split(';').next().unwrap_or_default();
        let size = usize::from_str_radix(size, 16).map_err(|_| errors::incomplete_body())?;
        if size == 0 {
            break;
        }
        if rest.len() < size {
            return Err(errors::incomplete_body());
        }
        chunks.push(rest.split_to(size));
        if !take_line(&mut rest)?.is_empty() {
            return Err(errors::incomplete_body());
        }
    }
    Ok(Upload {
        bytes: joined(chunks),
        trailers: trailers(rest)?,
    })
}

fn trailers(mut rest: Bytes) -> Result<HeaderMap, ApiError> {
    let mut trailers = HeaderMap::new();
    while !rest.is_empty() {
        let line = take_line(&mut rest)?;
        if line.is_empty() {
            break;
        }
        let read = || {
            let (name, value) = line.split_once(':')?;
            let name = HeaderName::try_from(name.trim()).ok()?;
            Some((name, HeaderValue::try_from(value.trim()).ok()?))
        };
        let (name, value) = read().ok_or_else(|| {
            ApiError::client(
                "MalformedTrailerError",
                "The request contained trailing data that was not well-formed or did not conform \
                 to our published schema.",
            )
        })?;
        trailers.insert(name, value);
    }
    Ok(trailers)
}

/// Takes the text before the next line end, and the line end.
fn take_line(rest: &mut Bytes) -> Result<String, ApiError> {
    let end = rest.windows(2).position(|pair| pair == b"\r\n");
    let end = end.ok_or_else(errors::incomplete_body)?;
    let line = rest.split_to(end);
    drop(rest.split_to(2));
    String::from_utf8(line.into()).map_err(|_| errors::incomplete_body())
}

/// The chunks in a row; a single one is not copied.
fn joined(mut chunks: Vec<Bytes>) -> Bytes {
    match chunks.len() {
        0 | 1 => chunks.pop().unwrap_or_default(),
        _ => {
            let mut all = BytesMut::with_capacity(chunks.iter().map(Bytes::len).sum());
            for chunk in chunks {
                all.extend_from_slice(&chunk);
            }
            all.freeze()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn headers(pairs: &[(&'static str, &'static str)]) -> HeaderMap {
        let pairs = pairs.iter();
        pairs
            .map(|(name, value)| {
                let name = HeaderName::from_static(name);
                (name, HeaderValue::from_static(value))
            })
            .collect()
    }

    /// A body, its bytes, and its trailers.
    type Case = (
        &'static [u8],
        &'static [u8],
        &'static [(&'static str, &'static str)],
    );

    #[test]
    fn chunks_are_joined_and_trailers_read() {
        let table: [Case; 5] = [
            (b"0\r\n\r\n", b"", &[]),
            (b"3\r\nabc\r\n0\r\n\r\n", b"abc", &[]),
            (
                b"3\r\nabc\r\nA\r\n0123456789\r\n0\r\nx-amz-checksum-crc32:NSRBwg==\r\n\r\n",
                b"abc0123456789",
                &[("x-amz-checksum-crc32", "NSRBwg==")],
            ),
            (
                b"2;chunk-signature=ad80\r\n\r\n\r\n0;chunk-signature=b681\r\n\
                  x-amz-checksum-crc32c:sOO8/Q==\r\nx-amz-trailer-signature:63bd\r\n\r\n",
                b"\r\n",
                &[
                    ("x-amz-checksum-crc32c", "sOO8/Q=="),
                    ("x-amz-trailer-signature", "63bd"),
                ],
            ),
            // botocore leaves the last line end out.
            (b"1\r\na\r\n0\r\nx-a: b\r\n", b"a", &[("x-a", "b")]),
        ];
        for (body, bytes, trailers) in table {
            let upload = decode(&Bytes::from_static(body)).unwrap();
            assert_eq!(upload.bytes, bytes);
            assert_eq!(upload.trailers, headers(trailers));
        }
    }

    #[test]
    fn broken_chunks_are_refused() {
        for body in [
            "",
            "3\r\nab",
            "3\r\nabcd\r\n0\r\n\r\n",
            "3\r\nabc\r\n",
            "x\r\nabc\r\n0\r\n\r\n",
            "-1\r\na\r\n0\r\n\r\n",
            "ffffffffffffffff\r\na",
            "0\r\nno colon\r\n",
        ] {
            assert!(decode(&Bytes::from(body)).is_err(), "{body:?}");
        }
    }

    #[tokio::test]
    async fn only_what_is_chunked_is_decoded() {
        let plain = read(&HeaderMap::new(), Body::from("0\r\n\r\n")).await;
        assert_eq!(plain.unwrap().bytes, "0\r\n\r\n");
        let chunked = headers(&[
            ("x-amz-content-sha256", "STREAMING-UNSIGNED-PAYLOAD-TRAILER"),
            ("x-amz-decoded-content-length", "2"),
        ]);
        let right = read(&chunked, Body::from("2\r\nab\r\n0\r\n\r\n")).await;
        assert_eq!(right.unwrap().bytes, "ab");
        let wrong = read(&chunked, Body::from("1\r\na\r\n0\r\n\r\n")).await;
        assert_eq!(wrong.unwrap_err().code, "IncompleteBody");
    }

    #[tokio::test]
    async fn what_is_too_large_is_refused_before_it_is_read() {
        let announced = headers(&[("content-length", "300000000")]);
        let error = read(&announced, Body::empty()).await.unwrap_err();
        assert_eq!(error.code, "EntityTooLarge");
        let endless = futures::stream::repeat_with(|| {
            Ok::<_, std::convert::Infallible>(Bytes::from_static(&[0; 1 << 16]))
        });
        let endless = read_up_to(10, &HeaderMap::new(), Body::from_stream(endless)).await;
        assert_eq!(endless.unwrap_err().code, "EntityTooLarge");
        let eleven = read_up_to(10, &HeaderMap::new(), Body::from("0123456789a")).await;
        assert_eq!(eleven.unwrap_err().code, "EntityTooLarge");
        let ten = read_up_to(10, &HeaderMap::new(), Body::from("0123456789")).await;
        assert_eq!(ten.unwrap().bytes, "0123456789");
    }
}
