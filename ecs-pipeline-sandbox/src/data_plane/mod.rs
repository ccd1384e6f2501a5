//! The load balancer's sockets: an HTTP/1.1 reverse proxy for each listener.
//!
//! `rules` says which rule a request matches, `balance` which target gets it, `upstream` sends it
//! there, `proxy` puts these together, and `traffic` counts.

mod balance;
mod headers;
mod listener;
mod proxy;
mod rules;
mod traffic;
mod upstream;

#[cfg(test)]
mod tests;

use std::collections::HashMap;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::sync::watch;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

pub use traffic::{Counts, Traffic};

use crate::world::Routes;
use proxy::Proxy;
use traffic::Counter;
use upstream::Upstream;

/// How long a target may take to begin its answer: an ALB's default idle timeout. Real time,
/// since the work behind the answer is real.
const TARGET_TIMEOUT: Duration = Duration::from_secs(60);

/// How long open requests may take when the sandbox stops.
const SHUTDOWN_TIMEOUT: Duration = Duration::from_secs(5);

/// All listeners of the sandbox.
#[derive(Debug)]
pub(crate) struct DataPlane {
    routes: watch::Sender<Arc<Routes>>,
    open: Mutex<HashMap<String, Open>>,
    upstream: Upstream,
    counter: Counter,
    connections: TaskTracker,
}

#[derive(Debug)]
struct Open {
    address: SocketAddr,
    proxy: Arc<Proxy>,
    stop: CancellationToken,
}

impl DataPlane {
    pub(crate) fn new() -> Self {
        Self::with_target_timeout(TARGET_TIMEOUT)
    }

    fn with_target_timeout(timeout: Duration) -> Self {
        Self {
            routes: watch::Sender::default(),
            open: Mutex::default(),
            upstream: Upstream::new(timeout),
            counter: Counter::default(),
            connections: TaskTracker::new(),
        }
    }

    /// Accepts connections for a listener, if possible on its own port.
    ///
    /// # Errors
    ///
    /// When no socket can be had at all.
    pub(crate) async fn listen(&self, arn: String, port: u16) -> std::io::Result<SocketAddr> {
        self.unlisten(&arn);
        let socket = listener::bind(&arn, port).await?;
        let address = socket.local_addr()?;
        let proxy = Arc::new(Proxy::new(
            arn.clone(),
            port,
            self.routes.subscribe(),
            self.upstream.clone(),
            self.counter.clone(),
        ));
        let stop = CancellationToken::new();
        self.connections.spawn(listener::accept(
            socket,
            proxy.clone(),
            stop.clone(),
            self.connections.clone(),
        ));
        self.lock().insert(
            arn,
            Open {
                address,
                proxy,
                stop,
            },
        );
        Ok(address)
    }

    /// Stops accepting connections for a listener; what is under way ends in order.
    pub(crate) fn unlisten(&self, arn: &str) {
        if let Some(open) = self.lock().remove(arn) {
            open.stop.cancel();
        }
    }

    /// From now on traffic goes where `routes` say.
    pub(crate) fn route(&self, routes: Routes) {
        self.routes.send_if_modified(|current| {
            if **current == routes {
                return false;
            }
            let reweighted = weights(current) != weights(&routes);
            *current = Arc::new(routes);
            if reweighted {
                self.lock().values().for_each(|o| o.proxy.weights_changed());
            }
            true
        });
    }

    /// Where a listener really is.
    pub(crate) fn address(&self, arn: &str) -> Option<SocketAddr> {
        self.lock().get(arn).map(|open| open.address)
    }

    pub(crate) fn traffic(&self) -> Traffic {
        self.counter.snapshot()
    }

    /// Closes every listener, and waits a moment for open requests.
    pub(crate) async fn shut_down(&self) {
        for (_, open) in self.lock().drain() {
            open.stop.cancel();
        }
        self.connections.close();
        if tokio::time::timeout(SHUTDOWN_TIMEOUT, self.connections.wait())
            .await
            .is_err()
        {
            tracing::warn!("requests were still open when the load balancer stopped");
        }
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<String, Open>> {
        // Each change is one call on the map, so it is never left half done.
        self.open.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for DataPlane {
    fn drop(&mut self) {
        for (_, open) in self.lock().drain() {
            open.stop.cancel();
        }
    }
}

/// Every weight in these routes, for comparing.
fn weights(routes: &Routes) -> Vec<(&str, usize, &str, u32)> {
    let mut all = Vec::new();
    for (listener, routes) in &routes.0 {
        for (at, rule) in routes.rules.iter().enumerate() {
            if let crate::world::Forward::To(groups) = &rule.forward {
                all.extend(
                    groups
                        .iter()
                        .map(|g| (listener.as_str(), at, g.target_group.as_str(), g.weight)),
                );
            }
        }
    }
    all
}
