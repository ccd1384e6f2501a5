//! A listener's socket.

use std::io::{Error, ErrorKind};
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;

use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::net::{TcpListener, TcpStream};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use super::proxy::Proxy;

/// Opens a listener's socket on 127.0.0.1: on its very port where that can be had.
pub(super) async fn bind(listener: &str, port: u16) -> Result<TcpListener, Error> {
    let error = match TcpListener::bind((Ipv4Addr::LOCALHOST, port)).await {
        Ok(socket) => return Ok(socket),
        Err(error) => error,
    };
    match error.kind() {
        ErrorKind::PermissionDenied if port < 1024 => {
            let instead = port + 8000;
            tracing::warn!(
                listener,
                "port {port} may not be opened by this user: the listener is on {instead}"
            );
            any_if_taken(listener, instead).await
        }
        ErrorKind::AddrInUse => any_if_taken(listener, port).await,
        _ => Err(error),
    }
}

async fn any_if_taken(listener: &str, port: u16) -> Result<TcpListener, Error> {
    match TcpListener::bind((Ipv4Addr::LOCALHOST, port)).await {
        Err(error) if error.kind() == ErrorKind::AddrInUse => {
            let socket = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?;
            let instead = socket.local_addr()?;
            tracing::error!(
                listener,
                "port {port} is taken by another program: the listener is on {instead}"
            );
            Ok(socket)
        }
        bound => bound,
    }
}

/// Accepts connections until `stop`, which lets each finish the request that it is at.
pub(super) async fn accept(
    socket: TcpListener,
    proxy: Arc<Proxy>,
    stop: CancellationToken,
    connections: TaskTracker,
) {
    loop {
        let accepted = tokio::select! {
            () = stop.cancelled() => return,
            accepted = socket.accept() => accepted,
        };
        match accepted {
            Ok((stream, client)) => {
                connections.spawn(serve(stream, client, proxy.clone(), stop.clone()));
            }
            Err(error) => {
                // Out of file descriptors, most likely: try again when some may be free.
                tracing::warn!(%error, "a connection could not be accepted");
                tokio::time::sleep(std::time::Duration::from_millis(50)).await;
            }
        }
    }
}

async fn serve(stream: TcpStream, client: SocketAddr, proxy: Arc<Proxy>, stop: CancellationToken) {
    // Answers are often two small writes; waiting to join them costs 40 ms each.
    let _ = stream.set_nodelay(true);
    let service = service_fn(move |request| {
        let proxy = proxy.clone();
        async move { Ok::<_, std::convert::Infallible>(proxy.handle(client.ip(), request).await) }
    });
    let connection = http1::Builder::new()
        .timer(TokioTimer::new())
        .serve_connection(TokioIo::new(stream), service);
    let mut connection = std::pin::pin!(connection);
    let ended = tokio::select! {
        ended = connection.as_mut() => ended,
        () = stop.cancelled() => {
            connection.as_mut().graceful_shutdown();
            connection.await
        }
    };
    if let Err(error) = ended {
        tracing::debug!(%client, %error, "a client's connection ended early");
    }
}
