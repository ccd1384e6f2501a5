//! Requests as clients send them, without sockets.
#![allow(clippy::unwrap_used)]

mod access;
mod cloudwatch;
mod codedeploy;
mod codepipeline;
mod s3;

use axum::body::{Body, to_bytes};
use axum::extract::Request;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use serde_json::json;
use sha2::{Digest as _, Sha256};
use tower::ServiceExt as _;

use super::*;
use crate::access::Access;
use crate::clock::Clock;
use crate::world::{Place, Time, World};

struct Front {
    router: Router,
    faults: Faults,
    calls: Calls,
    registry: Registry,
    access: Access,
}

struct Answer {
    status: u16,
    headers: HeaderMap,
    body: Result<String, axum::Error>,
    dropped: bool,
}

impl Answer {
    fn text(&self) -> &str {
        self.body.as_ref().unwrap()
    }

    fn json(&self) -> Value {
        serde_json::from_str(self.text()).unwrap()
    }
}

fn front() -> Front {
    let clock = Clock::start(Time::default(), 1.0);
    let shared = Shared::new(World::new(Place::default(), Time::default()), clock);
    let (faults, calls) = (Faults::default(), Calls::default());
    let registry = Registry::new(shared.clone()).unwrap();
    let access = Access::new(shared.clone());
    let router = router(shared, faults.clone(), calls.clone(), registry.clone());
    Front {
        router,
        faults,
        calls,
        registry,
        access,
    }
}

impl Front {
    async fn send(&self, request: Request) -> Answer {
        let response = self.router.clone().oneshot(request).await.unwrap();
        let (parts, body) = response.into_parts();
        let body = to_bytes(body, usize::MAX).await;
        Answer {
            status: parts.status.as_u16(),
            headers: parts.headers,
            body: body.map(|bytes| String::from_utf8(bytes.to_vec()).unwrap()),
            dropped: parts.extensions.get::<Dropped>().is_some(),
        }
    }

    async fn json(&self, target: &str, input: Value) -> Answer {
        let request = Request::post("/")
            .header("authorization", "AWS4-HMAC-SHA256 …")
            .header("x-amz-target", target)
            .body(Body::from(input.to_string()))
            .unwrap();
        self.send(request).await
    }

    async fn ecr(&self, operation: &str, input: Value) -> Answer {
        self.json(
            &format!("AmazonEC2ContainerRegistry_V20150921.{operation}"),
            input,
        )
        .await
    }

    async fn form(&self, form: &str) -> Answer {
        let request = Request::post("/")
            .header("authorization", "AWS4-HMAC-SHA256 …")
            .header(
                "content-type",
                "application/x-www-form-urlencoded; charset=utf-8",
            )
            .body(Body::from(form.to_owned()))
            .unwrap();
        self.send(request).await
    }

    /// A request to the registry with a fresh token.
    async fn registry(&self, method: &str, path: &str, body: Vec<u8>) -> Answer {
        let token = self.ecr("GetAuthorizationToken", json!({})).await.json();
        let token = token["authorizationData"][0]["authorizationToken"]
            .as_str()
            .unwrap()
            .to_owned();
        let request = Request::builder()
            .method(method)
            .uri(path)
            .header("authorization", format!("Basic {token}"))
            .header("content-type", "application/vnd.oci.image.manifest.v1+json")
            .body(Body::from(body))
            .unwrap();
        self.send(request).await
    }

    /// Pushes an image whose configuration has this marker.
    async fn push(&self, repository: &str, tag: &str, marker: &str) -> Answer {
        let config =
            json!({ "architecture": "amd64", "os": "linux", "config": { "Env": [marker] } })
                .to_string()
                .into_bytes();
        let digest = sha256(&config);
        let blob = format!("/v2/{repository}/blobs/uploads/?digest={digest}");
        let size = config.len();
        self.registry("POST", &blob, config).await;
        let manifest = json!({
            "schemaVersion": 2,
            "mediaType": "application/vnd.oci.image.manifest.v1+json",
            "config": {
                "mediaType": "application/vnd.oci.image.config.v1+json",
                "digest": digest, "size": size,
            },
            "layers": [],
        });
        let path = format!("/v2/{repository}/manifests/{tag}");
        self.registry("PUT", &path, manifest.to_string().into_bytes())
            .await
    }
}

