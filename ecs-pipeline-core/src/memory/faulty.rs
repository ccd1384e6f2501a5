use std::collections::BTreeMap;
use std::sync::Mutex;

use async_trait::async_trait;

use super::lock;
use crate::error::{ErrorKind, ProviderError};
use crate::model::{
    BuildRequest, BuiltImage, Change, Deployment, Observation, Plan, PublishRequest,
    PublishedImage, Release, ServiceRef,
};
use crate::provider::{
    Deployer, Evidence, GateReading, HealthGate, ImageBuilder, Output, Registry, Rollback,
};

/// What a provider is called for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[non_exhaustive]
pub enum Operation {
    /// [`ImageBuilder::build`]
    Build,
    /// [`ImageBuilder::find`]
    Find,
    /// [`Registry::publish`]
    Publish,
    /// [`Registry::resolve`]
    Resolve,
    /// [`Deployer::plan`]
    Plan,
    /// [`Deployer::register`]
    Register,
    /// [`Deployer::start`]
    Start,
    /// [`Deployer::observe`]
    Observe,
    /// [`Deployer::rollback`]
    Rollback,
    /// [`Deployer::proceed`]
    Proceed,
    /// [`Deployer::evidence`], which cannot fail: it tells then that nothing could be read.
    Evidence,
    /// [`Deployer::current`]
    Current,
    /// [`HealthGate::read`]
    ReadGate,
}

/// Which calls fail, and how.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Fault {
    /// Calls of which operation.
    pub operation: Operation,
    /// The first call that fails, counted from 1.
    pub first: u32,
    /// How many calls fail from there on.
    pub calls: u32,
    /// What they answer.
    pub kind: ErrorKind,
    /// Whether the call did its work before the answer was lost, as when a connection breaks
    /// after AWS took the request.
    pub takes_effect: bool,
}

impl Fault {
    /// The `nth` call (from 1) of `operation` fails without having done anything.
    #[must_use]
    pub fn nth(operation: Operation, nth: u32, kind: ErrorKind) -> Self {
        Self {
            operation,
            first: nth,
            calls: 1,
            kind,
            takes_effect: false,
        }
    }

    /// Every call of `operation` fails.
    #[must_use]
    pub fn always(operation: Operation, kind: ErrorKind) -> Self {
        Self {
            calls: u32::MAX,
            ..Self::nth(operation, 1, kind)
        }
    }

    /// The work is done, and only the answer is lost.
    #[must_use]
    pub fn after_effect(mut self) -> Self {
        self.takes_effect = true;
        self
    }

    fn strikes(&self, operation: Operation, call: u32) -> bool {
        self.operation == operation && call >= self.first && call - self.first < self.calls
    }
}

/// A provider whose chosen calls fail, and which counts its calls. All others reach the provider
/// inside.
#[derive(Debug)]
pub struct Faulty<P> {
    inner: P,
    faults: Vec<Fault>,
    calls: Mutex<BTreeMap<Operation, u32>>,
}

impl<P> Faulty<P> {
    /// A provider that only counts its calls, until it gets faults.
    pub fn new(inner: P) -> Self {
        Self {
            inner,
            faults: Vec::new(),
            calls: Mutex::default(),
        }
    }

    /// Adds a fault.
    #[must_use]
    pub fn with(mut self, fault: Fault) -> Self {
        self.faults.push(fault);
        self
    }

    /// How often an operation was called, failed calls included.
    #[must_use]
    pub fn calls(&self, operation: Operation) -> u32 {
        lock(&self.calls).get(&operation).copied().unwrap_or(0)
    }

    /// The provider inside.
    #[must_use]
    pub fn inner(&self) -> &P {
        &self.inner
    }

    fn strike(&self, operation: Operation) -> Option<Fault> {
        let mut calls = lock(&self.calls);
        let call = calls.entry(operation).or_insert(0);
        *call += 1;
        self.faults
            .iter()
            .find(|fault| fault.strikes(operation, *call))
            .copied()
    }

    async fn call<T>(
        &self,
        operation: Operation,
        work: impl Future<Output = Result<T, ProviderError>>,
    ) -> Result<T, ProviderError> {
        let Some(fault) = self.strike(operation) else {
            return work.await;
        };
        if fault.takes_effect {
            work.await?;
        }
        Err(ProviderError::new(
            fault.kind,
            format!("{operation:?}"),
            "",
            format!("an injected fault ({:?})", fault.kind),
        ))
    }
}

#[async_trait]
impl<P: ImageBuilder> ImageBuilder for Faulty<P> {
    fn describe(&self) -> String {
        self.inner.describe()
    }

    async fn build(
        &self,
        request: &BuildRequest,
        output: &Output,
    ) -> Result<BuiltImage, ProviderError> {
        let work = self.inner.build(request, output);
        self.call(Operation::Build, work).await
    }

    async fn find(&self, name: &str) -> Result<BuiltImage, ProviderError> {
        self.call(Operation::Find, self.inner.find(name)).await
    }
}

#[async_trait]
impl<P: Registry> Registry for Faulty<P> {
    async fn publish(
        &self,
        image: &BuiltImage,
        request: &PublishRequest,
        output: &Output,
    ) -> Result<PublishedImage, ProviderError> {
        let work = self.inner.publish(image, request, output);
        self.call(Operation::Publish, work).await
    }

    async fn resolve(
        &self,
        repository: &str,
        reference: &str,
    ) -> Result<PublishedImage, ProviderError> {
        let work = self.inner.resolve(repository, reference);
        self.call(Operation::Resolve, work).await
    }
}

#[async_trait]
impl<P: Deployer> Deployer for Faulty<P> {
    fn describe(&self) -> String {
        self.inner.describe()
    }

    async fn plan(&self, change: &Change) -> Result<Plan, ProviderError> {
        self.call(Operation::Plan, self.inner.plan(change)).await
    }

    async fn register(&self, plan: &Plan) -> Result<Release, ProviderError> {
        self.call(Operation::Register, self.inner.register(plan))
            .await
    }

    async fn start(&self, plan: &Plan, release: &Release) -> Result<Deployment, ProviderError> {
        self.call(Operation::Start, self.inner.start(plan, release))
            .await
    }

    async fn observe(&self, deployment: &Deployment) -> Result<Observation, ProviderError> {
        self.call(Operation::Observe, self.inner.observe(deployment))
            .await
    }

    async fn rollback(&self, deployment: &Deployment) -> Result<Rollback, ProviderError> {
        self.call(Operation::Rollback, self.inner.rollback(deployment))
            .await
    }

    async fn proceed(&self, deployment: &Deployment) -> Result<(), ProviderError> {
        self.call(Operation::Proceed, self.inner.proceed(deployment))
            .await
    }

    fn stages(&self) -> &'static [&'static str] {
        self.inner.stages()
    }

    async fn evidence(&self, deployment: &Deployment) -> Evidence {
        match self.strike(Operation::Evidence) {
            None => self.inner.evidence(deployment).await,
            Some(fault) => Evidence {
                not_read: vec![format!("an injected fault ({:?})", fault.kind)],
                ..Evidence::default()
            },
        }
    }

    async fn current(&self, service: &ServiceRef) -> Result<Deployment, ProviderError> {
        self.call(Operation::Current, self.inner.current(service))
            .await
    }
}

#[async_trait]
impl<P: HealthGate> HealthGate for Faulty<P> {
    fn describe(&self) -> String {
        self.inner.describe()
    }

    async fn read(&self) -> Result<GateReading, ProviderError> {
        self.call(Operation::ReadGate, self.inner.read()).await
    }
}
