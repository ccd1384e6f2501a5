//! S3 over HTTP, as real clients put it on the wire.

use bytes::Bytes;

use super::*;

const SIGNED: &str = "AWS4-HMAC-SHA256 Credential=AKIA/20250101/us-east-1/s3/aws4_request, \
    SignedHeaders=host, Signature=0";

impl Front {
    /// A signed request with headers and a body.
    pub(super) async fn s3(
        &self,
        method: &str,
        path: &str,
        headers: &[(&str, &str)],
        body: impl Into<Body>,
    ) -> Answer {
        let mut request = Request::builder()
            .method(method)
            .uri(path)
            .header("authorization", SIGNED);
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        self.send(request.body(body.into()).unwrap()).await
    }

    pub(super) async fn put(&self, path: &str, text: &'static str) -> Answer {
        let answer = self.s3("PUT", path, &[], text).await;
        assert_eq!(answer.status, 200, "{}", answer.text());
        answer
    }

    pub(super) async fn get(&self, path: &str) -> Answer {
        self.s3("GET", path, &[], "").await
    }
}

async fn front_with_bucket() -> Front {
    let front = front();
    let made = front.put("/bucket", "").await;
    assert_eq!(made.headers["location"], "/bucket");
    front
}

#[tokio::test(start_paused = true)]
async fn an_object_comes_back_as_it_went_in() {
    let front = front_with_bucket().await;
    let headers = [
        ("content-type", "text/plain"),
        ("content-encoding", "gzip,aws-chunked"),
        ("x-amz-meta-commit", "abc"),
        ("x-amz-content-sha256", "STREAMING-UNSIGNED-PAYLOAD-TRAILER"),
        ("x-amz-decoded-content-length", "3"),
        ("x-amz-trailer", "x-amz-checksum-crc32"),
    ];
    let body = "3\r\nabc\r\n0\r\nx-amz-checksum-crc32:NSRBwg==\r\n\r\n";
    let put = front.s3("PUT", "/bucket/a%20b", &headers, body).await;
    assert_eq!(put.status, 200, "{}", put.text());
    let etag = "\"900150983cd24fb0d6963f7d28e17f72\"";
    assert_eq!(put.headers["etag"], etag);
    assert_eq!(put.headers["x-amz-checksum-crc32"], "NSRBwg==");

    let enabled = [("x-amz-checksum-mode", "ENABLED")];
    for (method, text) in [("GET", "abc"), ("HEAD", "")] {
        let got = front.s3(method, "/bucket/a%20b", &enabled, "").await;
        assert_eq!((got.status, got.text()), (200, text));
        for (name, value) in [
            ("content-length", "3"),
            ("content-type", "text/plain"),
            ("content-encoding", "gzip"),
            ("x-amz-meta-commit", "abc"),
            ("etag", etag),
            ("x-amz-checksum-crc32", "NSRBwg=="),
            ("last-modified", "Thu, 01 Jan 1970 00:00:00 GMT"),
        ] {
            assert_eq!(got.headers[name], value, "{method} {name}");
        }
    }
    let range = [("range", "bytes=1-1"), enabled[0]];
    let part = front.s3("GET", "/bucket/a%20b", &range, "").await;
    assert_eq!((part.status, part.text()), (206, "b"));
    assert_eq!(part.headers["content-range"], "bytes 1-1/3");
    assert!(!part.headers.contains_key("x-amz-checksum-crc32"));

    let wrong = body.replace("NSRBwg", "AAAAAA");
    let wrong = front.s3("PUT", "/bucket/a%20b", &headers, wrong).await;
    assert_eq!(wrong.status, 400);
    assert!(wrong.text().contains("<Code>BadDigest</Code>"));
    assert_eq!(front.get("/bucket/a%20b").await.text(), "abc");
}

