//! Steady HTTP traffic through the load balancer.

use std::collections::BTreeMap;
use std::time::Duration;

use http_body_util::{BodyExt, Empty};
use hyper::body::Bytes;
use hyper::{Request, Uri};
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::TokioExecutor;
use tokio::sync::{mpsc, watch};
use tokio::task::JoinHandle;
use tokio::time::MissedTickBehavior;
use tokio_util::sync::CancellationToken;

/// How long a request may take before it counts as failed.
const PATIENCE: Duration = Duration::from_secs(10);

/// Traffic that goes on until it is stopped.
#[derive(Debug)]
pub(super) struct Load {
    stop: CancellationToken,
    so_far: watch::Receiver<Sent>,
    sent: JoinHandle<Sent>,
}

/// What became of the requests.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub(super) struct Sent {
    /// Answers with a status from 200 to 399.
    pub(super) succeeded: u64,
    /// Every other answer, and requests without one.
    pub(super) failed: u64,
    /// What the failures were, counted.
    pub(super) failures: BTreeMap<String, u64>,
}

impl Sent {
    pub(super) fn total(&self) -> u64 {
        self.succeeded + self.failed
    }

    fn count(&mut self, answer: Result<(), String>) {
        match answer {
            Ok(()) => self.succeeded += 1,
            Err(why) => {
                self.failed += 1;
                *self.failures.entry(why).or_default() += 1;
            }
        }
    }
}

impl Load {
    /// Sends `rate` requests a second to `url`, each in its time: a slow answer does not hold
    /// the next request back.
    pub(super) fn start(url: Uri, rate: u32) -> Self {
        let stop = CancellationToken::new();
        let (tell, so_far) = watch::channel(Sent::default());
        let sent = tokio::spawn(send(url, rate, stop.clone(), tell));
        Self { stop, so_far, sent }
    }

    /// What became of the requests so far.
    pub(super) fn so_far(&self) -> Sent {
        self.so_far.borrow().clone()
    }

    /// Stops sending, waits for the answers that are still out, and tells what became of all.
    pub(super) async fn stop(self) -> Sent {
        self.stop.cancel();
        self.sent.await.unwrap_or_default()
    }
}

async fn send(url: Uri, rate: u32, stop: CancellationToken, tell: watch::Sender<Sent>) -> Sent {
    let client: Client<HttpConnector, Empty<Bytes>> =
        Client::builder(TokioExecutor::new()).build_http();
    let mut ticks = tokio::time::interval(Duration::from_secs(1) / rate.max(1));
    ticks.set_missed_tick_behavior(MissedTickBehavior::Burst);
    let (answers, mut answered) = mpsc::unbounded_channel();
    let mut sent = Sent::default();
    loop {
        tokio::select! {
            () = stop.cancelled() => break,
            Some(answer) = answered.recv() => {
                sent.count(answer);
                tell.send_replace(sent.clone());
            }
            _ = ticks.tick() => {
                let (client, url, answers) = (client.clone(), url.clone(), answers.clone());
                tokio::spawn(async move {
                    let _ = answers.send(request(&client, url).await);
                });
            }
        }
    }
    drop(answers);
    while let Some(answer) = answered.recv().await {
        sent.count(answer);
    }
    sent
}

async fn request(client: &Client<HttpConnector, Empty<Bytes>>, url: Uri) -> Result<(), String> {
    let request = Request::get(url)
        .body(Empty::new())
        .map_err(|error| error.to_string())?;
    let exchange = async {
        let response = client
            .request(request)
            .await
            .map_err(|error| format!("no answer: {error}"))?;
        let status = response.status();
        response
            .into_body()
            .collect()
            .await
            .map_err(|error| format!("the answer broke off: {error}"))?;
        if status.as_u16() < 400 {
            Ok(())
        } else {
            Err(format!("HTTP {}", status.as_u16()))
        }
    };
    tokio::time::timeout(PATIENCE, exchange)
        .await
        .unwrap_or_else(|_| Err(format!("no answer within {} s", PATIENCE.as_secs())))
}
