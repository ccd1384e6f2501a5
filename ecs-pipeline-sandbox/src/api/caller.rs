//! Whose request it is: the access key in its signature says so.

use http::{HeaderMap, header};

use crate::access::Principal;

/// Reads the header `Authorization`: `AWS4-HMAC-SHA256 Credential=KEY/…`, or `AWS KEY:…` of S3's older form.
pub(super) fn of_headers(headers: &HeaderMap) -> Principal {
    let signature = headers.get(header::AUTHORIZATION);
    let signature = signature.and_then(|value| value.to_str().ok());
    let key = signature.and_then(|text| match text.split_once("Credential=") {
        Some((_, scope)) => scope.split('/').next(),
        None => text.strip_prefix("AWS ")?.split(':').next(),
    });
    Principal::of_key(key.unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_access_key_says_who_it_is() {
        let table = [
            (
                "AWS4-HMAC-SHA256 Credential=ASIASANDBOXCODEBUILD/20250101/us-east-1/ecs/aws4_request, SignedHeaders=host, Signature=0",
                Principal::Codebuild,
            ),
            (
                "AWS4-HMAC-SHA256 Credential=sandbox/20250101/us-east-1/ecs/aws4_request",
                Principal::Caller,
            ),
            ("AWS ASIASANDBOXCODEBUILD:c2ln", Principal::Codebuild),
            ("AWS sandbox:c2ln", Principal::Caller),
            ("Bearer ASIASANDBOXCODEBUILD", Principal::Caller),
            ("", Principal::Caller),
        ];
        for (signature, expected) in table {
            let mut headers = HeaderMap::new();
            headers.insert(header::AUTHORIZATION, signature.parse().unwrap());
            assert_eq!(of_headers(&headers), expected, "{signature}");
        }
    }
}