#[tokio::test]
async fn a_deleted_object_has_its_versions() {
    let front = front_with_bucket().await;
    let configuration = "<VersioningConfiguration><Status>Enabled</Status>\
                         </VersioningConfiguration>";
    front.put("/bucket?versioning", configuration).await;
    let told = front.get("/bucket?versioning").await;
    assert!(told.text().contains("<Status>Enabled</Status>"));
    let first = front.put("/bucket/k", "one").await;
    let first = first.headers["x-amz-version-id"].to_str().unwrap();
    front.put("/bucket/k", "two").await;
    assert_eq!(front.get("/bucket/k").await.text(), "two");
    let deleted = front.s3("DELETE", "/bucket/k", &[], "").await;
    assert_eq!(deleted.status, 204);
    assert_eq!(deleted.headers["x-amz-delete-marker"], "true");
    let marker = deleted.headers["x-amz-version-id"].to_str().unwrap();
    assert_eq!(front.get("/bucket/k").await.status, 404);
    let old = front.get(&format!("/bucket/k?versionId={first}")).await;
    assert_eq!((old.status, old.text()), (200, "one"));
    let marker = front.get(&format!("/bucket/k?versionId={marker}")).await;
    assert_eq!(marker.status, 405);
    let bucket = front.s3("DELETE", "/bucket", &[], "").await;
    assert_eq!(bucket.status, 409);
    assert!(bucket.text().contains("<Code>BucketNotEmpty</Code>"));
}

#[tokio::test(start_paused = true)]
async fn listings_are_paged_and_escaped() {
    let front = front_with_bucket().await;
    for path in ["/bucket/a/1", "/bucket/a/2%26", "/bucket/b%20c"] {
        front.put(path, "x").await;
    }
    let all = front.get("/bucket?list-type=2").await;
    for part in [
        "<KeyCount>3</KeyCount><IsTruncated>false</IsTruncated>",
        "<Key>a/2&amp;</Key>",
        "<Key>b c</Key><LastModified>1970-01-01T00:00:00.000Z",
    ] {
        assert!(all.text().contains(part), "{part}: {}", all.text());
    }
    let path = "/bucket?list-type=2&delimiter=/&max-keys=1&encoding-type=url";
    let first = front.get(path).await;
    assert!(
        first
            .text()
            .contains("<CommonPrefixes><Prefix>a/</Prefix></CommonPrefixes>")
    );
    let token = first
        .text()
        .split("<NextContinuationToken>")
        .nth(1)
        .and_then(|rest| rest.split('<').next())
        .unwrap();
    let second = front
        .get(&format!("{path}&continuation-token={token}"))
        .await;
    assert!(
        second.text().contains("<Key>b%20c</Key>"),
        "{}",
        second.text()
    );
    assert!(second.text().contains("<IsTruncated>false</IsTruncated>"));
    for query in ["max-keys=x", "continuation-token=%2F", "encoding-type=x"] {
        let error = front.get(&format!("/bucket?list-type=2&{query}")).await;
        assert!(
            error.text().contains("<Code>InvalidArgument</Code>"),
            "{query}"
        );
    }
    let buckets = front.get("/").await;
    assert!(buckets.text().contains("<Bucket><Name>bucket</Name>"));
}

