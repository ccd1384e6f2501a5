//! A registry of a few lines on loopback, which keeps what it is sent; its tags are immutable.
#![allow(clippy::unwrap_used)]

use std::collections::BTreeMap;
use std::convert::Infallible;
use std::fs;
use std::path::Path;
use std::sync::{Arc, Mutex};

use bytes::Bytes;
use http_body_util::{BodyExt, Full};
use hyper::body::Incoming;
use hyper::header::{AUTHORIZATION, LOCATION};
use hyper::service::service_fn;
use hyper::{Request, Response};
use hyper_util::rt::TokioIo;

use super::{Layout, OciPacker, digest_of};
use crate::model::BuildRequest;
use crate::provider::{ImageBuilder, Output};

#[derive(Debug, Default)]
pub(crate) struct Kept {
    blobs: BTreeMap<String, Bytes>,
    manifests: BTreeMap<String, Bytes>,
    pub(crate) calls: Vec<String>,
}

pub(crate) type Shared = Arc<Mutex<Kept>>;

async fn answer(kept: Shared, request: Request<Incoming>) -> Response<Full<Bytes>> {
    let (head, body) = request.into_parts();
    let body = body.collect().await.unwrap().to_bytes();
    let path = head.uri.path().to_owned();
    let reply = |status: u16, body: Bytes| {
        Response::builder()
            .status(status)
            .body(Full::new(body))
            .unwrap()
    };
    if head
        .headers
        .get(AUTHORIZATION)
        .is_none_or(|value| value != "Basic QVdTOng=")
    {
        return reply(401, Bytes::new());
    }
    let mut kept = kept.lock().unwrap();
    kept.calls.push(format!(
        "{} {}",
        head.method,
        path.split('/').nth(3).unwrap_or_default()
    ));
    let last = path.rsplit('/').next().unwrap().to_owned();
    match (head.method.as_str(), path.contains("/manifests/")) {
        ("PUT", true) if kept.manifests.get(&last).is_some_and(|old| *old != body) => reply(
            400,
            Bytes::from(r#"{"errors":[{"code":"TAG_INVALID","message":"immutable"}]}"#),
        ),
        ("PUT", true) => {
            kept.manifests
                .insert(digest_of(&body).to_string(), body.clone());
            kept.manifests.insert(last, body);
            reply(201, Bytes::new())
        }
        (_, true) => match kept.manifests.get(&last) {
            Some(found) => reply(200, found.clone()),
            None => reply(404, Bytes::new()),
        },
        ("POST", _) => Response::builder()
            .status(202)
            .header(LOCATION, "/v2/web/blobs/uploads/1?state=a")
            .body(Full::default())
            .unwrap(),
        ("PUT", _) => {
            let query = head.uri.query().unwrap();
            assert!(query.starts_with("state=a&"), "{query}");
            let digest = query.rsplit('=').next().unwrap().to_owned();
            assert_eq!(digest_of(&body).as_str(), digest);
            kept.blobs.insert(digest, body);
            reply(201, Bytes::new())
        }
        _ => match kept.blobs.get(&last) {
            Some(found) => reply(200, found.clone()),
            None => reply(404, Bytes::new()),
        },
    }
}

pub(crate) async fn registry() -> (String, Shared) {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let host = listener.local_addr().unwrap().to_string();
    let kept = Shared::default();
    let theirs = Arc::clone(&kept);
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            let kept = Arc::clone(&theirs);
            let service = service_fn(move |request| {
                let kept = Arc::clone(&kept);
                async move { Ok::<_, Infallible>(answer(kept, request).await) }
            });
            tokio::spawn(
                hyper::server::conn::http1::Builder::new()
                    .serve_connection(TokioIo::new(stream), service),
            );
        }
    });
    (host, kept)
}

pub(crate) async fn packed(directory: &Path, content: &str) -> Layout {
    let context = directory.join("context");
    fs::create_dir_all(&context).unwrap();
    fs::write(context.join("app"), content).unwrap();
    let request = BuildRequest {
        context,
        name: "web:1".to_owned(),
        platform: Some("linux/arm64".parse().unwrap()),
        ..BuildRequest::default()
    };
    let packer = OciPacker::new(directory.join("layouts"));
    let built = packer.build(&request, &Output::discard()).await.unwrap();
    Layout::open(Path::new(&built.name)).unwrap()
}
