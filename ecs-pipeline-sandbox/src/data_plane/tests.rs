#![allow(clippy::unwrap_used, clippy::expect_used)]

use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use axum::Router;
use axum::http::HeaderMap;
use axum::routing::{any, get};
use bytes::Bytes;
use http::{Request, StatusCode};
use http_body_util::{BodyExt, Full};
use hyper_util::client::legacy::{Client, connect::HttpConnector};
use hyper_util::rt::TokioExecutor;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;

use super::DataPlane;
use crate::world::{Destination, Forward, ListenerRoutes, Route, Routes, Target, Weighted};

type TestClient = Client<HttpConnector, Full<Bytes>>;

fn client() -> TestClient {
    Client::builder(TokioExecutor::new()).build_http()
}

/// A target, and the way to end it in order.
struct Served {
    address: SocketAddr,
    stop: CancellationToken,
}

async fn serve(app: Router) -> Served {
    let socket = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
    let address = socket.local_addr().unwrap();
    let stop = CancellationToken::new();
    let stopped = stop.clone().cancelled_owned();
    tokio::spawn(async move {
        axum::serve(socket, app)
            .with_graceful_shutdown(stopped)
            .await
            .unwrap();
    });
    Served { address, stop }
}

async fn saying(text: &'static str) -> Served {
    serve(Router::new().fallback(move || async move { text })).await
}

fn destination(address: SocketAddr, task_definition: &str) -> Destination {
    Destination {
        target: Target {
            id: "10.0.0.1".into(),
            port: address.port(),
        },
        task: None,
        task_definition: Some(task_definition.into()),
        address,
    }
}

fn group(name: &str, weight: u32, destinations: Vec<Destination>) -> Weighted {
    Weighted {
        target_group: name.into(),
        weight,
        destinations,
    }
}

fn rule(paths: &[&str], forward: Forward) -> Route {
    Route {
        paths: paths.iter().map(|&path| path.into()).collect(),
        hosts: Vec::new(),
        forward,
    }
}

fn routes(rules: Vec<Route>) -> Routes {
    Routes([("listener".into(), ListenerRoutes { rules })].into())
}

fn to(groups: Vec<Weighted>) -> Routes {
    routes(vec![rule(&[], Forward::To(groups))])
}

/// A data plane with one listener.
async fn listening() -> (DataPlane, SocketAddr) {
    let data_plane = DataPlane::with_target_timeout(Duration::from_millis(500));
    let address = data_plane.listen("listener".into(), 0).await.unwrap();
    (data_plane, address)
}

async fn ask(client: &TestClient, address: SocketAddr, path: &str) -> (StatusCode, String) {
    let request = Request::get(format!("http://{address}{path}"))
        .body(Full::default())
        .unwrap();
    let response = client.request(request).await.unwrap();
    let status = response.status();
    let body = response.into_body().collect().await.unwrap().to_bytes();
    (status, String::from_utf8(body.to_vec()).unwrap())
}

#[tokio::test]
async fn requests_are_shared_by_weight_and_counted_by_revision() {
    let (blue, green) = (saying("blue").await, saying("green").await);
    let (data_plane, address) = listening().await;
    data_plane.route(to(vec![
        group("blue", 3, vec![destination(blue.address, "web:1")]),
        group("green", 1, vec![destination(green.address, "web:2")]),
    ]));
    let client = client();
    let mut greens = 0;
    for _ in 0..40 {
        let (status, body) = ask(&client, address, "/").await;
        assert_eq!(status, 200);
        greens += usize::from(body == "green");
    }
    assert_eq!(greens, 10);
    let traffic = data_plane.traffic();
    assert_eq!(traffic.task_definitions["web:2"].requests, 10);
    assert_eq!(traffic.target_groups["blue"].class(2), 30);
    assert_eq!(traffic.total().class(2), 40);
    assert_eq!(traffic.total().gateway_errors, 0);
}

