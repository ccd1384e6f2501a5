//! Digests of an upload: the ETag, and those that the client sent to be checked.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use http::HeaderMap;
use md5::Md5;
use md5::digest::Digest as _;
use sha2::Sha256;

use crate::world::ApiError;
use crate::world::s3::hex;

/// The ETag of an object, without its quotes.
pub(super) fn etag(bytes: &[u8]) -> String {
    hex(&md5(bytes))
}

pub(super) fn md5(bytes: &[u8]) -> [u8; 16] {
    Md5::digest(bytes).into()
}

/// Compares what the client sent with the bytes. Checksums of other kinds (CRC32C, CRC64NVME,
/// SHA1, …) are kept, but not checked.
pub(super) fn verify(headers: &HeaderMap, bytes: &[u8]) -> Result<(), ApiError> {
    let sent = |name: &str| headers.get(name).and_then(|value| value.to_str().ok());
    if let Some(written) = sent("content-md5") {
        same(
            "Content-MD5",
            &decoded("Content-MD5", written)?,
            &Md5::digest(bytes),
        )?;
    }
    if let Some(written) = sent("x-amz-checksum-crc32") {
        let right = crc32fast::hash(bytes).to_be_bytes();
        same("CRC32", &decoded("CRC32", written)?, &right)?;
    }
    if let Some(written) = sent("x-amz-checksum-sha256") {
        let right = <Sha256 as sha2::Digest>::digest(bytes);
        same("SHA256", &decoded("SHA256", written)?, &right)?;
    }
    Ok(())
}

/// Compares the payload with the digest that the request was signed with, if it was.
pub(super) fn verify_payload(headers: &HeaderMap, bytes: &[u8]) -> Result<(), ApiError> {
    let signed = headers.get("x-amz-content-sha256");
    let Some(signed) = signed.and_then(|value| value.to_str().ok()) else {
        return Ok(());
    };
    // Other values say that the payload was not signed, or chunk by chunk.
    if signed.len() != 64 || signed == hex(&<Sha256 as sha2::Digest>::digest(bytes)) {
        return Ok(());
    }
    Err(ApiError::client(
        "XAmzContentSHA256Mismatch",
        "The provided 'x-amz-content-sha256' header does not match what was computed.",
    ))
}

fn decoded(kind: &str, written: &str) -> Result<Vec<u8>, ApiError> {
    BASE64.decode(written).map_err(|_| {
        ApiError::client(
            "InvalidDigest",
            format!("The {kind} you specified was invalid."),
        )
    })
}

fn same(kind: &str, sent: &[u8], right: &[u8]) -> Result<(), ApiError> {
    if sent == right {
        return Ok(());
    }
    Err(ApiError::client(
        "BadDigest",
        format!("The {kind} you specified did not match the calculated checksum."),
    ))
}

#[cfg(test)]
mod tests {
    use http::{HeaderName, HeaderValue};

    use super::*;

    /// The digests of "abc", from RFC 1321, FIPS 180-4 and a CRC-32 calculator.
    #[test]
    fn digests_are_compared() {
        assert_eq!(etag(b"abc"), "900150983cd24fb0d6963f7d28e17f72");
        assert_eq!(etag(b""), "d41d8cd98f00b204e9800998ecf8427e");
        let table = [
            ("content-md5", "kAFQmDzST7DWlj99KOF/cg==", ""),
            ("content-md5", "1B2M2Y8AsgTpgAmY7PhCfg==", "BadDigest"),
            ("content-md5", "?", "InvalidDigest"),
            ("x-amz-checksum-crc32", "NSRBwg==", ""),
            ("x-amz-checksum-crc32", "NSRBww==", "BadDigest"),
            (
                "x-amz-checksum-sha256",
                "ungWv48Bz+pBQUDeXa4iI7ADYaOWF3qctBD/YfIAFa0=",
                "",
            ),
            ("x-amz-checksum-sha256", "AAAA", "BadDigest"),
            ("x-amz-checksum-crc64nvme", "AAAA", ""),
        ];
        for (name, value, code) in table {
            let headers = [(
                HeaderName::from_static(name),
                HeaderValue::from_static(value),
            )];
            let verdict = verify(&headers.into_iter().collect(), b"abc");
            let found = verdict.err().map(|error| error.code).unwrap_or_default();
            assert_eq!(found, code, "{name}: {value}");
        }
    }

    #[test]
    fn a_signed_payload_must_be_what_was_signed() {
        let signed = |value: &'static str| {
            let name = HeaderName::from_static("x-amz-content-sha256");
            [(name, HeaderValue::from_static(value))]
                .into_iter()
                .collect::<HeaderMap>()
        };
        let of_nothing = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";
        assert!(verify_payload(&signed(of_nothing), b"").is_ok());
        assert!(verify_payload(&signed(of_nothing), b"x").is_err());
        assert!(verify_payload(&signed("UNSIGNED-PAYLOAD"), b"x").is_ok());
        assert!(verify_payload(&HeaderMap::new(), b"x").is_ok());
    }
}