fn sha256(bytes: &[u8]) -> String {
    let hex: String = Sha256::digest(bytes)
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect();
    format!("sha256:{hex}")
}

#[tokio::test]
async fn errors_have_their_protocols_form() {
    let front = front();
    let ecr = front
        .ecr(
            "DescribeRepositories",
            json!({ "repositoryNames": ["none"] }),
        )
        .await;
    assert_eq!(ecr.status, 400);
    assert_eq!(
        ecr.headers["x-amzn-errortype"],
        "RepositoryNotFoundException"
    );
    assert_eq!(ecr.headers["content-type"], "application/x-amz-json-1.1");
    assert_eq!(ecr.json()["__type"], "RepositoryNotFoundException");
    assert!(ecr.headers.contains_key("x-amzn-requestid"));

    let elb = front
        .form("Action=DescribeTargetGroups&Version=2015-12-01&Names.member.1=none")
        .await;
    assert_eq!(elb.status, 400);
    assert!(
        elb.text().contains(
            "<Error><Type>Sender</Type><Code>TargetGroupNotFound</Code>\
             <Message>One or more target groups not found</Message></Error><RequestId>"
        ),
        "{}",
        elb.text()
    );
}

#[tokio::test]
async fn what_is_not_here_is_named() {
    let front = front();
    let table = [
        (
            front
                .json("CodeDeploy_20141006.ListOnPremisesInstances", json!({}))
                .await,
            "UnknownOperationException",
            "ListOnPremisesInstances",
        ),
        (
            front.json("SecretsManager.ListSecrets", json!({})).await,
            "UnknownOperationException",
            "SecretsManager.ListSecrets",
        ),
        (
            front.json("Logs_20140328.StartQuery", json!({})).await,
            "UnknownOperationException",
            "StartQuery",
        ),
        (
            front.form("Action=SetSubnets&Version=2015-12-01").await,
            "InvalidAction",
            "SetSubnets",
        ),
        (
            front.form("Action=DescribeVpcs&Version=2016-11-15").await,
            "InvalidAction",
            "DescribeVpcs",
        ),
        (
            front
                .send(Request::get("/bucket/key").body(Body::empty()).unwrap())
                .await,
            "NotImplemented",
            "GET /bucket/key",
        ),
    ];
    for (answer, code, name) in table {
        assert!(answer.status >= 400);
        assert!(answer.text().contains(code), "{code}: {}", answer.text());
        assert!(answer.text().contains(name), "{name}: {}", answer.text());
    }
}

#[tokio::test]
async fn a_request_without_signature_or_sense_is_refused() {
    let front = front();
    let bare = Request::post("/")
        .header("x-amz-target", "Logs_20140328.DescribeLogGroups")
        .body(Body::from("{}"))
        .unwrap();
    let answer = front.send(bare).await;
    assert_eq!(
        answer.json()["__type"],
        "MissingAuthenticationTokenException"
    );
    let garbage = Request::post("/")
        .header("authorization", "AWS4 …")
        .header("x-amz-target", "Logs_20140328.DescribeLogGroups")
        .body(Body::from("{"))
        .unwrap();
    assert_eq!(
        front.send(garbage).await.json()["__type"],
        "SerializationException"
    );
}

