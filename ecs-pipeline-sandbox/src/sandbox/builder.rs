//! How a sandbox is put together.

use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;
use tokio_util::task::AbortOnDropHandle;

use super::driver::Driver;
use super::{Sandbox, StartError};
use crate::access::{Policy, Principal};
use crate::api::{self, Calls};
use crate::builds::Builds;
use crate::clock::Clock;
use crate::data_plane::DataPlane;
use crate::faults::Faults;
use crate::functions::Functions;
use crate::registry::Registry;
use crate::runner::docker::DockerRunner;
use crate::runner::faulty::FaultyRunner;
use crate::runner::in_process::InProcessRunner;
use crate::runner::{Images, Runner, RunnerChoice, Script, ScriptedRunner};
use crate::shared::Shared;
use crate::world::{Place, Time, World};

/// When a sandbox without sockets begins: 2025-01-01T00:00:00Z, so that two runs are equal.
const FIXED_EPOCH: Time = Time::from_epoch(Duration::from_secs(1_735_689_600));

/// How a sandbox is to be.
#[derive(Debug, Clone)]
#[must_use]
pub struct SandboxBuilder {
    port: u16,
    speed: f64,
    place: Place,
    registry: Option<String>,
    runner: RunnerChoice,
    sockets: bool,
    policies: Vec<(Principal, Policy)>,
}

impl SandboxBuilder {
    pub(super) fn new() -> Self {
        Self {
            port: 0,
            speed: 1.0,
            place: Place::default(),
            registry: None,
            runner: RunnerChoice::Auto,
            sockets: true,
            policies: Vec::new(),
        }
    }

    pub(super) fn scripted(script: Script) -> Self {
        Self {
            runner: RunnerChoice::Scripted(script),
            sockets: false,
            ..Self::new()
        }
    }

    /// The port of the AWS API and the registry on 127.0.0.1; 0, the default, takes a free one.
    pub fn port(mut self, port: u16) -> Self {
        self.port = port;
        self
    }

    /// How much faster than real time the sandbox's time passes; 1 is the default.
    pub fn speed(mut self, speed: f64) -> Self {
        self.speed = speed;
        self
    }

    /// The Region in every ARN.
    pub fn region(mut self, region: impl Into<String>) -> Self {
        self.place.region = region.into();
        self
    }

    /// The host by which images are named, such as
    /// `123456789012.dkr.ecr.us-east-1.amazonaws.com`, in place of `127.0.0.1:PORT`.
    ///
    /// Repositories, tokens and the challenge of the registry say this name, and tasks whose
    /// images have it are pulled from this registry. That the name leads to the sandbox's port,
    /// and by HTTPS unless it is a loopback address, is up to the caller.
    pub fn registry(mut self, name: impl Into<String>) -> Self {
        self.registry = Some(name.into());
        self
    }

    /// What is to run tasks.
    pub fn runner(mut self, runner: RunnerChoice) -> Self {
        self.runner = runner;
        self
    }

    /// Enforces a policy from the beginning; a principal's policies add up, as those of a role do. A principal without
    /// one may do everything.
    pub fn policy(mut self, principal: Principal, policy: Policy) -> Self {
        let former = self
            .policies
            .iter_mut()
            .find(|(known, _)| *known == principal);
        match former {
            Some((_, former)) => *former = former.clone().and(policy),
            None => self.policies.push((principal, policy)),
        }
        self
    }

    /// Starts it.
    ///
    /// # Errors
    ///
    /// See [`StartError`].
    pub async fn start(mut self) -> Result<Sandbox, StartError> {
        if !(self.speed.is_finite() && self.speed > 0.0) {
            return Err(StartError::Speed(self.speed));
        }
        let socket = if self.sockets {
            Some(bind(self.port).await?)
        } else {
            None
        };
        let address = socket.as_ref().map(|(_, address)| *address);
        let address = address.map(|address| address.to_string());
        if let Some(registry) = self.registry.or_else(|| address.clone()) {
            self.place.registry = registry;
        }
        let address = address.unwrap_or_else(|| self.place.registry.clone());
        let epoch = if self.sockets { now() } else { FIXED_EPOCH };
        let clock = Clock::start(epoch, self.speed);
        let shared = Shared::new(World::new(self.place.clone(), epoch), clock);
        for (principal, policy) in self.policies {
            shared.lock().control_mut().enforce(principal, policy);
        }
        let faults = Faults::default();

        let calls = Calls::default();

        let registry = Registry::new(shared.clone()).map_err(StartError::Registry)?;
        let router = api::router(
            shared.clone(),
            faults.clone(),
            calls.clone(),
            registry.clone(),
        );
        let images = Images::new(
            self.place.registry.clone(),
            registry.clone(),
            shared.clone(),
        );
        let inner = choose(self.runner, clock, images.clone()).await?;
        let runner: Arc<dyn Runner> =
            Arc::new(FaultyRunner::new(inner, faults.clone(), clock, images));
        tracing::info!("{}", runner.describe());

        let data_plane = self.sockets.then(|| Arc::new(DataPlane::new()));
        let stop = CancellationToken::new();
        let server = socket.map(|(socket, _)| {
            let stopped = stop.clone().cancelled_owned();
            let app = router.clone();
            tokio::spawn(async move {
                let serving = axum::serve(socket, app).with_graceful_shutdown(stopped);
                if let Err(error) = serving.await {
                    tracing::error!(%error, "the API's server failed");
                }
            })
        });
        let (functions, builds) = (Functions::default(), Builds::default());
        let driver = Driver::new(
            shared.clone(),
            runner.clone(),
            data_plane.clone(),
            (functions.clone(), builds.clone()),
        );
        Ok(Sandbox {
            address,
            registry_host: self.place.registry,
            shared,
            router,
            registry,
            faults,
            functions,
            builds,
            calls,
            runner,
            data_plane,
            driver: AbortOnDropHandle::new(tokio::spawn(driver.drive())),
            server,
            stop: stop.drop_guard(),
        })
    }
}

async fn choose(
    choice: RunnerChoice,
    clock: Clock,
    images: Images,
) -> Result<Arc<dyn Runner>, StartError> {
    Ok(match choice {
        RunnerChoice::Auto => match DockerRunner::detect(clock, images.clone()).await {
            Ok(docker) => Arc::new(docker),
            Err(why) => Arc::new(InProcessRunner::new(clock, images, Some(why.to_string()))),
        },
        RunnerChoice::Docker => Arc::new(
            DockerRunner::detect(clock, images)
                .await
                .map_err(|error| StartError::NoDocker(error.to_string()))?,
        ),
        RunnerChoice::InProcess => Arc::new(InProcessRunner::new(clock, images, None)),
        RunnerChoice::Scripted(script) => Arc::new(ScriptedRunner::new(clock, script)),
    })
}

async fn bind(port: u16) -> Result<(TcpListener, SocketAddr), StartError> {
    let failed = |source: std::io::Error| match source.kind() {
        std::io::ErrorKind::AddrInUse => StartError::PortTaken { port, source },
        _ => StartError::Port { port, source },
    };
    let socket = TcpListener::bind((Ipv4Addr::LOCALHOST, port))
        .await
        .map_err(failed)?;
    let address = socket.local_addr().map_err(failed)?;
    Ok((socket, address))
}

#[expect(
    clippy::disallowed_methods,
    reason = "this is where the date enters; the world takes it as an argument"
)]
fn now() -> Time {
    let since = SystemTime::now().duration_since(UNIX_EPOCH);
    Time::from_epoch(since.unwrap_or_default())
}