#[tokio::test]
async fn an_upload_in_parts_becomes_one_object() {
    let front = front_with_bucket().await;
    let begun = front.s3("POST", "/bucket/k?uploads", &[], "").await;
    let id = begun
        .text()
        .split("<UploadId>")
        .nth(1)
        .and_then(|rest| rest.split('<').next())
        .unwrap();
    let large = Bytes::from(vec![b'x'; 5 * 1024 * 1024]);
    let mut named = String::new();
    for (number, body) in [(1, large), (2, Bytes::from_static(b"end"))] {
        let path = format!("/bucket/k?uploadId={id}&partNumber={number}");
        let part = front.s3("PUT", &path, &[], body).await;
        let etag = part.headers["etag"].to_str().unwrap();
        named += &format!("<Part><PartNumber>{number}</PartNumber><ETag>{etag}</ETag></Part>");
    }
    let path = format!("/bucket/k?uploadId={id}");
    let named = format!("<CompleteMultipartUpload>{named}</CompleteMultipartUpload>");
    let done = front.s3("POST", &path, &[], named.clone()).await;
    assert_eq!(done.status, 200, "{}", done.text());
    assert!(done.text().contains("-2&quot;</ETag>"), "{}", done.text());
    let range = [("range", "bytes=-4")];
    let end = front.s3("GET", "/bucket/k", &range, "").await;
    assert_eq!(end.text(), "xend");
    let again = front.s3("POST", &path, &[], named).await;
    assert!(again.text().contains("<Code>NoSuchUpload</Code>"));
    let number = front
        .s3("PUT", "/bucket/k?uploadId=x&partNumber=0", &[], "")
        .await;
    assert!(number.text().contains("<Code>InvalidArgument</Code>"));
}

#[tokio::test]
async fn a_copy_is_the_object_with_its_headers_or_with_new_ones() {
    let front = front_with_bucket().await;
    let headers = [("content-type", "text/plain"), ("x-amz-meta-a", "b")];
    front.s3("PUT", "/bucket/k", &headers, "abc").await;
    let source = ("x-amz-copy-source", "/bucket/k");
    let copied = front.s3("PUT", "/bucket/l", &[source], "").await;
    assert!(
        copied.text().contains("900150983cd24fb0d6963f7d28e17f72"),
        "{}",
        copied.text()
    );
    let got = front.get("/bucket/l").await;
    assert_eq!(
        (got.text(), &got.headers["x-amz-meta-a"]),
        ("abc", &"b".parse().unwrap())
    );
    let replace = [
        source,
        ("x-amz-metadata-directive", "REPLACE"),
        ("content-type", "a/b"),
    ];
    front.s3("PUT", "/bucket/l", &replace, "").await;
    let got = front.get("/bucket/l").await;
    assert_eq!(
        (got.text(), &got.headers["content-type"]),
        ("abc", &"a/b".parse().unwrap())
    );
    assert!(!got.headers.contains_key("x-amz-meta-a"));
    for (source, status) in [("bucket/none", 404), ("none/k", 404), ("x", 400)] {
        let source = [("x-amz-copy-source", source)];
        let answer = front.s3("PUT", "/bucket/l", &source, "").await;
        assert_eq!(answer.status, status);
    }
    let condition = [source, ("x-amz-copy-source-if-match", "x")];
    assert_eq!(
        front.s3("PUT", "/bucket/l", &condition, "").await.status,
        501
    );
}

#[tokio::test]
async fn conditions_are_kept() {
    let front = front_with_bucket().await;
    front.put("/bucket/k", "abc").await;
    let etag = "\"900150983cd24fb0d6963f7d28e17f72\"";
    let table = [
        ("GET", "/bucket/k", ("if-match", etag), 200),
        ("GET", "/bucket/k", ("if-match", "\"x\""), 412),
        ("GET", "/bucket/k", ("if-none-match", etag), 304),
        ("GET", "/bucket/k", ("if-none-match", "\"x\", \"y\""), 200),
        ("PUT", "/bucket/k", ("if-none-match", "*"), 412),
        ("PUT", "/bucket/l", ("if-none-match", "*"), 200),
        ("PUT", "/bucket/m", ("if-match", etag), 404),
        ("PUT", "/bucket/k", ("if-match", "\"x\""), 412),
        ("PUT", "/bucket/k", ("if-match", etag), 200),
    ];
    for (method, path, header, status) in table {
        let answer = front.s3(method, path, &[header], "").await;
        assert_eq!(answer.status, status, "{method} {path} {header:?}");
    }
}