#[tokio::test]
async fn answers_in_xml_and_json() {
    let front = front();
    let sts = front
        .form("Action=GetCallerIdentity&Version=2011-06-15")
        .await;
    assert_eq!(sts.status, 200);
    assert!(sts.text().starts_with(
        "<GetCallerIdentityResponse xmlns=\"https://sts.amazonaws.com/doc/2011-06-15/\">\
         <GetCallerIdentityResult><UserId>"
    ));
    let logs = front
        .json("Logs_20140328.DescribeLogGroups", json!({}))
        .await;
    assert_eq!(logs.json(), json!({ "logGroups": [] }));
    assert_eq!(
        front.calls.snapshot(),
        [
            ("Logs.DescribeLogGroups".to_owned(), 1),
            ("STS.GetCallerIdentity".to_owned(), 1)
        ]
        .into()
    );
    assert_eq!(front.calls.total(), 2);
}

#[tokio::test]
async fn faults_strike_once_and_after_means_after() {
    let front = front();
    let create = |name: &str| json!({ "logGroupName": name });
    let operation = "Logs_20140328.CreateLogGroup";
    let set = |fault| front.faults.fail_api("CreateLogGroup", fault, 1);

    set(ApiFault::Throttle);
    let answer = front.json(operation, create("a")).await;
    assert_eq!(answer.json()["__type"], "ThrottlingException");
    set(ApiFault::ServerError);
    assert_eq!(front.json(operation, create("a")).await.status, 500);
    set(ApiFault::HtmlError);
    let html = front.json(operation, create("a")).await;
    assert_eq!(html.headers["content-type"], "text/html");
    set(ApiFault::DropBefore);
    let before = front.json(operation, create("a")).await;
    assert!(before.dropped && before.body.is_err());
    assert_eq!(
        front.json(operation, create("a")).await.status,
        200,
        "nothing had happened yet"
    );
    set(ApiFault::DropAfter);
    assert!(front.json(operation, create("b")).await.dropped);
    let again = front.json(operation, create("b")).await;
    assert_eq!(again.json()["__type"], "ResourceAlreadyExistsException");
}

#[tokio::test(start_paused = true)]
async fn an_image_is_pushed_found_and_deleted() {
    let front = front();
    front
        .ecr("CreateRepository", json!({ "repositoryName": "team/app" }))
        .await;
    let pushed = front.push("team/app", "v1", "A=1").await;
    assert_eq!(pushed.status, 201, "{:?}", pushed.body);
    let digest = pushed.headers["docker-content-digest"]
        .to_str()
        .unwrap()
        .to_owned();
    let input = json!({ "repositoryName": "team/app", "imageIds": [{ "imageTag": "v1" }] });
    let described = front.ecr("DescribeImages", input.clone()).await.json();
    assert_eq!(described["imageDetails"][0]["imageDigest"], digest.as_str());
    assert_eq!(described["imageDetails"][0]["imageTags"], json!(["v1"]));
    assert_eq!(
        front.registry.config("team/app", "v1").await.unwrap()["config"]["Env"],
        json!(["A=1"])
    );
    let got = front.ecr("BatchGetImage", input.clone()).await.json();
    let manifest = got["images"][0]["imageManifest"].as_str().unwrap();
    assert_eq!(sha256(manifest.as_bytes()), digest);

    let put =
        json!({ "repositoryName": "team/app", "imageManifest": manifest, "imageTag": "stable" });
    assert_eq!(front.ecr("PutImage", put.clone()).await.status, 200);
    let again = front.ecr("PutImage", put).await;
    assert_eq!(again.json()["__type"], "ImageAlreadyExistsException");

    let kept = front
        .ecr("DeleteRepository", json!({ "repositoryName": "team/app" }))
        .await;
    assert_eq!(kept.json()["__type"], "RepositoryNotEmptyException");
    front.ecr("BatchDeleteImage", input.clone()).await;
    assert!(
        front.registry.resolve("team/app", "stable").await.is_some(),
        "another tag still names it"
    );
    let missing = front.ecr("DescribeImages", input).await.json();
    assert_eq!(missing["__type"], "ImageNotFoundException");
    let last = json!({ "repositoryName": "team/app", "imageIds": [{ "imageTag": "stable" }] });
    front.ecr("BatchDeleteImage", last).await;
    assert_eq!(front.registry.images("team/app").await, []);
}

