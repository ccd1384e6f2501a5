//! Health checks as a load balancer makes them.

use std::net::SocketAddr;
use std::time::Duration;

use bytes::Bytes;
use http::Request;
use http::header::{CONNECTION, HOST, USER_AGENT};
use http_body_util::Empty;
use hyper_util::rt::TokioIo;
use tokio::net::TcpStream;

use crate::clock::Clock;
use crate::world::{Probe, ProbeOutcome};

/// A check that a loaded machine needs a moment for is not yet a failed one, however fast the
/// sandbox's time passes.
const SHORTEST_TIMEOUT: Duration = Duration::from_millis(250);

/// One HTTP GET over a new connection.
pub(super) async fn http(probe: &Probe, clock: Clock) -> ProbeOutcome {
    let Some(address) = probe.address else {
        return ProbeOutcome::Failed("nothing listens for this target".into());
    };
    let limit = clock.real(probe.timeout).max(SHORTEST_TIMEOUT);
    match tokio::time::timeout(limit, get(address, &probe.path)).await {
        Err(_) => ProbeOutcome::TimedOut,
        Ok(Ok(status)) => ProbeOutcome::Status(status),
        Ok(Err(error)) => ProbeOutcome::Failed(error.to_string()),
    }
}

async fn get(
    address: SocketAddr,
    path: &str,
) -> Result<u16, Box<dyn std::error::Error + Send + Sync>> {
    let stream = TcpStream::connect(address).await?;
    let (mut send, connection) =
        hyper::client::conn::http1::handshake(TokioIo::new(stream)).await?;
    let request = Request::get(path)
        .header(HOST, address.to_string())
        .header(USER_AGENT, "ELB-HealthChecker/2.0")
        .header(CONNECTION, "close")
        .body(Empty::<Bytes>::new())?;
    // The answer arrives only while the connection is driven; dropping it afterwards closes it.
    let answer = send.send_request(request);
    let mut connection = std::pin::pin!(connection);
    let mut answer = std::pin::pin!(answer);
    let mut open = true;
    loop {
        tokio::select! {
            answer = answer.as_mut() => return Ok(answer?.status().as_u16()),
            _ = connection.as_mut(), if open => open = false,
        }
    }
}
