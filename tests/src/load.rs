//! Steady HTTP traffic.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use http_body_util::{BodyExt, Empty};
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::TokioExecutor;
use tokio::sync::{Semaphore, mpsc};
use tokio::task::JoinHandle;
use tokio::time::{Instant, MissedTickBehavior};
use tokio_util::sync::CancellationToken;

/// How long a request may take before it counts as failed.
const PATIENCE: Duration = Duration::from_secs(10);

/// How long traffic goes on at most, so that a test that forgets it ends.
const LONGEST: Duration = Duration::from_secs(300);

/// How many requests may wait for their answer at once.
const IN_FLIGHT: usize = 512;

type Http = Client<HttpConnector, Empty<Bytes>>;

/// Traffic that goes on until it is stopped.
#[derive(Debug)]
pub struct Load {
    stop: CancellationToken,
    sent: JoinHandle<Sent>,
}

/// What became of the requests.
#[derive(Debug, Default, Clone)]
pub struct Sent {
    /// Answers with status 200, by the version that answered.
    pub succeeded: BTreeMap<String, u64>,
    /// Every other answer, and requests without one, by what was wrong.
    pub failed: BTreeMap<String, u64>,
    /// From the first request to the last answer.
    pub took: Duration,
}

impl Load {
    /// Sends `rate` requests a second to `url`, each in its time: a slow answer does not hold the
    /// next request back.
    ///
    /// Connections are kept, and a request is never sent again: what fails once has failed.
    #[must_use]
    pub fn start(url: String, rate: u32) -> Self {
        let stop = CancellationToken::new();
        let sent = tokio::spawn(send(url, rate, stop.clone()));
        Self { stop, sent }
    }

    /// Stops sending, waits for the answers that are still out, and tells what became of all.
    ///
    /// # Panics
    ///
    /// If sending panicked.
    pub async fn stop(self) -> Sent {
        self.stop.cancel();
        self.sent.await.expect("the load generator does not panic")
    }
}

impl Sent {
    /// How many requests were sent.
    #[must_use]
    pub fn total(&self) -> u64 {
        self.succeeded.values().sum::<u64>() + self.failures()
    }

    /// How many failed.
    #[must_use]
    pub fn failures(&self) -> u64 {
        self.failed.values().sum()
    }

    fn count(&mut self, answer: Result<String, String>) {
        let (counts, what) = match answer {
            Ok(body) => (&mut self.succeeded, body),
            Err(why) => (&mut self.failed, why),
        };
        *counts.entry(what).or_default() += 1;
    }
}

impl fmt::Display for Sent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let seconds = self.took.as_secs_f64();
        let rate = self.total() as f64 / seconds.max(0.001);
        write!(
            f,
            "{} requests sent in {seconds:.1} s ({rate:.0}/s), {} failed",
            self.total(),
            self.failures()
        )
    }
}

/// Asks once: the status and the body.
///
/// # Errors
///
/// Why there is no answer.
pub async fn get(url: &str) -> Result<(u16, String), String> {
    request(&client(), url).await
}

/// The version of the example that answers there.
///
/// # Panics
///
/// If none does, or not with status 200.
pub async fn serving(url: &str) -> String {
    let (status, body) = get(url).await.unwrap();
    assert_eq!(status, 200, "{body}");
    let version = body.split_whitespace().nth(3);
    version.unwrap_or_else(|| panic!("{body}")).to_owned()
}

fn client() -> Http {
    Client::builder(TokioExecutor::new())
        .retry_canceled_requests(false)
        .build_http()
}

async fn send(url: String, rate: u32, stop: CancellationToken) -> Sent {
    let client = client();
    let began = Instant::now();
    let mut ticks = tokio::time::interval(Duration::from_secs(1) / rate.max(1));
    ticks.set_missed_tick_behavior(MissedTickBehavior::Burst);
    let room = Arc::new(Semaphore::new(IN_FLIGHT));
    let (answers, mut answered) = mpsc::unbounded_channel();
    let mut sent = Sent::default();
    while began.elapsed() < LONGEST {
        tokio::select! {
            () = stop.cancelled() => break,
            Some(answer) = answered.recv() => sent.count(answer),
            _ = ticks.tick() => {
                let permit = room.clone().acquire_owned().await;
                let (client, url, answers) = (client.clone(), url.clone(), answers.clone());
                tokio::spawn(async move {
                    let _ = answers.send(ask(&client, &url).await);
                    drop(permit);
                });
            }
        }
    }
    drop(answers);
    while let Some(answer) = answered.recv().await {
        sent.count(answer);
    }
    sent.took = began.elapsed();
    sent
}