#[tokio::test]
async fn the_registry_behaves_like_ecr() {
    let front = front();
    front
        .ecr(
            "CreateRepository",
            json!({ "repositoryName": "fixed", "imageTagMutability": "IMMUTABLE" }),
        )
        .await;

    let bare = front
        .send(Request::get("/v2/").body(Body::empty()).unwrap())
        .await;
    assert_eq!(bare.status, 401);
    assert!(
        bare.headers["www-authenticate"]
            .to_str()
            .unwrap()
            .starts_with("Basic realm=")
    );
    let forged = Request::get("/v2/")
        .header(
            "authorization",
            format!("Basic {}", BASE64.encode("AWS:guess")),
        )
        .body(Body::empty())
        .unwrap();
    assert_eq!(front.send(forged).await.status, 401);
    assert_eq!(front.registry("GET", "/v2/", Vec::new()).await.status, 200);

    let unknown = front
        .registry("POST", "/v2/none/blobs/uploads/", Vec::new())
        .await;
    assert_eq!(unknown.status, 404);
    assert_eq!(
        unknown.json()["errors"][0],
        json!({
            "code": "NAME_UNKNOWN",
            "message": "The repository with name 'none' does not exist in the registry with id '123456789012'",
        })
    );
    let absent = front
        .registry("GET", "/v2/fixed/manifests/v1", Vec::new())
        .await;
    assert_eq!(
        absent.json()["errors"][0]["message"],
        "Requested image not found"
    );

    assert_eq!(front.push("fixed", "v1", "A=1").await.status, 201);
    assert_eq!(
        front.push("fixed", "v1", "A=1").await.status,
        201,
        "the same again"
    );
    let moved = front.push("fixed", "v1", "A=2").await;
    assert_eq!(moved.status, 400);
    assert_eq!(moved.json()["errors"][0]["code"], "TAG_INVALID");
    assert_eq!(front.push("fixed", "v2", "A=2").await.status, 201);
}

#[tokio::test(start_paused = true)]
async fn a_token_expires_with_the_sandboxs_time() {
    let front = front();
    let token = front.ecr("GetAuthorizationToken", json!({})).await.json();
    let token = token["authorizationData"][0]["authorizationToken"]
        .as_str()
        .unwrap()
        .to_owned();
    let ask = || {
        Request::get("/v2/")
            .header("authorization", format!("Basic {token}"))
            .body(Body::empty())
            .unwrap()
    };
    assert_eq!(front.send(ask()).await.status, 200);
    tokio::time::advance(std::time::Duration::from_secs(12 * 60 * 60)).await;
    let expired = front.send(ask()).await;
    assert_eq!(expired.status, 403);
    assert_eq!(expired.json()["errors"][0]["code"], "DENIED");
}

/// Over a socket, a fault that drops the connection lets not one byte through.
#[tokio::test]
async fn a_dropped_connection_really_drops() {
    use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};

    let front = front();
    front
        .faults
        .fail_api("DescribeLogGroups", ApiFault::DropBefore, 1);
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let router = front.router.clone();
    let server = tokio::spawn(async move { axum::serve(listener, router).await });
    let mut seen = Vec::new();
    for _ in 0..2 {
        let mut socket = tokio::net::TcpStream::connect(address).await.unwrap();
        let request = "POST / HTTP/1.1\r\nHost: x\r\nAuthorization: AWS4\r\nConnection: close\r\n\
                       X-Amz-Target: Logs_20140328.DescribeLogGroups\r\nContent-Length: 2\r\n\r\n{}";
        socket.write_all(request.as_bytes()).await.unwrap();
        let mut bytes = Vec::new();
        // Whether the end comes as EOF or as a reset is the kernel's affair.
        let _ = socket.read_to_end(&mut bytes).await;
        seen.push(bytes);
    }
    server.abort();
    assert_eq!(seen[0], b"", "nothing of the first answer");
    assert!(seen[1].starts_with(b"HTTP/1.1 200 OK"));
}