#[tokio::test]
async fn rules_fixed_answers_and_redirects_work_without_targets() {
    let (data_plane, address) = listening().await;
    data_plane.route(routes(vec![
        rule(
            &["/fixed*"],
            Forward::Fixed {
                status: 418,
                body: "tea".into(),
                content_type: "text/plain".into(),
            },
        ),
        rule(
            &["/moved/*"],
            Forward::Redirect {
                status: 301,
                location: "https://#{host}:443/new/#{path}?#{query}".into(),
            },
        ),
        rule(&[], Forward::To(vec![group("empty", 1, Vec::new())])),
    ]));
    let client = client();
    assert_eq!(
        ask(&client, address, "/fixed/1").await,
        (StatusCode::IM_A_TEAPOT, "tea".into())
    );
    let request = Request::get(format!("http://{address}/moved/a?b=c"))
        .body(Full::default())
        .unwrap();
    let response = client.request(request).await.unwrap();
    assert_eq!(response.status(), 301);
    assert_eq!(
        response.headers()["location"],
        "https://127.0.0.1:443/new/moved/a?b=c"
    );
    let (status, page) = ask(&client, address, "/").await;
    assert_eq!(status, 503);
    assert!(page.contains("503 Service Temporarily Unavailable"));
    assert_eq!(data_plane.traffic().total().gateway_errors, 1);
}

#[tokio::test]
async fn a_target_sees_who_asked_and_nothing_of_the_clients_connection() {
    let target = serve(Router::new().fallback(|headers: HeaderMap| async move {
        let mut seen: Vec<String> = headers
            .iter()
            .map(|(name, value)| format!("{name}={}", value.to_str().unwrap()))
            .collect();
        seen.sort();
        seen.join("\n")
    }))
    .await;
    let (data_plane, address) = listening().await;
    data_plane.route(to(vec![group(
        "g",
        1,
        vec![destination(target.address, "w:1")],
    )]));
    let request = Request::get(format!("http://{address}/"))
        .header("host", "app.example.com")
        .header("connection", "x-private")
        .header("x-private", "1")
        .body(Full::default())
        .unwrap();
    let response = client().request(request).await.unwrap();
    let body = response.into_body().collect().await.unwrap().to_bytes();
    let seen = String::from_utf8(body.to_vec()).unwrap();
    assert!(seen.contains("host=app.example.com"), "{seen}");
    assert!(seen.contains("x-forwarded-for=127.0.0.1"), "{seen}");
    assert!(seen.contains("x-forwarded-proto=http"), "{seen}");
    assert!(!seen.contains("x-private"), "{seen}");
}

#[tokio::test]
async fn bodies_pass_in_both_directions() {
    let target = serve(Router::new().route("/", any(|body: Bytes| async move { body }))).await;
    let (data_plane, address) = listening().await;
    data_plane.route(to(vec![group(
        "g",
        1,
        vec![destination(target.address, "w:1")],
    )]));
    let sent = Bytes::from(vec![7u8; 1_000_000]);
    let request = Request::post(format!("http://{address}/"))
        .body(Full::new(sent.clone()))
        .unwrap();
    let response = client().request(request).await.unwrap();
    let back = response.into_body().collect().await.unwrap().to_bytes();
    assert_eq!(back, sent);
}

#[tokio::test]
async fn a_dead_target_is_a_502_and_a_silent_one_a_504() {
    let dead = {
        let socket = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
        socket.local_addr().unwrap()
    };
    let silent = serve(Router::new().fallback(std::future::pending::<()>)).await;
    let (data_plane, address) = listening().await;
    let client = client();
    data_plane.route(to(vec![group("g", 1, vec![destination(dead, "w:1")])]));
    assert_eq!(ask(&client, address, "/").await.0, 502);
    data_plane.route(to(vec![group(
        "g",
        1,
        vec![destination(silent.address, "w:1")],
    )]));
    assert_eq!(ask(&client, address, "/").await.0, 504);
    assert_eq!(
        data_plane.traffic().task_definitions["w:1"].gateway_errors,
        2
    );
}

