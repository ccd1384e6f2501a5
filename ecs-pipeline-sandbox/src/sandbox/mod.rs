//! The sandbox as a whole.

mod builder;
mod driver;
#[cfg(test)]
mod shifting_tests;
#[cfg(test)]
mod tests;

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use serde_json::Value;
use tokio::task::JoinHandle;
use tokio_util::sync::DropGuard;
use tokio_util::task::AbortOnDropHandle;

pub use builder::SandboxBuilder;

use crate::access::Access;
use crate::api::Calls;
use crate::builds::Builds;
use crate::data_plane::{DataPlane, Traffic};
use crate::faults::Faults;
use crate::functions::Functions;
use crate::registry::Registry;
use crate::runner::{Runner, Script};
use crate::shared::Shared;
use crate::world::{ApiError, Service};

/// How long requests to the API may take to end when the sandbox stops.
const SERVER_TIMEOUT: Duration = Duration::from_secs(5);

/// A running sandbox: the AWS API and the registry on one port of 127.0.0.1, a load balancer
/// whose listeners are ports of their own, and tasks.
///
/// [`Sandbox::stop`] ends it in order. Dropping it closes its sockets, but Docker containers
/// cannot be removed without waiting: the next sandbox on this machine removes those whose owner
/// is gone.
#[derive(Debug)]
pub struct Sandbox {
    /// `host:port` of the AWS API.
    address: String,
    registry_host: String,
    shared: Shared,
    router: Router,
    registry: Registry,
    faults: Faults,
    functions: Functions,
    builds: Builds,
    calls: Calls,
    runner: Arc<dyn Runner>,
    data_plane: Option<Arc<DataPlane>>,
    driver: AbortOnDropHandle<()>,
    server: Option<JoinHandle<()>>,
    stop: DropGuard,
}

impl Sandbox {
    /// A sandbox with sockets.
    pub fn builder() -> SandboxBuilder {
        SandboxBuilder::new()
    }

    /// A sandbox without any socket or other I/O, whose tasks are a script's: for tests, also
    /// under tokio's paused clock. It always begins at 2025-01-01T00:00:00Z. Clients reach it
    /// through [`Sandbox::router`].
    pub fn scripted(script: Script) -> SandboxBuilder {
        SandboxBuilder::scripted(script)
    }

    /// The AWS API's URL, as `AWS_ENDPOINT_URL` has it. Nothing listens there in a sandbox
    /// without sockets.
    #[must_use]
    pub fn endpoint(&self) -> String {
        format!("http://{}", self.address)
    }

    /// The registry's host, and its port where it has one, as image references name it.
    #[must_use]
    pub fn registry_host(&self) -> &str {
        &self.registry_host
    }

    /// The AWS API and the registry, for clients in this process.
    pub fn router(&self) -> Router {
        self.router.clone()
    }

    /// The faults that are set, and the way to set them.
    #[must_use]
    pub fn faults(&self) -> Faults {
        self.faults.clone()
    }

    /// The Lambda functions that a deployment may call, and the way to define them. One that
    /// nobody defined is not found.
    #[must_use]
    pub fn functions(&self) -> &Functions {
        &self.functions
    }

    /// The CodeBuild projects that a pipeline may start, and the way to define them. The action that
    /// starts one that nobody defined fails.
    #[must_use]
    pub fn builds(&self) -> &Builds {
        &self.builds
    }

    /// How often each operation of the AWS API was asked for so far.
    #[must_use]
    pub fn calls(&self) -> Calls {
        self.calls.clone()
    }

    /// The policies that are enforced, and the trail of what was asked for.
    #[must_use]
    pub fn access(&self) -> Access {
        Access::new(self.shared.clone())
    }

    /// The registry, for looking into it without HTTP.
    #[must_use]
    pub fn registry(&self) -> Registry {
        self.registry.clone()
    }

    /// What went through the load balancer so far.
    #[must_use]
    pub fn traffic(&self) -> Traffic {
        self.data_plane
            .as_ref()
            .map(|data_plane| data_plane.traffic())
            .unwrap_or_default()
    }

    /// One line for people: what tasks are here.
    #[must_use]
    pub fn runner(&self) -> String {
        self.runner.describe()
    }

    /// Whether tasks are real containers.
    #[must_use]
    pub fn runs_containers(&self) -> bool {
        self.runner.runs_containers()
    }

    /// Asks the AWS API without HTTP: the answer and the effects are the same. It is how a
    /// rehearsal sets its stage; it is not counted in [`Sandbox::calls`], and no policy concerns it.
    ///
    /// # Errors
    ///
    /// What AWS would answer.
    pub fn call(&self, service: Service, operation: &str, input: Value) -> Result<Value, ApiError> {
        self.shared.call(service, operation, input)
    }

    /// Where a listener accepts connections: on its own port, unless that could not be had.
    #[must_use]
    pub fn listener_address(&self, listener_arn: &str) -> Option<SocketAddr> {
        self.data_plane.as_ref()?.address(listener_arn)
    }

    /// Ends it: no more requests, open ones end, tasks are stopped and their containers removed.
    pub async fn stop(self) {
        drop(self.stop);
        // The world's driver first: it must not start what is being cleared away.
        self.driver.abort();
        if let Some(server) = self.server {
            let abort = server.abort_handle();
            if tokio::time::timeout(SERVER_TIMEOUT, server).await.is_err() {
                abort.abort();
            }
        }
        if let Some(data_plane) = &self.data_plane {
            data_plane.shut_down().await;
        }
        self.runner.shut_down().await;
    }
}

/// Why a sandbox could not start.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum StartError {
    /// Another program listens on the port.
    #[error("port {port} on 127.0.0.1 is taken by another program")]
    PortTaken {
        /// The port.
        port: u16,
        /// What the system said.
        source: std::io::Error,
    },
    /// The port cannot be opened for another reason.
    #[error("port {port} on 127.0.0.1 cannot be opened")]
    Port {
        /// The port.
        port: u16,
        /// What the system said.
        source: std::io::Error,
    },
    /// Docker was asked for, and there is none.
    #[error("tasks cannot be containers: {0}")]
    NoDocker(String),
    /// The registry has nowhere to put its layers.
    #[error("the registry has no temporary directory for its layers")]
    Registry(#[source] std::io::Error),
    /// The speed is not a positive number.
    #[error("a sandbox cannot run at speed {0}: it must be greater than 0")]
    Speed(f64),
}