#[tokio::test]
async fn what_s3_refuses_and_what_is_not_here() {
    let front = front_with_bucket().await;
    let table = [
        ("GET", "/none?list-type=2", 404, "NoSuchBucket"),
        ("PUT", "/none/k", 404, "NoSuchBucket"),
        ("GET", "/bucket/k", 404, "NoSuchKey"),
        ("GET", "/bucket/k?versionId=x", 404, "NoSuchVersion"),
        ("PUT", "/B_", 400, "InvalidBucketName"),
        ("PUT", "/bucket?versioning", 400, "MalformedXML"),
        ("PUT", "/bucket/k?tagging", 501, "NotImplemented"),
        ("GET", "/bucket?acl", 501, "NotImplemented"),
        ("GET", "/bucket", 501, "NotImplemented"),
        ("POST", "/bucket/k", 501, "NotImplemented"),
    ];
    for (method, path, status, code) in table {
        let answer = front.s3(method, path, &[], "").await;
        assert_eq!(answer.status, status, "{method} {path}: {}", answer.text());
        let code = format!("<Error><Code>{code}</Code>");
        assert!(answer.text().contains(&code), "{method} {path}");
    }
    let copy = [("x-amz-copy-source", "bucket/k")];
    let path = "/bucket/l?uploadId=x&partNumber=1";
    let copy = front.s3("PUT", path, &copy, "").await;
    assert_eq!(copy.status, 501, "a copied part is no empty part");
    let head = front.s3("HEAD", "/bucket/k", &[], "").await;
    assert_eq!((head.status, head.text()), (404, ""));
    let other = "<CreateBucketConfiguration><LocationConstraint>eu-west-1</LocationConstraint>\
                 </CreateBucketConfiguration>";
    let other = front.s3("PUT", "/other", &[], other).await;
    assert!(other.text().contains("IllegalLocationConstraintException"));
}

#[tokio::test]
async fn s3_is_told_by_its_signature_or_by_the_host() {
    let front = front_with_bucket().await;
    front.put("/bucket/k", "abc").await;
    let ask = |uri: &str, host: &str, signed: bool| {
        let mut request = Request::get(uri).header("host", host);
        if signed {
            request = request.header("authorization", SIGNED);
        }
        front.send(request.body(Body::empty()).unwrap())
    };
    let signature = "X-Amz-Credential=AKIA%2F20250101%2Fus-east-1%2Fs3%2Faws4_request\
                     &X-Amz-Signature=0";
    let older = "AWSAccessKeyId=AKIA&Signature=0&Expires=1";
    for (uri, host, signed, status) in [
        ("/bucket/k".to_owned(), "127.0.0.1:1", true, 200),
        ("/k".to_owned(), "bucket.localhost:1", true, 200),
        ("/k".to_owned(), "bucket.localhost:1", false, 403),
        (format!("/bucket/k?{signature}"), "127.0.0.1:1", false, 200),
        (format!("/bucket/k?{older}"), "127.0.0.1:1", false, 200),
        ("/bucket/k".to_owned(), "127.0.0.1:1", false, 501),
    ] {
        let answer = ask(&uri, host, signed).await;
        assert_eq!(answer.status, status, "{host}{uri}: {}", answer.text());
    }
}

#[tokio::test]
async fn faults_strike_s3_in_its_own_form() {
    let front = front_with_bucket().await;
    for (fault, status, text) in [
        (ApiFault::Throttle, 503, "<Code>SlowDown</Code>"),
        (ApiFault::ServerError, 500, "<Code>InternalError</Code>"),
    ] {
        front.faults.fail_api("PutObject", fault, 1);
        let answer = front.s3("PUT", "/bucket/k", &[], "abc").await;
        assert_eq!(answer.status, status);
        assert!(answer.text().contains(text));
        assert_eq!(front.get("/bucket/k").await.status, 404);
    }
    front.faults.fail_api("PutObject", ApiFault::DropAfter, 1);
    assert!(front.s3("PUT", "/bucket/k", &[], "abc").await.dropped);
    assert_eq!(front.get("/bucket/k").await.text(), "abc");
    assert_eq!(front.calls.snapshot()["S3.PutObject"], 3);
}