/// A target that answers one request on each connection, promises to keep it open, and closes it
/// when the next request comes, unanswered: the stale connection in its worst form.
async fn rude() -> (SocketAddr, Arc<AtomicUsize>) {
    let socket = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
    let address = socket.local_addr().unwrap();
    let dropped = Arc::new(AtomicUsize::new(0));
    let counted = dropped.clone();
    tokio::spawn(async move {
        loop {
            let (mut stream, _) = socket.accept().await.unwrap();
            let dropped = counted.clone();
            tokio::spawn(async move {
                let mut buffer = [0u8; 4096];
                let _ = stream.read(&mut buffer).await;
                let _ = stream
                    .write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok")
                    .await;
                if stream.read(&mut buffer).await.is_ok_and(|n| n > 0) {
                    dropped.fetch_add(1, Ordering::Relaxed);
                }
            });
        }
    });
    (address, dropped)
}

#[tokio::test]
async fn no_request_is_lost_to_a_stale_connection() {
    let (target, dropped) = rude().await;
    let (data_plane, address) = listening().await;
    data_plane.route(to(vec![group("g", 1, vec![destination(target, "w:1")])]));
    let client = client();
    for method in ["GET", "POST", "GET", "GET", "POST", "DELETE", "GET"] {
        let request = Request::builder()
            .method(method)
            .uri(format!("http://{address}/"))
            .body(Full::from("x".repeat(usize::from(method == "POST"))))
            .unwrap();
        let response = client.request(request).await.unwrap();
        assert_eq!(response.status(), 200, "{method}");
    }
    assert!(
        dropped.load(Ordering::Relaxed) > 0,
        "no connection was stale"
    );
}

#[tokio::test]
async fn a_draining_target_finishes_what_it_has() {
    let slow = serve(Router::new().route(
        "/slow",
        get(|| async {
            tokio::time::sleep(Duration::from_millis(200)).await;
            "old"
        }),
    ))
    .await;
    let new = saying("new").await;
    let (data_plane, address) = listening().await;
    data_plane.route(to(vec![group(
        "g",
        1,
        vec![destination(slow.address, "w:1")],
    )]));
    let client = client();
    let asked = tokio::spawn({
        let client = client.clone();
        async move { ask(&client, address, "/slow").await }
    });
    while data_plane.traffic().total().requests == 0 {
        tokio::task::yield_now().await;
    }
    data_plane.route(to(vec![group(
        "g",
        1,
        vec![destination(new.address, "w:2")],
    )]));
    assert_eq!(ask(&client, address, "/").await.1, "new");
    assert_eq!(asked.await.unwrap(), (StatusCode::OK, "old".into()));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_request_fails_while_targets_are_swapped() {
    let (data_plane, address) = listening().await;
    let first = saying("0").await;
    data_plane.route(to(vec![group(
        "g",
        1,
        vec![destination(first.address, "w:0")],
    )]));
    let client = client();
    let load = tokio::spawn(async move {
        let mut requests = Vec::new();
        let mut every = tokio::time::interval(Duration::from_millis(5));
        for _ in 0..400 {
            every.tick().await;
            let client = client.clone();
            requests.push(tokio::spawn(
                async move { ask(&client, address, "/").await.0 },
            ));
        }
        let mut statuses = Vec::new();
        for request in requests {
            statuses.push(request.await.unwrap());
        }
        statuses
    });
    let mut old = first;
    while !load.is_finished() {
        let new = saying("n").await;
        data_plane.route(to(vec![group(
            "g",
            1,
            vec![destination(new.address, "w:n")],
        )]));
        // The deregistration delay, in little.
        tokio::time::sleep(Duration::from_millis(300)).await;
        old.stop.cancel();
        old = new;
    }
    let statuses = load.await.unwrap();
    assert_eq!(statuses.len(), 400);
    assert!(statuses.iter().all(|status| *status == 200));
    assert_eq!(data_plane.traffic().total().gateway_errors, 0);
    assert_eq!(data_plane.traffic().total().broken, 0);
    data_plane.shut_down().await;
}

#[tokio::test]
async fn a_taken_port_is_replaced_and_a_closed_listener_refuses() {
    let taken = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
    let port = taken.local_addr().unwrap().port();
    let data_plane = DataPlane::new();
    let address = data_plane.listen("listener".into(), port).await.unwrap();
    assert_ne!(address.port(), port);
    assert_eq!(data_plane.address("listener"), Some(address));
    assert_eq!(ask(&client(), address, "/").await.0, 503);
    data_plane.shut_down().await;
    assert!(tokio::net::TcpStream::connect(address).await.is_err());
}
