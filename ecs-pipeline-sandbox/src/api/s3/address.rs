//! Which bucket and key a request is about: in its path, or the bucket in its host.

use http::{HeaderMap, Uri, header};
use percent_encoding::percent_decode_str;

use crate::world::ApiError;

/// The longest key, in bytes of UTF-8.
const LONGEST_KEY: usize = 1024;

#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Address {
    Service,
    Bucket(String),
    Object { bucket: String, key: String },
}

impl Address {
    pub(super) fn read(uri: &Uri, headers: &HeaderMap) -> Result<Self, ApiError> {
        let path = uri.path().strip_prefix('/').unwrap_or(uri.path());
        let (bucket, key) = match bucket_in_host(headers) {
            Some(bucket) => (bucket.to_owned(), path),
            None => {
                let (bucket, key) = path.split_once('/').unwrap_or((path, ""));
                (decoded(bucket)?, key)
            }
        };
        let key = decoded(key)?;
        if key.len() > LONGEST_KEY {
            return Err(ApiError::client("KeyTooLongError", "Your key is too long"));
        }
        Ok(match (bucket.is_empty(), key.is_empty()) {
            (true, _) => Self::Service,
            (false, true) => Self::Bucket(bucket),
            (false, false) => Self::Object { bucket, key },
        })
    }
}

/// The bucket in `BUCKET.localhost` and `BUCKET.s3.localhost`, names that resolvers should take to
/// this machine (RFC 6761), and in `BUCKET.s3.REGION.amazonaws.com`, which somebody has made lead
/// here.
pub(super) fn bucket_in_host(headers: &HeaderMap) -> Option<&str> {
    let host = headers.get(header::HOST)?.to_str().ok()?;
    let host = host.split(':').next()?;
    if let Some(name) = host.strip_suffix(".amazonaws.com") {
        let (bucket, _) = name.rsplit_once(".s3.").or(name.rsplit_once(".s3"))?;
        return Some(bucket);
    }
    let name = host.strip_suffix(".localhost")?;
    let bucket = name.strip_suffix(".s3").unwrap_or(name);
    (bucket != "s3").then_some(bucket)
}

fn decoded(part: &str) -> Result<String, ApiError> {
    let text = percent_decode_str(part).decode_utf8();
    text.map(Into::into)
        .map_err(|_| ApiError::client("InvalidURI", "Couldn't parse the specified URI."))
}

#[cfg(test)]
mod tests {
    use http::HeaderValue;

    use super::*;

    #[test]
    fn buckets_are_in_the_path_or_in_the_host() {
        let object = |bucket: &str, key: &str| Address::Object {
            bucket: bucket.into(),
            key: key.into(),
        };
        let table = [
            ("127.0.0.1:4566", "/", Address::Service),
            ("127.0.0.1:4566", "/b", Address::Bucket("b".into())),
            ("localhost:4566", "/b/", Address::Bucket("b".into())),
            ("127.0.0.1:4566", "/b/k", object("b", "k")),
            ("localhost", "/b/k//l/", object("b", "k//l/")),
            ("localhost", "/b/a%20b+%C3%BC%2Fc", object("b", "a b+ü/c")),
            ("s3.localhost", "/b/k", object("b", "k")),
            ("b.localhost:4566", "/", Address::Bucket("b".into())),
            ("b.s3.localhost:4566", "/k/l", object("b", "k/l")),
            ("b.c.localhost", "/k", object("b.c", "k")),
            ("s3.us-east-1.amazonaws.com", "/b/k", object("b", "k")),
            ("b.c.s3.us-east-1.amazonaws.com", "/k", object("b.c", "k")),
            ("b.s3.amazonaws.com", "/k", object("b", "k")),
        ];
        for (host, path, expected) in table {
            let headers = [(header::HOST, HeaderValue::from_static(host))];
            let address = Address::read(&Uri::from_static(path), &headers.into_iter().collect());
            assert_eq!(address, Ok(expected), "{host} {path}");
        }
    }

    #[test]
    fn keys_that_cannot_be_are_refused() {
        let long = format!("/b/{}", "k".repeat(LONGEST_KEY + 1));
        for (path, code) in [("/b/%ff", "InvalidURI"), (&long, "KeyTooLongError")] {
            let error = Address::read(&path.parse().unwrap(), &HeaderMap::new()).unwrap_err();
            assert_eq!(error.code, code);
        }
    }
}