/// Which version answered.
async fn ask(client: &Http, url: &str) -> Result<String, String> {
    match request(client, url).await? {
        (200, body) => Ok(version_of(&body)),
        (status, body) => Err(format!("HTTP {status}: {body}")),
    }
}

/// What all tasks of a version say: the first line without the name of the host, or, of a task
/// in process, its revision.
fn version_of(body: &str) -> String {
    let line = body.lines().next().unwrap_or_default();
    if let Some((_, revision)) = line.split_once(" of task ") {
        let revision = revision.split_once('(').map_or(revision, |(_, rest)| rest);
        return revision.trim_end_matches(')').to_owned();
    }
    line.split_once(" on ")
        .map_or(line, |(words, _)| words)
        .to_owned()
}

async fn request(client: &Http, url: &str) -> Result<(u16, String), String> {
    let uri = url.parse().map_err(|error| format!("{url}: {error}"))?;
    let exchange = async {
        let response = client
            .get(uri)
            .await
            .map_err(|error| format!("no answer: {error:?}"))?;
        let status = response.status().as_u16();
        let body = response
            .into_body()
            .collect()
            .await
            .map_err(|error| format!("the answer broke off: {error:?}"))?;
        let body = String::from_utf8_lossy(&body.to_bytes()).into_owned();
        Ok((status, body))
    };
    tokio::time::timeout(PATIENCE, exchange)
        .await
        .unwrap_or_else(|_| Err(format!("no answer within {PATIENCE:?}")))
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};

    use tokio::io::{AsyncReadExt, AsyncWriteExt};

    use super::*;

    /// Answers in turn with these texts, each on a connection of its own; an empty one is a
    /// connection that is closed without an answer.
    async fn serve(answers: &'static [&'static str]) -> String {
        let socket = tokio::net::TcpListener::bind(("127.0.0.1", 0))
            .await
            .unwrap();
        let url = format!("http://{}/", socket.local_addr().unwrap());
        let turn = AtomicUsize::new(0);
        tokio::spawn(async move {
            while let Ok((mut stream, _)) = socket.accept().await {
                let answer = answers[turn.fetch_add(1, Ordering::Relaxed) % answers.len()];
                tokio::spawn(async move {
                    let _ = stream.read(&mut [0; 1024]).await;
                    let _ = stream.write_all(answer.as_bytes()).await;
                });
            }
        });
        url
    }

    #[tokio::test]
    async fn every_kind_of_failure_is_counted() {
        let good = "HTTP/1.1 200 OK\r\nconnection: close\r\ncontent-length: 3\r\n\r\none";
        let bad = "HTTP/1.1 502 Bad Gateway\r\nconnection: close\r\ncontent-length: 0\r\n\r\n";
        let short = "HTTP/1.1 200 OK\r\nconnection: close\r\ncontent-length: 9\r\n\r\none";
        for (answers, failure) in [
            (&[good, bad], "HTTP 502: "),
            (&[good, ""], "no answer"),
            (&[good, short], "the answer broke off"),
        ] {
            let answers: &'static [&str; 2] = Box::leak(Box::new(*answers));
            let load = Load::start(serve(answers).await, 100);
            tokio::time::sleep(Duration::from_millis(300)).await;
            let sent = load.stop().await;
            assert!(sent.succeeded["one"] > 0, "{sent:?}");
            assert!(sent.failures() > 0, "{sent:?}");
            let other = sent.failed.keys().find(|why| !why.starts_with(failure));
            assert_eq!(other, None, "{sent:?}");
        }
    }

    #[test]
    fn versions_are_told_apart() {
        for (body, version) in [
            ("Hello from version 2 on 1a2b\n", "Hello from version 2"),
            ("container app of task 01 (web:3)\nimage x\n", "web:3"),
            ("ok\n", "ok"),
            ("", ""),
        ] {
            assert_eq!(version_of(body), version);
        }
    }
}
